# unit tests of loop
tests_unit_engine_unit_SOURCES += \
	tests/unit/loop-lane.c \
	tests/unit/loop-loop.c \
	tests/unit/loop-pool.c \
	tests/unit/loop-proc.c \
	tests/unit/loop-proc.h \
	tests/unit/loop-reason.c \
	tests/unit/loop-timer.c
