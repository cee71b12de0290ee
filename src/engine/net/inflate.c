/* gzip and deflate, a chunk at a time. */
#include "engine/net/inflate.h"

#include <zlib.h>

#include "base/str.h"

#define STEP_BYTES (16 * 1024)

struct inflater {
    z_stream z;
    bool ready; /* inflateInit2() has been called */
    bool gzip;  /* else deflate: with or without a zlib header */
    bool ended; /* a member is complete */
    bool any;   /* a byte has come */
};

int
inflater_new(struct inflater **out, const char *coding, struct err *err)
{
    bool gzip = str_ieq(coding, "gzip") || str_ieq(coding, "x-gzip");

    *out = NULL;
    if (coding == NULL || *coding == '\0' || str_ieq(coding, "identity"))
        return 0;
    if (!gzip && !str_ieq(coding, "deflate"))
        return err_set(err, ERR_UNSUPPORTED, "content encoding %s", coding);
    *out = xnew(struct inflater);
    (*out)->gzip = gzip;
    return 0;
}

void
inflater_free(struct inflater *inf)
{
    if (inf == NULL)
        return;
    if (inf->ready)
        inflateEnd(&inf->z);
    free(inf);
}

/* Under the name "deflate" both forms are sent: zlib's (8 in the low half of
 * its first byte) and the bare one. */
static int
start(struct inflater *inf, uint8_t first)
{
    int bits = inf->gzip ? 15 + 16 : (first & 0x0f) == 8 ? 15 : -15;

    if (inf->ready)
        return 0;
    inf->ready = inflateInit2(&inf->z, bits) == Z_OK;
    return inf->ready ? 0 : -1;
}

/* Bytes behind the end: the next gzip member, or rubbish. */
static int
next_member(struct inflater *inf)
{
    if (!inf->ended)
        return 0;
    inf->ended = false;
    return inf->gzip && inflateReset(&inf->z) == Z_OK ? 0 : -1;
}

static int
step(struct inflater *inf, struct buf *to, struct err *err)
{
    uint8_t out[STEP_BYTES];
    int rc;

    if (next_member(inf) < 0)
        return err_set(err, ERR_INPUT, "bytes behind a compressed body");
    inf->z.next_out = out;
    inf->z.avail_out = sizeof(out);
    rc = inflate(&inf->z, Z_NO_FLUSH);
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        return err_set(err, ERR_INPUT, "compressed body: %s",
                       inf->z.msg != NULL ? inf->z.msg : "damaged");
    inf->ended = rc == Z_STREAM_END;
    if (buf_add(to, out, sizeof(out) - inf->z.avail_out) < 0)
        return buf_check(to, "inflated body", err);
    /* Output that filled its room may have more behind it. */
    return inf->z.avail_in > 0 || (!inf->ended && inf->z.avail_out == 0);
}

int
inflater_feed(struct inflater *inf, struct bytes chunk, struct buf *to,
              struct err *err)
{
    int more;

    if (chunk.n == 0)
        return 0;
    inf->any = true;
    if (start(inf, chunk.p[0]) < 0)
        return err_set(err, ERR_INTERNAL, "zlib does not start");
    inf->z.next_in = (Bytef *)chunk.p;
    inf->z.avail_in = (uInt)chunk.n;
    do {
        more = step(inf, to, err);
    } while (more > 0);
    return more;
}

int
inflater_end(struct inflater *inf, struct err *err)
{
    if (inf->any && !inf->ended)
        return err_set(err, ERR_INPUT, "compressed body: cut short");
    return 0;
}
