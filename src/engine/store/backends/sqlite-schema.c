/* The tables, as a list of steps from nothing to now. */
#include "engine/store/backends/sqlite-private.h"

#include <inttypes.h>

#define APPLICATION_ID 1668440418 /* "crab": tells our files from others' */
#define TEXT_(x)       #x
#define TEXT(x)        TEXT_(x)

/*
 * migrations[n] leads from version n to n + 1. Append only: files in the
 * field stand at any of them. All times are milliseconds since 1970.
 */
static const char *const migrations[] = {
    "CREATE TABLE job ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT," /* order of claiming */
    "  id TEXT NOT NULL UNIQUE,"
    "  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done')),"
    "  dedupe TEXT,"
    "  image TEXT NOT NULL,"
    "  request_id TEXT,"
    "  request BLOB NOT NULL,"
    "  sealed BLOB NOT NULL," /* empty: no credentials */
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  fence INTEGER NOT NULL DEFAULT 0,"
    "  holder TEXT,"
    "  lease_until INTEGER NOT NULL DEFAULT 0,"
    "  created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL,"
    "  n_results INTEGER NOT NULL DEFAULT 0," /* known when done */
    "  error TEXT"
    ");"
    "CREATE UNIQUE INDEX job_once ON job (dedupe) WHERE state <> 'done';"
    "CREATE INDEX job_state ON job (state, seq);"

    "CREATE TABLE outbox ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT," /* order of sending */
    "  job_id TEXT NOT NULL,"
    "  held INTEGER NOT NULL," /* 1: the job is not finished yet */
    "  kind INTEGER NOT NULL," /* 0 result, 1 done */
    "  url TEXT NOT NULL,"
    "  request_id TEXT,"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  first_at INTEGER NOT NULL DEFAULT 0,"
    "  next_at INTEGER NOT NULL DEFAULT 0,"
    "  taken INTEGER NOT NULL DEFAULT 0," /* 1: next_at ends a lease */
    "  body BLOB NOT NULL"
    ");"
    "CREATE INDEX outbox_order ON outbox (job_id, seq);"
    "CREATE INDEX outbox_next ON outbox (held, next_at, seq);"

    "CREATE TABLE layer ("
    "  seq INTEGER PRIMARY KEY,"
    "  digest TEXT NOT NULL,"
    "  analyzer TEXT NOT NULL,"
    "  size INTEGER NOT NULL,"
    "  used INTEGER NOT NULL," /* greater: used later */
    "  record BLOB NOT NULL,"
    "  UNIQUE (digest, analyzer)"
    ");"
    "CREATE INDEX layer_used ON layer (used, size);"

    "CREATE TABLE inbox ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  path TEXT NOT NULL,"
    "  headers TEXT NOT NULL,"
    "  size INTEGER NOT NULL,"
    "  received_at INTEGER NOT NULL,"
    "  body BLOB NOT NULL"
    ");"
    "CREATE INDEX inbox_size ON inbox (seq, size);",
};

#define NEWEST ((int64_t)N_ELEMENTS(migrations))

/* Refuse a database that is somebody else's before touching it. */
static int
check_owner(struct sqlite *s, struct err *err)
{
    int64_t n_tables, id;

    if (sql_number(s, "SELECT COUNT(*) FROM sqlite_master", 0, &n_tables,
                   err) < 0 ||
        sql_number(s, "PRAGMA application_id", 0, &id, err) < 0)
        return -1;
    if (n_tables > 0 && id != APPLICATION_ID)
        return err_set(err, ERR_IO, "this database is not crab's");
    return 0;
}

static int
read_version(struct sqlite *s, int64_t *out, struct err *err)
{
    if (sql_script(s,
                   "CREATE TABLE IF NOT EXISTS schema_version ("
                   " version INTEGER NOT NULL)",
                   err) < 0 ||
        sql_number(s, "SELECT version FROM schema_version", 0, out, err) < 0)
        return -1;
    if (*out > NEWEST)
        return err_set(err, ERR_IO,
                       "written by a newer crab (schema %" PRId64
                       ", this one knows %" PRId64 ")",
                       *out, NEWEST);
    return 0;
}

static int
climb(struct sqlite *s, struct err *err)
{
    int64_t version;

    if (read_version(s, &version, err) < 0)
        return -1;
    if (version == NEWEST)
        return 0;
    for (int64_t at = version; at < NEWEST; at++) {
        if (sql_script(s, migrations[at], err) < 0)
            return err_wrap(err, "schema %" PRId64, at + 1);
    }
    if (sql_run(s, err, "DELETE FROM schema_version", "") < 0 ||
        sql_run(s, err, "INSERT INTO schema_version VALUES (?1)", "i",
                NEWEST) < 0)
        return -1;
    return sql_script(s, "PRAGMA application_id = " TEXT(APPLICATION_ID), err);
}

int
sqlite_migrate(struct sqlite *s, struct err *err)
{
    if (check_owner(s, err) < 0 ||
        sql_run(s, err, "BEGIN IMMEDIATE", "") < 0)
        return -1;
    if (climb(s, err) == 0)
        return sql_run(s, err, "COMMIT", "") < 0 ? -1 : 0;
    sql_run(s, NULL, "ROLLBACK", "");
    return -1;
}
