/* What a kill, a second process, a wrong key and a damaged file do. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "store-rig.h"

static struct rig r;

static void
start(void)
{
    rig_start(&r);
}

static void
end(void)
{
    rig_end(&r);
}

TestSuite(store, .init = start, .fini = end, .timeout = 60);

/* Run `life` in a process of its own that is killed right behind it. */
static void
live_and_die(void (*life)(void))
{
    int status;
    pid_t pid;

    rig_close(&r);
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        rig_open(&r);
        life();
        kill(getpid(), SIGKILL);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
              "status %d", status);
    rig_open(&r);
}

static void
add_one(void)
{
    if (rig_add(&r, "app", "key", 0) != ERR_NONE)
        _exit(1);
}

static void
claim_one(void)
{
    add_one();
    if (!rig_claim(&r) ||
        rig_result(&r, r.job_id, r.fence, "one") != ERR_NONE)
        _exit(1);
}

static void
finish_one(void)
{
    claim_one();
    if (rig_finish(&r, r.job_id, r.fence, false) != ERR_NONE)
        _exit(1);
}

Test(store, a_job_answered_for_survives_kill)
{
    live_and_die(add_one);
    cr_assert(rig_claim(&r));
    cr_expect_str_eq(r.image, "app");
    cr_expect_str_eq(r.password, "pa55word");
}

Test(store, a_job_killed_while_running_starts_from_the_beginning)
{
    live_and_die(claim_one);
    cr_expect_eq(rig_due(&r, 8), 0, "no result without its done");
    cr_expect_eq(rig_recover(&r), 1);
    cr_assert(rig_claim(&r));
    rig_finish(&r, r.job_id, r.fence, false);
    cr_expect_eq(rig_due(&r, 8), 1);
    cr_expect_eq(r.items[0].kind, OUTBOX_DONE, "the old result is gone");
}

Test(store, a_finished_job_killed_before_sending_sends_all)
{
    live_and_die(finish_one);
    cr_expect_eq(rig_recover(&r), 0);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "one");
    rig_remove(&r, r.items[0].row);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "done");
}

Test(store, the_lock_dies_with_its_process)
{
    live_and_die(add_one); /* opens again without complaint */
    cr_expect_not_null(r.store);
}

Test(store, a_second_owner_is_refused_with_the_first_ones_pid)
{
    struct err err = { 0 };
    char pid[24];

    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    cr_expect_null(store_open(r.loop, r.dir, &err));
    cr_expect_eq(err.kind, ERR_BUSY);
    cr_expect_not_null(strstr(err.text, pid), "%s", err.text);
}

static mode_t
mode_of(const char *name)
{
    auto_free char *path = xasprintf("%s/%s", r.dir, name);
    struct stat st;

    cr_assert_eq(stat(path, &st), 0, "%s", path);
    return st.st_mode & 0777;
}

Test(store, files_are_private)
{
    rig_add(&r, "app", NULL, 0);
    cr_expect_eq(mode_of("crab.db"), 0600);
    cr_expect_eq(mode_of("crab.db-wal"), 0600);
    cr_expect_eq(mode_of("seal.key"), 0600);
}

Test(store, a_missing_state_directory_is_made_private)
{
    auto_free char *dir = xasprintf("%s/state", r.dir);
    struct store *other = store_open(r.loop, dir, NULL);

    cr_assert_not_null(other);
    cr_expect_eq(mode_of("state"), 0700);
    store_close(other);
}

static void
overwrite(const char *name, off_t at, const void *p, size_t n)
{
    auto_free char *path = xasprintf("%s/%s", r.dir, name);
    auto_fd int fd = open(path, O_WRONLY);

    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, p, n, at), (ssize_t)n);
}

static bool
file_holds(const char *name, const char *text)
{
    auto_free char *path = xasprintf("%s/%s", r.dir, name);
    auto_fd int fd = open(path, O_RDONLY);
    auto_buf struct buf all = BUF_INIT(1 << 24);
    ssize_t n;

    if (fd < 0)
        return false;
    while ((n = read(fd, buf_room(&all, 65536), 65536)) > 0)
        all.n += (size_t)n;
    return bytes_find_str(buf_bytes(&all), text) < all.n;
}

