/* Jobs in SQLite: the transactions behind job.h. */
#include "engine/store/backends/sqlite-private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int
find_same(struct sqlite *s, const struct job_row *row, struct job_added *out,
          struct err *err)
{
    auto_stmt sqlite3_stmt *stmt =
        sql_query(s, err,
                  "SELECT id FROM job WHERE dedupe = ?1 AND state <> 'done'",
                  "s", row->dedupe);
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) < 0)
        return -1;
    if (rc > 0) {
        snprintf(out->id, sizeof(out->id), "%s",
                 (const char *)sqlite3_column_text(stmt, 0));
        out->existed = true;
    }
    return 0;
}

static int
insert_job(struct sqlite *s, const struct job_row *row, int64_t now,
           struct err *err)
{
    return sql_run(s, err,
                   "INSERT INTO job (id, state, dedupe, image, request_id,"
                   " request, sealed, created_at, updated_at)"
                   " VALUES (?1, 'queued', ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                   "ssssbbi", row->id, row->dedupe, row->image,
                   row->request_id, &row->request, &row->sealed, now);
}

static int
check_queue(struct sqlite *s, unsigned max_queued, struct err *err)
{
    int64_t n;

    if (max_queued == 0)
        return 0;
    if (sql_number(s, "SELECT COUNT(*) FROM job WHERE state = 'queued'", 0, &n,
                   err) < 0)
        return -1;
    if (n > (int64_t)max_queued)
        return err_set_code(err, ERR_BUSY, "BUSY",
                            "the queue is full: %u scans are waiting",
                            max_queued);
    return 0;
}

int
sqlite_job_add(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job_add *q = (struct ask_job_add *)ask;
    size_t n_new = 0;

    for (size_t i = 0; i < q->n; i++) {
        if (find_same(s, &q->rows[i], &q->added[i], err) < 0)
            return -1;
        if (q->added[i].existed)
            continue;
        memcpy(q->added[i].id, q->rows[i].id, sizeof(q->added[i].id));
        if (insert_job(s, &q->rows[i], ask->now_wall_ms, err) < 0)
            return -1;
        n_new++;
    }
    return n_new > 0 ? check_queue(s, q->max_queued, err) : 0;
}

/* Columns of the oldest job that may be claimed. */
static int
read_claimable(struct sqlite *s, struct ask_job_claim *q, struct err *err)
{
    auto_stmt sqlite3_stmt *stmt = sql_query(
        s, err,
        "SELECT id, image, request_id, request, sealed, fence, attempts"
        " FROM job WHERE state = 'queued'"
        " OR (state = 'running' AND lease_until <= ?1) ORDER BY seq LIMIT 1",
        "i", q->ask.now_wall_ms);
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) < 0)
        return -1;
    if (rc == 0)
        return 0;
    q->found = true;
    q->id = sql_text(stmt, 0);
    q->image = sql_text(stmt, 1);
    q->request_id = sql_text(stmt, 2);
    q->request = sql_blob(stmt, 3);
    q->sealed = sql_blob(stmt, 4);
    q->fence = sqlite3_column_int64(stmt, 5) + 1;
    q->attempts = (unsigned)sqlite3_column_int64(stmt, 6) + 1;
    return 0;
}

static int
drop_held(struct sqlite *s, const char *id, struct err *err)
{
    return sql_run(s, err, "DELETE FROM outbox WHERE job_id = ?1 AND held = 1",
                   "s", id);
}

int
sqlite_job_claim(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job_claim *q = (struct ask_job_claim *)ask;

    if (read_claimable(s, q, err) < 0)
        return -1;
    if (!q->found)
        return 0;
    if (sql_run(s, err,
                "UPDATE job SET state = 'running', fence = ?2, attempts = ?3,"
                " holder = ?4, lease_until = ?5, updated_at = ?6"
                " WHERE id = ?1",
                "siisii", q->id, q->fence, (int64_t)q->attempts, q->holder,
                q->lease_until, ask->now_wall_ms) < 0)
        return -1;
    return drop_held(s, q->id, err) < 0 ? -1 : 0;
}

static int
lease_lost(struct err *err, const struct ask_job *q)
{
    return err_set_code(err, ERR_CANCELLED, "LEASE_LOST",
                        "job %s is no longer ours (token %" PRId64 ")", q->id,
                        q->fence);
}

