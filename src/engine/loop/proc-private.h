/* engine/loop/proc-private.h: shared by pool.c, proc.c, spawn.c, reason.c. */
#ifndef ENGINE_LOOP_PROC_PRIVATE_H
#define ENGINE_LOOP_PROC_PRIVATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/list.h"
#include "engine/loop/proc.h"
#include "engine/loop/timer.h"

struct event;
struct evbuffer;

/* What a child says on stderr: log lines, and perhaps one reason. */
struct reason {
    struct buf line; /* the unfinished one */
    bool cut;        /* it was too long: skip to its end */
    unsigned n_lines;
    pid_t pid;
    struct err err; /* ERR_NONE until an error line came */
};

void reason_init(struct reason *r, pid_t pid);
void reason_clear(struct reason *r);
void reason_feed(struct reason *r, struct bytes chunk);
/* End of stderr: a last line without its line feed counts too. */
void reason_end(struct reason *r);
/* Why a child with this wait status failed; ERR_NONE when it did not. */
void reason_of_exit(struct reason *r, int wait_status, struct err *err);

enum proc_state {
    PROC_IN_LINE,  /* no process yet */
    PROC_SPAWNED,  /* on_start is on its way */
    PROC_RUNNING,  /* talking */
    PROC_DEAD,     /* reaped; output may be left in the pipe */
    PROC_CANCELLED /* nobody listens any more; perhaps still to be reaped */
};

struct proc {
    struct link link;       /* in the pool's line or among its children */
    struct proc_pool *pool; /* borrows */
    const struct proc_events *events; /* borrows */
    void *arg;
    enum proc_state state;
    char **argv; /* owns */
    pid_t pid;   /* 0 once reaped */
    int wait_status;
    bool announced; /* on_start was called */
    bool paused;    /* by proc_pause() */
    bool finishing; /* proc_finish() was called */
    bool full;      /* we owe an on_drain */
    struct err kill_reason; /* set when we killed it ourselves */

    int in_fd, out_fd, err_fd; /* own; -1 when closed */
    struct event *in_event, *out_event, *err_event; /* own */
    struct evbuffer *pending; /* owns; taken and not in the pipe yet */
    struct reason reason;
    struct timer idle;
    uint64_t active_ms; /* when a byte last moved */
};

struct proc_pool {
    struct loop *loop; /* borrows */
    struct proc_pool_conf conf;
    char *worker_path;   /* owns; conf.worker_path */
    struct event *chld;  /* owns; added while children live */
    struct list line;    /* PROC_IN_LINE */
    struct list procs;   /* all others */
    unsigned n_line, n_children;
    uint64_t peak_rss_bytes;
    uint8_t *scratch; /* owns; SCRATCH_BYTES for reading */
};

#define SCRATCH_BYTES (64 * 1024)

/* spawn.c: fork, exec, pipes; fills pid and the three descriptors. */
int spawn(struct proc *proc, size_t pipe_bytes, struct err *err);

/* proc.c */
struct proc *proc_new(struct proc_pool *pool, enum proc_kind kind,
                      const char *const *args,
                      const struct proc_events *events, void *arg);
void proc_free(void *proc);
/* Spawn; on_start follows on the next turn. */
int proc_launch(struct proc *proc, struct err *err);
/* Its exit was seen: hand out what is left, then on_exit. */
void proc_reaped(struct proc *proc, int wait_status);
/* Never ran and never will: on_exit with err, on the next turn. */
void proc_fail_later(struct proc *proc, const struct err *err);

/* pool.c: nothing will happen to it any more; freed after this turn. */
void pool_forget(struct proc_pool *pool, struct proc *proc);

#endif