Test(store, no_file_holds_the_password)
{
    rig_add(&r, "app", NULL, 0);
    cr_expect(file_holds("crab.db-wal", "app"), "we look at the right file");
    cr_expect_not(file_holds("crab.db-wal", "pa55word"));
    cr_expect_not(file_holds("crab.db", "pa55word"));
}

Test(store, another_key_opens_no_credentials_and_says_so)
{
    rig_add(&r, "app", NULL, 0);
    rig_close(&r);
    overwrite("seal.key", 0, "0123456789abcdef0123456789abcdef", 32);
    rig_open(&r);
    cr_assert(rig_claim(&r), "the job is still handed out, to be failed");
    cr_expect_str_eq(r.password, "");
    cr_expect_eq(r.no_credentials.kind, ERR_AUTH);
    cr_expect_not_null(strstr(r.no_credentials.text, "seal.key"));
    cr_expect_eq(rig_finish(&r, r.job_id, r.fence, true), ERR_NONE);
}

Test(store, a_cut_off_key_is_an_error_at_start)
{
    auto_free char *path = xasprintf("%s/seal.key", r.dir);
    struct err err = { 0 };

    rig_close(&r);
    cr_assert_eq(truncate(path, 31), 0);
    r.loop = loop_new(NULL);
    cr_expect_null(store_open(r.loop, r.dir, &err));
    cr_expect_not_null(strstr(err.text, "not a key"), "%s", err.text);
}

Test(store, a_damaged_database_is_refused_and_left_alone)
{
    struct err err = { 0 };

    rig_add(&r, "app", NULL, 0);
    rig_close(&r);
    overwrite("crab.db", 0, "this is no database at all", 26);
    r.loop = loop_new(NULL);
    cr_expect_null(store_open(r.loop, r.dir, &err));
    cr_expect_str_eq(err.code, "STORE_DAMAGED");
    cr_expect_not_null(strstr(err.text, "crab.db"), "%s", err.text);
    cr_expect(file_holds("crab.db", "this is no database"));
    cr_expect(file_holds("crab.db", "app"));
}

Test(store, a_newer_schema_is_refused)
{
    auto_free char *path = xasprintf("%s/crab.db", r.dir);
    struct err err = { 0 };
    sqlite3 *db;

    rig_close(&r);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "UPDATE schema_version SET version = 9999",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    r.loop = loop_new(NULL);
    cr_expect_null(store_open(r.loop, r.dir, &err));
    cr_expect_not_null(strstr(err.text, "newer crab"), "%s", err.text);
}

Test(store, a_database_of_somebody_else_is_refused)
{
    auto_free char *path = xasprintf("%s/crab.db", r.dir);
    struct err err = { 0 };
    sqlite3 *db;

    rig_close(&r);
    unlink(path);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "CREATE TABLE job (mine)", NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_close(db);
    r.loop = loop_new(NULL);
    cr_expect_null(store_open(r.loop, r.dir, &err));
    cr_expect_not_null(strstr(err.text, "not crab's"), "%s", err.text);
}

Test(store, in_memory_forgets)
{
    struct rig m = { .dir = ":memory:" };

    rig_open(&m);
    rig_add(&m, "app", NULL, 0);
    rig_counts(&m);
    cr_expect_eq(m.n_queued, 1);
    rig_reopen(&m);
    rig_counts(&m);
    cr_expect_eq(m.n_queued, 0);
    rig_close(&m);
    cr_expect_neq(access(":memory:", F_OK), 0);
}

Test(store, closing_answers_what_was_asked)
{
    struct job_new job = rig_job("app", NULL, NULL);

    job_add(r.store, &job, 1, 0, rig_on_added, &r);
    store_close(r.store);
    r.store = NULL;
    cr_expect(r.answered);
    loop_free(r.loop);
    rig_open(&r);
    r.answered = false;
    cr_expect(rig_claim(&r), "and did it");
}
