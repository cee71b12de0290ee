/* The inbox in SQLite. */
#include "engine/store/backends/sqlite-private.h"

#include <inttypes.h>

/* Newest first, keep what fits; the number that went, or -1. */
static int
shrink(struct sqlite *s, uint64_t limit_bytes, struct err *err)
{
    return sql_run(s, err,
                   "DELETE FROM inbox WHERE seq IN (SELECT seq FROM"
                   " (SELECT seq, SUM(size) OVER (ORDER BY seq DESC) AS total"
                   "  FROM inbox) WHERE total > ?1)",
                   "i",
                   limit_bytes > INT64_MAX ? INT64_MAX
                                           : (int64_t)limit_bytes);
}

int
sqlite_inbox_add(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_inbox_add *q = (struct ask_inbox_add *)ask;
    int n_dropped = 0;

    if (q->limit_bytes > 0 && q->body.n > q->limit_bytes)
        return err_set_code(err, ERR_LIMIT, "INBOX_LIMIT",
                            "a body of %zu bytes is above the inbox's ceiling "
                            "of %" PRIu64,
                            q->body.n, q->limit_bytes);
    if (sql_run(s, err,
                "INSERT INTO inbox (path, headers, size, received_at, body)"
                " VALUES (?1, ?2, ?3, ?4, ?5)",
                "ssiib", q->path, q->headers, (int64_t)q->body.n,
                ask->now_wall_ms, &q->body) < 0)
        return -1;
    q->id = sqlite3_last_insert_rowid(s->db);
    if (q->limit_bytes > 0)
        n_dropped = shrink(s, q->limit_bytes, err);
    if (n_dropped < 0)
        return -1;
    q->n_dropped = (size_t)n_dropped;
    return 0;
}

static void
read_row(sqlite3_stmt *stmt, struct inbox_row *r)
{
    r->id = sqlite3_column_int64(stmt, 0);
    r->path = sql_text(stmt, 1);
    r->headers = sql_text(stmt, 2);
    r->size = (uint64_t)sqlite3_column_int64(stmt, 3);
    r->received_wall_ms = sqlite3_column_int64(stmt, 4);
}

int
sqlite_inbox_list(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_inbox *q = (struct ask_inbox *)ask;
    auto_stmt sqlite3_stmt *stmt =
        sql_query(s, err,
                  "SELECT seq, path, headers, size, received_at FROM inbox"
                  " WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
                  "ii", q->id, (int64_t)q->max);
    int rc;

    if (stmt == NULL)
        return -1;
    while ((rc = sql_next(s, stmt, err)) > 0)
        read_row(stmt, &q->rows[q->n++]);
    return rc;
}

int
sqlite_inbox_get(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_inbox *q = (struct ask_inbox *)ask;
    auto_stmt sqlite3_stmt *stmt =
        sql_query(s, err,
                  "SELECT seq, path, headers, size, received_at, body"
                  " FROM inbox WHERE seq = ?1",
                  "i", q->id);
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_ABSENT, "no message %" PRId64 " in the inbox",
                       q->id);
    q->n = 1;
    read_row(stmt, &q->rows[0]);
    q->rows[0].body = sql_blob(stmt, 5);
    return 0;
}
