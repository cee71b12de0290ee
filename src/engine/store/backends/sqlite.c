/*
 * The embedded database: opening and locking the file, running asks on the
 * lane in transactions. The asks themselves are in sqlite-<noun>.c.
 */
#include "engine/store/backends/sqlite-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

#define BUSY_TIMEOUT_MS 5000

/*
 * durable: answered only after the disk has it. What can be had again (layer
 * records) does not wait; WAL keeps the file sound either way.
 */
static const struct row {
    sqlite_ask *run;
    bool durable;
} rows[ASK_OPS] = {
    [ASK_JOB_ADD] = { sqlite_job_add, true },
    [ASK_JOB_CLAIM] = { sqlite_job_claim, true },
    [ASK_JOB_RENEW] = { sqlite_job_renew, true },
    [ASK_JOB_RESULT] = { sqlite_job_result, true },
    [ASK_JOB_FINISH] = { sqlite_job_finish, true },
    [ASK_JOB_RELEASE] = { sqlite_job_release, true },
    [ASK_JOB_COUNTS] = { sqlite_job_counts, true },
    [ASK_JOB_RECOVER] = { sqlite_job_recover, true },
    [ASK_OUTBOX_DUE] = { sqlite_outbox_due, true },
    [ASK_OUTBOX_REMOVE] = { sqlite_outbox_remove, true },
    [ASK_OUTBOX_LATER] = { sqlite_outbox_later, true },
    [ASK_LAYER_GET] = { sqlite_layer_get, false },
    [ASK_LAYER_PUT] = { sqlite_layer_put, false },
    [ASK_INBOX_ADD] = { sqlite_inbox_add, true },
    [ASK_INBOX_LIST] = { sqlite_inbox_list, true },
    [ASK_INBOX_GET] = { sqlite_inbox_get, true },
};

static int
set_durable(struct sqlite *s, bool durable, struct err *err)
{
    if (s->durable == durable)
        return 0;
    if (sql_script(s,
                   durable ? "PRAGMA synchronous = FULL"
                           : "PRAGMA synchronous = NORMAL",
                   err) < 0)
        return -1;
    s->durable = durable;
    return 0;
}

static void
run_ask(struct sqlite *s, struct ask *ask)
{
    const struct row *row = &rows[ask->op];

    if (set_durable(s, row->durable, &ask->err) < 0 ||
        sql_run(s, &ask->err, "BEGIN IMMEDIATE", "") < 0)
        return;
    if (row->run(s, ask, &ask->err) == 0 &&
        sql_run(s, &ask->err, "COMMIT", "") >= 0)
        return;
    /* Some errors (a full disk) have rolled back by themselves. */
    if (!sqlite3_get_autocommit(s->db))
        sql_run(s, NULL, "ROLLBACK", "");
}

/* On the lane. */
static void
work(void *arg)
{
    struct ask *ask = arg;

    /* An ask may fail before it is sent, and is then only carried along, so
     * that answers keep their order. */
    if (ask->err.kind == ERR_NONE)
        run_ask(ask->store->db, ask);
}

static void
on_worked(void *arg)
{
    struct ask *ask = arg;

    ask->answer(ask);
}

static void
sqlite_ask_later(void *db, struct ask *ask)
{
    struct sqlite *s = db;

    lane_ask(s->lane, work, on_worked, ask);
}

static bool
sqlite_knows(const char *where)
{
    return where != NULL && where[0] != '\0';
}

static int
refuse_second(int fd, const char *dir, struct err *err)
{
    char pid[24] = "";
    ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

    pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return err_set(err, ERR_BUSY, "state directory %s is in use by process %s",
                   dir, pid[0] != '\0' ? pid : "(unknown)");
}

/*
 * One process per state directory: whoever opens it may take every running
 * job for dead. The kernel drops the lock with the process, however it ends.
 */
static int
lock_dir(struct sqlite *s, const char *dir, struct err *err)
{
    auto_free char *path = xasprintf("%s/crab.lock", dir);
    char pid[24];
    int n;

    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd < 0)
        return err_set_errno(err, errno, "lock file %s", path);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return refuse_second(s->lock_fd, dir, err);
        return err_set_errno(err, errno, "lock file %s", path);
    }
    n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(s->lock_fd, 0) < 0 || pwrite(s->lock_fd, pid, n, 0) != n)
        return err_set_errno(err, errno, "lock file %s", path);
    return 0;
}

/* SQLite gives its side files the mode of the main one. */
static int
make_private_file(const char *path, struct err *err)
{
    auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || fchmod(fd, 0600) < 0)
        return err_set_errno(err, errno, "database %s", path);
    return 0;
}

static int
use_wal(struct sqlite *s, struct err *err)
{
    auto_stmt sqlite3_stmt *stmt =
        sql_query(s, err, "PRAGMA journal_mode = WAL", "");

    if (stmt == NULL || sql_next(s, stmt, err) < 0)
        return -1;
    if (!str_ieq((const char *)sqlite3_column_text(stmt, 0), "wal"))
        return err_set(err, ERR_IO,
                       "no write-ahead log possible here (a network file "
                       "system?)");
    return 0;
}

static int
open_file(struct sqlite *s, const char *path, bool in_memory, struct err *err)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
        return sql_fail(s, err, "open");
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
    if (!in_memory && use_wal(s, err) < 0)
        return -1;
    if (set_durable(s, true, err) < 0 ||
        sql_script(s, "PRAGMA journal_size_limit = 16777216", err) < 0)
        return -1;
    return sqlite_migrate(s, err);
}

static int
open_dir(struct sqlite *s, const char *dir, struct err *err)
{
    auto_free char *path = xasprintf("%s/crab.db", dir);

    if (lock_dir(s, dir, err) < 0 || make_private_file(path, err) < 0)
        return -1;
    if (open_file(s, path, false, err) < 0)
        return err_wrap(err, "database %s", path);
    return 0;
}

/* Closing the lane first: it answers what was asked. */
static void
sqlite_close(void *db)
{
    struct sqlite *s = db;

    if (s->lane != NULL)
        lane_free(s->lane);
    sqlite3_close_v2(s->db);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s);
}

static void *
sqlite_open(struct loop *loop, const char *where, struct err *err)
{
    struct sqlite *s = xnew(struct sqlite);
    int rc;

    s->lock_fd = -1;
    if (str_eq(where, ":memory:"))
        rc = open_file(s, where, true, err);
    else
        rc = open_dir(s, where, err);
    if (rc == 0)
        s->lane = lane_new(loop, "store", err);
    if (s->lane == NULL) {
        sqlite_close(s);
        return NULL;
    }
    return s;
}

const struct backend backend_sqlite = {
    .name = "sqlite",
    .knows = sqlite_knows,
    .open = sqlite_open,
    .ask = sqlite_ask_later,
    .close = sqlite_close,
};
