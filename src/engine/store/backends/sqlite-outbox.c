/* The outbox in SQLite: the transactions behind outbox.h. */
#include "engine/store/backends/sqlite-private.h"

#include "base/str.h"

/* The first of its job's rows, and let go. */
#define IS_HEAD \
    " held = 0 AND NOT EXISTS (SELECT 1 FROM outbox AS before" \
    " WHERE before.job_id = outbox.job_id AND before.seq < outbox.seq)"

int
sqlite_outbox_insert(struct sqlite *s, const char *job_id,
                     const struct outbox_row *row, bool held, struct err *err)
{
    int n = sql_run(s, err,
                    "INSERT INTO outbox (job_id, held, kind, url, request_id,"
                    " body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    "siissb", job_id, (int64_t)held, (int64_t)row->kind,
                    row->url, row->request_id, &row->body);

    return n < 0 ? -1 : 0;
}

/* 1: the next row that is due and fits was read; 0: none. */
static int
read_due(struct sqlite *s, struct ask_outbox_due *q, size_t *n_bytes,
         struct err *err)
{
    auto_stmt sqlite3_stmt *stmt = sql_query(
        s, err,
        "SELECT seq, job_id, kind, url, request_id, attempts, first_at,"
        " (SELECT n_results FROM job WHERE job.id = outbox.job_id),"
        " LENGTH(body), body FROM outbox WHERE" IS_HEAD
        " AND next_at <= ?1 ORDER BY next_at, seq LIMIT 1",
        "i", q->ask.now_wall_ms);
    struct due_row *r = &q->rows[q->n];
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) <= 0)
        return stmt == NULL ? -1 : rc;
    *n_bytes += (size_t)sqlite3_column_int64(stmt, 8);
    if (q->n > 0 && *n_bytes > q->limit_bytes)
        return 0;
    r->row = sqlite3_column_int64(stmt, 0);
    r->job_id = sql_text(stmt, 1);
    r->out.kind = (enum outbox_kind)sqlite3_column_int(stmt, 2);
    r->out.url = sql_text(stmt, 3);
    r->out.request_id = sql_text(stmt, 4);
    r->attempts = (unsigned)sqlite3_column_int64(stmt, 5) + 1;
    r->first_wall_ms = sqlite3_column_int64(stmt, 6);
    if (r->first_wall_ms == 0)
        r->first_wall_ms = q->ask.now_wall_ms;
    r->n_results = (size_t)sqlite3_column_int64(stmt, 7);
    r->out.body = sql_blob(stmt, 9);
    q->n++;
    return 1;
}

static int
take_row(struct sqlite *s, const struct ask_outbox_due *q,
         const struct due_row *r, struct err *err)
{
    return sql_run(s, err,
                   "UPDATE outbox SET taken = 1, next_at = ?2, attempts = ?3,"
                   " first_at = ?4 WHERE seq = ?1",
                   "iiii", r->row, q->lease_until, (int64_t)r->attempts,
                   r->first_wall_ms);
}

int
sqlite_outbox_due(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_outbox_due *q = (struct ask_outbox_due *)ask;
    size_t n_bytes = 0;
    int rc = 0;

    while (q->n < q->max && (rc = read_due(s, q, &n_bytes, err)) > 0) {
        if (take_row(s, q, &q->rows[q->n - 1], err) < 0)
            return -1;
    }
    if (rc < 0)
        return -1;
    return sql_number(s,
                      "SELECT next_at FROM outbox WHERE" IS_HEAD
                      " ORDER BY next_at LIMIT 1",
                      INT64_MAX, &q->next_wall_ms, err);
}

/* A job that is done goes with its last callback. */
int
sqlite_outbox_remove(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_outbox *q = (struct ask_outbox *)ask;

    if (sql_run(s, err,
                "DELETE FROM job WHERE state = 'done' AND id ="
                " (SELECT job_id FROM outbox WHERE seq = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM outbox AS other"
                "  WHERE other.job_id = job.id AND other.seq <> ?1)",
                "i", q->row) < 0)
        return -1;
    return sql_run(s, err, "DELETE FROM outbox WHERE seq = ?1", "i", q->row) <
                   0
               ? -1
               : 0;
}

int
sqlite_outbox_later(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_outbox *q = (struct ask_outbox *)ask;

    return sql_run(s, err,
                   "UPDATE outbox SET taken = 0, next_at = ?2 WHERE seq = ?1",
                   "ii", q->row, q->at_wall_ms) < 0
               ? -1
               : 0;
}
