# sources of role/broker
libengine_a_SOURCES += \
	src/role/broker/answer.c src/role/broker/answer.h \
	src/role/broker/broker.c src/role/broker/broker.h \
	src/role/broker/broker-private.h src/role/broker/events.c \
	src/role/broker/local.c src/role/broker/relay.c \
	src/role/broker/request.c \
	src/role/broker/systemcheck.c
