/*
 * worker/sandbox.h: the cage (docs/internals/cage.md).
 *
 * From sandbox_enter() on this process can read its stdin, write its stdout
 * and stderr, use its scratch file, get memory up to a ceiling, and end. Any
 * other system call ends it (SIGSYS), so whatever a library loads on first use
 * must be loaded before (warm.h).
 */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sandbox_conf {
    uint64_t memory_bytes; /* address space; 0: no ceiling */
    uint64_t cpu_s;        /* processor time; 0: no ceiling */
    bool scratch;          /* SCRATCH_FD is our scratch file: keep it */
    uint64_t scratch_bytes; /* what it may grow to; 0: no ceiling */
};

/*
 * Close every descriptor but 0, 1, 2 and the scratch file, and the cage behind
 * us. There is no way back. On an error the process is half caged and must not
 * go on.
 */
int sandbox_enter(const struct sandbox_conf *conf, struct err *err);

/* Only the first part: close every descriptor but those below `first`. */
int sandbox_close_others(int first, struct err *err);

/* "seccomp", or "none" in a build without it. Static. */
const char *sandbox_kind(void);

/*
 * Say that memory is gone, then end. Call in the place of a failing
 * allocation: needs none itself.
 */
void sandbox_no_memory(void) __attribute__((noreturn));

#endif
