# sources of role/server
libengine_a_SOURCES += \
	src/role/server/ask.c \
	src/role/server/callback.c \
	src/role/server/directory.c \
	src/role/server/response.c \
	src/role/server/results.c \
	src/role/server/routes.c \
	src/role/server/server-private.h \
	src/role/server/server.c src/role/server/server.h \
	src/role/server/tunnel.c \
	src/role/server/version.c
