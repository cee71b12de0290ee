# unit tests of registry
tests_unit_engine_unit_SOURCES += \
	tests/unit/registry-challenge.c \
	tests/unit/registry-credentials.c \
	tests/unit/registry-door.c \
	tests/unit/registry-error.c \
	tests/unit/registry-gate.c \
	tests/unit/registry-link.c \
	tests/unit/registry-page.c \
	tests/unit/registry-realm.c \
	tests/unit/registry-token.c
