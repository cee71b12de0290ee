# unit tests of filter
tests_unit_engine_unit_SOURCES += tests/unit/filter-re.c tests/unit/filter-rules.c
