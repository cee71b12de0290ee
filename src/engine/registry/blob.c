/* Blobs: a verified stream. Each try is one reg_call, which knows redirects
 * and logins; here is kept what has come, and what to do when a try ends. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/oci/ref.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/registry/blob-range.h"
#include "engine/registry/client.h"
#include "engine/registry/error-body.h"
#include "engine/registry/registry-private.h"

#define RESUMES_MAX        5   /* without progress */
#define RESTARTS_MAX       1   /* because of a wrong digest */
#define SLOW_BYTES_PER_S   1024
#define PROGRESS_MIN_BYTES (64 * 1024)
#define WAIT_MAX_SHIFT     3

struct blob_op {
    struct reg_op op;
    char *repo;
    struct digest digest; /* what it must hash to */
    uint64_t size;        /* and how many bytes it must have */
    const struct reg_blob_events *events; /* borrows */
    void *arg;

    struct reg_call *call;  /* owns while one runs */
    struct hasher *hasher;  /* owns */
    uint64_t have;          /* bytes handed on and hashed */
    uint64_t mark;          /* what we had when we last spoke of progress */
    unsigned resumes, restarts;
    bool over;              /* on_end came, or we were cancelled */
    bool streaming;         /* this try got as far as the headers of a 2xx */
    bool too_many;          /* more bytes than the size came */
    bool stopped;           /* by the reader */
    bool paused;            /* by the reader */
    bool start_waits;       /* the next try waits for the reader */
    struct err refusal;     /* why this try can have no good end; kind NONE */

    struct timer next;      /* until the next try */
    struct timer stall;     /* looks how much came since stall_have */
    uint64_t stall_have;
    bool stall_paused;      /* the reader held it up meanwhile */
};

static void start_try(struct blob_op *b);

static void
free_op(void *obj)
{
    struct blob_op *b = obj;

    timer_clear(&b->next);
    timer_clear(&b->stall);
    hasher_free(b->hasher);
    free(b->repo);
    reg_op_clear(&b->op);
    free(b);
}

static void
bury(struct blob_op *b)
{
    b->over = true;
    timer_stop(&b->next);
    timer_stop(&b->stall);
    reg_op_bury(&b->op, free_op);
}

static void
end(struct blob_op *b, const struct err *err)
{
    struct err reason;

    bury(b);
    if (err != NULL) {
        reason = *err;
        err_wrap(&reason, "blob %s of %s", digest_short(&b->digest), b->repo);
    }
    b->events->on_end(err != NULL ? &reason : NULL, b->arg);
}

static void
on_next(void *arg)
{
    start_try(arg);
}

/* Forget what came: the reader does so too, and may pause anew. False when it
 * cancelled us instead. */
static bool
start_over(struct blob_op *b)
{
    char hex[SHA256_HEX + 1];

    if (b->have == 0)
        return true;
    hasher_finish(b->hasher, hex);
    b->have = 0;
    b->paused = false;
    b->events->on_restart(b->arg);
    return !b->over;
}

/* Another try after a broken one; `why` is told when there were too many. */
static void
resume_later(struct blob_op *b, const struct err *why)
{
    struct reg_hub *hub = b->op.r->hub;
    unsigned shift;

    if (b->have >= b->mark + PROGRESS_MIN_BYTES) {
        b->resumes = 0;
        b->mark = b->have;
    }
    if (b->resumes == RESUMES_MAX) {
        end(b, why);
        return;
    }
    shift = b->resumes < WAIT_MAX_SHIFT ? b->resumes : WAIT_MAX_SHIFT;
    b->resumes++;
    log_debug("blob resumes", LOG_STR("blob", digest_short(&b->digest)),
              LOG_BYTES("have", b->have), LOG_INT("resume", b->resumes),
              LOG_ERR(why));
    timer_after(&b->next, hub->backoff_ms << shift, on_next, b);
}

