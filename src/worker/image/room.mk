# sources of worker/image
libworker_a_SOURCES += \
	src/worker/image/record.c src/worker/image/record.h \
	src/worker/image/record-reader.c src/worker/image/record-reader.h \
	src/worker/image/whiteout.c src/worker/image/whiteout.h
