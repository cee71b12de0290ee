/*
 * One job from its claim to its end: registry, scan, results put aside, and
 * the one transaction that finishes it.
 *
 *   SCANNING ──► SETTLING ──► FINISHING ──► over
 *       │            results are      job_finish, again and again until the
 *       └─ park      being written    store takes it or someone else has it
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "role/agent/envelope.h"
#include "role/agent/jobs-private.h"
#include "role/agent/login.h"
#include "role/agent/order.h"

enum run_state { RUN_SCANNING, RUN_SETTLING, RUN_FINISHING, RUN_OVER };

struct run {
    struct link link;
    struct jobs *jobs; /* shares */
    unsigned refs;     /* the list's, and one for each ask under way */
    enum run_state state;
    char *id, *image, *request_id; /* own */
    int64_t fence;
    struct order order;
    struct registry *registry; /* shares; NULL before it is known */
    struct scan_request request;
    struct scan *scan; /* owns while it runs */
    char *manifest_digest, *index_digest;
    uint64_t start_ms;
    size_t n_results; /* put aside */
    unsigned n_writing;
    struct err failure; /* kind ERR_NONE: none so far */
    struct timer renew;
    struct timer again;
};

static void settle(struct run *run);
static void finish(struct run *run);

struct run *
run_of_link(struct link *link)
{
    return list_entry(link, struct run, link);
}

bool
run_is_for(const struct run *run, const char *id)
{
    return str_eq(run->id, id);
}

static void
run_unref(struct run *run)
{
    if (--run->refs > 0)
        return;
    order_clear(&run->order);
    free(run->id);
    free(run->image);
    free(run->request_id);
    free(run->manifest_digest);
    free(run->index_digest);
    jobs_unref(run->jobs);
    free(run);
}

static struct run *
run_ref(struct run *run)
{
    run->refs++;
    return run;
}

static void
stop_scan(struct run *run)
{
    if (run->scan != NULL)
        scan_cancel(run->scan);
    run->scan = NULL;
}

/*
 * Leaves the list and lets go of what others own; the last answer of the
 * store, which may come after all others are gone, frees the rest.
 */
static void
enter_over(struct run *run)
{
    if (run->state == RUN_OVER)
        return;
    run->state = RUN_OVER;
    timer_clear(&run->renew);
    timer_clear(&run->again);
    stop_scan(run);
    registry_unref(run->registry);
    run->registry = NULL;
    list_remove(&run->link);
    jobs_on_run_over(run->jobs);
    run_unref(run);
}

void
run_abandon(struct run *run)
{
    log_warn("scan abandoned", LOG_STR("jobId", run->id));
    enter_over(run);
}

/* True when the job has another holder now, and this run no business left. */
static bool
lost(struct run *run, const struct err *err)
{
    if (err == NULL || !str_eq(err->code, "LEASE_LOST"))
        return false;
    if (run->state != RUN_OVER)
        run_abandon(run);
    return true;
}

/* The first reason counts. */
static void
fail(struct run *run, const struct err *err)
{
    if (run->failure.kind == ERR_NONE)
        run->failure = *err;
    stop_scan(run);
    settle(run);
}

static void on_renew(void *arg);

static void
on_renewed(const struct err *err, void *arg)
{
    struct run *run = arg;

    if (!lost(run, err) && run->state != RUN_OVER) {
        if (err != NULL)
            log_warn("lease not renewed", LOG_STR("jobId", run->id),
                     LOG_ERR(err));
        timer_after(&run->renew, LEASE_RENEW_MS, on_renew, run);
    }
    run_unref(run);
}

static void
on_renew(void *arg)
{
    struct run *run = arg;

    job_renew(run->jobs->store, run->id, run->fence, LEASE_MS, on_renewed,
              run_ref(run));
}

static struct envelope
envelope_of(const struct run *run)
{
    return (struct envelope){
        .id = run->id,
        .context = run->order.context,
        .image = run->image,
        .registry =
            run->registry != NULL ? registry_base(run->registry) : NULL,
        .manifest_digest = run->manifest_digest,
        .index_digest = run->index_digest,
    };
}

static void
on_result_written(const struct err *err, void *arg)
{
    struct run *run = arg;

    run->n_writing--;
    if (!lost(run, err) && run->state != RUN_OVER) {
        if (err != NULL)
            fail(run, err);
        else if (run->state == RUN_SETTLING)
            settle(run);
    }
    run_unref(run);
}

