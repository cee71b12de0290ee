# sources of base/conf
libbase_a_SOURCES += \
	src/base/conf/conf.c src/base/conf/conf.h \
	src/base/conf/conf-private.h \
	src/base/conf/cpus.c \
	src/base/conf/doc.c \
	src/base/conf/file.c src/base/conf/file.h \
	src/base/conf/hosts.c \
	src/base/conf/names.c \
	src/base/conf/secrets.c \
	src/base/conf/table.c \
	src/base/conf/value.c
