# sources of role/agent
libengine_a_SOURCES += \
	src/role/agent/agent.h src/role/agent/agent.c \
	src/role/agent/agent-private.h \
	src/role/agent/routes.c \
	src/role/agent/visit.h src/role/agent/visit.c \
	src/role/agent/login.h src/role/agent/login.c \
	src/role/agent/fault.h src/role/agent/fault.c \
	src/role/agent/checks.c src/role/agent/listing.c \
	src/role/agent/intake.c \
	src/role/agent/order.h src/role/agent/order.c \
	src/role/agent/options.h src/role/agent/options.c \
	src/role/agent/address.h src/role/agent/address.c \
	src/role/agent/envelope.h src/role/agent/envelope.c \
	src/role/agent/skim.h src/role/agent/skim.c \
	src/role/agent/jobs.h src/role/agent/jobs-private.h \
	src/role/agent/jobs.c src/role/agent/run.c \
	src/role/agent/callbacks.h src/role/agent/callbacks.c \
	src/role/agent/retry.h src/role/agent/retry.c