static void
on_result(size_t index, struct bytes json, void *arg)
{
    struct run *run = arg;
    struct envelope e = envelope_of(run);
    auto_buf struct buf body = { 0 };
    struct outbox_new row = { OUTBOX_RESULT, run->order.result_url,
                              run->request_id, BYTES_NONE };
    struct err err;

    if (run->state != RUN_SCANNING)
        return;
    if (envelope_result(&body, &e, index, json, &err) < 0) {
        fail(run, &err);
        return;
    }
    row.body = buf_bytes(&body);
    run->n_results++;
    run->n_writing++;
    job_add_result(run->jobs->store, run->id, run->fence, &row,
                   on_result_written, run_ref(run));
}

static void
on_layer(size_t layer, size_t n_layers, const char *digest,
         enum layer_state state, uint64_t n_bytes, uint64_t total, void *arg)
{
    struct run *run = arg;

    (void)total;
    if (state == LAYER_KNOWN)
        log_info("layer known", LOG_STR("jobId", run->id),
                 LOG_INT("layer", layer + 1), LOG_INT("layers", n_layers),
                 LOG_STR("digest", digest));
    else if (state == LAYER_DONE)
        log_info("layer fetched", LOG_STR("jobId", run->id),
                 LOG_INT("layer", layer + 1), LOG_INT("layers", n_layers),
                 LOG_STR("digest", digest), LOG_BYTES("size", n_bytes));
}

static void
on_image(const struct source_image *image, void *arg)
{
    struct run *run = arg;

    free(run->manifest_digest);
    free(run->index_digest);
    run->manifest_digest = xstrdup(image->manifest_digest);
    run->index_digest = xstrdup(image->index_digest);
    log_info("image found", LOG_STR("jobId", run->id),
             LOG_STR("manifestDigest", image->manifest_digest),
             LOG_INT("layers", image->n_layers),
             LOG_BYTES("size", image->size));
}

static void on_try_again(void *arg);

/* No worker to be had is no reason to give a scan up. */
static void
fail_or_wait(struct run *run, const struct err *err)
{
    if (err->kind == ERR_BUSY && run->n_results == 0)
        timer_after(&run->again, TRY_AGAIN_MS, on_try_again, run);
    else
        fail(run, err);
}

static void
on_scanned(size_t n_results, const struct err *err, void *arg)
{
    struct run *run = arg;

    (void)n_results; /* counted as they came */
    run->scan = NULL;
    if (err != NULL)
        fail_or_wait(run, err);
    else
        settle(run);
}

static const struct scan_events scan_events = {
    .on_layer = on_layer,
    .on_image = on_image,
    .on_result = on_result,
    .on_done = on_scanned,
};

static void
on_finish_again(void *arg)
{
    finish(arg);
}

static void
on_finished(const struct err *err, void *arg)
{
    struct run *run = arg;

    if (run->state != RUN_OVER && !lost(run, err)) {
        if (err == NULL) {
            enter_over(run);
        } else {
            log_error("job cannot be finished, trying again",
                      LOG_STR("jobId", run->id), LOG_ERR(err));
            timer_after(&run->again, TRY_AGAIN_MS, on_finish_again, run);
        }
    }
    run_unref(run);
}

static void
tell_finished(const struct run *run, const struct err *failure)
{
    if (failure == NULL)
        log_info("scan finished", LOG_STR("jobId", run->id),
                 LOG_STR("image", run->image),
                 LOG_INT("results", run->n_results),
                 LOG_MS("took", clock_now_ms() - run->start_ms));
    else
        log_warn("scan failed", LOG_STR("jobId", run->id),
                 LOG_STR("image", run->image), LOG_ERR(failure),
                 LOG_MS("took", clock_now_ms() - run->start_ms));
}

static void
finish(struct run *run)
{
    const struct err *failure =
        run->failure.kind != ERR_NONE ? &run->failure : NULL;
    struct envelope e = envelope_of(run);
    auto_buf struct buf body = BUF_INIT(ENVELOPE_MAX_BYTES);
    struct outbox_new done = { OUTBOX_DONE, run->order.done_url,
                               run->request_id, BYTES_NONE };

    envelope_done(&body, &e, failure == NULL ? run->n_results : 0,
                  clock_now_ms() - run->start_ms, failure);
    done.body = buf_bytes(&body);
    /* Without an address (a damaged record) nobody can be told. */
    job_finish(run->jobs->store, run->id, run->fence, failure != NULL,
               done.url != NULL ? &done : NULL,
               failure != NULL ? failure->text : NULL, on_finished,
               run_ref(run));
}

