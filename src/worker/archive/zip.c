/*
 * Zip directories: the end record, where the directory really is, and its
 * entries. Their bytes are zip-entry.c's.
 */
#include "worker/archive/zip.h"
#include "worker/archive/zip-private.h"

#include <string.h>

#include "base/str.h"

#define END_BYTES     22u
#define END64_BYTES   56u
#define LOCATOR_BYTES 20u
#define CENTRAL_BYTES 46u
#define COMMENT_MAX   0xffffu

#define EXTRA_ZIP64 1

/* What the end record tells, zip64's numbers in place of its own. */
struct end {
    uint64_t at;     /* of the record, and where the directory has to end */
    uint64_t stated; /* entries on this disk, which is all of them */
    uint64_t size, offset;
};

uint32_t
zip_signature(struct ar_body *body, uint64_t at)
{
    uint8_t b[4];

    if (at > UINT64_MAX - 4 || at + 4 > ar_body_size(body) ||
        ar_body_copy(body, at, b, sizeof(b), NULL) < 0)
        return 0;
    return zip_u32(b);
}

/* ---- the end record ---------------------------------------------------- */

/*
 * The zip64 end record, if there is one. Its place is given from the
 * archive's beginning, which may not be the body's: then it is looked for
 * where it ends if nothing was added to it.
 */
static void
read_end64(struct ar_body *body, struct end *end)
{
    uint8_t l[LOCATOR_BYTES], r[END64_BYTES];
    uint64_t at;

    if (end->at < LOCATOR_BYTES ||
        zip_signature(body, end->at - LOCATOR_BYTES) != ZIP_SIG_LOCATOR ||
        ar_body_copy(body, end->at - LOCATOR_BYTES, l, sizeof(l), NULL) < 0)
        return;
    at = zip_u64(l + 8);
    if (zip_signature(body, at) != ZIP_SIG_END64) {
        if (end->at < LOCATOR_BYTES + END64_BYTES)
            return;
        at = end->at - LOCATOR_BYTES - END64_BYTES;
    }
    if (zip_signature(body, at) != ZIP_SIG_END64 ||
        ar_body_copy(body, at, r, sizeof(r), NULL) < 0)
        return;
    end->at = at;
    end->stated = zip_u64(r + 24);
    end->size = zip_u64(r + 40);
    end->offset = zip_u64(r + 48);
}

static int
read_end(struct ar_body *body, uint64_t at, struct end *end)
{
    uint8_t r[END_BYTES];

    if (ar_body_copy(body, at, r, sizeof(r), NULL) < 0)
        return -1;
    *end = (struct end){ at, zip_u16(r + 8), zip_u32(r + 12),
                         zip_u32(r + 16) };
    if (end->stated == 0xffff || end->size == UINT32_MAX ||
        end->offset == UINT32_MAX)
        read_end64(body, end);
    return 0;
}

/*
 * Where the directory is: where the record says, or, when something was put
 * in front of the archive later on, as far before the record as it is long.
 */
static bool
find_directory(struct zip *z, const struct end *end)
{
    uint64_t at = end->offset;

    if (end->stated == 0 && end->size == 0)
        at = end->at;
    else if (at >= end->at || zip_signature(z->body, at) != ZIP_SIG_CENTRAL) {
        if (end->size > end->at || end->offset > end->at - end->size)
            return false;
        at = end->at - end->size;
        if (zip_signature(z->body, at) != ZIP_SIG_CENTRAL)
            return false;
        z->before = at - end->offset;
    }
    z->at = at;
    z->end = end->at;
    z->stated = end->stated;
    return true;
}

/*
 * From the end backwards. What looks like the record may stand in a comment
 * that follows the real one, so those that lead nowhere are passed over.
 */
static bool
find_end(struct zip *z, struct err *err)
{
    uint64_t n = ar_body_size(z->body), at, lowest;
    bool last = true;
    struct bytes b;
    struct end end;

    if (n < END_BYTES)
        return false;
    at = n - END_BYTES;
    lowest = at > COMMENT_MAX ? at - COMMENT_MAX : 0;
    if (ar_body_at(z->body, lowest, (size_t)(n - lowest), &b, err) < 0)
        return false;
    for (uint64_t i = at - lowest + 1; i-- > 0;) {
        if (zip_u32(b.p + i) != ZIP_SIG_END)
            continue;
        if (read_end(z->body, lowest + i, &end) == 0 &&
            find_directory(z, &end)) {
            z->plain = last && z->before == 0;
            return true;
        }
        last = false;
    }
    return false;
}

