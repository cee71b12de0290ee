# unit tests of cli
tests_unit_engine_unit_SOURCES += $(CLI_PURE) $(CLI_SERVICE) \
	tests/unit/cli-args.c \
	tests/unit/cli-footprint.c \
	tests/unit/cli-table.c
