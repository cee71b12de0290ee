# unit tests of broker
tests_unit_engine_unit_SOURCES += tests/unit/broker.c \
	tests/unit/broker-callback.c tests/unit/broker-request.c \
	tests/unit/broker-rig.h \
	tests/unit/fake-broker.c tests/unit/fake-broker.h
