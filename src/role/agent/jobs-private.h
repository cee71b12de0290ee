/* role/agent/jobs-private.h: what jobs.c and run.c share. */
#ifndef ROLE_AGENT_JOBS_PRIVATE_H
#define ROLE_AGENT_JOBS_PRIVATE_H

#include "base/list.h"
#include "engine/loop/timer.h"
#include "engine/store/job.h"
#include "role/agent/jobs.h"

#define LEASE_MS        60000
#define LEASE_RENEW_MS  (LEASE_MS / 3)
/* A job that was begun so often has ended this process each time. */
#define ATTEMPTS_MAX    5
/* Something of ours is in the way (a full disk, no workers): try again. */
#define TRY_AGAIN_MS    5000

struct jobs {
    struct loop *loop; /* borrow, until jobs_stop() */
    const struct conf *conf;
    struct store *store;
    struct scanner *scanner;
    struct reg_hub *hub;
    struct callbacks *callbacks;
    unsigned refs;
    bool stopped;
    bool draining;
    bool claiming;     /* an answer is on its way */
    bool claim_again;  /* a kick came meanwhile */
    struct list runs;  /* of struct run */
    unsigned n_running;
    struct timer poll; /* for jobs whose lease runs out elsewhere */
    struct timer park;
    void (*on_drained)(void *arg);
    void *on_drained_arg;
};

struct run;

/* Begin; the run enters jobs->runs and leaves it by itself. */
void run_start(struct jobs *jobs, const struct job *job);
/* Back into the queue, unless it is finishing already. */
void run_park(struct run *run);
/* Forget it: someone else has it, or we end. */
void run_abandon(struct run *run);
bool run_is_for(const struct run *run, const char *id);

/* Called by a run that has left the list. */
void jobs_on_run_over(struct jobs *jobs);

/* The run that `link` in jobs->runs belongs to. */
struct run *run_of_link(struct link *link);

#endif
