# unit tests of httpd
tests_unit_engine_unit_SOURCES += tests/unit/net-headers.c
