/*
 * worker/analyze/rpm-db.h: header blobs, one after another, become one record
 * line of kind "rpm". What the three forms of rpm's database share; how blobs
 * are found in one is its own file's business.
 */
#ifndef WORKER_ANALYZE_RPM_DB_H
#define WORKER_ANALYZE_RPM_DB_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "worker/analyze/analyzer.h"

/* Of one blob; rpm's own ceiling was 16 MiB for long. */
#define RPM_BLOB_MAX_BYTES (32u << 20)

/* A database being read. */
struct rpm_db;

/* One form of it. */
struct rpm_form {
    /*
     * Finds the blobs, in order, and hands each to rpm_db_blob(). Called
     * twice, and must find the same. -1: reading ends here; the peer gives
     * the whole file up then, what was found before still counts for us.
     */
    int (*walk)(struct ar_body *body, struct rpm_db *db, struct err *err);
    /* To the peer one unreadable blob spoils all, and one without a tag it
     * must have the scan (§7.3.3); without, it skips them. */
    bool strict;
};

/*
 * A blob as it is, and as the peer takes it; p NULL: nothing is there. Both
 * are borrowed for the call.
 */
void rpm_db_blob(struct rpm_db *db, struct bytes blob, struct bytes as_peer);
/* Something could not be read and is left out. */
void rpm_db_damaged(struct rpm_db *db, const struct err *why);
/* The peer gives the whole file up here; we do not. */
void rpm_db_peer_gives_up(struct rpm_db *db);

/* An analyzer's .inspect. */
int rpm_db_inspect(const struct rpm_form *form, struct ar_body *body,
                   struct an_out *out, struct err *err);

#endif
