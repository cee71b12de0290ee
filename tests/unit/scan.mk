# unit tests of scan
tests_unit_engine_unit_SOURCES += tests/unit/scan-names.c
tests_unit_engine_unit_SOURCES += \
	tests/unit/scan-archive.c \
	tests/unit/scan-flight.c \
	tests/unit/scan-record.c \
	tests/unit/scan-rig.c tests/unit/scan-rig.h \
	tests/unit/scan-scan.c
