# unit tests of archive
tests_unit_worker_unit_SOURCES += \
	tests/unit/archive.h \
	tests/unit/archive-body.c \
	tests/unit/archive-inflate.c \
	tests/unit/archive-tar.c \
	tests/unit/archive-zip.c tests/unit/zip-rig.h \
	tests/unit/worker-layer.c
