/*
 * rpm's database in SQLite (scan-facts.md §7.3.3): a table of blobs. The file
 * is a stranger's: nothing of its schema but plain tables is used, and time
 * and memory have ceilings.
 */
#include "worker/analyze/rpm-sqlite.h"

#include <sqlite3.h>

#include "worker/analyze/rpm-db.h"
#include "worker/analyze/sqlite-body.h"

/* All of SQLite's memory: its pages, and the blob at hand twice. */
#define HEAP_MAX_BYTES   ((sqlite3_int64)72 << 20)
#define PRAGMA_CACHE     "PRAGMA cache_size = -2048"
/* One step of a plain scan takes a handful of instructions. */
#define STEPS_PER_LOOK   1000
#define MAX_ROWS         60000

struct reading {
    sqlite3 *sql;      /* owns */
    struct rpm_db *db; /* borrows */
};

void
rpm_sqlite_warm_up(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_initialize();
    sqlite3_hard_heap_limit64(HEAP_MAX_BYTES);
}

static int
refuse(sqlite3 *sql, struct err *err)
{
    return err_set(err, ERR_INPUT, "SQLite: %s", sqlite3_errmsg(sql));
}

/* Pages that point at each other make a table without end. */
static int
on_steps(void *arg)
{
    unsigned *left = arg;

    return *left == 0 || --*left == 0;
}

static void
harden(sqlite3 *sql)
{
    sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, RPM_BLOB_MAX_BYTES);
    sqlite3_limit(sql, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
    sqlite3_exec(sql, PRAGMA_CACHE, NULL, NULL, NULL);
}

/* A value that is no blob spoils all to the peer; it is none to us. */
static void
take_row(struct rpm_db *db, sqlite3_stmt *row)
{
    static const uint8_t nothing[1];
    const void *p = sqlite3_column_blob(row, 0);
    size_t n = (size_t)sqlite3_column_bytes(row, 0);
    struct bytes blob = bytes_of(p != NULL ? p : nothing, p != NULL ? n : 0);

    rpm_db_blob(db, blob, blob);
}

static int
read_rows(sqlite3 *sql, struct rpm_db *db, struct err *err)
{
    sqlite3_stmt *rows = NULL;
    int rc = sqlite3_prepare_v2(sql, "SELECT blob FROM Packages", -1, &rows,
                                NULL);

    for (unsigned n = 0; rc == SQLITE_OK || rc == SQLITE_ROW; n++) {
        rc = n < MAX_ROWS ? sqlite3_step(rows) : SQLITE_FULL;
        if (rc == SQLITE_ROW)
            take_row(db, rows);
    }
    if (rc == SQLITE_FULL)
        err_set(err, ERR_LIMIT, "more than %u packages", MAX_ROWS);
    else if (rc != SQLITE_DONE)
        refuse(sql, err);
    sqlite3_finalize(rows);
    return rc == SQLITE_DONE ? 0 : -1;
}

static int
sqlite_walk(struct ar_body *body, struct rpm_db *db, struct err *err)
{
    sqlite3 *sql = sqlite_body_open(body, err);
    unsigned looks_left = MAX_ROWS * 16 / STEPS_PER_LOOK;
    int rc;

    if (sql == NULL)
        return -1;
    harden(sql);
    sqlite3_progress_handler(sql, STEPS_PER_LOOK, on_steps, &looks_left);
    rc = read_rows(sql, db, err);
    sqlite3_close(sql);
    return rc;
}

static int
sqlite_inspect(struct ar_body *body, struct an_out *out, struct err *err)
{
    static const struct rpm_form form = { .walk = sqlite_walk,
                                          .strict = true };

    return rpm_db_inspect(&form, body, out, err);
}

const struct analyzer analyzer_rpm_sqlite = {
    .name = "rpm",
    .wants = (const char *const[]){ "/var/lib/rpm/rpmdb.sqlite",
                                    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
                                    NULL },
    .takes_empty = true,
    .inspect = sqlite_inspect,
};
