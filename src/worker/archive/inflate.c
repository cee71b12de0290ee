/*
 * A stored layer becomes plain bytes: the coding is told by its first bytes,
 * what comes out is counted and has ceilings. The codings live in gzip.c and
 * zstd.c.
 */
#include "worker/archive/ar.h"

#include <string.h>

#include "base/str.h"
#include "worker/archive/feed.h"
#include "worker/archive/gzip.h"
#include "worker/archive/zstd.h"

/* Large enough that a call costs little against its bytes, small enough to
 * stay in a core's cache while tar reads what was just written. */
#define PLAIN_CHUNK_BYTES ((size_t)256 << 10)

/* The ratio means nothing before this much: a small layer of zeros is none of
 * our business. */
#define RATIO_FREE_BYTES ((uint64_t)1 << 20)

struct inflate {
    struct feed in;
    struct ar_limits limits;
    bool use_zlib;
    bool known;            /* the coding is */
    enum ar_coding coding;
    struct gzip *gzip;     /* owns; AR_GZIP, AR_ZLIB */
    struct zstd *zstd;     /* owns; AR_ZSTD */
    uint8_t *out;          /* owns; not for AR_PLAIN */
    uint64_t n_out;
};

const char *
ar_coding_name(enum ar_coding c)
{
    static const char *const names[] = {
        [AR_PLAIN] = "plain",
        [AR_GZIP] = "gzip",
        [AR_ZLIB] = "zlib",
        [AR_ZSTD] = "zstd",
    };

    return names[c];
}

struct inflate *
inflate_new(ar_pull pull, void *arg, const struct ar_limits *limits,
            bool use_zlib)
{
    struct inflate *z = xnew(struct inflate);

    feed_init(&z->in, pull, arg);
    z->limits = *limits;
    z->use_zlib = use_zlib;
    return z;
}

void
inflate_free(struct inflate *z)
{
    if (z == NULL)
        return;
    gzip_free(z->gzip);
    zstd_free(z->zstd);
    free(z->out);
    free(z);
}

enum ar_coding
inflate_coding(const struct inflate *z)
{
    return z->coding;
}

uint64_t
inflate_bytes_out(const struct inflate *z)
{
    return z->n_out;
}

/*
 * zlib has no magic, only a check sum of its first two bytes that a file name
 * may pass by chance. Three headers are in use, and no tar begins with them.
 */
static bool
looks_like_zlib(struct bytes head)
{
    return head.n >= 2 && head.p[0] == 0x78 &&
           (head.p[1] == 0x01 || head.p[1] == 0x9c || head.p[1] == 0xda);
}

static enum ar_coding
coding_of(struct bytes head)
{
    static const uint8_t zstd_frame[] = { 0x28, 0xb5, 0x2f, 0xfd };
    static const uint8_t skippable[] = { 0x2a, 0x4d, 0x18 };

    if (head.n >= 2 && head.p[0] == 0x1f && head.p[1] == 0x8b)
        return AR_GZIP;
    if (head.n >= 4 && memcmp(head.p, zstd_frame, 4) == 0)
        return AR_ZSTD;
    if (head.n >= 4 && (head.p[0] & 0xf0) == 0x50 &&
        memcmp(head.p + 1, skippable, 3) == 0)
        return AR_ZSTD;
    return looks_like_zlib(head) ? AR_ZLIB : AR_PLAIN;
}

static int
find_coding(struct inflate *z, struct err *err)
{
    if (feed_need(&z->in, 4, err) < 0)
        return -1;
    z->known = true;
    z->coding = coding_of(z->in.cur);
    if (z->coding == AR_PLAIN)
        return 0;
    z->out = xalloc(PLAIN_CHUNK_BYTES);
    if (z->coding == AR_ZSTD)
        z->zstd = zstd_new(&z->in, z->limits.window_bytes);
    else
        z->gzip = gzip_new(&z->in, z->coding, z->use_zlib);
    return 0;
}

static int
pull_plain(struct inflate *z, struct bytes *chunk, struct err *err)
{
    int r = feed_fill(&z->in, err);

    if (r <= 0)
        return r;
    *chunk = z->in.cur;
    feed_take(&z->in, z->in.cur.n);
    return 1;
}

static int
pull_coded(struct inflate *z, struct bytes *chunk, struct err *err)
{
    size_t n = 0;
    int r = z->zstd != NULL
                ? zstd_step(z->zstd, z->out, PLAIN_CHUNK_BYTES, &n, err)
                : gzip_step(z->gzip, z->out, PLAIN_CHUNK_BYTES, &n, err);

    *chunk = bytes_of(z->out, n);
    return r;
}

static int
check_limits(const struct inflate *z, struct err *err)
{
    const struct ar_limits *l = &z->limits;
    uint64_t most;

    if (l->plain_bytes > 0 && z->n_out > l->plain_bytes)
        return err_set_code(err, ERR_LIMIT, "LAYER_TOO_LARGE",
                            "more than %llu uncompressed bytes",
                            (unsigned long long)l->plain_bytes);
    if (l->ratio == 0 || z->n_out <= RATIO_FREE_BYTES ||
        __builtin_mul_overflow(z->in.n_taken, l->ratio, &most) ||
        z->n_out <= most)
        return 0;
    return err_set_code(err, ERR_LIMIT, "LAYER_RATIO",
                        "%llu compressed bytes became %llu, more than %llu "
                        "times as many",
                        (unsigned long long)z->in.n_taken,
                        (unsigned long long)z->n_out,
                        (unsigned long long)l->ratio);
}

int
inflate_pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct inflate *z = arg;
    int r;

    *chunk = BYTES_NONE;
    if (!z->known && find_coding(z, err) < 0)
        return -1;
    r = z->coding == AR_PLAIN ? pull_plain(z, chunk, err)
                              : pull_coded(z, chunk, err);
    if (r <= 0)
        return r;
    z->n_out += chunk->n;
    return check_limits(z, err) < 0 ? -1 : 1;
}
