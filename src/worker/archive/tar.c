/*
 * Entries of a plain stream, by libarchive's tar reader (v7, ustar, pax, GNU,
 * sparse). It pulls; what nobody reads it steps over without a copy. Only tar
 * and nothing in front of it: compression is inflate.c's.
 */
#include "worker/archive/ar.h"

#include <errno.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/archive/name.h"

/* Names may be long when nobody limits them, but libarchive holds them. */
#define PATH_CEILING ((size_t)4 << 20)

struct ar {
    ar_pull pull; /* borrows, with arg */
    void *arg;
    struct ar_limits limits;
    struct archive *a; /* owns */
    struct buf path;   /* of the current entry */
    struct err fault;  /* why the last pull failed */
    uint64_t n_entries;
    uint64_t n_holes;  /* bytes of holes handed out so far */
    /* Body of the current entry. */
    uint64_t size;
    uint64_t pos;         /* handed out */
    struct bytes pending; /* borrows from libarchive: a block behind a hole */
    uint64_t pending_at;
    bool body_ended;
    bool ended;
};

static const uint8_t zeros[64 << 10];

static la_ssize_t
on_read(struct archive *a, void *arg, const void **block)
{
    struct ar *ar = arg;
    struct bytes chunk = BYTES_NONE;
    int r = ar->pull(&chunk, ar->arg, &ar->fault);

    *block = chunk.p;
    if (r >= 0)
        return r == 0 ? 0 : (la_ssize_t)chunk.n;
    archive_set_error(a, EIO, "no input");
    return -1;
}

/* The pull's own reason when that failed, else libarchive's words. */
static int
give_reason(struct ar *ar, struct err *err)
{
    const char *text = archive_error_string(ar->a);

    if (ar->fault.kind != ERR_NONE) {
        if (err != NULL)
            *err = ar->fault;
        return -1;
    }
    if (archive_errno(ar->a) == ENOMEM)
        return err_set_code(err, ERR_LIMIT, "MEMORY", "tar: %s",
                            text != NULL ? text : "no memory");
    return err_set(err, ERR_INPUT, "tar: %s", text != NULL ? text : "damaged");
}

static int
give_reason_at(struct ar *ar, uint64_t index, struct err *err)
{
    give_reason(ar, err);
    return err_wrap(err, "entry %llu", (unsigned long long)index);
}

struct ar *
ar_new(ar_pull pull, void *arg, const struct ar_limits *limits,
       struct err *err)
{
    auto_ar struct ar *ar = xnew(struct ar);

    ar->pull = pull;
    ar->arg = arg;
    ar->limits = *limits;
    buf_init(&ar->path, PATH_CEILING);
    ar->a = archive_read_new();
    if (ar->a == NULL)
        die_no_memory();
    archive_read_support_filter_none(ar->a);
    archive_read_support_format_tar(ar->a);
    archive_read_support_format_empty(ar->a);
    if (archive_read_open(ar->a, ar, NULL, on_read, NULL) != ARCHIVE_OK) {
        give_reason(ar, err);
        return NULL;
    }
    return steal(ar);
}

void
ar_free(struct ar *ar)
{
    if (ar == NULL)
        return;
    archive_read_free(ar->a);
    buf_clear(&ar->path);
    free(ar);
}

static enum ar_type
type_of(struct archive_entry *e)
{
    if (archive_entry_hardlink(e) != NULL)
        return AR_HARDLINK;
    switch (archive_entry_filetype(e)) {
    case AE_IFREG:
        return AR_FILE;
    case AE_IFDIR:
        return AR_DIR;
    case AE_IFLNK:
        return AR_SYMLINK;
    default:
        return AR_OTHER;
    }
}

static int
set_path(struct ar *ar, struct ar_entry *entry, struct err *err)
{
    uint64_t limit = ar->limits.path_bytes;
    unsigned long long index = entry->index;
    struct bytes judged = entry->name.n > limit ? entry->name : entry->link;

    if (limit > 0 && judged.n > limit)
        return err_set_code(
            err, ERR_LIMIT, "PATH_TOO_LONG",
            "entry %llu: name too long: more than %llu bytes: %.*s...", index,
            (unsigned long long)limit, 60, (const char *)judged.p);
    buf_reset(&ar->path);
    if (ar_name_to_path(entry->name, &ar->path) < 0)
        return err_set_code(err, ERR_LIMIT, "PATH_TOO_LONG",
                            "entry %llu: name too long", index);
    entry->path = buf_bytes(&ar->path);
    return 0;
}

