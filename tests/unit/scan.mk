# unit tests of scan
tests_unit_engine_unit_SOURCES += tests/unit/scan-names.c
