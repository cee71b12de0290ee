/*
 * Runs the tests of a Criterion program, each in a plain fork of this process,
 * and prints TAP. Criterion starts a new process image for every test, which
 * under valgrind costs a second each; here valgrind starts once.
 *
 *     valgrind ... engine.forked [-j JOBS] [SUITE[/TEST]]
 *
 * Linked into the objects of engine.unit; what is defined here takes the place
 * of Criterion's own. A test is its trampoline: setup, main, teardown.
 */
#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX     16
#define REASON_BYTES 256
#define FAILED       1
/* valgrind makes a test that much slower. */
#define PATIENCE 10
#define SLOW_S   10

/* The linker collects pointers to all tests and suites, if there are any. */
#define MAYBE __attribute__((weak))
extern MAYBE struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern MAYBE struct criterion_suite *__start_cr_sts[], *__stop_cr_sts[];

/* Of a program that has something to prepare before the first fork. */
MAYBE void warm_up(void);

struct job {
    pid_t pid; /* 0: free */
    const struct criterion_test *test;
    char *reason; /* owns; shared with the child: why it was skipped */
};

static struct job jobs[JOBS_MAX];
static unsigned n_done, n_bad;

/* ---- in the child ------------------------------------------------------ */

static const struct criterion_test *current;
static char *skip_reason;
static jmp_buf end_of_test;
static int verdict;

static const struct criterion_test_extra_data *
suite_data(const struct criterion_test *t)
{
    static const struct criterion_test_extra_data none;

    for (struct criterion_suite **s = __start_cr_sts; s < __stop_cr_sts; s++) {
        if (*s != NULL && strcmp((*s)->name, t->category) == 0)
            return (*s)->data;
    }
    return &none;
}

void
criterion_internal_test_setup(void)
{
    if (suite_data(current)->init != NULL)
        suite_data(current)->init();
    if (current->data->init != NULL)
        current->data->init();
}

void
criterion_internal_test_main(void (*fn)(void))
{
    if (setjmp(end_of_test) == 0)
        fn();
}

void
criterion_internal_test_teardown(void)
{
    if (current->data->fini != NULL)
        current->data->fini();
    if (suite_data(current)->fini != NULL)
        suite_data(current)->fini();
}

void
cri_asserts_passed_incr(void)
{
}

void
criterion_send_assert(struct criterion_assert_stats *stats)
{
    printf("# %s:%u: %s\n", stats->file, stats->line, stats->message);
    fflush(stdout);
    verdict = FAILED;
}

void
criterion_continue_test(void)
{
}

void
criterion_abort_test(void)
{
    longjmp(end_of_test, 1);
}

void
criterion_skip_test(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(skip_reason, REASON_BYTES, format, ap);
    va_end(ap);
    /* Not as it would end: what it has begun is no leak. */
    raise(SIGKILL);
    abort();
}

static double
time_limit(const struct criterion_test *t)
{
    return t->data->timeout > 0 ? t->data->timeout : suite_data(t)->timeout;
}

static void
be_the_test(struct job *job)
{
    current = job->test;
    skip_reason = job->reason;
    alarm((unsigned)(time_limit(current) * PATIENCE));
    current->test();
    fflush(NULL);
    _exit(verdict);
}

/* ---- around it --------------------------------------------------------- */

static bool
as_wanted(const struct criterion_test *t, int status)
{
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == t->data->signal;
    return t->data->signal == 0 && WEXITSTATUS(status) == t->data->exit_code;
}

/* Who keeps the run waiting is named. */
static void
report_slow(const struct job *job, const struct rusage *usage)
{
    long s = usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;

    if (s >= SLOW_S)
        printf("# %s::%s took %ld s of processor time\n", job->test->category,
               job->test->name, s);
}

static void
report(const struct job *job, int status)
{
    const struct criterion_test *t = job->test;
    bool skipped = job->reason[0] != '\0';
    bool good = skipped || as_wanted(t, status);

    n_done++;
    n_bad += !good;
    printf("%s %u - %s::%s", good ? "ok" : "not ok", n_done, t->category, t->name);
    if (skipped)
        printf(" # SKIP %s", job->reason);
    putchar('\n');
    if (!good)
        printf("# %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    fflush(stdout);
}

static struct job *
find(pid_t pid)
{
    for (int i = 0; i < JOBS_MAX; i++) {
        if (jobs[i].pid == pid)
            return &jobs[i];
    }
    return NULL;
}

/* Wait for one of them to end. */
static struct job *
reap(void)
{
    struct rusage usage;
    struct job *job;
    int status;
    pid_t pid;

    do {
        pid = wait4(-1, &status, 0, &usage);
        if (pid < 0) {
            perror("wait");
            exit(99);
        }
        job = find(pid);
    } while (job == NULL);
    report_slow(job, &usage);
    report(job, status);
    job->pid = 0;
    return job;
}

static void
begin(struct job *job, const struct criterion_test *t)
{
    job->test = t;
    job->reason[0] = '\0';
    fflush(NULL);
    job->pid = fork();
    if (job->pid < 0) {
        perror("fork");
        exit(99);
    }
    if (job->pid == 0)
        be_the_test(job);
}

/* "suite", "suite/test", or NULL for all. */
static bool
is_wanted(const struct criterion_test *t, const char *filter)
{
    size_t n = strlen(t->category);

    return filter == NULL || strcmp(filter, t->category) == 0 ||
           (strncmp(filter, t->category, n) == 0 && filter[n] == '/' &&
            strcmp(filter + n + 1, t->name) == 0);
}

static void
run_all(unsigned n_jobs, const char *filter)
{
    unsigned n_running = 0;

    for (struct criterion_test **t = __start_cr_tst; t < __stop_cr_tst; t++) {
        struct job *job;

        if (*t == NULL || !is_wanted(*t, filter))
            continue;
        job = n_running < n_jobs ? find(0) : reap();
        n_running += n_running < n_jobs;
        begin(job, *t);
    }
    while (n_running-- > 0)
        reap();
}

int
main(int argc, char **argv)
{
    unsigned n_jobs = 1;
    int opt;

    while ((opt = getopt(argc, argv, "j:")) != -1) {
        if (opt == 'j')
            n_jobs = (unsigned)atoi(optarg);
        else
            return 2;
    }
    if (n_jobs < 1 || n_jobs > JOBS_MAX)
        n_jobs = 1;
    for (int i = 0; i < JOBS_MAX; i++) {
        jobs[i].reason = mmap(NULL, REASON_BYTES, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (jobs[i].reason == MAP_FAILED)
            return 99;
    }
    if (warm_up != NULL)
        warm_up();
    run_all(n_jobs, argv[optind]);
    printf("1..%u\n", n_done);
    return n_bad > 0;
}
