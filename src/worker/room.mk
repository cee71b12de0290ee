# sources of worker
libworker_a_SOURCES += \
	src/worker/index.c \
	src/worker/index.h \
	src/worker/layer.c \
	src/worker/layer.h \
	src/worker/limits.c \
	src/worker/limits.h \
	src/worker/output.c \
	src/worker/output.h
