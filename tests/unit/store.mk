# unit tests of store
tests_unit_engine_unit_SOURCES += tests/unit/store-rig.h \
	tests/unit/store-seal.c tests/unit/store-job.c \
	tests/unit/store-outbox.c tests/unit/store-cache.c \
	tests/unit/store-durable.c
