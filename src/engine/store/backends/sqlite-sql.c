/* Statements: prepare and bind, step, read columns, tell what went wrong. */
#include "engine/store/backends/sqlite-private.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/str.h"

int
sql_fail(struct sqlite *s, struct err *err, const char *what)
{
    const char *text = s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory";
    int rc = s->db != NULL ? sqlite3_errcode(s->db) & 0xff : SQLITE_NOMEM;

    switch (rc) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set_code(err, ERR_IO, "STORE_DAMAGED",
                            "%s: %s. Put back a sound copy, or move the file "
                            "away to start empty",
                            what, text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set_code(err, ERR_BUSY, "STORE_BUSY", "%s: %s", what, text);
    case SQLITE_TOOBIG:
        return err_set(err, ERR_LIMIT, "%s: %s", what, text);
    default:
        return err_set(err, ERR_IO, "%s: %s", what, text);
    }
}

static int
bind_one(sqlite3_stmt *stmt, int at, char type, va_list *ap)
{
    const struct blob *b;

    switch (type) {
    case 's':
        return sqlite3_bind_text(stmt, at, va_arg(*ap, const char *), -1,
                                 SQLITE_STATIC);
    case 'i':
        return sqlite3_bind_int64(stmt, at, va_arg(*ap, int64_t));
    default:
        b = va_arg(*ap, const struct blob *);
        /* A NULL pointer would bind NULL, not an empty blob. */
        return sqlite3_bind_blob64(stmt, at, b->p != NULL ? b->p : (void *)"",
                                   b->n, SQLITE_STATIC);
    }
}

static sqlite3_stmt *
query(struct sqlite *s, struct err *err, const char *sql, const char *types,
      va_list *ap)
{
    auto_stmt sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        sql_fail(s, err, "prepare");
        return NULL;
    }
    for (int i = 0; types[i] != '\0'; i++) {
        if (bind_one(stmt, i + 1, types[i], ap) != SQLITE_OK) {
            sql_fail(s, err, "bind");
            return NULL;
        }
    }
    return steal(stmt);
}

sqlite3_stmt *
sql_query(struct sqlite *s, struct err *err, const char *sql,
          const char *types, ...)
{
    sqlite3_stmt *stmt;
    va_list ap;

    va_start(ap, types);
    stmt = query(s, err, sql, types, &ap);
    va_end(ap);
    return stmt;
}

int
sql_next(struct sqlite *s, sqlite3_stmt *stmt, struct err *err)
{
    switch (sqlite3_step(stmt)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return sql_fail(s, err, "database");
    }
}

int
sql_run(struct sqlite *s, struct err *err, const char *sql, const char *types,
        ...)
{
    auto_stmt sqlite3_stmt *stmt = NULL;
    va_list ap;
    int rc;

    va_start(ap, types);
    stmt = query(s, err, sql, types, &ap);
    va_end(ap);
    if (stmt == NULL)
        return -1;
    while ((rc = sql_next(s, stmt, err)) > 0)
        continue;
    return rc < 0 ? -1 : sqlite3_changes(s->db);
}

int
sql_script(struct sqlite *s, const char *sql, struct err *err)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return sql_fail(s, err, "database");
    return 0;
}

int
sql_number(struct sqlite *s, const char *sql, int64_t otherwise, int64_t *out,
           struct err *err)
{
    auto_stmt sqlite3_stmt *stmt = sql_query(s, err, sql, "");
    int rc;

    if (stmt == NULL || (rc = sql_next(s, stmt, err)) < 0)
        return -1;
    *out = rc > 0 ? sqlite3_column_int64(stmt, 0) : otherwise;
    return 0;
}

char *
sql_text(sqlite3_stmt *stmt, int column)
{
    return xstrdup((const char *)sqlite3_column_text(stmt, column));
}

struct blob
sql_blob(sqlite3_stmt *stmt, int column)
{
    const void *p = sqlite3_column_blob(stmt, column);
    int n = sqlite3_column_bytes(stmt, column);

    return blob_copy(bytes_of(p, n > 0 ? (size_t)n : 0));
}
