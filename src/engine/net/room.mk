# sources of engine/net
libengine_a_SOURCES += src/engine/net/headers.c src/engine/net/headers.h
libengine_a_SOURCES += \
	src/engine/net/host.c \
	src/engine/net/httpc-call.c src/engine/net/httpc-call.h \
	src/engine/net/httpc-private.h \
	src/engine/net/httpc-request.c \
	src/engine/net/httpc.c src/engine/net/httpc.h \
	src/engine/net/mux.c src/engine/net/mux.h \
	src/engine/net/proxy.c src/engine/net/proxy.h \
	src/engine/net/trust.c \
	src/engine/net/url.c src/engine/net/url.h \
	src/engine/net/ws-client.c \
	src/engine/net/ws-handshake.c \
	src/engine/net/ws-private.h \
	src/engine/net/ws-server.c \
	src/engine/net/ws.c src/engine/net/ws.h
