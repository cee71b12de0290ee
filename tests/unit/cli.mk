# unit tests of cli
tests_unit_engine_unit_SOURCES += $(CLI_PURE) \
	tests/unit/cli-args.c \
	tests/unit/cli-table.c
