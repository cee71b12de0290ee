/*
 * tests/unit/store-rig.h: a store in a folder of its own, and calls that wait
 * for their answer by turning the loop.
 */
#ifndef TESTS_UNIT_STORE_RIG_H
#define TESTS_UNIT_STORE_RIG_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "engine/store/inbox.h"
#include "engine/store/job.h"
#include "engine/store/layer.h"
#include "engine/store/outbox.h"
#include "engine.h"

struct rig {
    struct loop *loop;
    struct store *store;
    char dir[64];
    struct err err; /* of the last answer */
    bool answered;
    /* what the last answer lent, copied */
    struct job_added added[8];
    size_t n_added;
    bool found;
    char job_id[40], image[64], request_id[64], request[256], password[64];
    struct err no_credentials;
    int64_t fence;
    unsigned attempts;
    size_t n_queued, n_running, n_items;
    struct rig_item {
        int64_t row;
        char job_id[40], url[128], body[64];
        enum outbox_kind kind;
        size_t n_results;
        unsigned attempts;
        int64_t first_wall_ms;
    } items[16];
    int64_t next_wall_ms;
};

static inline int
rig_remove_one(const char *path, const struct stat *st, int kind,
               struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static inline void
rig_open(struct rig *r)
{
    struct err err = { 0 };

    r->loop = loop_new(&err);
    cr_assert_not_null(r->loop, "%s", err.text);
    r->store = store_open(r->loop, r->dir, &err);
    cr_assert_not_null(r->store, "%s", err.text);
}

static inline void
rig_close(struct rig *r)
{
    store_close(r->store);
    loop_free(r->loop);
    r->store = NULL;
    r->loop = NULL;
}

static inline void
rig_start(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    strcpy(r->dir, "/tmp/crab-store-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    clock_freeze(1700000000000);
    rig_open(r);
}

static inline void
rig_end(struct rig *r)
{
    if (r->store != NULL)
        rig_close(r);
    nftw(r->dir, rig_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void
rig_reopen(struct rig *r)
{
    rig_close(r);
    rig_open(r);
}

static inline void
rig_answer(struct rig *r, const struct err *err)
{
    r->answered = true;
    err_clear(&r->err);
    if (err != NULL)
        r->err = *err;
}

static inline enum err_kind
rig_wait(struct rig *r)
{
    turn_until(r->loop, r->answered);
    r->answered = false;
    return r->err.kind;
}

static inline void
rig_on_done(const struct err *err, void *arg)
{
    rig_answer(arg, err);
}

static inline void
rig_on_added(const struct job_added *added, size_t n, const struct err *err,
             void *arg)
{
    struct rig *r = arg;

    r->n_added = n;
    for (size_t i = 0; i < n; i++)
        r->added[i] = added[i];
    rig_answer(r, err);
}

static inline struct job_new
rig_job(const char *image, const char *dedupe, const struct secret *login)
{
    return (struct job_new){ .dedupe = dedupe,
                             .image = image,
                             .request_id = "req-1",
                             .request = bytes_str("{\"a\":1}"),
                             .credentials = login };
}

static inline enum err_kind
rig_add(struct rig *r, const char *image, const char *dedupe, unsigned max)
{
    auto_secret struct secret *login = secret_new("pa55word");
    struct job_new job = rig_job(image, dedupe, login);

    job_add(r->store, &job, 1, max, rig_on_added, r);
    return rig_wait(r);
}

static inline void
rig_copy(char *to, size_t n, const char *from)
{
    snprintf(to, n, "%s", from != NULL ? from : "");
}

static inline void
rig_on_claimed(const struct job *job, const struct err *err, void *arg)
{
    struct rig *r = arg;

    r->found = job != NULL;
    if (job != NULL) {
        rig_copy(r->job_id, sizeof(r->job_id), job->id);
        rig_copy(r->image, sizeof(r->image), job->image);
        rig_copy(r->request_id, sizeof(r->request_id), job->request_id);
        snprintf(r->request, sizeof(r->request), "%.*s",
                 BYTES_FMT(job->request));
        rig_copy(r->password, sizeof(r->password),
                 job->credentials != NULL ? secret_reveal(job->credentials)
                                          : NULL);
        r->no_credentials = job->no_credentials;
        r->fence = job->fence;
        r->attempts = job->attempts;
    }
    rig_answer(r, err);
}

/* True when there was a job. */
static inline bool
rig_claim(struct rig *r)
{
    job_claim(r->store, "host-1", 60000, rig_on_claimed, r);
    cr_assert_eq(rig_wait(r), ERR_NONE, "%s", r->err.text);
    return r->found;
}

static inline enum err_kind
rig_result(struct rig *r, const char *id, int64_t fence, const char *body)
{
    struct outbox_new row = { OUTBOX_RESULT, "http://b/result", "req-1",
                              bytes_str(body) };

    job_add_result(r->store, id, fence, &row, rig_on_done, r);
    return rig_wait(r);
}

static inline enum err_kind
rig_finish(struct rig *r, const char *id, int64_t fence, bool drop)
{
    struct outbox_new row = { OUTBOX_DONE, "http://b/done", "req-1",
                              bytes_str("done") };

    job_finish(r->store, id, fence, drop, &row, NULL, rig_on_done, r);
    return rig_wait(r);
}

static inline void
rig_on_counts(size_t n_queued, size_t n_running, const struct err *err,
              void *arg)
{
    struct rig *r = arg;

    r->n_queued = n_queued;
    r->n_running = n_running;
    rig_answer(r, err);
}

static inline void
rig_counts(struct rig *r)
{
    job_counts(r->store, rig_on_counts, r);
    rig_wait(r);
}

static inline void
rig_on_recovered(size_t n, const struct err *err, void *arg)
{
    struct rig *r = arg;

    r->n_queued = n;
    rig_answer(r, err);
}

/* How many jobs came back. */
static inline size_t
rig_recover(struct rig *r)
{
    job_recover(r->store, "host-2", rig_on_recovered, r);
    rig_wait(r);
    return r->n_queued;
}

static inline void
rig_on_due(const struct outbox_item *items, size_t n, int64_t next_wall_ms,
           const struct err *err, void *arg)
{
    struct rig *r = arg;

    r->n_items = n;
    r->next_wall_ms = next_wall_ms;
    for (size_t i = 0; i < n; i++) {
        struct rig_item *to = &r->items[i];

        to->row = items[i].row;
        to->kind = items[i].kind;
        to->n_results = items[i].n_results;
        to->attempts = items[i].attempts;
        to->first_wall_ms = items[i].first_wall_ms;
        rig_copy(to->job_id, sizeof(to->job_id), items[i].job_id);
        rig_copy(to->url, sizeof(to->url), items[i].url);
        snprintf(to->body, sizeof(to->body), "%.*s", (int)items[i].body.n,
                 (const char *)items[i].body.p);
    }
    rig_answer(r, err);
}

/* How many callbacks are due now; they are ours for a minute. */
static inline size_t
rig_due(struct rig *r, size_t max)
{
    outbox_due(r->store, max, 1 << 20, 60000, rig_on_due, r);
    cr_assert_eq(rig_wait(r), ERR_NONE, "%s", r->err.text);
    return r->n_items;
}

static inline enum err_kind
rig_remove(struct rig *r, int64_t row)
{
    outbox_remove(r->store, row, rig_on_done, r);
    return rig_wait(r);
}

#endif
