# sources of engine/net
libengine_a_SOURCES += \
	src/engine/net/host.c \
	src/engine/net/httpc-answer.c \
	src/engine/net/httpc-call.c src/engine/net/httpc-call.h \
	src/engine/net/httpc-private.h \
	src/engine/net/httpc-request.c \
	src/engine/net/httpc.c src/engine/net/httpc.h \
	src/engine/net/mux.c src/engine/net/mux.h \
	src/engine/net/proxy.c src/engine/net/proxy.h \
	src/engine/net/trust.c \
	src/engine/net/url.c src/engine/net/url.h \
	src/engine/net/ws-client.c \
	src/engine/net/ws-frames.c \
	src/engine/net/ws-handshake.c \
	src/engine/net/ws-private.h \
	src/engine/net/ws-server.c \
	src/engine/net/ws.c src/engine/net/ws.h
libengine_a_SOURCES += \
	src/engine/net/chunked.c src/engine/net/chunked.h \
	src/engine/net/h1.c src/engine/net/h1.h \
	src/engine/net/headers.c src/engine/net/headers.h \
	src/engine/net/http-status.c \
	src/engine/net/httpd.c src/engine/net/httpd.h \
	src/engine/net/httpd-body.c \
	src/engine/net/httpd-conn.c \
	src/engine/net/httpd-exchange.c \
	src/engine/net/httpd-private.h \
	src/engine/net/inflate.c src/engine/net/inflate.h \
	src/engine/net/tls-server.c src/engine/net/tls-server.h