/* The scan is over; when its results are on disk, the job is. */
static void
settle(struct run *run)
{
    if (run->state == RUN_SCANNING)
        run->state = RUN_SETTLING;
    if (run->state != RUN_SETTLING || run->n_writing > 0)
        return;
    run->state = RUN_FINISHING;
    tell_finished(run,
                  run->failure.kind != ERR_NONE ? &run->failure : NULL);
    finish(run);
}

static void
on_released(const struct err *err, void *arg)
{
    struct run *run = arg;

    if (err != NULL && !str_eq(err->code, "LEASE_LOST"))
        log_warn("scan not parked: its lease must run out",
                 LOG_STR("jobId", run->id), LOG_ERR(err));
    enter_over(run);
    run_unref(run);
}

void
run_park(struct run *run)
{
    if (run->state != RUN_SCANNING)
        return;
    stop_scan(run);
    timer_stop(&run->again);
    run->state = RUN_FINISHING;
    log_info("scan parked", LOG_STR("jobId", run->id));
    job_release(run->jobs->store, run->id, run->fence, on_released,
                run_ref(run));
}

static int
open_registry(struct run *run, const struct job *job, struct err *err)
{
    auto_credentials struct credentials *login = NULL;

    if (job->credentials == NULL) {
        *err = job->no_credentials;
        return -1;
    }
    if (credentials_parse(&login, secret_reveal(job->credentials), err) < 0)
        return -1;
    run->registry = login_registry(run->jobs->hub, login, err);
    return run->registry != NULL ? 0 : -1;
}

static int
start_scan(struct run *run, struct err *err)
{
    const struct conf *conf = run->jobs->conf;
    struct source_spec *source = &run->request.source;

    source->kind = SOURCE_REGISTRY;
    source->ref = run->order.image;
    source->registry = run->registry;
    source->compat = conf->compat;
    source->max_size = conf->max_image_bytes;
    source->has_platform = run->order.platform != NULL;
    if (source->has_platform &&
        platform_parse(&source->platform, run->order.platform, err) < 0)
        return -1;
    run->request.options = run->order.options;
    run->request.compat = conf->compat;
    run->scan = scan_start(run->jobs->scanner, &run->request, &scan_events,
                           run, err);
    return run->scan != NULL ? 0 : -1;
}

static void
on_try_again(void *arg)
{
    struct run *run = arg;
    struct err err;

    if (start_scan(run, &err) < 0)
        fail_or_wait(run, &err);
}

static int
begin(struct run *run, const struct job *job, struct err *err)
{
    if (order_read(&run->order, job->request, err) < 0)
        return -1;
    if (job->attempts > ATTEMPTS_MAX)
        return err_set_code(err, ERR_INTERNAL, "TOO_MANY_ATTEMPTS",
                            "the scan was begun %d times and ended this "
                            "process each time",
                            ATTEMPTS_MAX);
    if (open_registry(run, job, err) < 0)
        return -1;
    log_info("scan started", LOG_STR("jobId", run->id),
             LOG_STR("image", run->image),
             LOG_STR("registry", registry_base(run->registry)),
             LOG_STR("type", registry_type(run->registry)),
             LOG_STR("login", registry_fingerprint(run->registry)),
             LOG_INT("attempt", job->attempts),
             LOG_STR("requestId", run->request_id));
    return start_scan(run, err);
}

void
run_start(struct jobs *jobs, const struct job *job)
{
    struct run *run = xnew(struct run);
    struct err err;

    run->jobs = jobs_ref(jobs);
    run->refs = 1;
    run->id = xstrdup(job->id);
    run->image = xstrdup(job->image);
    run->request_id = xstrdup(job->request_id);
    run->fence = job->fence;
    run->start_ms = clock_now_ms();
    timer_init(&run->renew, jobs->loop);
    timer_init(&run->again, jobs->loop);
    timer_after(&run->renew, LEASE_RENEW_MS, on_renew, run);
    list_append(&jobs->runs, &run->link);
    jobs->n_running++;
    if (begin(run, job, &err) < 0)
        fail_or_wait(run, &err);
}
