/* The bytes of a zip's entry: local header, inflating, checksums. */
#include "worker/archive/zip.h"
#include "worker/archive/zip-private.h"

#include <string.h>

#include "base/str.h"

#define LOCAL_BYTES 30u
#define IN_BYTES    (64u << 10)

enum { FLAG_ENCRYPTED = 1, FLAG_DESCRIPTOR = 8 };
enum { METHOD_STORED = 0, METHOD_DEFLATED = 8 };

/* One entry on its way out. */
struct reading {
    struct zip *z;             /* borrows */
    const struct zip_entry *e; /* borrows */
    uint64_t at, left;         /* packed bytes not yet taken */
    uint64_t data_end;         /* where they end, as stated */
    uint32_t local_crc;
    uint32_t crc;
    uint64_t n_out;
    zip_sink sink;
    void *arg;
    struct zip_verdict *verdict;
    bool enough;
};

static const struct {
    const char *name, *text;
} faults[ZIP_FAULTS] = {
    [ZIP_LOCAL_CRC] = { "localCrc", "local header has another checksum" },
    [ZIP_NO_DESCRIPTOR] = { "noDescriptor", "data descriptor is missing" },
    [ZIP_ODD_DESCRIPTOR] = { "oddDescriptor", "data descriptor is unknown" },
    [ZIP_WRONG_DESCRIPTOR] = { "wrongDescriptor",
                               "data descriptor is wrong" },
    [ZIP_OUTSIDE] = { "outside", "lies beyond the end" },
    [ZIP_NO_HEADER] = { "noHeader", "local header is missing" },
    [ZIP_ENCRYPTED] = { "encrypted", "encrypted" },
    [ZIP_METHOD] = { "method", "unknown compression method" },
    [ZIP_DEFLATE] = { "deflate", "deflate is damaged" },
    [ZIP_TRUNCATED] = { "truncated", "ends too early" },
    [ZIP_TOO_LONG] = { "long", "longer than stated" },
    [ZIP_CRC] = { "crc", "checksum is wrong" },
    [ZIP_REFUSED] = { "refused", "refused" },
};

const char *
zip_fault_name(enum zip_fault fault)
{
    return faults[fault].name;
}

static int
fail(struct reading *r, enum zip_fault fault, struct err *err)
{
    r->verdict->fault = fault;
    if (fault == ZIP_METHOD)
        return err_set(err, ERR_UNSUPPORTED, "%s %u", faults[fault].text,
                       r->e->method);
    if (fault == ZIP_DEFLATE)
        return err_set(err, ERR_INPUT, "%s: %s", faults[fault].text,
                       r->verdict->why);
    return err_set(err, fault == ZIP_ENCRYPTED ? ERR_UNSUPPORTED : ERR_INPUT,
                   "%s", faults[fault].text);
}

/* ---- where it is ------------------------------------------------------- */

static int
find_data(struct reading *r, struct err *err)
{
    uint64_t n = ar_body_size(r->z->body), at = r->z->before + r->e->offset;
    uint8_t h[LOCAL_BYTES];

    if (at < r->e->offset || at > n || n - at < LOCAL_BYTES)
        return fail(r, ZIP_OUTSIDE, err);
    if (ar_body_copy(r->z->body, at, h, sizeof(h), err) < 0)
        return -1;
    if (zip_u32(h) != ZIP_SIG_LOCAL)
        return fail(r, ZIP_NO_HEADER, err);
    r->local_crc = zip_u32(h + 14);
    r->at = at + LOCAL_BYTES + zip_u16(h + 26) + zip_u16(h + 28);
    if (r->at > n)
        r->at = n;
    /* A size that is too large is no harm if the bytes end by themselves. */
    r->left = r->e->packed < n - r->at ? r->e->packed : n - r->at;
    r->data_end = r->at + r->left;
    return 0;
}

/* ---- plain bytes ------------------------------------------------------- */

static int
hand_out(struct reading *r, struct bytes chunk, struct err *err)
{
    int rc;

    if (chunk.n > r->e->size - r->n_out)
        return fail(r, ZIP_TOO_LONG, err);
    r->crc = r->z->engine->crc32(r->crc, chunk.p, chunk.n);
    r->n_out += chunk.n;
    rc = chunk.n > 0 ? r->sink(chunk, r->arg, err) : 0;
    r->enough = rc > 0;
    if (rc < 0)
        r->verdict->fault = ZIP_REFUSED;
    return rc < 0 ? -1 : 0;
}

/* An ar_pull: the packed bytes. */
static int
pull_packed(struct bytes *chunk, void *arg, struct err *err)
{
    struct reading *r = arg;
    size_t n = r->left < IN_BYTES ? (size_t)r->left : IN_BYTES;

    if (n == 0)
        return 0;
    if (ar_body_at(r->z->body, r->at, n, chunk, err) < 0)
        return -1;
    r->at += n;
    r->left -= n;
    return 1;
}

static int
copy_stored(struct reading *r, struct err *err)
{
    struct bytes chunk;
    int rc;

    while (!r->enough && r->n_out < r->e->size &&
           (rc = pull_packed(&chunk, r, err)) != 0) {
        if (rc < 0)
            return -1;
        /* What is stored beyond the stated size is nobody's. */
        if (hand_out(r, bytes_to(chunk, r->e->size - r->n_out), err) < 0)
            return -1;
    }
    return 0;
}

