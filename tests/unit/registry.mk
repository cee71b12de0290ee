# unit tests of registry
tests_unit_engine_unit_SOURCES += \
	tests/unit/registry-blob.c tests/unit/registry-blob-reader.c \
	tests/unit/registry-blob-rig.h tests/unit/registry-blob-store.c \
	tests/unit/registry-challenge.c \
	tests/unit/registry-credentials.c \
	tests/unit/registry-door.c \
	tests/unit/registry-error.c \
	tests/unit/registry-gate.c \
	tests/unit/registry-image.c \
	tests/unit/registry-link.c \
	tests/unit/registry-listing.c \
	tests/unit/registry-login.c \
	tests/unit/registry-page.c \
	tests/unit/registry-realm.c \
	tests/unit/registry-rig.c tests/unit/registry-rig.h \
	tests/unit/registry-token.c
