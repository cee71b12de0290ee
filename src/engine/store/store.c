/*
 * The door: finds the backend for a place, keeps the key, carries asks over.
 * What is asked lives beside its noun, what is answered in backends/.
 */
#include "engine/store/store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/str.h"
#include "engine/store/store-private.h"

/* The last one knows every place. */
static const struct backend *const backends[] = {
    &backend_sqlite,
};

static const struct backend *
backend_for(const char *where)
{
    for (size_t i = 0; i < N_ELEMENTS(backends); i++) {
        if (backends[i]->knows(where))
            return backends[i];
    }
    return NULL;
}

static int
make_state_dir(const char *dir, struct err *err)
{
    struct stat st;

    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return err_set_errno(err, errno, "state directory %s", dir);
    if (stat(dir, &st) < 0)
        return err_set_errno(err, errno, "state directory %s", dir);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_IO, "state directory %s: not a directory", dir);
    return 0;
}

static int
load_seal(struct store *store, const char *where, struct err *err)
{
    auto_free char *path = xasprintf("%s/seal.key", where);

    if (str_eq(where, ":memory:"))
        return seal_random(&store->seal, err);
    return seal_load(&store->seal, path, err);
}

struct store *
store_open(struct loop *loop, const char *where, struct err *err)
{
    struct store *store = xnew(struct store);

    store->backend = backend_for(where);
    if (store->backend == NULL) {
        err_set(err, ERR_INPUT, "store %s: no such kind of store", where);
        goto fail;
    }
    if (!str_eq(where, ":memory:") && make_state_dir(where, err) < 0)
        goto fail;
    /* The database first: it holds the lock that lets us make a key. */
    store->db = store->backend->open(loop, where, err);
    if (store->db == NULL || load_seal(store, where, err) < 0)
        goto fail;
    return store;

fail:
    store_close(store);
    return NULL;
}

void
store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->db != NULL)
        store->backend->close(store->db);
    seal_free(store->seal);
    free(store);
}

void *
ask_new(struct store *store, enum ask_op op, size_t size,
        void (*answer)(struct ask *ask))
{
    struct ask *ask = xcalloc(1, size);

    ask->op = op;
    ask->store = store;
    ask->now_wall_ms = clock_wall_ms();
    ask->answer = answer;
    return ask;
}

void
ask_send(struct ask *ask)
{
    ask->store->backend->ask(ask->store->db, ask);
}

const struct err *
ask_err(const struct ask *ask)
{
    return ask->err.kind != ERR_NONE ? &ask->err : NULL;
}

struct blob
blob_copy(struct bytes b)
{
    return (struct blob){ (uint8_t *)bytes_dup(b), b.n };
}

void
blob_clear(struct blob *b)
{
    free(b->p);
    *b = (struct blob){ NULL, 0 };
}
