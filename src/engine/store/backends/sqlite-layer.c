/* Layer records in SQLite: least recently used go first. */
#include "engine/store/backends/sqlite-private.h"

/* Use is counted, not timed: two uses never tie. */
#define NOW_USED "(SELECT COALESCE(MAX(used), 0) + 1 FROM layer)"

int
sqlite_layer_get(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_layer *q = (struct ask_layer *)ask;
    auto_stmt sqlite3_stmt *stmt =
        sql_query(s, err,
                  "SELECT record FROM layer WHERE digest = ?1"
                  " AND analyzer = ?2",
                  "ss", q->digest, q->analyzer);
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) < 0)
        return -1;
    if (rc == 0)
        return 0;
    q->record = sql_blob(stmt, 0);
    return sql_run(s, err,
                   "UPDATE layer SET used = " NOW_USED
                   " WHERE digest = ?1 AND analyzer = ?2",
                   "ss", q->digest, q->analyzer) < 0
               ? -1
               : 0;
}

/* Newest first, keep what fits; the rest goes. */
static int
shrink(struct sqlite *s, uint64_t limit_bytes, struct err *err)
{
    return sql_run(s, err,
                   "DELETE FROM layer WHERE seq IN (SELECT seq FROM"
                   " (SELECT seq, SUM(size) OVER (ORDER BY used DESC) AS total"
                   "  FROM layer) WHERE total > ?1)",
                   "i",
                   limit_bytes > INT64_MAX ? INT64_MAX
                                           : (int64_t)limit_bytes);
}

int
sqlite_layer_put(struct sqlite *s, struct ask *ask, struct err *err)
{
    struct ask_layer *q = (struct ask_layer *)ask;

    /* It would drop all others and then itself. */
    if (q->limit_bytes > 0 && q->record.n > q->limit_bytes)
        return 0;
    if (sql_run(s, err,
                "INSERT INTO layer (digest, analyzer, size, used, record)"
                " VALUES (?1, ?2, ?3, " NOW_USED ", ?4)"
                " ON CONFLICT (digest, analyzer) DO UPDATE SET"
                " size = excluded.size, used = excluded.used,"
                " record = excluded.record",
                "ssib", q->digest, q->analyzer, (int64_t)q->record.n,
                &q->record) < 0)
        return -1;
    if (q->limit_bytes > 0 && shrink(s, q->limit_bytes, err) < 0)
        return -1;
    return 0;
}
