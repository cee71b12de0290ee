# sources of engine/store
libengine_a_SOURCES += \
	src/engine/store/store.h src/engine/store/store.c \
	src/engine/store/store-private.h \
	src/engine/store/job.h src/engine/store/job.c \
	src/engine/store/outbox.h src/engine/store/outbox.c \
	src/engine/store/layer.h src/engine/store/layer.c \
	src/engine/store/inbox.h src/engine/store/inbox.c \
	src/engine/store/seal.h src/engine/store/seal.c \
	src/engine/store/backends/sqlite-private.h \
	src/engine/store/backends/sqlite.c \
	src/engine/store/backends/sqlite-sql.c \
	src/engine/store/backends/sqlite-schema.c \
	src/engine/store/backends/sqlite-job.c \
	src/engine/store/backends/sqlite-outbox.c \
	src/engine/store/backends/sqlite-layer.c \
	src/engine/store/backends/sqlite-inbox.c
