# sources of engine/net
libengine_a_SOURCES += src/engine/net/headers.c src/engine/net/headers.h
