# unit tests of base
tests_unit_base_unit_SOURCES += tests/unit/base-buf.c
