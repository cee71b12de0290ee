# unit tests of conf
tests_unit_base_unit_SOURCES += \
	tests/unit/conf-doc.c \
	tests/unit/conf-hosts.c \
	tests/unit/conf-load.c \
	tests/unit/conf-value.c
