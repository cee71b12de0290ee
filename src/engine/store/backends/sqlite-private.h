/*
 * engine/store/backends/sqlite-private.h: statements, and one function per
 * ask. All of it runs on the lane (at start: before there is one).
 *
 * Every ask function runs inside a transaction of its own, committed when it
 * returns 0 and rolled back when it returns -1 (err says why).
 */
#ifndef ENGINE_STORE_SQLITE_PRIVATE_H
#define ENGINE_STORE_SQLITE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/auto.h"
#include "base/err.h"
#include "engine/loop/lane.h"
#include "engine/store/store-private.h"

struct sqlite {
    sqlite3 *db;       /* owns */
    struct lane *lane; /* owns */
    int lock_fd;       /* owns; -1 in memory */
    bool durable;      /* commits wait for the disk */
};

/*
 * Prepare, and bind ?1, ?2, ... by `types`, a letter for each:
 *   s  const char *, NULL is NULL
 *   i  int64_t
 *   b  const struct blob *
 * What is bound must outlive the statement. NULL on error.
 */
sqlite3_stmt *sql_query(struct sqlite *s, struct err *err, const char *sql,
                        const char *types, ...);
/* 1 a row, 0 no more, -1. */
int sql_next(struct sqlite *s, sqlite3_stmt *stmt, struct err *err);
/* Query and run to the end: rows changed, or -1. */
int sql_run(struct sqlite *s, struct err *err, const char *sql,
            const char *types, ...);
/* Several statements without parameters. */
int sql_script(struct sqlite *s, const char *sql, struct err *err);
/* The one number a query gives; `otherwise` without a row. */
int sql_number(struct sqlite *s, const char *sql, int64_t otherwise,
               int64_t *out, struct err *err);
/* Set err from what SQLite said last. -1. */
int sql_fail(struct sqlite *s, struct err *err, const char *what);

/* Columns, copied; the caller owns them. Text: NULL stays NULL. */
char *sql_text(sqlite3_stmt *stmt, int column);
struct blob sql_blob(sqlite3_stmt *stmt, int column);

AUTO_DEFINE(sqlite3_stmt, stmt, sqlite3_finalize)
#define auto_stmt __attribute__((cleanup(auto_cleanup_stmt)))

/* Bring an open database to the newest schema, or refuse it. */
int sqlite_migrate(struct sqlite *s, struct err *err);

typedef int sqlite_ask(struct sqlite *s, struct ask *ask, struct err *err);
sqlite_ask sqlite_job_add, sqlite_job_claim, sqlite_job_renew,
    sqlite_job_result, sqlite_job_finish, sqlite_job_release,
    sqlite_job_counts, sqlite_job_recover, sqlite_outbox_due,
    sqlite_outbox_remove, sqlite_outbox_later, sqlite_layer_get,
    sqlite_layer_put, sqlite_inbox_add, sqlite_inbox_list, sqlite_inbox_get;

/* Append to the outbox. held: not due before the job is finished. */
int sqlite_outbox_insert(struct sqlite *s, const char *job_id,
                         const struct outbox_row *row, bool held,
                         struct err *err);

#endif
