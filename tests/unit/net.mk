# unit tests of net
tests_unit_engine_unit_SOURCES += tests/unit/net-url.c
tests_unit_engine_unit_SOURCES += tests/unit/net-call.c \
	tests/unit/net-call.h tests/unit/net-httpc.c tests/unit/net-httpc-flow.c \
	tests/unit/net-httpc-name.c tests/unit/net-httpc-rig.h \
	tests/unit/net-httpc-send.c \
	tests/unit/net-httpc-way.c tests/unit/net-peer.c \
	tests/unit/net-peer.h tests/unit/net-tale.c tests/unit/net-tale.h \
	tests/unit/net-ws-client.c tests/unit/net-ws-end.c \
	tests/unit/net-ws-open.c tests/unit/net-ws-rig.h \
	tests/unit/net-ws-server.c
EXTRA_DIST += tests/fixtures/net/tls/make.sh tests/fixtures/net/tls/ca.pem \
	tests/fixtures/net/tls/other-ca.pem tests/fixtures/net/tls/server.pem \
	tests/fixtures/net/tls/server.key tests/fixtures/net/tls/stranger.pem \
	tests/fixtures/net/tls/stranger.key
