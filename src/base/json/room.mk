# sources of base/json
libbase_a_SOURCES += \
	src/base/json/globlist.c src/base/json/globlist.h \
	src/base/json/jr.c src/base/json/jr.h \
	src/base/json/jw.c src/base/json/jw.h \
	src/base/json/jx.c src/base/json/jx.h \
	src/base/json/tree.c src/base/json/tree.h
