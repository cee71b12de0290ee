/* Birth of a child: three pipes, an almost empty environment, and not one
 * descriptor more than 0, 1 and 2. */
#include "engine/loop/proc-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define PIPE_BYTES (1024 * 1024)

struct pipe_pair {
    int ours, theirs; /* own */
};

static void
close_pair(struct pipe_pair *p)
{
    if (p->ours >= 0)
        close(p->ours);
    if (p->theirs >= 0)
        close(p->theirs);
    p->ours = p->theirs = -1;
}

/* Our process may lack 0, 1 or 2 itself; a pipe there would be in the way
 * when the child's own are put in place. */
static int
lift(int fd)
{
    int higher;

    if (fd > 2)
        return fd;
    higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return higher;
}

static int
open_pair(struct pipe_pair *p, bool we_write)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -1;
    p->ours = lift(fds[we_write ? 1 : 0]);
    p->theirs = lift(fds[we_write ? 0 : 1]);
    if (p->ours < 0 || p->theirs < 0)
        return -1;
    return fcntl(p->ours, F_SETFL, O_NONBLOCK);
}

/* The level we log at ourselves; a worker below it would talk to nobody. */
static const char *
wanted_level(void)
{
    static const enum log_level levels[] = {
        LOG_LEVEL_TRACE, LOG_LEVEL_DEBUG, LOG_LEVEL_INFO,
        LOG_LEVEL_WARN,  LOG_LEVEL_ERROR,
    };

    for (size_t i = 0; i < N_ELEMENTS(levels); i++) {
        if (log_wants(levels[i]))
            return log_level_name(levels[i]);
    }
    return "fatal";
}

static int
set_attributes(posix_spawnattr_t *attr)
{
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    /* Of its own group: a Ctrl-C at the terminal is for us to pass on. */
    return posix_spawnattr_setsigdefault(attr, &all) ||
           posix_spawnattr_setsigmask(attr, &none) ||
           posix_spawnattr_setpgroup(attr, 0) ||
           posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETPGROUP);
}

static int
exec_child(struct proc *proc, const struct pipe_pair pipes[3])
{
    auto_free char *level = xasprintf("LOG_LEVEL=%s", wanted_level());
    const char *dir = getenv("TMPDIR");
    auto_free char *tmpdir =
        str_is_empty(dir) ? NULL : xasprintf("TMPDIR=%s", dir);
    char *env[] = { level, tmpdir, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int rc;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    rc = set_attributes(&attr);
    for (int fd = 0; rc == 0 && fd < 3; fd++)
        rc = posix_spawn_file_actions_adddup2(&actions, pipes[fd].theirs, fd);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (rc == 0)
        rc = posix_spawn(&proc->pid, proc->argv[0], &actions, &attr,
                         proc->argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    return rc;
}

int
spawn(struct proc *proc, size_t pipe_bytes, struct err *err)
{
    struct pipe_pair pipes[3] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
    int rc = 0;

    for (int fd = 0; rc == 0 && fd < 3; fd++) {
        if (open_pair(&pipes[fd], fd == 0) < 0)
            rc = errno;
    }
    if (rc == 0) {
        /* A smaller pipe than asked for (quota of the user) is slower only. */
        (void)fcntl(pipes[0].ours, F_SETPIPE_SZ,
                    (int)(pipe_bytes > 0 ? pipe_bytes : PIPE_BYTES));
        rc = exec_child(proc, pipes);
    }
    if (rc != 0) {
        for (int fd = 0; fd < 3; fd++)
            close_pair(&pipes[fd]);
        proc->pid = 0;
        return err_set_errno(err, rc, "start %s", proc->argv[0]);
    }
    for (int fd = 0; fd < 3; fd++)
        close(pipes[fd].theirs);
    proc->in_fd = pipes[0].ours;
    proc->out_fd = pipes[1].ours;
    proc->err_fd = pipes[2].ours;
    return 0;
}
