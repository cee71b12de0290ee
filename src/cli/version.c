/* --version. Whether workers are caged is asked of the worker that would run:
 * it may come from another build. */
#include "cli/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"

static const char *
worker_path(void)
{
    const char *path = getenv("CRAB_WORKER");

    return str_is_empty(path) ? CRAB_LIBEXECDIR "/crab-worker" : path;
}

/* The child's stdout is ours: what it prints follows our line. */
static bool
print_worker_version(const char *path)
{
    pid_t pid;
    int status;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execl(path, "crab-worker", "--version", (char *)NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

void
version_print(const char *program)
{
    printf("%s %s\n", program, PACKAGE_VERSION);
    if (!print_worker_version(worker_path()))
        printf("cage: unknown, %s does not run\n", worker_path());
}
