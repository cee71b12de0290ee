/*
 * worker/analyze/sqlite-body.h: a body as SQLite's file. It reads and asks
 * nothing else of the system, so it works where nothing can be opened.
 */
#ifndef WORKER_ANALYZE_SQLITE_BODY_H
#define WORKER_ANALYZE_SQLITE_BODY_H

#include <sqlite3.h>

#include "base/err.h"
#include "worker/archive/body.h"

/*
 * Opens `body` (borrowed until sqlite3_close()) read-only, as a file that
 * nobody changes: logs and journals beside it are not looked for. NULL with
 * err; one at a time.
 */
sqlite3 *sqlite_body_open(struct ar_body *body, struct err *err);

#endif
