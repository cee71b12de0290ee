# sources of worker/glob
libworker_a_SOURCES += \
	src/worker/glob/brace.c src/worker/glob/brace.h \
	src/worker/glob/class.c src/worker/glob/class.h \
	src/worker/glob/glob.c src/worker/glob/glob.h \
	src/worker/glob/prog.c src/worker/glob/prog.h \
	src/worker/glob/tree.c src/worker/glob/tree.h
