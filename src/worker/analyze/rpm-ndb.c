/* rpm's own database (scan-facts.md §7.3.2): a table of slots, each of which
 * points to a blob. Little endian. */
#include "worker/analyze/rpm-db.h"
#include "worker/analyze/rpm-header.h"

#include "base/buf.h"
#include "base/str.h"

#define HEADER_BYTES 32
#define SLOT_BYTES   16
#define SLOT_PAGE_BYTES 4096u
#define BLOCK_BYTES  16
#define BLOB_HEADER_BYTES 16
#define MAX_SLOT_PAGES 2048u
#define DB_MAGIC   0x506d7052u /* "RpmP" */
#define SLOT_MAGIC 0x746f6c53u /* "Slot" */
#define BLOB_MAGIC 0x53626c42u /* "BlbS" */

struct slot {
    uint32_t pkg_index; /* 0: free */
    uint32_t block;     /* of BLOCK_BYTES each */
};

struct ndb {
    struct ar_body *body; /* borrows */
    struct rpm_db *db;    /* borrows */
    uint32_t n_slots;
    uint64_t n_read, read_max; /* bytes of blobs: they do not overlap */
    struct buf blob;      /* owns */
};

static int
read_head(struct ndb *n, struct err *err)
{
    struct bytes h;
    uint32_t pages;

    if (ar_body_at(n->body, 0, HEADER_BYTES, &h, err) < 0)
        return -1;
    if (rpm_le32(h.p) != DB_MAGIC)
        return err_set(err, ERR_INPUT, "no database of rpm's own");
    if (rpm_le32(h.p + 4) != 0)
        return err_set(err, ERR_UNSUPPORTED, "version %u of rpm's database",
                       rpm_le32(h.p + 4));
    pages = rpm_le32(h.p + 12);
    if (pages == 0 || pages > MAX_SLOT_PAGES)
        return err_set(err, ERR_INPUT, "%u pages of slots", pages);
    n->n_slots = pages * (SLOT_PAGE_BYTES / SLOT_BYTES) -
                 HEADER_BYTES / SLOT_BYTES;
    /* The peer reads as much again as the header has, in vain. */
    if (HEADER_BYTES + (uint64_t)pages * SLOT_PAGE_BYTES >
        ar_body_size(n->body))
        rpm_db_peer_gives_up(n->db);
    n->read_max = 2 * ar_body_size(n->body);
    return 0;
}

static int
load_blob(struct ndb *n, const struct slot *slot, struct err *err)
{
    uint64_t at = (uint64_t)slot->block * BLOCK_BYTES;
    uint8_t h[BLOB_HEADER_BYTES], *to;
    uint32_t n_bytes;

    /* Copied, for the body's window stays at the slots. */
    if (ar_body_copy(n->body, at, h, sizeof(h), err) < 0)
        return -1;
    if (rpm_le32(h) != BLOB_MAGIC || rpm_le32(h + 4) != slot->pkg_index)
        return err_set(err, ERR_INPUT, "no such blob");
    n_bytes = rpm_le32(h + 12);
    if (n_bytes > n->read_max - n->n_read)
        return err_set(err, ERR_INPUT, "blobs that overlap");
    n->n_read += n_bytes;
    buf_reset(&n->blob);
    to = buf_room(&n->blob, n_bytes);
    if (to == NULL)
        return buf_check(&n->blob, "blob", err);
    if (ar_body_copy(n->body, at + BLOB_HEADER_BYTES, to, n_bytes, err) < 0)
        return -1;
    n->blob.n = n_bytes;
    return 0;
}

static int
read_slot(struct ndb *n, uint32_t i, struct err *err)
{
    struct slot slot;
    struct bytes s;

    if (ar_body_at(n->body, HEADER_BYTES + (uint64_t)i * SLOT_BYTES,
                   SLOT_BYTES, &s, err) < 0)
        return -1;
    slot = (struct slot){ rpm_le32(s.p + 4), rpm_le32(s.p + 8) };
    if (rpm_le32(s.p) == SLOT_MAGIC && slot.pkg_index == 0)
        return 0;
    if (rpm_le32(s.p) != SLOT_MAGIC)
        err_set(err, ERR_INPUT, "slot %u is none", i);
    else if (load_blob(n, &slot, err) == 0) {
        struct bytes blob = buf_bytes(&n->blob);

        rpm_db_blob(n->db, blob, blob);
        return 0;
    } else {
        err_wrap(err, "slot %u", i);
    }
    rpm_db_damaged(n->db, err);
    return 0;
}

static int
read_slots(struct ndb *n, struct err *err)
{
    if (read_head(n, err) < 0)
        return -1;
    for (uint32_t i = 0; i < n->n_slots; i++) {
        if (read_slot(n, i, err) < 0)
            return -1;
    }
    return 0;
}

static int
ndb_walk(struct ar_body *body, struct rpm_db *db, struct err *err)
{
    struct ndb n = { .body = body, .db = db,
                     .blob = BUF_INIT(RPM_BLOB_MAX_BYTES) };
    int rc = read_slots(&n, err);

    buf_clear(&n.blob);
    return rc;
}

static int
ndb_inspect(struct ar_body *body, struct an_out *out, struct err *err)
{
    static const struct rpm_form form = { .walk = ndb_walk };

    return rpm_db_inspect(&form, body, out, err);
}

const struct analyzer analyzer_rpm_ndb = {
    .name = "rpm",
    .wants = (const char *const[]){ "/var/lib/rpm/Packages.db",
                                    "/usr/lib/sysimage/rpm/Packages.db",
                                    NULL },
    .takes_empty = true,
    .inspect = ndb_inspect,
};
