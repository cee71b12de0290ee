/*
 * engine/loop/proc.h: a caged child that turns bytes into bytes.
 *
 * A pool starts `crab-worker` processes (posix_spawn, no inherited
 * descriptors but 0, 1 and 2) and never more than its ceiling at once; who
 * finds no room waits in line, first come first served.
 *
 * The child's contract (man crab-worker): result on stdout, log lines on
 * stderr; exit 0 is success; on failure one stderr line
 *     {"error":{"kind":"limit","code":"LAYER_RATIO","text":"..."}}
 * tells why (kind as err_kind_name()).
 */
#ifndef ENGINE_LOOP_PROC_H
#define ENGINE_LOOP_PROC_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/loop/loop.h"

struct proc;
struct proc_pool;

enum proc_kind { PROC_LAYER, PROC_IMAGE, PROC_INDEX };

struct proc_pool_conf {
    const char *worker_path;   /* of crab-worker */
    unsigned max_active;       /* processes at once; at least 1 */
    unsigned max_waiting;      /* starts in line; beyond that ERR_BUSY */
    uint64_t idle_timeout_ms;  /* killed after this long without a byte in
                                  either direction; 0: never */
    size_t pipe_bytes;         /* size of the stdin pipe; 0: 1 MiB */
    size_t pending_limit_bytes; /* held for a full pipe before PROC_FULL is
                                   followed by refusal; 0: 4 MiB */
};

struct proc_events {
    /* The child runs now; from here on proc_write() is allowed. */
    void (*on_start)(void *arg);
    /* Bytes from stdout, borrowed until the callback returns. */
    void (*on_output)(struct bytes chunk, void *arg);
    /* The pipe has room again after PROC_FULL. */
    void (*on_drain)(void *arg);
    /*
     * Exactly once unless cancelled, after the last output: err is NULL when
     * the child exited 0. Otherwise its own reason, or ERR_LIMIT/ERR_INTERNAL
     * for one that was killed (CPU time, sandbox, timeout...). The proc is
     * freed by the pool after this returns.
     */
    void (*on_exit)(const struct err *err, void *arg);
};

struct proc_pool *proc_pool_new(struct loop *loop,
                                const struct proc_pool_conf *conf,
                                struct err *err);
/* Kills what runs, without callbacks. */
void proc_pool_free(struct proc_pool *pool);
unsigned proc_pool_active(const struct proc_pool *pool);
unsigned proc_pool_waiting(const struct proc_pool *pool);
/* Peak resident set of any child that ended so far, in bytes. */
uint64_t proc_pool_peak_rss_bytes(const struct proc_pool *pool);

/*
 * Start a worker, or stand in line for one (on_start tells).
 *   args     further arguments, NULL-terminated, copied; may be NULL
 *   events   borrowed until the proc ends; arg is handed to each
 *   returns  NULL with ERR_BUSY when the line is full too
 */
struct proc *proc_start(struct proc_pool *pool, enum proc_kind kind,
                        const char *const *args,
                        const struct proc_events *events, void *arg,
                        struct err *err);

enum proc_room {
    PROC_MORE, /* taken */
    PROC_FULL, /* taken, now wait for on_drain */
    PROC_GONE  /* not taken, the child has left (on_exit will say why) */
};

/*
 * Offer bytes to the child's stdin; they are copied if need be, the caller
 * keeps `chunk`. Never taken in part. Before on_start: not allowed.
 */
enum proc_room proc_write(struct proc *proc, struct bytes chunk);

/*
 * Stop reading the child's stdout until proc_resume(): its pipe fills, it
 * waits. For a reader that is itself under pressure.
 */
void proc_pause(struct proc *proc);
void proc_resume(struct proc *proc);

/* End of input. The child finishes; on_exit comes. */
void proc_finish(struct proc *proc);

/* Kill it (or leave the line); no callback comes any more. Takes proc. */
void proc_cancel(struct proc *proc);

#endif
