/*
 * engine/store/job.h: scans we have promised: written down before the answer.
 *
 *   queued ──claim──► running ──finish──► done ──last callback gone──► (none)
 *      ▲                 │
 *      └──release, recover, lease run out
 *
 * Whoever claims a job gets a fencing token with it; each later claim gives a
 * greater one. A call with a token that is not the newest is refused
 * (ERR_CANCELLED, code LEASE_LOST) and changes nothing. Answers come as
 * store.h says; what a callback lends is borrowed until it returns.
 */
#ifndef ENGINE_STORE_JOB_H
#define ENGINE_STORE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "engine/store/outbox.h"
#include "engine/store/store.h"

/* A job to be. Everything is copied (credentials are sealed) before
 * job_add() returns. */
struct job_new {
    const char *dedupe;     /* equal to that of a job queued or running: the
                               same job; NULL: never */
    const char *image;      /* for people */
    const char *request_id; /* snyk-request-id; NULL without */
    struct bytes request;   /* the owner's own text, whatever it needs to run
                               the job again; no secrets */
    const struct secret *credentials; /* NULL: none */
};

struct job_added {
    char id[37];  /* uuid */
    bool existed; /* by dedupe: nothing was added */
};

typedef void (*job_add_cb)(const struct job_added *added, size_t n,
                           const struct err *err, void *arg);

/*
 * Add all `n` jobs, or none. ERR_BUSY, code BUSY, when more than max_queued
 * jobs would wait (0: no ceiling). The callback means: safely on disk.
 */
void job_add(struct store *store, const struct job_new *jobs, size_t n,
             unsigned max_queued, job_add_cb fn, void *arg);

/* A claimed job. */
struct job {
    const char *id;
    const char *image;
    const char *request_id; /* NULL without */
    struct bytes request;
    int64_t fence;     /* the token */
    unsigned attempts; /* claims so far, this one included */
    /* NULL when none were given, or when they cannot be opened: then the
     * reason is in no_credentials (kind not ERR_NONE). */
    struct secret *credentials;
    struct err no_credentials;
};

/* job and err NULL: nothing waits. */
typedef void (*job_claim_cb)(const struct job *job, const struct err *err,
                             void *arg);

/*
 * Take the oldest job that is queued, or running on a lease that has run out.
 * Results an earlier attempt had put aside are dropped.
 *   holder    who we are, for logs and job_recover()
 *   lease_ms  ours until then, unless renewed
 */
void job_claim(struct store *store, const char *holder, uint64_t lease_ms,
               job_claim_cb fn, void *arg);
void job_renew(struct store *store, const char *id, int64_t fence,
               uint64_t lease_ms, store_done_cb fn, void *arg);

/* Put one result aside: held, until job_finish() lets it go. */
void job_add_result(struct store *store, const char *id, int64_t fence,
                    const struct outbox_new *result, store_done_cb fn,
                    void *arg);

/*
 * One transaction: the job is done, its credentials are forgotten, the
 * results put aside become due (or are dropped), `done` is due behind them.
 *   done          NULL (with drop_results): nobody can be told, the job goes
 *   error         why it failed, NULL when it did not
 */
void job_finish(struct store *store, const char *id, int64_t fence,
                bool drop_results, const struct outbox_new *done,
                const char *error, store_done_cb fn, void *arg);

/* Park: back to queued, as if never claimed; its held results are dropped. */
void job_release(struct store *store, const char *id, int64_t fence,
                 store_done_cb fn, void *arg);

typedef void (*job_counts_cb)(size_t n_queued, size_t n_running,
                              const struct err *err, void *arg);
void job_counts(struct store *store, job_counts_cb fn, void *arg);

typedef void (*job_recover_cb)(size_t n_jobs, const struct err *err,
                               void *arg);
/*
 * At start, before the first claim: jobs (and callbacks under way) of a
 * holder that is surely dead become claimable now. With the embedded
 * database that is all of them, since its file has one owner at a time; with
 * a shared one those of the same holder.
 */
void job_recover(struct store *store, const char *holder, job_recover_cb fn,
                 void *arg);

#endif