static void
on_mismatch(struct blob_op *b, const char *what)
{
    struct err err;

    log_warn("blob does not match its digest",
             LOG_STR("blob", b->digest.text), LOG_STR("repo", b->repo),
             LOG_STR("came", what), LOG_INT("try", b->restarts + 1));
    if (b->restarts < RESTARTS_MAX) {
        b->restarts++;
        if (start_over(b))
            timer_after(&b->next, 0, on_next, b);
        return;
    }
    err_set_code(&err, ERR_INPUT, "DIGEST_MISMATCH",
                 "twice the registry sent other bytes (%s)", what);
    end(b, &err);
}

/* All bytes are here: are they the right ones? */
static void
verify(struct blob_op *b)
{
    struct digest came = { "sha256:" };

    hasher_finish(b->hasher, came.text + 7);
    if (digest_eq(&came, &b->digest)) {
        end(b, NULL);
        return;
    }
    on_mismatch(b, came.text);
}

/* The reader may have cancelled us in there; the memory stays for the turn. */
static enum httpc_flow
hand_on(struct blob_op *b, struct bytes chunk)
{
    hasher_update(b->hasher, chunk);
    b->have += chunk.n;
    switch (b->events->on_chunk(chunk, b->arg)) {
    case REG_PAUSE:
        b->paused = true;
        b->stall_paused = true;
        return HTTPC_PAUSE;
    case REG_STOP:
        b->stopped = true;
        return HTTPC_STOP;
    default:
        return HTTPC_MORE;
    }
}

static enum httpc_flow
on_body(struct bytes chunk, void *arg)
{
    struct blob_op *b = arg;

    if (chunk.n > b->size - b->have) {
        b->too_many = true;
        return HTTPC_STOP;
    }
    return chunk.n > 0 ? hand_on(b, chunk) : HTTPC_MORE;
}

static void on_stall_check(void *arg);

static void
watch_stall(struct blob_op *b)
{
    b->stall_have = b->have;
    b->stall_paused = b->paused;
    timer_after(&b->stall, b->op.r->hub->stall_ms, on_stall_check, b);
}

/* A trickle keeps a connection alive for ever; a new one may be faster. */
static void
on_stall_check(void *arg)
{
    struct blob_op *b = arg;
    uint64_t least = SLOW_BYTES_PER_S * b->op.r->hub->stall_ms / 1000;
    struct err err;

    if (b->stall_paused || b->have - b->stall_have >= least) {
        watch_stall(b);
        return;
    }
    err_set_code(&err, ERR_TIMEOUT, "REGISTRY_TIMEOUT",
                 "less than %d bytes a second", SLOW_BYTES_PER_S);
    reg_call_cancel(b->call);
    b->call = NULL;
    resume_later(b, &err);
}

/* 200: from the beginning, whatever we asked for. 206: from where we are. */
static enum httpc_flow
on_headers(const struct httpc_reply *reply, void *arg)
{
    struct blob_op *b = arg;
    const char *range = headers_get(reply->headers, "content-range");

    b->streaming = true;
    watch_stall(b);
    if (reply->status == 200)
        return start_over(b) ? HTTPC_MORE : HTTPC_STOP;
    if (reply->status == 206 && b->have > 0 &&
        blob_range_fits(range, b->have, b->size))
        return HTTPC_MORE;
    reg_error_nonsense(&b->refusal, "HTTP %d with Content-Range \"%.80s\" to a "
                       "request from byte %" PRIu64, reply->status,
                       range != NULL ? range : "", b->have);
    return HTTPC_STOP;
}

/* An answer that is no part of the blob. */
static void
on_other_status(struct blob_op *b, bool away, const struct httpc_reply *reply)
{
    struct err err;

    reg_error_reply(&err, REG_ASKED_BLOB, reply);
    if (reply->status == 416 && b->have > 0) {
        if (start_over(b))
            resume_later(b, &err);
    } else if (away && reply->status >= 400 && reply->status < 500 &&
               reply->status != 404) {
        /* Signed addresses live for minutes: the registry has a new one. */
        resume_later(b, &err);
    } else {
        end(b, &err);
    }
}

