# unit tests of glob
tests_unit_worker_unit_SOURCES += tests/unit/glob-glob.c
