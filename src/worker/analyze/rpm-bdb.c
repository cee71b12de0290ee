/*
 * rpm's database as a hash of Berkeley DB (scan-facts.md §7.3.1): pages with
 * pairs of key and value; a value too large for one lies in a chain of pages
 * of its own, which nearly all are.
 */
#include "worker/analyze/rpm-db.h"
#include "worker/analyze/rpm-header.h"

#include "base/buf.h"
#include "base/str.h"

#define META_BYTES 92 /* what we read of the first page */
#define HASH_MAGIC 0x61561u
#define PAGE_HEADER_BYTES 26
#define OFF_PAGE_BYTES 12 /* of an item that says where its value is */
#define MIN_PAGE_BYTES 512u
#define MAX_PAGE_BYTES 65536u
#define PEER_MAX_RECORDS 50000u

enum page_type { PAGE_HASH_UNSORTED = 2, PAGE_META = 8, PAGE_HASH = 13 };
enum item_type { ITEM_INLINE = 1, ITEM_OFF_PAGE = 3 };

struct bdb {
    struct ar_body *body; /* borrows */
    struct rpm_db *db;    /* borrows */
    bool big_endian;      /* written by such a machine; the peer refuses */
    uint32_t page_bytes, last_page;
    uint64_t n_followed, follow_max; /* pages of chains: each has one owner */
    uint64_t announced_left, inline_left; /* bytes of values, likewise */
    struct buf page;      /* owns: the page at hand */
    struct buf value;     /* owns: the value at hand */
    struct buf as_peer;   /* owns: the same as the peer gets it */
};

static uint32_t
get32(const struct bdb *b, const uint8_t *p)
{
    return b->big_endian ? rpm_be32(p) : rpm_le32(p);
}

static uint16_t
get16(const struct bdb *b, const uint8_t *p)
{
    return b->big_endian ? (uint16_t)(p[0] << 8 | p[1]) : rpm_le16(p);
}

static int
read_meta(struct bdb *b, struct err *err)
{
    struct bytes m;

    if (ar_body_at(b->body, 0, META_BYTES, &m, err) < 0)
        return -1;
    b->big_endian = rpm_be32(m.p + 12) == HASH_MAGIC;
    if (get32(b, m.p + 12) != HASH_MAGIC || m.p[25] != PAGE_META)
        return err_set(err, ERR_INPUT, "no hash of Berkeley DB");
    if (m.p[24] != 0)
        return err_set(err, ERR_UNSUPPORTED, "encrypted database");
    b->page_bytes = get32(b, m.p + 20);
    b->last_page = get32(b, m.p + 32);
    if (b->page_bytes < MIN_PAGE_BYTES || b->page_bytes > MAX_PAGE_BYTES ||
        (b->page_bytes & (b->page_bytes - 1)) != 0)
        return err_set(err, ERR_INPUT, "pages of %u bytes", b->page_bytes);
    if (b->big_endian || get32(b, m.p + 88) > PEER_MAX_RECORDS)
        rpm_db_peer_gives_up(b->db);
    b->follow_max = 2 * (ar_body_size(b->body) / b->page_bytes) + 16;
    b->announced_left = b->inline_left = 2 * ar_body_size(b->body);
    return 0;
}

/* ---- chains ------------------------------------------------------------ */

/* A page, or what the file still has of it. */
static int
page_at(struct bdb *b, uint32_t page, struct bytes *out, struct err *err)
{
    uint64_t at = (uint64_t)page * b->page_bytes;
    uint64_t size = ar_body_size(b->body);
    uint64_t left = at < size ? size - at : 0;

    if (left < PAGE_HEADER_BYTES)
        return err_set(err, ERR_INPUT, "page %u is not there", page);
    return ar_body_at(b->body, at, left < b->page_bytes ? left : b->page_bytes,
                      out, err);
}

/*
 * Gathers a value. The peer takes the length of the last page's data for the
 * place where it ends, and so loses as many bytes as a page's header has;
 * *n_peer is what it gets.
 */