static int
fill_entry(struct ar *ar, struct archive_entry *e, struct ar_entry *entry,
           struct err *err)
{
    *entry = (struct ar_entry){
        .type = type_of(e),
        .name = bytes_str(archive_entry_pathname(e)),
        .size = (uint64_t)archive_entry_size(e),
        .index = ar->n_entries++,
        .offset = (uint64_t)archive_filter_bytes(ar->a, 0),
        .mode = (uint32_t)archive_entry_mode(e) & 07777,
        .sparse = archive_entry_sparse_count(e) > 0,
    };
    if (entry->type == AR_HARDLINK)
        entry->link = bytes_str(archive_entry_hardlink(e));
    else if (entry->type == AR_SYMLINK)
        entry->link = bytes_str(archive_entry_symlink(e));
    if (ar->limits.entries > 0 && ar->n_entries > ar->limits.entries)
        return err_set_code(err, ERR_LIMIT, "LAYER_ENTRIES",
                            "entry %llu: more than %llu entries",
                            (unsigned long long)entry->index,
                            (unsigned long long)ar->limits.entries);
    return set_path(ar, entry, err);
}

static void
begin_body(struct ar *ar, const struct ar_entry *entry)
{
    ar->size = entry->size;
    ar->pos = 0;
    ar->pending = BYTES_NONE;
    ar->body_ended = false;
}

int
ar_next(struct ar *ar, struct ar_entry *entry, struct err *err)
{
    struct archive_entry *e;
    int r;

    if (ar->ended)
        return 0;
    r = archive_read_next_header(ar->a, &e);
    if (r == ARCHIVE_EOF) {
        ar->ended = true;
        return 0;
    }
    /* A warning is about what we do not use (times, owners, attributes). */
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
        return give_reason_at(ar, ar->n_entries, err);
    if (fill_entry(ar, e, entry, err) < 0)
        return -1;
    begin_body(ar, entry);
    return 1;
}

/* The next block of the body into `pending`; 0 at its end. */
static int
next_block(struct ar *ar, struct err *err)
{
    const void *p;
    size_t n;
    la_int64_t at;
    int r = archive_read_data_block(ar->a, &p, &n, &at);

    if (r != ARCHIVE_OK && r != ARCHIVE_EOF && r != ARCHIVE_WARN)
        return give_reason_at(ar, ar->n_entries - 1, err);
    ar->pending = r == ARCHIVE_EOF ? BYTES_NONE : bytes_of(p, n);
    ar->pending_at = r == ARCHIVE_EOF ? ar->size : (uint64_t)at;
    ar->body_ended = r == ARCHIVE_EOF;
    return 0;
}

/*
 * Bytes of a hole. Nobody has sent them, so the ceiling on plain bytes
 * counts them here.
 */
static int
give_zeros(struct ar *ar, struct bytes *chunk, struct err *err)
{
    uint64_t n = ar->pending_at - ar->pos;

    *chunk = bytes_of(zeros, n < sizeof(zeros) ? (size_t)n : sizeof(zeros));
    ar->pos += chunk->n;
    ar->n_holes += chunk->n;
    if (ar->limits.plain_bytes > 0 && ar->n_holes > ar->limits.plain_bytes)
        return err_set_code(err, ERR_LIMIT, "LAYER_TOO_LARGE",
                            "entry %llu: sparse: more than %llu bytes of holes",
                            (unsigned long long)(ar->n_entries - 1),
                            (unsigned long long)ar->limits.plain_bytes);
    return 1;
}

int
ar_read(struct ar *ar, struct bytes *chunk, struct err *err)
{
    *chunk = BYTES_NONE;
    while (ar->pending.n == 0 && !ar->body_ended) {
        if (next_block(ar, err) < 0)
            return -1;
    }
    if (ar->pos < ar->pending_at)
        return give_zeros(ar, chunk, err);
    if (ar->pending.n == 0)
        return 0;
    *chunk = ar->pending;
    ar->pos += chunk->n;
    ar->pending = BYTES_NONE;
    return 1;
}
