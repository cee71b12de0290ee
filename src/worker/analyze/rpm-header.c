/* Header blobs, as they are. How the peer takes them is at the end. */
#include "worker/analyze/rpm-header.h"

#include <string.h>

#include "base/auto.h"

#define INTRO_BYTES 8  /* two counts before the index */
#define ENTRY_BYTES 16

enum { TYPE_INT32 = 4, TYPE_TEXT = 6, TYPE_TEXTS = 8, TYPE_I18N = 9 };

/* One entry of the index. */
struct entry {
    int32_t tag;
    uint32_t type;
    int32_t offset; /* into the data */
    uint32_t n;     /* items */
};

static struct entry
entry_at(struct bytes index, size_t i)
{
    const uint8_t *p = index.p + i * ENTRY_BYTES;

    return (struct entry){ (int32_t)rpm_be32(p), rpm_be32(p + 4),
                           (int32_t)rpm_be32(p + 8), rpm_be32(p + 12) };
}

int
rpm_header_open(struct rpm_header *h, struct bytes blob, struct err *err)
{
    uint32_t n, n_data;

    if (blob.n < INTRO_BYTES)
        return err_set(err, ERR_INPUT, "header of %zu bytes", blob.n);
    n = rpm_be32(blob.p);
    n_data = rpm_be32(blob.p + 4);
    if (n == 0 || n > RPM_HEADER_MAX_ENTRIES)
        return err_set(err, ERR_INPUT, "header of %u entries", n);
    if (blob.n - INTRO_BYTES < (size_t)n * ENTRY_BYTES)
        return err_set(err, ERR_INPUT, "header ends in its index");
    h->index = bytes_of(blob.p + INTRO_BYTES, (size_t)n * ENTRY_BYTES);
    h->data = bytes_to(bytes_from(blob, INTRO_BYTES + h->index.n), n_data);
    return 0;
}

/* The last one of a tag counts: rpm puts changes behind what was signed. */
static bool
find(const struct rpm_header *h, enum rpm_tag tag, struct entry *out)
{
    for (size_t i = h->index.n / ENTRY_BYTES; i-- > 0;) {
        *out = entry_at(h->index, i);
        if (out->tag == (int32_t)tag)
            return true;
    }
    return false;
}

static struct bytes
data_of(const struct rpm_header *h, const struct entry *e)
{
    return e->offset >= 0 ? bytes_from(h->data, (size_t)e->offset)
                          : BYTES_NONE;
}

static struct bytes
text_of(const struct rpm_header *h, enum rpm_tag tag)
{
    struct entry e;
    struct bytes b;

    if (!find(h, tag, &e) || (e.type != TYPE_TEXT && e.type != TYPE_I18N))
        return BYTES_NONE;
    b = data_of(h, &e);
    return bytes_to(b, bytes_find(b, '\0'));
}

struct rpm_texts
rpm_header_texts(const struct rpm_header *h, enum rpm_tag tag)
{
    struct entry e;

    if (!find(h, tag, &e) || e.type != TYPE_TEXTS)
        return (struct rpm_texts){ .n_left = 0 };
    return (struct rpm_texts){ data_of(h, &e), e.n };
}

bool
rpm_texts_next(struct rpm_texts *it, struct bytes *text)
{
    size_t n = bytes_find(it->rest, '\0');

    if (it->n_left == 0 || n == it->rest.n)
        return false;
    *text = bytes_to(it->rest, n);
    it->rest = bytes_from(it->rest, n + 1);
    it->n_left--;
    return true;
}

struct bytes
rpm_header_numbers(const struct rpm_header *h, enum rpm_tag tag)
{
    struct bytes b = BYTES_NONE;
    struct entry e;

    if (find(h, tag, &e) && e.type == TYPE_INT32) {
        b = data_of(h, &e);
        b.n = e.n < b.n / 4 ? (size_t)e.n * 4 : b.n / 4 * 4;
    }
    return b;
}

int
rpm_header_read(const struct rpm_header *h, struct rpm_package *out,
                struct err *err)
{
    struct bytes epoch = rpm_header_numbers(h, RPM_TAG_EPOCH);

    *out = (struct rpm_package){
        .name = text_of(h, RPM_TAG_NAME),
        .version = text_of(h, RPM_TAG_VERSION),
        .release = text_of(h, RPM_TAG_RELEASE),
        .source_rpm = text_of(h, RPM_TAG_SOURCE_RPM),
        .module = text_of(h, RPM_TAG_MODULE),
        .arch = text_of(h, RPM_TAG_ARCH),
        .licence = text_of(h, RPM_TAG_LICENCE),
        .has_epoch = epoch.n >= 4,
    };
    if (out->has_epoch)
        out->epoch = rpm_be32(epoch.p);
    if (out->name.n == 0)
        return err_set(err, ERR_INPUT, "header without a name");
    if (out->version.n == 0 || out->release.n == 0)
        return err_set(err, ERR_INPUT, "header of %.*s without a %s",
                       BYTES_FMT(bytes_to(out->name, 100)),
                       out->version.n == 0 ? "version" : "release");
    return 0;
}