static int
read_chain(struct bdb *b, uint32_t page, size_t *n_peer, struct err *err)
{
    buf_reset(&b->value);
    *n_peer = 0;
    do {
        struct bytes p;
        size_t n;

        if (b->n_followed++ >= b->follow_max)
            return err_set(err, ERR_INPUT, "chains of pages that cross");
        if (page_at(b, page, &p, err) < 0)
            return -1;
        page = get32(b, p.p + 16);
        n = page == 0 ? get16(b, p.p + 22) : p.n;
        *n_peer = b->value.n + bytes_from(bytes_to(p, n),
                                          PAGE_HEADER_BYTES).n;
        if (buf_add_bytes(&b->value,
                          bytes_to(bytes_from(p, PAGE_HEADER_BYTES), n)) < 0)
            return buf_check(&b->value, "value", err);
    } while (page != 0);
    return 0;
}

/* What it gets, in a buffer of the length that was announced; NULL p: more
 * than that, at which it gives up, or more than all values can have. */
static struct bytes
value_as_peer(struct bdb *b, size_t n_peer, size_t n_announced)
{
    buf_reset(&b->as_peer);
    if (n_peer > n_announced || n_announced > b->announced_left ||
        buf_room(&b->as_peer, n_announced + 1) == NULL)
        return BYTES_NONE;
    b->announced_left -= n_announced;
    buf_add_bytes(&b->as_peer, bytes_to(buf_bytes(&b->value), n_peer));
    memset(b->as_peer.p + n_peer, 0, n_announced - n_peer);
    b->as_peer.n = n_announced;
    return buf_bytes(&b->as_peer);
}

static void
lose(struct bdb *b, const struct err *why, bool peer_gives_up)
{
    rpm_db_damaged(b->db, why);
    if (peer_gives_up)
        rpm_db_peer_gives_up(b->db);
}

/* The peer gives up at a chain it cannot follow; we do without that value. */
static void
read_off_page(struct bdb *b, struct bytes item, bool peer_sees)
{
    uint32_t page, n_announced;
    struct bytes peers = BYTES_NONE;
    size_t n_peer;
    struct err why;

    if (item.n < OFF_PAGE_BYTES) {
        err_set(&why, ERR_INPUT, "a value beyond its page");
        lose(b, &why, peer_sees);
        return;
    }
    page = get32(b, item.p + 4);
    n_announced = get32(b, item.p + 8);
    if (page == 0) {
        err_set(&why, ERR_INPUT, "a value without pages");
        lose(b, &why, false);
        return;
    }
    if (read_chain(b, page, &n_peer, &why) < 0) {
        lose(b, &why, peer_sees);
        return;
    }
    if (peer_sees) {
        peers = value_as_peer(b, n_peer, n_announced);
        if (peers.p == NULL)
            rpm_db_peer_gives_up(b->db);
    }
    if (b->value.n < n_announced) {
        err_set(&why, ERR_INPUT, "a value of %zu bytes instead of %u",
                b->value.n, n_announced);
        lose(b, &why, false);
    }
    rpm_db_blob(b->db, bytes_to(buf_bytes(&b->value), n_announced), peers);
}

/* ---- pages of pairs ---------------------------------------------------- */

/* Items are stacked from the page's end: each reaches to the one before. */
static struct bytes
item_at(const struct bdb *b, size_t i)
{
    const uint8_t *index = b->page.p + PAGE_HEADER_BYTES;
    size_t from = get16(b, index + 2 * i);
    size_t to = i > 0 ? get16(b, index + 2 * (i - 1)) : b->page.n;

    /* 65536 does not fit into 16 bits. */
    if (to == 0)
        to = b->page.n;
    return from < to && to <= b->page.n ? bytes_of(b->page.p + from, to - from)
                                        : BYTES_NONE;
}

