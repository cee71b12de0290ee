# unit tests of image
tests_unit_worker_unit_SOURCES += \
	tests/unit/image-rig.h \
	tests/unit/image-dockerfile.c \
	tests/unit/image-image.c \
	tests/unit/image-prefix.c \
	tests/unit/image-merge.c \
	tests/unit/image-named.c \
	tests/unit/image-options.c \
	tests/unit/image-record.c \
	tests/unit/image-whiteout.c
