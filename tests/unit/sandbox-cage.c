#include <criterion/criterion.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "worker/sandbox.h"
#include "worker/scratch.h"
#include "worker/warm.h"

#define DONE 7

static volatile bool never;

/* No filter, or one that would catch valgrind itself. */
static void
skip_without_cage(void)
{
    if (!str_eq(sandbox_kind(), "seccomp") || getenv("VALGRIND") != NULL)
        cr_skip("no cage here");
}

/* How a child ends that enters the cage and does this. */
static int
caged_with(const struct sandbox_conf *conf, void (*act)(void))
{
    struct err err;
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        signal(SIGSYS, SIG_DFL);
        signal(SIGABRT, SIG_DFL);
        log_setup("test", STDERR_FILENO, LOG_LEVEL_NONE, LOG_FORM_JSON);
        warm_up();
        on_no_memory(sandbox_no_memory);
        if (sandbox_enter(conf, &err) < 0)
            _exit(99);
        act();
        _exit(DONE);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static int
caged(void (*act)(void))
{
    return caged_with(&(struct sandbox_conf){ 0 }, act);
}

static bool
is_stopped(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool
is_done(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == DONE;
}

#define STOPS(test, call) \
    static void act_##test(void) \
    { \
        call; \
    } \
    Test(sandbox, stops_##test) \
    { \
        skip_without_cage(); \
        cr_expect(is_stopped(caged(act_##test))); \
    }

STOPS(opening_a_file, open("/etc/passwd", O_RDONLY))
STOPS(openat2, syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, 0))
STOPS(a_socket, socket(AF_INET, SOCK_STREAM, 0))
STOPS(a_pair_of_sockets, socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }))
STOPS(another_program, execl("/bin/true", "true", (char *)NULL))
STOPS(a_child, fork())
STOPS(clone3, syscall(SYS_clone3, NULL, 0))
STOPS(tracing_the_parent, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))
STOPS(a_signal_to_the_parent, syscall(SYS_kill, 1, 0))
STOPS(abort_of_another, syscall(SYS_tgkill, 1, 1, SIGABRT))
STOPS(io_uring, syscall(SYS_io_uring_setup, 8, NULL))
STOPS(bpf, syscall(SYS_bpf, 0, NULL, 0))
STOPS(perf, syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0))
STOPS(prctl_dumpable, syscall(SYS_prctl, 4, 1, 0, 0, 0))
STOPS(reading_another_process,
      syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0))
STOPS(a_larger_ceiling, syscall(SYS_prlimit64, 0, 7, NULL, NULL))
STOPS(a_look_at_a_path, syscall(SYS_newfstatat, AT_FDCWD, "/", NULL, 0))
STOPS(a_memory_file, syscall(SYS_memfd_create, "x", 0))
STOPS(a_pipe, syscall(SYS_pipe2, NULL, 0))
STOPS(a_copy_of_a_descriptor, dup(0))
STOPS(an_ioctl, syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, NULL))
STOPS(reading_elsewhere_than_in_the_scratch_file,
      syscall(SYS_pread64, 0, NULL, 0, 0))
STOPS(writing_elsewhere_than_to_the_scratch_file,
      syscall(SYS_pwrite64, 1, NULL, 0, 0))
STOPS(cutting_another_file, syscall(SYS_ftruncate, 0, 0))
STOPS(reading_of_stdout, syscall(SYS_read, 1, NULL, 0))
STOPS(writing_to_stdin, syscall(SYS_write, 0, NULL, 0))
STOPS(memory_of_a_file, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0))
STOPS(code_in_memory, mmap(NULL, 4096, PROT_READ | PROT_EXEC,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
STOPS(memory_made_code, syscall(SYS_mprotect, 0, 4096, PROT_EXEC))
#ifdef __x86_64__
STOPS(the_old_open, syscall(SYS_open, "/etc/passwd", O_RDONLY))
STOPS(the_x32_door, syscall(0x40000000 | SYS_read, 0, NULL, 0))
#endif

static void
work(void)
{
    char *p = xalloc((size_t)8 << 20);
    uint8_t byte;

    for (size_t i = 0; i < (size_t)8 << 20; i += 4096)
        p[i] = 1;
    p = xrealloc(p, (size_t)16 << 20);
    free(p);
    log_warn("still here", LOG_INT("read", read(STDIN_FILENO, &byte, 0)));
}

Test(sandbox, leaves_memory_the_clock_and_three_descriptors)
{
    skip_without_cage();
    cr_expect(is_done(caged(work)));
}

/* Writes, reads back and cuts the scratch file; refused beyond its ceiling. */
static void
use_scratch(void)
{
    char back[4] = "";

    if (pwrite(SCRATCH_FD, "abcd", 4, 0) != 4 ||
        pread(SCRATCH_FD, back, 4, 0) != 4 || memcmp(back, "abcd", 4) != 0 ||
        ftruncate(SCRATCH_FD, 0) < 0 || pread(SCRATCH_FD, back, 4, 0) != 0 ||
        pwrite(SCRATCH_FD, "x", 1, 4096) >= 0)
        _exit(1);
}

static void
open_scratch_and_use_it(void)
{
    const struct sandbox_conf conf = { .scratch = true, .scratch_bytes = 4096 };
    struct err err;

    signal(SIGXFSZ, SIG_IGN);
    dup2(open("/dev/null", O_RDONLY), SCRATCH_FD);
    if (scratch_open() != SCRATCH_FD)
        _exit(2);
    dup2(SCRATCH_FD, SCRATCH_FD + 1);
    /* The tests' own output may be a file, which lifts the ceiling. */
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    if (sandbox_enter(&conf, &err) < 0)
        _exit(3);
    use_scratch();
    _exit(DONE);
}

Test(sandbox, leaves_the_scratch_file_and_no_more_of_it_than_asked)
{
    int status;
    pid_t pid;

    skip_without_cage();
    pid = fork();
    if (pid == 0)
        open_scratch_and_use_it();
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(is_done(status), "%#x", (unsigned)status);
}

Test(sandbox, closes_what_was_inherited)
{
    int fd = open("/dev/null", O_RDONLY), status;
    struct err err;
    pid_t pid;

    cr_assert_geq(fd, 0);
    pid = fork();
    if (pid == 0) {
        dup2(fd, 9);
        /* Caged, the question itself would be stopped. */
        if (sandbox_close_others(3, &err) < 0 || fcntl(9, F_GETFD) >= 0 ||
            fcntl(fd, F_GETFD) >= 0 || fcntl(STDERR_FILENO, F_GETFD) < 0)
            _exit(1);
        _exit(DONE);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(is_done(status));
    close(fd);
}

static void
be_wrong(void)
{
    abort();
}

Test(sandbox, abort_is_told_from_a_break_out)
{
    int status;

    skip_without_cage();
    status = caged(be_wrong);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void
spin(void)
{
    while (!never)
        ;
}

Test(sandbox, processor_time_has_an_end)
{
    int status;

    if (getenv("VALGRIND") != NULL)
        cr_skip("valgrind's own time would count");
    status = caged_with(&(struct sandbox_conf){ .cpu_s = 1 }, spin);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
}

#ifndef WITH_SANITIZERS
static void
eat_memory(void)
{
    for (int i = 0; i < 1024; i++)
        xalloc((size_t)16 << 20);
}

Test(sandbox, memory_has_an_end_that_is_an_answer)
{
    int status;

    if (getenv("VALGRIND") != NULL)
        cr_skip("valgrind's own memory would count");
    status = caged_with(&(struct sandbox_conf){ .memory_bytes = 256u << 20 },
                        eat_memory);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
#endif
