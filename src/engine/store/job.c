/*
 * Jobs: packing what is asked, sealing and opening credentials, handing over
 * the answers. Which state follows which is the backend's transactions.
 */
#include "engine/store/job.h"

#include <string.h>

#include "base/str.h"
#include "engine/store/store-private.h"

static void
job_row_clear(struct job_row *row)
{
    free(row->dedupe);
    free(row->image);
    free(row->request_id);
    blob_clear(&row->request);
    blob_clear(&row->sealed);
}

static void
answer_add(struct ask *ask)
{
    struct ask_job_add *q = (struct ask_job_add *)ask;
    const struct err *err = ask_err(ask);

    q->fn(err == NULL ? q->added : NULL, err == NULL ? q->n : 0, err, q->arg);
    for (size_t i = 0; i < q->n; i++)
        job_row_clear(&q->rows[i]);
    free(q->rows);
    free(q->added);
    free(q);
}

static int
job_row_set(struct job_row *row, const struct seal *seal,
            const struct job_new *from, struct err *err)
{
    auto_buf struct buf sealed = BUF_INIT(SEAL_LIMIT_BYTES + 64);

    uuid_new(row->id);
    row->dedupe = xstrdup(from->dedupe);
    row->image = xstrdup(from->image);
    row->request_id = xstrdup(from->request_id);
    row->request = blob_copy(from->request);
    if (from->credentials == NULL)
        return 0;
    if (seal_close(seal, row->id, from->credentials, &sealed, err) < 0)
        return -1;
    row->sealed = blob_copy(buf_bytes(&sealed));
    return 0;
}

void
job_add(struct store *store, const struct job_new *jobs, size_t n,
        unsigned max_queued, job_add_cb fn, void *arg)
{
    struct ask_job_add *q =
        ask_new(store, ASK_JOB_ADD, sizeof(*q), answer_add);

    q->rows = xcalloc(n, sizeof(*q->rows));
    q->added = xcalloc(n, sizeof(*q->added));
    q->n = n;
    q->max_queued = max_queued;
    q->fn = fn;
    q->arg = arg;
    /* What cannot be sealed travels as an error, so that answers keep their
     * order. */
    for (size_t i = 0; i < n; i++) {
        if (job_row_set(&q->rows[i], store->seal, &jobs[i], &q->ask.err) < 0)
            break;
    }
    ask_send(&q->ask);
}

static void
open_credentials(const struct ask_job_claim *q, struct job *job)
{
    struct bytes sealed = blob_bytes(&q->sealed);

    if (sealed.n == 0)
        err_set_code(&job->no_credentials, ERR_AUTH, "CREDENTIALS_MISSING",
                     "the scan was asked for without credentials");
    else
        seal_open(q->ask.store->seal, q->id, sealed, &job->credentials,
                  &job->no_credentials);
}

static void
answer_claim(struct ask *ask)
{
    struct ask_job_claim *q = (struct ask_job_claim *)ask;
    struct job job = {
        .id = q->id,
        .image = q->image,
        .request_id = q->request_id,
        .request = blob_bytes(&q->request),
        .fence = q->fence,
        .attempts = q->attempts,
    };
    bool found = ask_err(ask) == NULL && q->found;

    if (found)
        open_credentials(q, &job);
    q->fn(found ? &job : NULL, ask_err(ask), q->arg);
    secret_free(job.credentials);
    free(q->holder);
    free(q->id);
    free(q->image);
    free(q->request_id);
    blob_clear(&q->request);
    blob_clear(&q->sealed);
    free(q);
}

void
job_claim(struct store *store, const char *holder, uint64_t lease_ms,
          job_claim_cb fn, void *arg)
{
    struct ask_job_claim *q =
        ask_new(store, ASK_JOB_CLAIM, sizeof(*q), answer_claim);

    q->holder = xstrdup(holder);
    q->lease_until = q->ask.now_wall_ms + (int64_t)lease_ms;
    q->fn = fn;
    q->arg = arg;
    ask_send(&q->ask);
}

static void
answer_held(struct ask *ask)
{
    struct ask_job *q = (struct ask_job *)ask;

    if (q->fn != NULL)
        q->fn(ask_err(ask), q->arg);
    free(q->id);
    free(q->error);
    outbox_row_clear(&q->row);
    free(q);
}

static struct ask_job *
ask_held(struct store *store, enum ask_op op, const char *id, int64_t fence,
         store_done_cb fn, void *arg)
{
    struct ask_job *q = ask_new(store, op, sizeof(*q), answer_held);

    q->id = xstrdup(id);
    q->fence = fence;
    q->fn = fn;
    q->arg = arg;
    return q;
}

void
job_renew(struct store *store, const char *id, int64_t fence,
          uint64_t lease_ms, store_done_cb fn, void *arg)
{
    struct ask_job *q = ask_held(store, ASK_JOB_RENEW, id, fence, fn, arg);

    q->lease_until = q->ask.now_wall_ms + (int64_t)lease_ms;
    ask_send(&q->ask);
}

void
job_add_result(struct store *store, const char *id, int64_t fence,
               const struct outbox_new *result, store_done_cb fn, void *arg)
{
    struct ask_job *q = ask_held(store, ASK_JOB_RESULT, id, fence, fn, arg);

    outbox_row_set(&q->row, result);
    ask_send(&q->ask);
}

void
job_finish(struct store *store, const char *id, int64_t fence,
           bool drop_results, const struct outbox_new *done,
           const char *error, store_done_cb fn, void *arg)
{
    struct ask_job *q = ask_held(store, ASK_JOB_FINISH, id, fence, fn, arg);

    q->drop_results = drop_results;
    q->error = xstrdup(error);
    if (done != NULL)
        outbox_row_set(&q->row, done);
    ask_send(&q->ask);
}

void
job_release(struct store *store, const char *id, int64_t fence,
            store_done_cb fn, void *arg)
{
    struct ask_job *q = ask_held(store, ASK_JOB_RELEASE, id, fence, fn, arg);

    ask_send(&q->ask);
}

static void
answer_counts(struct ask *ask)
{
    struct ask_job_counts *q = (struct ask_job_counts *)ask;

    q->fn(q->n_queued, q->n_running, ask_err(ask), q->arg);
    free(q);
}

void
job_counts(struct store *store, job_counts_cb fn, void *arg)
{
    struct ask_job_counts *q =
        ask_new(store, ASK_JOB_COUNTS, sizeof(*q), answer_counts);

    q->fn = fn;
    q->arg = arg;
    ask_send(&q->ask);
}

static void
answer_recover(struct ask *ask)
{
    struct ask_job_recover *q = (struct ask_job_recover *)ask;

    q->fn(q->n_jobs, ask_err(ask), q->arg);
    free(q->holder);
    free(q);
}

void
job_recover(struct store *store, const char *holder, job_recover_cb fn,
            void *arg)
{
    struct ask_job_recover *q =
        ask_new(store, ASK_JOB_RECOVER, sizeof(*q), answer_recover);

    q->holder = xstrdup(holder);
    q->fn = fn;
    q->arg = arg;
    ask_send(&q->ask);
}
