# sources of engine/registry
libengine_a_SOURCES += \
	src/engine/registry/attempt.c src/engine/registry/attempt.h \
	src/engine/registry/blob.c \
	src/engine/registry/blob-range.c src/engine/registry/blob-range.h \
	src/engine/registry/catalog.c \
	src/engine/registry/challenge.c src/engine/registry/challenge.h \
	src/engine/registry/client.c src/engine/registry/client.h \
	src/engine/registry/credentials.c src/engine/registry/credentials.h \
	src/engine/registry/credentials-write.c \
	src/engine/registry/error-body.c src/engine/registry/error-body.h \
	src/engine/registry/gate.c src/engine/registry/gate.h \
	src/engine/registry/hop.c \
	src/engine/registry/hub.c \
	src/engine/registry/image.c \
	src/engine/registry/linkhdr.c src/engine/registry/linkhdr.h \
	src/engine/registry/manifest.c \
	src/engine/registry/page.c src/engine/registry/page.h \
	src/engine/registry/realm.c src/engine/registry/realm.h \
	src/engine/registry/registry.c src/engine/registry/registry.h \
	src/engine/registry/registry-private.h \
	src/engine/registry/token.c src/engine/registry/token.h \
	src/engine/registry/token-answer.c src/engine/registry/token-answer.h \
	src/engine/registry/flavours/acr.c \
	src/engine/registry/flavours/artifactory.c \
	src/engine/registry/flavours/digitalocean.c \
	src/engine/registry/flavours/dockerhub.c \
	src/engine/registry/flavours/ecr.c \
	src/engine/registry/flavours/flavour.h \
	src/engine/registry/flavours/gar.c \
	src/engine/registry/flavours/gcr.c \
	src/engine/registry/flavours/generic.c \
	src/engine/registry/flavours/github.c \
	src/engine/registry/flavours/gitlab.c \
	src/engine/registry/flavours/google.h \
	src/engine/registry/flavours/harbor.c \
	src/engine/registry/flavours/nexus.c \
	src/engine/registry/flavours/quay.c \
	src/engine/registry/flavours/table.c \
	src/engine/registry/validate.c
