/* The smallest file system SQLite can live on: one file, to be read. */
#include "worker/analyze/sqlite-body.h"

#include <stddef.h>
#include <string.h>

#define FS_NAME "crab-body"

struct body_file {
    sqlite3_file base;
    struct ar_body *body; /* borrows */
};

/* Of the one database that is open; SQLite keeps no other way to tell. */
static struct ar_body *current;

/* ---- the file ---------------------------------------------------------- */

static int
file_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}

static int
file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 offset)
{
    struct ar_body *body = ((struct body_file *)f)->body;
    uint64_t size = ar_body_size(body), at = (uint64_t)offset, left;
    size_t want = (size_t)n;

    left = at < size ? size - at : 0;
    if (left >= want)
        return ar_body_copy(body, at, to, want, NULL) < 0 ? SQLITE_IOERR_READ
                                                          : SQLITE_OK;
    memset(to, 0, want);
    if (left > 0 && ar_body_copy(body, at, to, (size_t)left, NULL) < 0)
        return SQLITE_IOERR_READ;
    return SQLITE_IOERR_SHORT_READ;
}

static int
file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 offset)
{
    (void)f;
    (void)from;
    (void)n;
    (void)offset;
    return SQLITE_READONLY;
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    (void)f;
    (void)size;
    return SQLITE_READONLY;
}

static int
file_sync(sqlite3_file *f, int flags)
{
    (void)f;
    (void)flags;
    return SQLITE_OK;
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)ar_body_size(((struct body_file *)f)->body);
    return SQLITE_OK;
}

static int
file_lock(sqlite3_file *f, int level)
{
    (void)f;
    (void)level;
    return SQLITE_OK;
}

static int
file_is_locked(sqlite3_file *f, int *locked)
{
    (void)f;
    *locked = 0;
    return SQLITE_OK;
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int
file_sector_bytes(sqlite3_file *f)
{
    (void)f;
    return 4096;
}

/* Without locks, journals and logs: also a database in WAL mode is read. */
static int
file_traits(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_locked,
    .xFileControl = file_control,
    .xSectorSize = file_sector_bytes,
    .xDeviceCharacteristics = file_traits,
};

/* ---- the file system --------------------------------------------------- */

static int
fs_open(sqlite3_vfs *fs, const char *name, sqlite3_file *f, int flags,
        int *out_flags)
{
    struct body_file *file = (struct body_file *)f;

    (void)fs;
    (void)name;
    file->base.pMethods = NULL;
    /* No temporary files, no journals. */
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0 || current == NULL)
        return SQLITE_CANTOPEN;
    file->base.pMethods = &file_methods;
    file->body = current;
    if (out_flags != NULL)
        *out_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    return SQLITE_OK;
}

static int
fs_delete(sqlite3_vfs *fs, const char *name, int sync)
{
    (void)fs;
    (void)name;
    (void)sync;
    return SQLITE_READONLY;
}

static int
fs_access(sqlite3_vfs *fs, const char *name, int flags, int *yes)
{
    (void)fs;
    (void)name;
    (void)flags;
    *yes = 0;
    return SQLITE_OK;
}

static int
fs_full_name(sqlite3_vfs *fs, const char *name, int n, char *out)
{
    (void)fs;
    sqlite3_snprintf(n, out, "%s", name);
    return SQLITE_OK;
}

/* Numbers that nothing we read depends on. */
static int
fs_randomness(sqlite3_vfs *fs, int n, char *out)
{
    (void)fs;
    memset(out, 0, (size_t)n);
    return n;
}

static int
fs_sleep(sqlite3_vfs *fs, int microseconds)
{
    (void)fs;
    return microseconds;
}

static int
fs_time(sqlite3_vfs *fs, double *julian_day)
{
    (void)fs;
    *julian_day = 0;
    return SQLITE_OK;
}

static int
fs_last_error(sqlite3_vfs *fs, int n, char *out)
{
    (void)fs;
    (void)n;
    (void)out;
    return 0;
}

static sqlite3_vfs body_fs = {
    .iVersion = 1,
    .szOsFile = sizeof(struct body_file),
    .mxPathname = 64,
    .zName = FS_NAME,
    .xOpen = fs_open,
    .xDelete = fs_delete,
    .xAccess = fs_access,
    .xFullPathname = fs_full_name,
    .xRandomness = fs_randomness,
    .xSleep = fs_sleep,
    .xCurrentTime = fs_time,
    .xGetLastError = fs_last_error,
};

sqlite3 *
sqlite_body_open(struct ar_body *body, struct err *err)
{
    sqlite3 *db = NULL;

    /* The default, so that nothing asks the real one. */
    if (sqlite3_vfs_find(FS_NAME) == NULL &&
        sqlite3_vfs_register(&body_fs, 1) != SQLITE_OK) {
        err_set(err, ERR_INTERNAL, "SQLite takes no file system");
        return NULL;
    }
    current = body;
    if (sqlite3_open_v2("body", &db, SQLITE_OPEN_READONLY, FS_NAME) ==
        SQLITE_OK)
        return db;
    err_set(err, ERR_INPUT, "%s", db != NULL ? sqlite3_errmsg(db) : "memory");
    sqlite3_close(db);
    return NULL;
}
