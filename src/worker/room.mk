# sources of worker
libworker_a_SOURCES += \
	src/worker/index.c \
	src/worker/index.h \
	src/worker/layer.c \
	src/worker/layer.h \
	src/worker/limits.c \
	src/worker/limits.h \
	src/worker/output.c \
	src/worker/output.h \
	src/worker/scratch.c src/worker/scratch.h \
	src/worker/sandbox.c \
	src/worker/sandbox.h \
	src/worker/seccomp.c \
	src/worker/seccomp.h \
	src/worker/warm.c \
	src/worker/warm.h
