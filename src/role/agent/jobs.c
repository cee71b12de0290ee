/* Claiming: how many, when, and when no more. */
#include "role/agent/jobs.h"

#include "base/log.h"
#include "base/str.h"
#include "role/agent/jobs-private.h"

#define POLL_MS 30000

static void claim(struct jobs *jobs);

struct jobs *
jobs_ref(struct jobs *jobs)
{
    jobs->refs++;
    return jobs;
}

void
jobs_unref(struct jobs *jobs)
{
    if (--jobs->refs == 0)
        free(jobs);
}

static bool
has_room(const struct jobs *jobs)
{
    return !jobs->stopped && !jobs->draining &&
           jobs->n_running <= jobs->conf->max_active;
}

static void
on_poll(void *arg)
{
    claim(arg);
}

/* Ours already: our lease ran out while we slept. The newer claim counts. */
static void
abandon_same(struct jobs *jobs, const char *id)
{
    for (struct link *l = jobs->runs.head.next, *next;
         l != &jobs->runs.head; l = next) {
        next = l->next;
        if (run_is_for(run_of_link(l), id))
            run_abandon(run_of_link(l));
    }
}

static void
take(struct jobs *jobs, const struct job *job)
{
    abandon_same(jobs, job->id);
    if (has_room(jobs))
        run_start(jobs, job);
    else /* a drain began meanwhile */
        job_release(jobs->store, job->id, job->fence, NULL, NULL);
}

static void
on_claimed(const struct job *job, const struct err *err, void *arg)
{
    struct jobs *jobs = arg;
    bool again = jobs->claim_again || job != NULL;

    jobs->claiming = false;
    jobs->claim_again = false;
    if (jobs->stopped) {
        jobs_unref(jobs);
        return;
    }
    if (err != NULL)
        log_error("no job can be claimed", LOG_ERR(err));
    if (job != NULL)
        take(jobs, job);
    timer_after(&jobs->poll, err != NULL ? TRY_AGAIN_MS : POLL_MS, on_poll,
                jobs);
    if (again && err == NULL)
        claim(jobs);
    jobs_unref(jobs);
}

static void
claim(struct jobs *jobs)
{
    if (!has_room(jobs))
        return;
    jobs->claim_again = jobs->claiming;
    if (jobs->claiming)
        return;
    jobs->claiming = true;
    job_claim(jobs->store, jobs->conf->host_id, LEASE_MS, on_claimed,
              jobs_ref(jobs));
}

static void
on_recovered(size_t n_jobs, const struct err *err, void *arg)
{
    struct jobs *jobs = arg;

    if (err != NULL)
        log_error("jobs of an earlier life cannot be looked up", LOG_ERR(err));
    else if (n_jobs > 0)
        log_info("jobs of an earlier life are queued again",
                 LOG_INT("jobs", n_jobs));
    jobs->claiming = false;
    if (!jobs->stopped) {
        callbacks_kick(jobs->callbacks);
        claim(jobs);
    }
    jobs_unref(jobs);
}

struct jobs *
jobs_start(struct loop *loop, const struct conf *conf, struct store *store,
           struct scanner *scanner, struct reg_hub *hub,
           struct callbacks *callbacks)
{
    struct jobs *jobs = xnew(struct jobs);

    jobs->loop = loop;
    jobs->conf = conf;
    jobs->store = store;
    jobs->scanner = scanner;
    jobs->hub = hub;
    jobs->callbacks = callbacks;
    jobs->refs = 1;
    list_init(&jobs->runs);
    timer_init(&jobs->poll, loop);
    timer_init(&jobs->park, loop);
    jobs->claiming = true; /* not before they are recovered */
    job_recover(store, conf->host_id, on_recovered, jobs_ref(jobs));
    return jobs;
}

void
jobs_kick(struct jobs *jobs)
{
    claim(jobs);
}

static void
tell_drained(void *arg)
{
    struct jobs *jobs = arg;
    void (*fn)(void *arg) = jobs->on_drained;

    jobs->on_drained = NULL;
    if (fn != NULL)
        fn(jobs->on_drained_arg);
}

void
jobs_on_run_over(struct jobs *jobs)
{
    jobs->n_running--;
    if (jobs->stopped)
        return;
    callbacks_kick(jobs->callbacks);
    if (jobs->draining && jobs->n_running == 0) {
        timer_stop(&jobs->park);
        loop_defer(jobs->loop, tell_drained, jobs);
    }
    claim(jobs);
}

static void
on_park(void *arg)
{
    struct jobs *jobs = arg;

    log_info("scans are parked for a later start",
             LOG_INT("scans", jobs->n_running));
    for (struct link *l = jobs->runs.head.next, *next;
         l != &jobs->runs.head; l = next) {
        next = l->next;
        run_park(run_of_link(l));
    }
}

void
jobs_drain(struct jobs *jobs, uint64_t park_after_ms, void (*done)(void *arg),
           void *arg)
{
    jobs->draining = true;
    jobs->on_drained = done;
    jobs->on_drained_arg = arg;
    timer_stop(&jobs->poll);
    if (jobs->n_running == 0)
        loop_defer(jobs->loop, tell_drained, jobs);
    else
        timer_after(&jobs->park, park_after_ms, on_park, jobs);
}

void
jobs_stop(struct jobs *jobs)
{
    if (jobs == NULL)
        return;
    jobs->stopped = true;
    loop_undefer(jobs->loop, tell_drained, jobs);
    timer_clear(&jobs->poll);
    timer_clear(&jobs->park);
    for (struct link *l = jobs->runs.head.next, *next;
         l != &jobs->runs.head; l = next) {
        next = l->next;
        run_abandon(run_of_link(l));
    }
    jobs_unref(jobs);
}
