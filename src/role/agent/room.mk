# sources of role/agent
libengine_a_SOURCES += \
	src/role/agent/fault.h src/role/agent/fault.c \
	src/role/agent/order.h src/role/agent/order.c \
	src/role/agent/options.h src/role/agent/options.c \
	src/role/agent/address.h src/role/agent/address.c \
	src/role/agent/envelope.h src/role/agent/envelope.c \
	src/role/agent/skim.h src/role/agent/skim.c \
	src/role/agent/retry.h src/role/agent/retry.c