static void
on_whole_reply(struct blob_op *b, bool away, const struct httpc_reply *reply)
{
    struct err err;

    if (b->refusal.kind != ERR_NONE) {
        if (start_over(b))
            resume_later(b, &b->refusal);
    } else if (b->too_many) {
        on_mismatch(b, "more bytes than its size");
    } else if (reply->status != 200 && reply->status != 206) {
        on_other_status(b, away, reply);
    } else if (b->have == b->size) {
        verify(b);
    } else {
        reg_error_nonsense(&err, "ended after %" PRIu64 " of %" PRIu64
                           " bytes", b->have, b->size);
        resume_later(b, &err);
    }
}

static bool
may_pass(const struct err *err)
{
    return err->kind == ERR_NET || err->kind == ERR_TIMEOUT;
}

static void
on_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct blob_op *b = arg;
    bool away = reg_call_is_away(b->call);
    struct err stopped;

    b->call = NULL;
    timer_stop(&b->stall);
    if (b->stopped) {
        err_set(&stopped, ERR_CANCELLED, "stopped by its reader");
        end(b, &stopped);
    } else if (reply != NULL) {
        on_whole_reply(b, away, reply);
    } else if (b->streaming && b->have == b->size) {
        verify(b); /* cut off behind the last byte: nothing is missing */
    } else if (b->streaming && may_pass(err)) {
        resume_later(b, err);
    } else {
        end(b, err);
    }
}

static const struct reg_call_events call_events = {
    .on_headers = on_headers, .on_body = on_body, .on_done = on_done,
};

static void
start_try(struct blob_op *b)
{
    struct registry *r = b->op.r;
    auto_free char *url = NULL, *scope = NULL;

    b->start_waits = b->paused;
    if (b->paused)
        return;
    url = reg_url(r, "%s/blobs/%s", b->repo, b->digest.text);
    scope = xasprintf("repository:%s:pull", b->repo);
    err_clear(&b->refusal);
    b->too_many = false;
    b->streaming = false;
    b->call = reg_call_start(
        r,
        &(struct reg_call_spec){ .url = url,
                                 .scope = scope,
                                 .range_from = b->have,
                                 .idle_timeout_ms = r->hub->stall_ms,
                                 .retries = ATTEMPT_RETRIES },
        &call_events, b);
}

static void
resume_op(struct reg_op *op)
{
    struct blob_op *b = (struct blob_op *)op;

    b->paused = false;
    if (b->call != NULL)
        reg_call_resume(b->call);
    else if (b->start_waits)
        timer_after(&b->next, 0, on_next, b);
}

static void
drop_op(struct reg_op *op)
{
    struct blob_op *b = (struct blob_op *)op;

    reg_call_cancel(b->call);
    b->call = NULL;
    bury(b);
}

static const struct reg_op_class blob_class = {
    .resume = resume_op, .drop = drop_op,
};

static void
on_bad_name(void *arg)
{
    struct err err;

    err_set_code(&err, ERR_INPUT, "INVALID_NAME",
                 "no valid repository and digest");
    end(arg, &err);
}

struct reg_op *
registry_blob(struct registry *r, const char *repo,
              const struct digest *digest, uint64_t size,
              const struct reg_blob_events *events, void *arg)
{
    struct blob_op *b = xnew(struct blob_op);

    reg_op_init(&b->op, &blob_class, r);
    b->repo = registry_repo_name(r, repo);
    b->digest = *digest;
    b->size = size;
    b->events = events;
    b->arg = arg;
    b->hasher = hasher_new(HASH_SHA256);
    timer_init(&b->next, r->hub->loop);
    timer_init(&b->stall, r->hub->loop);
    timer_after(&b->next, 0,
                ref_repo_valid(b->repo) && digest_is_valid(digest->text)
                    ? on_next
                    : on_bad_name,
                b);
    return &b->op;
}
