/*
 * engine/store/store-private.h: what the door and its backends share.
 *
 * Each call becomes an ask: the inputs (owned), room for the outputs, and the
 * function that hands them to the caller. A backend fills in the outputs
 * wherever it likes, and answers on the reactor, in the order of asking.
 */
#ifndef ENGINE_STORE_STORE_PRIVATE_H
#define ENGINE_STORE_STORE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/store/inbox.h"
#include "engine/store/job.h"
#include "engine/store/layer.h"
#include "engine/store/outbox.h"
#include "engine/store/seal.h"
#include "engine/store/store.h"

enum ask_op {
    ASK_JOB_ADD,
    ASK_JOB_CLAIM,
    ASK_JOB_RENEW,
    ASK_JOB_RESULT,
    ASK_JOB_FINISH,
    ASK_JOB_RELEASE,
    ASK_JOB_COUNTS,
    ASK_JOB_RECOVER,
    ASK_OUTBOX_DUE,
    ASK_OUTBOX_REMOVE,
    ASK_OUTBOX_LATER,
    ASK_LAYER_GET,
    ASK_LAYER_PUT,
    ASK_INBOX_ADD,
    ASK_INBOX_LIST,
    ASK_INBOX_GET,
    ASK_OPS
};

/* First member of every ask below. */
struct ask {
    enum ask_op op;
    struct store *store; /* borrows */
    int64_t now_wall_ms; /* when it was asked */
    struct err err;      /* kind ERR_NONE: done; set by the backend */
    void (*answer)(struct ask *ask); /* calls the caller back, frees the ask */
};

/* Bytes an ask owns. */
struct blob {
    uint8_t *p; /* owns */
    size_t n;
};

static inline struct bytes
blob_bytes(const struct blob *b)
{
    return bytes_of(b->p, b->n);
}
struct blob blob_copy(struct bytes b);
void blob_clear(struct blob *b);

/* A callback on its way into the outbox. */
struct outbox_row {
    enum outbox_kind kind;
    char *url;
    char *request_id;
    struct blob body;
};
void outbox_row_set(struct outbox_row *row, const struct outbox_new *from);
void outbox_row_clear(struct outbox_row *row);

struct ask_job_add {
    struct ask ask;
    struct job_row {
        char id[37];
        char *dedupe, *image, *request_id;
        struct blob request, sealed;
    } *rows; /* owns */
    size_t n;
    unsigned max_queued;
    struct job_added *added; /* out, n of them */
    job_add_cb fn;
    void *arg;
};

struct ask_job_claim {
    struct ask ask;
    char *holder;
    int64_t lease_until;
    bool found; /* out, as all below */
    char *id, *image, *request_id;
    struct blob request, sealed;
    int64_t fence;
    unsigned attempts;
    job_claim_cb fn;
    void *arg;
};

/* Renew, result, finish, release: whatever needs the newest token. */
struct ask_job {
    struct ask ask;
    char *id;
    int64_t fence;
    int64_t lease_until;   /* renew */
    struct outbox_row row; /* result, finish */
    bool drop_results;     /* finish */
    char *error;           /* finish */
    store_done_cb fn;
    void *arg;
};

struct ask_job_counts {
    struct ask ask;
    size_t n_queued, n_running; /* out */
    job_counts_cb fn;
    void *arg;
};

struct ask_job_recover {
    struct ask ask;
    char *holder;
    size_t n_jobs; /* out */
    job_recover_cb fn;
    void *arg;
};

struct ask_outbox_due {
    struct ask ask;
    size_t max, limit_bytes;
    int64_t lease_until;
    struct due_row {
        int64_t row, first_wall_ms;
        unsigned attempts;
        size_t n_results;
        char *job_id;
        struct outbox_row out;
    } *rows; /* out, at most `max` */
    size_t n;
    int64_t next_wall_ms;
    outbox_due_cb fn;
    void *arg;
};

struct ask_outbox {
    struct ask ask;
    int64_t row;
    int64_t at_wall_ms; /* later */
    store_done_cb fn;
    void *arg;
};

struct ask_layer {
    struct ask ask;
    char *digest, *analyzer;
    struct blob record; /* get: out */
    uint64_t limit_bytes;
    layer_get_cb on_get;
    store_done_cb on_put;
    void *arg;
};

struct ask_inbox_add {
    struct ask ask;
    char *path, *headers;
    struct blob body;
    uint64_t limit_bytes;
    int64_t id; /* out */
    size_t n_dropped;
    inbox_add_cb fn;
    void *arg;
};

/* List and get. */
struct ask_inbox {
    struct ask ask;
    int64_t id; /* get; list: before */
    size_t max;
    struct inbox_row {
        int64_t id, received_wall_ms;
        uint64_t size;
        char *path, *headers;
        struct blob body;
    } *rows; /* out */
    size_t n;
    inbox_list_cb on_list;
    inbox_get_cb on_get;
    void *arg;
};

/* A kind of database: a file in backends/ and a row in store.c. */
struct backend {
    const char *name;
    bool (*knows)(const char *where);
    /* May block: at start only. */
    void *(*open)(struct loop *loop, const char *where, struct err *err);
    /* Later, on the reactor: ask->answer(ask), exactly once, in order. */
    void (*ask)(void *db, struct ask *ask);
    /* Answers what was asked, then frees; may block. */
    void (*close)(void *db);
};

extern const struct backend backend_sqlite;

struct store {
    const struct backend *backend;
    void *db;          /* owns */
    struct seal *seal; /* owns */
};

/* A zeroed ask of `size` bytes. */
void *ask_new(struct store *store, enum ask_op op, size_t size,
              void (*answer)(struct ask *ask));
void ask_send(struct ask *ask);
/* NULL when it went well. */
const struct err *ask_err(const struct ask *ask);

#endif
