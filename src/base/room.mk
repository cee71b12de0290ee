# sources of base
libbase_a_SOURCES += \
	src/base/analyzer.c src/base/analyzer.h \
	src/base/auto.h \
	src/base/buf.c src/base/buf.h \
	src/base/bytes.c src/base/bytes.h \
	src/base/clock.c src/base/clock.h \
	src/base/digest.c src/base/digest.h \
	src/base/encode.c \
	src/base/err.c src/base/err.h \
	src/base/jstext.c src/base/jstext.h \
	src/base/list.h \
	src/base/log.c src/base/log.h \
	src/base/map.c src/base/map.h \
	src/base/secret.c src/base/secret.h \
	src/base/str.c src/base/str.h \
	src/base/units.c
