/*
 * The filter of system calls. A row for each that is needed, with what its
 * arguments may be; docs/internals/cage.md tells how to find out which row a
 * new libc wants.
 */
#include "worker/seccomp.h"

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "worker/scratch.h"

struct rule {
    int call;
    unsigned n_args;
    struct scmp_arg_cmp args[3];
};

#define CALL(name)  .call = SCMP_SYS(name)
/* A flag of an argument must be set, or must not. */
#define HAS(arg, flag)   { (arg), SCMP_CMP_MASKED_EQ, (flag), (flag) }
#define LACKS(arg, flag) { (arg), SCMP_CMP_MASKED_EQ, (flag), 0 }
#define IS(arg, value)   { (arg), SCMP_CMP_EQ, (value), 0 }

static const struct rule rules[] = {
    /* bytes in, bytes out */
    { CALL(read), 1, { IS(0, STDIN_FILENO) } },
    { CALL(write), 1, { IS(0, STDOUT_FILENO) } },
    { CALL(write), 1, { IS(0, STDERR_FILENO) } },
    { CALL(writev), 1, { IS(0, STDERR_FILENO) } }, /* libc's last words */
    /* the scratch file: bodies that are read at random */
    { CALL(pread64), 1, { IS(0, SCRATCH_FD) } },
    { CALL(pwrite64), 1, { IS(0, SCRATCH_FD) } },
    { CALL(ftruncate), 1, { IS(0, SCRATCH_FD) } },
    /* memory: of nobody else, and never code */
    { CALL(mmap), 2, { HAS(3, MAP_ANONYMOUS), LACKS(2, PROT_EXEC) } },
    { CALL(mprotect), 1, { LACKS(2, PROT_EXEC) } },
    { CALL(munmap) },
    { CALL(mremap) },
    { CALL(brk) },
    { CALL(madvise) },
    { CALL(futex) },
    /* the time of log lines, where the kernel has no vDSO */
    { CALL(clock_gettime) },
    { CALL(gettimeofday) },
    { CALL(time) },
    /* the seed of hash tables */
    { CALL(getrandom) },
    /* to end, also by abort(): an assert is to be told from a break-out */
    { CALL(exit) },
    { CALL(exit_group) },
    { CALL(rt_sigreturn) },
    { CALL(restart_syscall) },
    { CALL(rt_sigprocmask) },
    { CALL(getpid) },
    { CALL(gettid) },
#ifdef WITH_SANITIZERS
    { CALL(sigaltstack) },
    { CALL(sched_yield) },
    { CALL(getrusage) },
    { CALL(prctl), 1, { IS(0, 0x53564d41 /* PR_SET_VMA */) } },
#endif
};

static int
refuse(int errnum, const char *what, struct err *err)
{
    return err_set_errno(err, errnum, "seccomp: %s", what);
}

static int
add_rule(scmp_filter_ctx ctx, const struct rule *r, struct err *err)
{
    int rc;

    /* A call that this processor's kernel never had. */
    if (r->call < 0)
        return 0;
    rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, r->call, r->n_args,
                                r->args);
    return rc < 0 ? refuse(-rc, "rule", err) : 0;
}

static int
add_rules(scmp_filter_ctx ctx, struct err *err)
{
    /* What abort() does, and to nobody but ourselves. */
    const struct rule abort_rule = {
        CALL(tgkill), 2, { IS(0, (scmp_datum_t)getpid()), IS(2, SIGABRT) }
    };

    for (size_t i = 0; i < N_ELEMENTS(rules); i++) {
        if (add_rule(ctx, &rules[i], err) < 0)
            return -1;
    }
    return add_rule(ctx, &abort_rule, err);
}

static int
load(scmp_filter_ctx ctx, struct err *err)
{
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
                              SCMP_ACT_KILL_PROCESS);

    if (rc < 0)
        return refuse(-rc, "foreign calls", err);
    if (add_rules(ctx, err) < 0)
        return -1;
    rc = seccomp_load(ctx);
    return rc < 0 ? refuse(-rc, "load", err) : 0;
}

int
seccomp_enter(struct err *err)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int r;

    if (ctx == NULL)
        return refuse(ENOMEM, "filter", err);
    r = load(ctx, err);
    seccomp_release(ctx);
    return r;
}

bool
seccomp_is_built_in(void)
{
    return true;
}

#else

int
seccomp_enter(struct err *err)
{
    err_clear(err);
    return 0;
}

bool
seccomp_is_built_in(void)
{
    return false;
}

#endif
