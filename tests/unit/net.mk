# unit tests of net
tests_unit_engine_unit_SOURCES += tests/unit/net-url.c
