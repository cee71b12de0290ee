/*
 * The write-ahead log beside rpm's SQLite database. A database that was
 * closed well has an empty one. What a full one changes is not read (it needs
 * both files at once, maybe of two layers), but never in silence.
 */
#include "worker/analyze/analyzer.h"

static int
wal_inspect(struct ar_body *body, struct an_out *out, struct err *err)
{
    if (ar_body_size(body) == 0)
        return 0;
    return an_warn(out, err, "rpm: the database was not closed; changes in "
                             "its write-ahead log are not read");
}

const struct analyzer analyzer_rpm_wal = {
    .name = "rpmwal",
    .wants = (const char *const[]){ "/var/lib/rpm/rpmdb.sqlite-wal",
                                    "/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
                                    NULL },
    .takes_empty = true,
    .inspect = wal_inspect,
};
