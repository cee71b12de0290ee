/*
 * First uses, before the cage closes. Each line names what would be opened or
 * asked later; docs/internals/cage.md tells how to find such a thing.
 */
#include "worker/warm.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#include "base/digest.h"
#include "base/str.h"
#include "worker/analyze/rpm-sqlite.h"
#include "worker/archive/ar.h"

static int
compare(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

void
warm_up(void)
{
    unsigned char bytes[4096] = { 1 };
    char hex[SHA256_HEX + 1];

    /* libc: the time zone of log lines; how much memory there is, which
     * qsort() asks when it sorts more than a kilobyte; one heap, so that
     * nobody counts processors when it is exhausted. */
    tzset();
    qsort(bytes, sizeof(bytes), 1, compare);
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
#endif
    /* OpenSSL: its configuration file. */
    sha256_hex(bytes_of(bytes, sizeof(bytes)), hex);
    /* libarchive: the tables of character sets. */
    ar_warm_up();
    /* SQLite: what it asks the system of memory and pages. */
    rpm_sqlite_warm_up();
}
