/*
 * rpm's database in SQLite (scan-facts.md §7.3.3): a table of blobs. The file
 * is a stranger's: nothing of its schema but plain tables is used, and time
 * and memory have ceilings.
 */
#include "worker/analyze/rpm-sqlite.h"

#include <sqlite3.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/rpm-db.h"
#include "worker/analyze/sqlite-body.h"

/* All of SQLite's memory: its pages, and the blob at hand twice. */
#define HEAP_MAX_BYTES ((sqlite3_int64)72 << 20)
#define PRAGMA_CACHE   "PRAGMA cache_size = -2048"
#define MAX_ROWS       60000u
/* A plain scan takes a handful of steps for a row. */
#define STEPS_PER_LOOK 1000
#define MAX_LOOKS      2000u
/* Of a text in the place of a blob. */
#define TEXT_MAX_BYTES (1u << 20)

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

/* A schema without views, virtual tables and functions (but those without
 * arguments) can do nothing but name tables. */
static void
harden(sqlite3 *sql)
{
    sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, RPM_BLOB_MAX_BYTES);
    sqlite3_limit(sql, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
    sqlite3_limit(sql, SQLITE_LIMIT_FUNCTION_ARG, 0);
    sqlite3_drop_modules(sql, NULL);
    sqlite3_exec(sql, PRAGMA_CACHE, NULL, NULL, NULL);
}

static struct bytes
blob_of(sqlite3_stmt *row)
{
    const void *p = sqlite3_column_blob(row, 0);

    return p != NULL ? bytes_of(p, (size_t)sqlite3_column_bytes(row, 0))
                     : bytes_str("");
}

/*
 * A value that is no blob is none to us. The peer fails at it, but takes a
 * text for the bytes it is written with; no header can be one, since the tag
 * of a name is no UTF-8, but it may be one without a name.
 */
static void
read_odd_row(sqlite3_stmt *row, struct rpm_db *db)
{
    auto_buf struct buf text = BUF_INIT(3 * TEXT_MAX_BYTES);
    struct err why;

    if (sqlite3_column_type(row, 0) == SQLITE_TEXT) {
        const unsigned char *p = sqlite3_column_text(row, 0);

        utf8_add_lossy(&text, bytes_to(bytes_of(p, (size_t)sqlite3_column_bytes(
                                                       row, 0)),
                                       TEXT_MAX_BYTES));
    }
    err_set(&why, ERR_INPUT, "a row without a blob");
    rpm_db_damaged(db, &why);
    rpm_db_blob(db, BYTES_NONE, text.n > 0 ? buf_bytes(&text) : bytes_str(""));
}

/* left: bytes that blobs may still have; in a sound file they do not overlap.
 */
static int
read_rows(sqlite3 *sql, sqlite3_stmt *rows, struct rpm_db *db, uint64_t left,
          struct err *err)
{
    int rc = SQLITE_ROW;

    for (unsigned n = 0; n < MAX_ROWS; n++) {
        struct bytes blob;

        if ((rc = sqlite3_step(rows)) != SQLITE_ROW)
            break;
        blob = blob_of(rows);
        if (blob.n > left)
            return err_set(err, ERR_INPUT, "blobs that overlap");
        left -= blob.n;
        if (sqlite3_column_type(rows, 0) == SQLITE_BLOB)
            rpm_db_blob(db, blob, blob);
        else
            read_odd_row(rows, db);
    }
    if (rc == SQLITE_ROW)
        return err_set(err, ERR_LIMIT, "more than %u packages", MAX_ROWS);
    return rc == SQLITE_DONE ? 0 : refuse(sql, err);
}

static int
read_table(sqlite3 *sql, struct rpm_db *db, uint64_t file_bytes,
           struct err *err)
{
    sqlite3_stmt *rows = NULL;
    int rc;

    if (sqlite3_prepare_v2(sql, "SELECT blob FROM Packages", -1, &rows,
                           NULL) != SQLITE_OK)
        return refuse(sql, err);
    rc = read_rows(sql, rows, db, 2 * file_bytes, err);
    sqlite3_finalize(rows);
    return rc;
}

static int
sqlite_walk(struct ar_body *body, struct rpm_db *db, struct err *err)
{
    sqlite3 *sql = sqlite_body_open(body, err);
    unsigned looks_left = MAX_LOOKS;
    int rc;

    if (sql == NULL)
        return -1;
    sqlite3_progress_handler(sql, STEPS_PER_LOOK, on_steps, &looks_left);
    harden(sql);
    rc = read_table(sql, db, ar_body_size(body), err);
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
