/*
 * Members of a gzip file, or one zlib stream. Strict where it protects
 * (checksums, lengths, reserved flags), and like gzip(1) about what follows
 * the last member: zeros and garbage are no part of it.
 */
#include "worker/archive/gzip.h"

#include <string.h>
#include <zlib.h>

#include "base/str.h"
#include "worker/archive/deflate.h"

enum gzip_state { GZIP_HEADER, GZIP_BODY, GZIP_TRAILER, GZIP_REST, GZIP_END };

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FRESERVED = 0xe0 };

struct gzip {
    struct feed *in; /* borrows */
    const struct deflate_engine *engine;
    struct deflate *deflate; /* owns */
    enum gzip_state state;
    enum ar_coding coding;
    uint64_t n_members;   /* begun */
    uint64_t member_out;  /* plain bytes of this one */
    uint32_t check;       /* CRC-32 or Adler-32 of this one */
    uint32_t header_crc;
};

struct gzip *
gzip_new(struct feed *in, enum ar_coding coding, bool use_zlib)
{
    struct gzip *g = xnew(struct gzip);

    g->in = in;
    g->coding = coding;
    g->engine = use_zlib ? &deflate_zlib : deflate_fastest;
    g->deflate = g->engine->make();
    return g;
}

void
gzip_free(struct gzip *g)
{
    if (g == NULL)
        return;
    g->engine->free(g->deflate);
    free(g);
}

static int
refuse(struct gzip *g, const char *why, struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "%s: member %llu: %s at compressed byte %llu",
                   ar_coding_name(g->coding),
                   (unsigned long long)g->n_members, why,
                   (unsigned long long)g->in->n_taken);
}

/* The next n bytes of a header or trailer, copied. */
static int
eat(struct gzip *g, uint8_t *out, size_t n, struct err *err)
{
    int r = feed_need(g->in, n, err);

    if (r == 0)
        return refuse(g, "truncated", err);
    if (r < 0)
        return -1;
    memcpy(out, g->in->cur.p, n);
    g->header_crc = (uint32_t)crc32_z(g->header_crc, out, n);
    feed_take(g->in, n);
    return 0;
}

static int
skip_extra(struct gzip *g, struct err *err)
{
    uint8_t n[2], byte;

    if (eat(g, n, 2, err) < 0)
        return -1;
    for (unsigned left = n[0] | (unsigned)n[1] << 8; left > 0; left--) {
        if (eat(g, &byte, 1, err) < 0)
            return -1;
    }
    return 0;
}

/* A name or a comment, up to its NUL. */
static int
skip_text(struct gzip *g, struct err *err)
{
    uint8_t byte = 1;

    while (byte != 0) {
        if (eat(g, &byte, 1, err) < 0)
            return -1;
    }
    return 0;
}

static int
check_header_crc(struct gzip *g, struct err *err)
{
    uint32_t want = g->header_crc & 0xffff;
    uint8_t b[2];

    if (eat(g, b, 2, err) < 0)
        return -1;
    if ((b[0] | (uint32_t)b[1] << 8) != want)
        return refuse(g, "header checksum is wrong", err);
    return 0;
}

static int
read_gzip_header(struct gzip *g, struct err *err)
{
    uint8_t h[10];

    g->header_crc = 0;
    if (eat(g, h, sizeof(h), err) < 0)
        return -1;
    if (h[2] != 8)
        return refuse(g, "unknown compression method", err);
    if ((h[3] & FRESERVED) != 0)
        return refuse(g, "reserved header flags", err);
    if ((h[3] & FEXTRA) != 0 && skip_extra(g, err) < 0)
        return -1;
    if ((h[3] & FNAME) != 0 && skip_text(g, err) < 0)
        return -1;
    if ((h[3] & FCOMMENT) != 0 && skip_text(g, err) < 0)
        return -1;
    return (h[3] & FHCRC) != 0 ? check_header_crc(g, err) : 0;
}

/* Magic and method were looked at before we were chosen. */
static int
read_zlib_header(struct gzip *g, struct err *err)
{
    uint8_t h[2];

    if (eat(g, h, sizeof(h), err) < 0)
        return -1;
    if ((h[1] & 0x20) != 0)
        return refuse(g, "preset dictionary", err);
    return 0;
}

static int
begin_member(struct gzip *g, struct err *err)
{
    g->n_members++;
    g->member_out = 0;
    g->check = g->coding == AR_ZLIB ? 1 : 0;
    g->engine->reset(g->deflate);
    return g->coding == AR_ZLIB ? read_zlib_header(g, err)
                                : read_gzip_header(g, err);
}

static int
read_body(struct gzip *g, uint8_t *out, size_t room, size_t *n_out,
          struct err *err)
{
    const char *why = NULL;
    int r = feed_fill(g->in, err), end;
    uint64_t taken = g->in->n_taken;

    if (r < 0)
        return -1;
    end = g->engine->step(g->deflate, g->in, out, room, n_out, &why);
    if (end < 0)
        return refuse(g, why, err);
    if (end == 0 && *n_out == 0 && g->in->n_taken == taken)
        return refuse(g, r == 0 ? "truncated" : "stuck", err);
    g->check = g->coding == AR_ZLIB
                   ? (uint32_t)adler32_z(g->check, out, *n_out)
                   : g->engine->crc32(g->check, out, *n_out);
    g->member_out += *n_out;
    if (end)
        g->state = GZIP_TRAILER;
    return 0;
}

static uint32_t
le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static int
read_trailer(struct gzip *g, struct err *err)
{
    uint8_t t[8];
    bool zlib = g->coding == AR_ZLIB;

    if (eat(g, t, zlib ? 4 : 8, err) < 0)
        return -1;
    if ((zlib ? __builtin_bswap32(le32(t)) : le32(t)) != g->check)
        return refuse(g, "checksum is wrong", err);
    if (!zlib && le32(t + 4) != (uint32_t)g->member_out)
        return refuse(g, "length is wrong", err);
    return 0;
}

/* Behind a member: another one, or something that is none. */
static int
look_behind(struct gzip *g, struct err *err)
{
    int r = g->coding == AR_ZLIB ? 0 : feed_need(g->in, 2, err);

    if (r < 0)
        return -1;
    g->state = r > 0 && g->in->cur.p[0] == 0x1f && g->in->cur.p[1] == 0x8b
                   ? GZIP_HEADER
                   : GZIP_REST;
    return 0;
}

int
gzip_step(struct gzip *g, uint8_t *out, size_t room, size_t *n_out,
          struct err *err)
{
    int r = 0;

    *n_out = 0;
    while (r == 0 && *n_out == 0 && g->state != GZIP_END) {
        switch (g->state) {
        case GZIP_HEADER:
            r = begin_member(g, err);
            g->state = GZIP_BODY;
            break;
        case GZIP_BODY:
            r = read_body(g, out, room, n_out, err);
            break;
        case GZIP_TRAILER:
            if ((r = read_trailer(g, err)) == 0)
                r = look_behind(g, err);
            break;
        case GZIP_REST:
            r = feed_drain(g->in, err);
            g->state = GZIP_END;
            break;
        case GZIP_END:
            break;
        }
    }
    return r < 0 ? -1 : *n_out > 0;
}
