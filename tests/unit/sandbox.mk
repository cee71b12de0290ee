# unit tests of sandbox
tests_unit_worker_unit_SOURCES += tests/unit/sandbox-cage.c
