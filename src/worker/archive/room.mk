# sources of worker/archive
libworker_a_SOURCES += \
	src/worker/archive/ar.h \
	src/worker/archive/body.c src/worker/archive/body.h \
	src/worker/archive/deflate-isal.c \
	src/worker/archive/deflate-zlib.c \
	src/worker/archive/deflate.h \
	src/worker/archive/fd.c \
	src/worker/archive/feed.c \
	src/worker/archive/feed.h \
	src/worker/archive/gzip.c \
	src/worker/archive/gzip.h \
	src/worker/archive/inflate.c \
	src/worker/archive/name.c \
	src/worker/archive/name.h \
	src/worker/archive/range.c \
	src/worker/archive/range.h \
	src/worker/archive/tar.c \
	src/worker/archive/warm.c \
	src/worker/archive/zstd.c \
	src/worker/archive/zstd.h \
	src/worker/archive/zip-entry.c \
	src/worker/archive/zip-private.h \
	src/worker/archive/zip.c \
	src/worker/archive/zip.h
