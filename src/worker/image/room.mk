# sources of worker/image
libworker_a_SOURCES += \
	src/worker/image/image.c src/worker/image/image.h \
	src/worker/image/merge.c src/worker/image/merge.h \
	src/worker/image/npmlock.h \
	src/worker/image/options.c src/worker/image/options.h \
	src/worker/image/path.c src/worker/image/path.h \
	src/worker/image/prefix.c src/worker/image/prefix.h \
	src/worker/image/record.c src/worker/image/record.h \
	src/worker/image/record-reader.c src/worker/image/record-reader.h \
	src/worker/image/whiteout.c src/worker/image/whiteout.h