int
sqlite_job_renew(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job *q = (struct ask_job *)ask;
    int n = sql_run(s, err,
                    "UPDATE job SET lease_until = ?3, updated_at = ?4"
                    " WHERE id = ?1 AND fence = ?2 AND state = 'running'",
                    "siii", q->id, q->fence, q->lease_until,
                    ask->now_wall_ms);

    return n < 0 ? -1 : n == 0 ? lease_lost(err, q) : 0;
}

/* 0 when the token is the newest of a running job. */
static int
check_fence(struct sqlite *s, const struct ask_job *q, struct err *err)
{
    auto_stmt sqlite3_stmt *stmt =
        sql_query(s, err,
                  "SELECT 1 FROM job WHERE id = ?1 AND fence = ?2"
                  " AND state = 'running'",
                  "si", q->id, q->fence);
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) < 0)
        return -1;
    return rc > 0 ? 0 : lease_lost(err, q);
}

int
sqlite_job_result(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job *q = (struct ask_job *)ask;

    if (check_fence(s, q, err) < 0)
        return -1;
    return sqlite_outbox_insert(s, q->id, &q->row, true, err);
}

static int
let_go(struct sqlite *s, const struct ask_job *q, struct err *err)
{
    int n = q->drop_results
                ? 0
                : sql_run(s, err,
                          "UPDATE outbox SET held = 0 WHERE job_id = ?1", "s",
                          q->id);

    if (n < 0)
        return -1;
    if (n == 0)
        return drop_held(s, q->id, err);
    return sql_run(s, err, "UPDATE job SET n_results = ?2 WHERE id = ?1", "si",
                   q->id, (int64_t)n);
}

int
sqlite_job_finish(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job *q = (struct ask_job *)ask;
    int n = sql_run(s, err,
                    "UPDATE job SET state = 'done', holder = NULL,"
                    " request = x'', sealed = x'', error = ?3,"
                    " updated_at = ?4"
                    " WHERE id = ?1 AND fence = ?2 AND state = 'running'",
                    "sisi", q->id, q->fence, q->error, ask->now_wall_ms);

    if (n < 0)
        return -1;
    if (n == 0)
        return lease_lost(err, q);
    if (let_go(s, q, err) < 0)
        return -1;
    if (q->row.url != NULL)
        return sqlite_outbox_insert(s, q->id, &q->row, false, err);
    n = sql_run(s, err, "DELETE FROM job WHERE id = ?1", "s", q->id);
    return n < 0 ? -1 : 0;
}

int
sqlite_job_release(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job *q = (struct ask_job *)ask;
    int n = sql_run(s, err,
                    "UPDATE job SET state = 'queued', holder = NULL,"
                    " attempts = attempts - 1, updated_at = ?3"
                    " WHERE id = ?1 AND fence = ?2 AND state = 'running'",
                    "sii", q->id, q->fence, ask->now_wall_ms);

    if (n < 0)
        return -1;
    if (n == 0)
        return lease_lost(err, q);
    return drop_held(s, q->id, err) < 0 ? -1 : 0;
}

int
sqlite_job_counts(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job_counts *q = (struct ask_job_counts *)ask;
    int64_t queued, running;

    if (sql_number(s, "SELECT COUNT(*) FROM job WHERE state = 'queued'", 0,
                   &queued, err) < 0 ||
        sql_number(s, "SELECT COUNT(*) FROM job WHERE state = 'running'", 0,
                   &running, err) < 0)
        return -1;
    q->n_queued = (size_t)queued;
    q->n_running = (size_t)running;
    return 0;
}

/*
 * The lock on the state directory says that nobody else is alive, whatever
 * name a dead holder had (a container has a new host name each time).
 */
int
sqlite_job_recover(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_job_recover *q = (struct ask_job_recover *)ask;
    int n = sql_run(s, err,
                    "UPDATE job SET state = 'queued', holder = NULL,"
                    " updated_at = ?1 WHERE state = 'running'",
                    "i", ask->now_wall_ms);

    if (n < 0)
        return -1;
    q->n_jobs = (size_t)n;
    if (sql_run(s, err, "DELETE FROM outbox WHERE held = 1", "") < 0)
        return -1;
    return sql_run(s, err,
                   "UPDATE outbox SET taken = 0, next_at = 0 WHERE taken = 1",
                   "") < 0
               ? -1
               : 0;
}
