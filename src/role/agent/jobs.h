/*
 * role/agent/jobs.h: takes jobs from the store and sees that each ends with
 * exactly one done callback.
 *
 * At most conf->max_active + 1 run at once: the pool bounds the workers, one
 * more job keeps them busy while another one assembles. How one job runs is
 * in run.c; the life of a job is told in docs/internals/jobs.md.
 */
#ifndef ROLE_AGENT_JOBS_H
#define ROLE_AGENT_JOBS_H

#include "base/conf/conf.h"
#include "engine/loop/loop.h"
#include "engine/registry/registry.h"
#include "engine/scan/scan.h"
#include "engine/store/store.h"
#include "role/agent/callbacks.h"

struct jobs;

/* All borrowed until jobs_stop(). Starts with what an earlier life left. */
struct jobs *jobs_start(struct loop *loop, const struct conf *conf,
                        struct store *store, struct scanner *scanner,
                        struct reg_hub *hub, struct callbacks *callbacks);
/* There may be a new job. */
void jobs_kick(struct jobs *jobs);
/*
 * Claim none any more; those that run go on for park_after_ms, then they are
 * put back into the queue. done(arg) once, not from within.
 */
void jobs_drain(struct jobs *jobs, uint64_t park_after_ms,
                void (*done)(void *arg), void *arg);
/* Breaks off what runs; nothing of it is written down. Drops the caller's
 * reference: answers of the store may still come to an empty shell. */
void jobs_stop(struct jobs *jobs);

struct jobs *jobs_ref(struct jobs *jobs);
void jobs_unref(struct jobs *jobs);

#endif
