#include "worker/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

/* Not every file system knows files that never had a name. */
static int
open_named(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/crab-worker-XXXXXX", dir);
    int fd;

    if (n < 0 || (size_t)n >= sizeof(path))
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static int
open_in(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    return fd >= 0 ? fd : open_named(dir);
}

int
scratch_open(void)
{
    const char *dirs[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
    int fd = -1;

    for (size_t i = 0; fd < 0 && i < N_ELEMENTS(dirs); i++) {
        if (!str_is_empty(dirs[i]))
            fd = open_in(dirs[i]);
    }
    if (fd < 0) {
        log_warn("no scratch file: large jars, programs and databases are "
                 "left out");
        return -1;
    }
    if (fd != SCRATCH_FD) {
        /* Whatever was there was inherited, and would be closed anyway. */
        int to = dup3(fd, SCRATCH_FD, O_CLOEXEC);

        close(fd);
        fd = to;
    }
    return fd;
}
