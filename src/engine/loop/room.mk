# sources of engine/loop
libengine_a_SOURCES += \
	src/engine/loop/lane.c src/engine/loop/lane.h \
	src/engine/loop/loop.c src/engine/loop/loop.h \
	src/engine/loop/loop-private.h \
	src/engine/loop/pool.c \
	src/engine/loop/proc.c src/engine/loop/proc.h \
	src/engine/loop/proc-private.h \
	src/engine/loop/reason.c \
	src/engine/loop/spawn.c \
	src/engine/loop/timer.c src/engine/loop/timer.h