/* ---- the peer's way ---------------------------------------------------- */

/* What Buffer.slice() gives: places below 0 count from the end. */
static struct bytes
js_slice(struct bytes b, int64_t from, int64_t to)
{
    int64_t n = (int64_t)b.n;

    from = from < 0 ? (from + n > 0 ? from + n : 0) : from;
    to = to < 0 ? to + n : to < n ? to : n;
    return from < to ? bytes_of(b.p + from, (size_t)(to - from)) : BYTES_NONE;
}

/* Without a NUL its last byte is lost: indexOf() is -1 then. */
static void
cut_as_peer(struct bytes *text)
{
    size_t n = bytes_find(*text, '\0');

    if (n == text->n)
        n -= n > 0;
    *text = bytes_to(*text, n);
}

/* Once for each text, when it is known which entry of its tag is the last:
 * fifty thousand may have the same megabytes. */
static void
cut_all_as_peer(struct rpm_package *p)
{
    struct bytes *const texts[] = { &p->name, &p->version, &p->release,
                                    &p->arch, &p->source_rpm, &p->module };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        cut_as_peer(texts[i]);
}

static bool
is_skipped(int32_t tag)
{
    return (tag >= 61 && tag <= 64) || tag == 100 || tag == 256;
}

struct peer_reading {
    struct rpm_package *out;
    bool has_size;
};

static struct bytes *
text_wanted(struct rpm_package *p, int32_t tag)
{
    switch (tag) {
    case RPM_TAG_NAME:
        return &p->name;
    case RPM_TAG_VERSION:
        return &p->version;
    case RPM_TAG_RELEASE:
        return &p->release;
    case RPM_TAG_ARCH:
        return &p->arch;
    case RPM_TAG_SOURCE_RPM:
        return &p->source_rpm;
    case RPM_TAG_MODULE:
        return &p->module;
    default:
        return NULL;
    }
}

/* Texts with all the data they have. False: it throws. */
static bool
take_as_peer(struct peer_reading *r, const struct entry *e, struct bytes data)
{
    struct bytes *text = text_wanted(r->out, e->tag);

    if (text != NULL) {
        *text = data.p != NULL ? data : bytes_str("");
        return e->type == TYPE_TEXT;
    }
    if (e->tag != RPM_TAG_EPOCH && e->tag != RPM_TAG_SIZE)
        return true;
    if (e->type != TYPE_INT32 || data.n < 4)
        return false;
    if (e->tag == RPM_TAG_SIZE) {
        r->has_size = true;
        return true;
    }
    r->out->has_epoch = true;
    r->out->epoch = (int32_t)rpm_be32(data.p);
    return true;
}

/* All but the last entry, or what the blob has of them. */
static struct bytes
index_as_peer(struct bytes blob, uint32_t n)
{
    struct bytes index = bytes_from(bytes_to(blob, (size_t)n * ENTRY_BYTES),
                                    INTRO_BYTES);

    return bytes_to(index, index.n / ENTRY_BYTES * ENTRY_BYTES);
}

/* Data of an entry reaches to that of the next one that is not skipped. */
static bool
walk_as_peer(struct peer_reading *r, struct bytes blob, uint32_t n)
{
    struct bytes index = index_as_peer(blob, n);
    int64_t data_at = INTRO_BYTES + (int64_t)n * ENTRY_BYTES;
    int64_t data_end = data_at + (int32_t)rpm_be32(blob.p + 4);
    struct entry e, next;
    bool has_one = false;

    for (size_t i = 0; i < index.n / ENTRY_BYTES; i++) {
        next = entry_at(index, i);
        if (is_skipped(next.tag))
            continue;
        if (has_one && !take_as_peer(r, &e, js_slice(blob, data_at + e.offset,
                                                     data_at + next.offset)))
            return false;
        e = next;
        has_one = true;
    }
    return !has_one ||
           take_as_peer(r, &e, js_slice(blob, data_at + e.offset, data_end));
}

enum rpm_peer
rpm_header_read_as_peer(struct bytes blob, struct rpm_package *out)
{
    struct peer_reading r = { out, false };
    uint32_t n;

    *out = (struct rpm_package){ .has_epoch = false };
    if (blob.n < INTRO_BYTES)
        return RPM_PEER_THROWS;
    n = rpm_be32(blob.p);
    if (n == 0 || n > RPM_HEADER_MAX_ENTRIES || !walk_as_peer(&r, blob, n))
        return RPM_PEER_THROWS;
    cut_all_as_peer(out);
    return out->name.p != NULL && out->version.p != NULL &&
                   out->release.p != NULL && r.has_size
               ? RPM_PEER_READS
               : RPM_PEER_MISSES_TAGS;
}
