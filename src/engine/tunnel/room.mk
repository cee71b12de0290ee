# sources of engine/tunnel
libengine_a_SOURCES += \
	src/engine/tunnel/backoff.c src/engine/tunnel/backoff.h \
	src/engine/tunnel/eio.c src/engine/tunnel/eio.h \
	src/engine/tunnel/ejson.c src/engine/tunnel/ejson-wrap.c \
	src/engine/tunnel/ejson.h \
	src/engine/tunnel/emitter.c src/engine/tunnel/emitter.h \
	src/engine/tunnel/exchange.c src/engine/tunnel/exchange-headers.c \
	src/engine/tunnel/exchange.h \
	src/engine/tunnel/frame.c src/engine/tunnel/frame.h \
	src/engine/tunnel/heartbeat.c src/engine/tunnel/heartbeat.h \
	src/engine/tunnel/identify.c src/engine/tunnel/identify.h \
	src/engine/tunnel/primus.c src/engine/tunnel/primus.h \
	src/engine/tunnel/rewrite.c src/engine/tunnel/rewrite.h \
	src/engine/tunnel/session.c src/engine/tunnel/session.h
