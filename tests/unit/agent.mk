# unit tests of agent
tests_unit_engine_unit_SOURCES += tests/unit/agent-order.c \
	tests/unit/agent-envelope.c
