/* The cage: descriptors, ceilings, then the filter of system calls. What must
 * happen before is in warm.c. */
#include "worker/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/scratch.h"
#include "worker/seccomp.h"

#ifdef WITH_SANITIZERS
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

#define N_STANDARD_FDS 3

const char *
sandbox_kind(void)
{
    return seccomp_is_built_in() ? "seccomp" : "none";
}

void
sandbox_no_memory(void)
{
    static const char line[] =
        "{\"error\":{\"kind\":\"limit\",\"code\":\"MEMORY\","
        "\"text\":\"the memory ceiling was reached\"}}\n";
    ssize_t n = write(STDERR_FILENO, line, sizeof(line) - 1);

    _exit(n < 0 ? 2 : 1);
}

int
sandbox_close_others(int first, struct err *err)
{
    struct rlimit open_files;

    if (close_range((unsigned)first, ~0U, 0) == 0)
        return 0;
    /* An older kernel, or a container that does not know the call. */
    if (getrlimit(RLIMIT_NOFILE, &open_files) < 0)
        return err_set_errno(err, errno, "open files");
    for (rlim_t fd = (rlim_t)first; fd < open_files.rlim_cur; fd++)
        close((int)fd);
    return 0;
}

static int
set_ceiling(__rlimit_resource_t what, const char *name, rlim_t soft,
            rlim_t hard, struct err *err)
{
    struct rlimit old, new = { soft, hard };

    if (getrlimit(what, &old) < 0)
        return err_set_errno(err, errno, "ceiling of %s", name);
    /* Never above what we were given. */
    if (new.rlim_max > old.rlim_max)
        new.rlim_max = old.rlim_max;
    if (new.rlim_cur > new.rlim_max)
        new.rlim_cur = new.rlim_max;
    if (setrlimit(what, &new) < 0)
        return err_set_errno(err, errno, "ceiling of %s", name);
    return 0;
}

/* By hand the result may go to a file; then files may grow. */
static bool
writes_to_a_file(void)
{
    struct stat st;

    return (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode)) ||
           (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode));
}

/* The sanitizers keep terabytes of address space for themselves. */
static bool
memory_can_be_limited(void)
{
#ifdef WITH_SANITIZERS
    return false;
#else
    return true;
#endif
}

static int
set_ceilings(const struct sandbox_conf *conf, struct err *err)
{
    rlim_t memory = conf->memory_bytes, cpu = conf->cpu_s;
    rlim_t file = !conf->scratch               ? 0
                  : conf->scratch_bytes == 0 ? RLIM_INFINITY
                                             : conf->scratch_bytes;

    if (set_ceiling(RLIMIT_CORE, "core dumps", 0, 0, err) < 0 ||
        set_ceiling(RLIMIT_NOFILE, "open files", N_STANDARD_FDS,
                    N_STANDARD_FDS, err) < 0)
        return -1;
    if (!writes_to_a_file() &&
        set_ceiling(RLIMIT_FSIZE, "file size", file, file, err) < 0)
        return -1;
    if (memory > 0 && memory_can_be_limited() &&
        set_ceiling(RLIMIT_AS, "memory", memory, memory, err) < 0)
        return -1;
    /* SIGXCPU at the first, SIGKILL for whoever would survive that. */
    return cpu > 0 ? set_ceiling(RLIMIT_CPU, "processor time", cpu, cpu + 1,
                                 err)
                   : 0;
}

static int
set_process(struct err *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_set_errno(err, errno, "no new privileges");
    /* Nobody of our own user looks into our memory. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return err_set_errno(err, errno, "not dumpable");
    /* Nobody would read the result. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return err_set_errno(err, errno, "signal of the parent's death");
    return 0;
}

/* They read /proc/self/maps while they can. Leaks are looked for now and not
 * at exit: that takes a thread and a trace. */
static void
tell_sanitizers(void)
{
#ifdef WITH_SANITIZERS
    __lsan_do_leak_check();
    __sanitizer_sandbox_on_notify(NULL);
    log_info("cage relaxed for sanitizers: no memory ceiling");
#endif
}

int
sandbox_enter(const struct sandbox_conf *conf, struct err *err)
{
    const int first = conf->scratch ? SCRATCH_FD + 1 : N_STANDARD_FDS;

    tell_sanitizers();
    if (sandbox_close_others(first, err) < 0 || set_process(err) < 0 ||
        set_ceilings(conf, err) < 0 || seccomp_enter(err) < 0)
        return err_wrap(err, "cage");
    return 0;
}
