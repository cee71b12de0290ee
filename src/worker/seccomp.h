/* worker/seccomp.h: the filter of system calls: what a caged worker needs. */
#ifndef WORKER_SECCOMP_H
#define WORKER_SECCOMP_H

#include <stdbool.h>

#include "base/err.h"

/* Set for the rest of this process's life; anything not allowed kills it with
 * SIGSYS. Nothing at all happens in a build without it. */
int seccomp_enter(struct err *err);
bool seccomp_is_built_in(void);

#endif
