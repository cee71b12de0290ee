# sources of engine/source
libengine_a_SOURCES += \
	src/engine/source/archive-index.c src/engine/source/archive-index.h \
	src/engine/source/archive.c \
	src/engine/source/docker-archive.c \
	src/engine/source/file-fetch.c \
	src/engine/source/indexing.c \
	src/engine/source/member-path.c src/engine/source/member-path.h \
	src/engine/source/oci-archive.c \
	src/engine/source/oci-compat.c \
	src/engine/source/oci-dir.c \
	src/engine/source/oci-layout.c \
	src/engine/source/pulled.c \
	src/engine/source/range.c src/engine/source/range.h \
	src/engine/source/source-private.h \
	src/engine/source/source.c src/engine/source/source.h
