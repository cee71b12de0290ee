# unit tests of source
tests_unit_engine_unit_SOURCES += \
	tests/unit/source-docker.c \
	tests/unit/source-index.c tests/unit/source-index.h \
	tests/unit/source-oci.c \
	tests/unit/source-path.c \
	tests/unit/source-range.c
