# unit tests of server
tests_unit_engine_unit_SOURCES += tests/unit/server-rig.c \
	tests/unit/server-rig.h \
	tests/unit/server-answer.c \
	tests/unit/server-callback.c \
	tests/unit/server-directory.c \
	tests/unit/server-post.c \
	tests/unit/server-rude.c \
	tests/unit/server-version.c