/* The number of packages is kept under key 0. */
static bool
is_housekeeping(const struct bdb *b, struct bytes key)
{
    return key.n == 5 && key.p[0] == ITEM_INLINE &&
           get32(b, key.p + 1) == 0;
}

/* Values that the peer does not see. */
static void
read_inline(struct bdb *b, struct bytes value)
{
    struct err why;

    if (value.n > b->inline_left) {
        err_set(&why, ERR_INPUT, "values that overlap");
        lose(b, &why, false);
        return;
    }
    b->inline_left -= value.n;
    rpm_db_blob(b->db, value, BYTES_NONE);
}

static void
read_pair(struct bdb *b, size_t i, bool peer_sees)
{
    struct bytes key = item_at(b, i), value = item_at(b, i + 1);
    size_t from = get16(b, b->page.p + PAGE_HEADER_BYTES + 2 * (i + 1));

    /* Places are signed to the peer: it misses the upper half of a page of
     * 64 KiB. */
    peer_sees = peer_sees && from <= INT16_MAX;
    if (from < b->page.n && b->page.p[from] == ITEM_OFF_PAGE)
        read_off_page(b, bytes_from(buf_bytes(&b->page), from), peer_sees);
    else if (value.n > 1 && value.p[0] == ITEM_INLINE &&
             !is_housekeeping(b, key))
        read_inline(b, bytes_from(value, 1));
}

/* The page is copied: what it points to is read while we are at it. */
static void
read_pairs(struct bdb *b, uint32_t page, bool peer_sees)
{
    size_t n = get16(b, b->page.p + 20);
    size_t most = (b->page.n - PAGE_HEADER_BYTES) / 2;
    struct err why;

    if (n % 2 != 0) {
        err_set(&why, ERR_INPUT, "page %u: %zu items", page, n);
        lose(b, &why, peer_sees);
        return;
    }
    for (size_t i = 0; i + 1 < (n < most ? n : most); i += 2)
        read_pair(b, i, peer_sees);
}

/* The peer stops before the last page, and knows the newer type only. */
static int
read_page(struct bdb *b, uint32_t page, struct err *err)
{
    struct bytes p;

    if (page_at(b, page, &p, err) < 0)
        return -1;
    if (p.p[25] != PAGE_HASH && p.p[25] != PAGE_HASH_UNSORTED)
        return 0;
    buf_reset(&b->page);
    buf_add_bytes(&b->page, p);
    read_pairs(b, page, p.p[25] == PAGE_HASH && page < b->last_page);
    return 0;
}

static int
read_pages(struct bdb *b, struct err *err)
{
    if (read_meta(b, err) < 0)
        return -1;
    for (uint64_t page = 1; page <= b->last_page; page++) {
        if (read_page(b, (uint32_t)page, err) == 0)
            continue;
        /* The file is shorter than it says: the peer sees nothing there. */
        lose(b, err, false);
        break;
    }
    return 0;
}

static int
bdb_walk(struct ar_body *body, struct rpm_db *db, struct err *err)
{
    struct bdb b = { .body = body, .db = db,
                     .page = BUF_INIT(MAX_PAGE_BYTES),
                     .value = BUF_INIT(RPM_BLOB_MAX_BYTES),
                     .as_peer = BUF_INIT(RPM_BLOB_MAX_BYTES) };
    int rc = read_pages(&b, err);

    buf_clear(&b.page);
    buf_clear(&b.value);
    buf_clear(&b.as_peer);
    return rc;
}

static int
bdb_inspect(struct ar_body *body, struct an_out *out, struct err *err)
{
    static const struct rpm_form form = { .walk = bdb_walk };

    return rpm_db_inspect(&form, body, out, err);
}

const struct analyzer analyzer_rpm_bdb = {
    .name = "rpm",
    .wants = (const char *const[]){ "/var/lib/rpm/Packages",
                                    "/usr/lib/sysimage/rpm/Packages", NULL },
    .takes_empty = true,
    .inspect = bdb_inspect,
};