struct zip *
zip_new(struct ar_body *body, struct err *err)
{
    auto_zip struct zip *z = xnew(struct zip);

    z->body = body;
    z->engine = deflate_fastest;
    buf_init(&z->name, UINT16_MAX);
    err_clear(err);
    if (find_end(z, err))
        return steal(z);
    if (err != NULL && err->kind == ERR_NONE)
        err_set(err, ERR_INPUT, "no zip archive");
    return NULL;
}

void
zip_free(struct zip *z)
{
    if (z == NULL)
        return;
    if (z->deflate != NULL)
        z->engine->free(z->deflate);
    free(z->out);
    buf_clear(&z->name);
    free(z);
}

bool
zip_is_plain(const struct zip *z)
{
    return z->plain;
}

uint64_t
zip_stated(const struct zip *z)
{
    return z->stated;
}

/* ---- entries ----------------------------------------------------------- */

static int
damaged(const struct zip *z, struct err *err)
{
    return err_set(err, ERR_INPUT, "directory is damaged at entry %llu",
                   (unsigned long long)z->n_entries);
}

/* The next number of a zip64 field, in the place of one that is all ones. */
static bool
take64(uint64_t *number, struct bytes *field)
{
    if (*number != UINT32_MAX)
        return true;
    if (field->n < 8)
        return false;
    *number = zip_u64(field->p);
    *field = bytes_from(*field, 8);
    return true;
}

/* Sizes and place, if they are in the zip64 field of `extra`. */
static bool
read_extra(struct zip_entry *e, struct bytes extra)
{
    while (extra.n >= 4) {
        size_t n = zip_u16(extra.p + 2);
        struct bytes field = bytes_to(bytes_from(extra, 4), n);

        if (zip_u16(extra.p) == EXTRA_ZIP64)
            return take64(&e->size, &field) && take64(&e->packed, &field) &&
                   take64(&e->offset, &field);
        extra = bytes_from(extra, 4 + n);
    }
    return true;
}

static void
read_numbers(struct zip_entry *e, const uint8_t *h)
{
    e->flags = zip_u16(h + 8);
    e->method = zip_u16(h + 10);
    e->crc = zip_u32(h + 16);
    e->packed = zip_u32(h + 20);
    e->size = zip_u32(h + 24);
    e->offset = zip_u32(h + 42);
}

int
zip_next(struct zip *z, struct zip_entry *e, struct err *err)
{
    size_t n_name, n_extra, n_all;
    struct bytes b;

    if (z->at + CENTRAL_BYTES > z->end)
        return z->n_entries < z->stated ? damaged(z, err) : 0;
    if (z->n_entries >= ZIP_MAX_ENTRIES)
        return err_set(err, ERR_LIMIT, "more than %u entries",
                       ZIP_MAX_ENTRIES);
    if (ar_body_at(z->body, z->at, CENTRAL_BYTES, &b, err) < 0)
        return -1;
    if (zip_u32(b.p) != ZIP_SIG_CENTRAL)
        return z->n_entries < z->stated ? damaged(z, err) : 0;
    n_name = zip_u16(b.p + 28);
    n_extra = zip_u16(b.p + 30);
    n_all = CENTRAL_BYTES + n_name + n_extra + zip_u16(b.p + 32);
    if (z->at + n_all > z->end)
        return damaged(z, err);
    if (ar_body_at(z->body, z->at, CENTRAL_BYTES + n_name + n_extra, &b,
                   err) < 0)
        return -1;
    read_numbers(e, b.p);
    if (!read_extra(e, bytes_from(b, CENTRAL_BYTES + n_name)))
        return damaged(z, err);
    buf_reset(&z->name);
    buf_add(&z->name, b.p + CENTRAL_BYTES, n_name);
    e->name = buf_bytes(&z->name);
    e->index = z->n_entries++;
    e->counted = e->index < z->stated;
    z->at += n_all;
    return 1;
}
