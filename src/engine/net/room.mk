# sources of engine/net
libengine_a_SOURCES += src/engine/net/headers.c src/engine/net/headers.h
libengine_a_SOURCES += \
	src/engine/net/host.c \
	src/engine/net/url.c src/engine/net/url.h