/* The other engine's word for what is wrong: what people know it by. */
static const char *
zlib_says(struct reading *r, uint64_t at, uint64_t left, const char *why)
{
    struct deflate *d = deflate_zlib.make();
    const char *words = NULL;
    struct feed in;
    size_t n;
    int rc = 0;

    r->at = at;
    r->left = left;
    feed_init(&in, pull_packed, r);
    while (rc == 0 && feed_fill(&in, NULL) > 0)
        rc = deflate_zlib.step(d, &in, r->z->out, ZIP_OUT_BYTES, &n, &words);
    deflate_zlib.free(d);
    return rc < 0 ? words : why;
}

static int
inflate_step(struct reading *r, struct feed *in, struct err *err)
{
    uint64_t taken = in->n_taken;
    int filled = feed_fill(in, err), rc;
    size_t n = 0;

    if (filled < 0)
        return -1;
    rc = r->z->engine->step(r->z->deflate, in, r->z->out, ZIP_OUT_BYTES, &n,
                            &r->verdict->why);
    if (rc < 0)
        return fail(r, ZIP_DEFLATE, err);
    if (rc == 0 && n == 0 && filled == 0 && in->n_taken == taken)
        return fail(r, ZIP_TRUNCATED, err);
    if (hand_out(r, bytes_of(r->z->out, n), err) < 0)
        return -1;
    return rc;
}

static int
inflate_all(struct reading *r, struct err *err)
{
    struct zip *z = r->z;
    uint64_t at = r->at, left = r->left;
    struct feed in;
    int rc = 0;

    if (z->deflate == NULL) {
        z->deflate = z->engine->make();
        z->out = xalloc(ZIP_OUT_BYTES);
    }
    z->engine->reset(z->deflate);
    feed_init(&in, pull_packed, r);
    while (rc == 0 && !r->enough)
        rc = inflate_step(r, &in, err);
    if (rc < 0 && r->verdict->fault == ZIP_DEFLATE) {
        r->verdict->why = zlib_says(r, at, left, r->verdict->why);
        return fail(r, ZIP_DEFLATE, err);
    }
    return rc < 0 ? -1 : 0;
}

/* ---- what surrounds them ----------------------------------------------- */

/*
 * The record behind the bytes, which repeats what the directory says: with a
 * signature, or told by the next header's.
 */
static enum zip_fault
check_descriptor(const struct reading *r)
{
    struct ar_body *body = r->z->body;
    uint64_t at = r->data_end;
    uint32_t sig = zip_signature(body, at);
    uint8_t d[12];

    if (sig == ZIP_SIG_LOCAL || sig == ZIP_SIG_CENTRAL)
        return ZIP_NO_DESCRIPTOR;
    if (sig == ZIP_SIG_DESCRIPTOR) {
        at += 4;
    } else {
        uint32_t next = zip_signature(body, at + sizeof(d));

        if (next != ZIP_SIG_LOCAL && next != ZIP_SIG_CENTRAL)
            return ZIP_ODD_DESCRIPTOR;
    }
    if (ar_body_copy(body, at, d, sizeof(d), NULL) < 0)
        return ZIP_ODD_DESCRIPTOR;
    return zip_u32(d) == r->e->crc && zip_u32(d + 4) == r->e->packed &&
                   zip_u32(d + 8) == r->e->size
               ? ZIP_FINE
               : ZIP_WRONG_DESCRIPTOR;
}

/* Intact is what has the checksum of either header. */
static int
check(struct reading *r, struct err *err)
{
    bool described = (r->e->flags & FLAG_DESCRIPTOR) != 0;
    bool intact = r->n_out == r->e->size &&
                  (r->crc == r->e->crc ||
                   (!described && r->crc == r->local_crc));

    if (described)
        r->verdict->fault = check_descriptor(r);
    else if (r->crc != r->local_crc)
        r->verdict->fault = intact ? ZIP_LOCAL_CRC : ZIP_CRC;
    if (intact)
        return 0;
    if (r->verdict->fault == ZIP_FINE)
        r->verdict->fault = ZIP_CRC;
    return err_set(err, ERR_INPUT, "%s", faults[ZIP_CRC].text);
}

int
zip_read(struct zip *z, const struct zip_entry *e, uint64_t limit,
         zip_sink sink, void *arg, struct zip_verdict *verdict,
         struct err *err)
{
    struct reading r = { .z = z, .e = e, .sink = sink, .arg = arg,
                         .verdict = verdict };
    int rc;

    *verdict = (struct zip_verdict){ ZIP_REFUSED, NULL };
    if (find_data(&r, err) < 0)
        return -1;
    verdict->fault = ZIP_FINE;
    if (e->packed == 0) /* whatever else is said of it */
        return 0;
    if ((e->flags & FLAG_ENCRYPTED) != 0)
        return fail(&r, ZIP_ENCRYPTED, err);
    if (e->method != METHOD_STORED && e->method != METHOD_DEFLATED)
        return fail(&r, ZIP_METHOD, err);
    if (e->size > limit) {
        verdict->fault = ZIP_REFUSED;
        return err_set(err, ERR_LIMIT, "more than %llu bytes",
                       (unsigned long long)limit);
    }
    rc = e->method == METHOD_STORED ? copy_stored(&r, err)
                                    : inflate_all(&r, err);
    return rc < 0 || r.enough ? rc : check(&r, err);
}
