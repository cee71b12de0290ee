/* Header blobs of rpm and databases of them, made in memory: for tests of
 * analyze and graph. */
#ifndef TESTS_UNIT_RPM_RIG_H
#define TESTS_UNIT_RPM_RIG_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tar-rig.h"

#define RPM_RIG_BDB    "var/lib/rpm/Packages"
#define RPM_RIG_NDB    "var/lib/rpm/Packages.db"
#define RPM_RIG_SQLITE "var/lib/rpm/rpmdb.sqlite"

enum { RPM_RIG_INT = 4, RPM_RIG_TEXT = 6, RPM_RIG_TEXTS = 8 };

/* A header under construction. */
struct rpm_rig {
    struct buf index, data;
    uint32_t n;
};

#define RPM_RIG_INIT { .index = RIG_BUF, .data = RIG_BUF }

static inline void
rpm_rig_clear(struct rpm_rig *h)
{
    buf_clear(&h->index);
    buf_clear(&h->data);
}

#define auto_rpm_rig __attribute__((cleanup(rpm_rig_clear)))

static inline void
rpm_rig_be32(struct buf *to, uint32_t v)
{
    const uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
                           (uint8_t)(v >> 8), (uint8_t)v };

    buf_add(to, b, 4);
}

static inline void
rpm_rig_le32(struct buf *to, uint32_t v)
{
    const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
                           (uint8_t)(v >> 24) };

    buf_add(to, b, 4);
}

static inline void
rpm_rig_entry(struct rpm_rig *h, uint32_t tag, uint32_t type, uint32_t n)
{
    rpm_rig_be32(&h->index, tag);
    rpm_rig_be32(&h->index, type);
    rpm_rig_be32(&h->index, (uint32_t)h->data.n);
    rpm_rig_be32(&h->index, n);
    h->n++;
}

static inline void
rpm_rig_text(struct rpm_rig *h, uint32_t tag, const char *text)
{
    rpm_rig_entry(h, tag, RPM_RIG_TEXT, 1);
    buf_add(&h->data, text, strlen(text) + 1);
}

/* Texts split at blanks. */
static inline void
rpm_rig_texts(struct rpm_rig *h, uint32_t tag, const char *texts)
{
    struct bytes rest = bytes_str(texts), text;
    uint32_t n = 0;

    for (; bytes_next(&rest, ' ', &text); n++)
        ;
    rpm_rig_entry(h, tag, RPM_RIG_TEXTS, n);
    rest = bytes_str(texts);
    while (bytes_next(&rest, ' ', &text)) {
        buf_add_bytes(&h->data, text);
        buf_add_char(&h->data, '\0');
    }
}

static inline void
rpm_rig_ints(struct rpm_rig *h, uint32_t tag, const uint32_t *v, uint32_t n)
{
    while (h->data.n % 4 != 0)
        buf_add_char(&h->data, '\0');
    rpm_rig_entry(h, tag, RPM_RIG_INT, n);
    for (uint32_t i = 0; i < n; i++)
        rpm_rig_be32(&h->data, v[i]);
}

static inline void
rpm_rig_int(struct rpm_rig *h, uint32_t tag, uint32_t v)
{
    rpm_rig_ints(h, tag, &v, 1);
}

/* Name, version, release and size. */
static inline void
rpm_rig_basics(struct rpm_rig *h, const char *name, const char *version)
{
    rpm_rig_text(h, 1000, name);
    rpm_rig_text(h, 1001, version);
    rpm_rig_text(h, 1002, "1");
    rpm_rig_int(h, 1009, 7);
}

/* As rpm ends its headers: the entry the peer misses says nothing, and of
 * what Berkeley DB's reader loses nothing is missed. */
static inline void
rpm_rig_finish(struct rpm_rig *h, struct buf *blob)
{
    static const char nothing[40];

    rpm_rig_entry(h, 1997, 7, sizeof(nothing));
    buf_add(&h->data, nothing, sizeof(nothing));
    rpm_rig_int(h, 1128, 1);
    rpm_rig_be32(blob, h->n);
    rpm_rig_be32(blob, (uint32_t)h->data.n);
    buf_add_bytes(blob, buf_bytes(&h->index));
    buf_add_bytes(blob, buf_bytes(&h->data));
}

/* The header of a package of that name, version "VERSION-1". */
static inline void
rpm_rig_package(struct buf *blob, const char *name, const char *version)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    rpm_rig_basics(&h, name, version);
    rpm_rig_finish(&h, blob);
}

/* ---- databases --------------------------------------------------------- */

/* rpm's own, with so many pages of slots. */
static inline void
rpm_rig_ndb(struct buf *db, const struct buf *blobs, size_t n, uint32_t pages)
{
    static const char zeros[64];
    auto_buf struct buf area = RIG_BUF;
    uint32_t n_slots = pages * 256 - 2;

    rpm_rig_le32(db, 0x506d7052);
    rpm_rig_le32(db, 0);
    rpm_rig_le32(db, 1);
    rpm_rig_le32(db, pages);
    buf_add(db, zeros, 16);
    for (uint32_t i = 0; i < n_slots; i++) {
        rpm_rig_le32(db, 0x746f6c53);
        rpm_rig_le32(db, i < n ? i + 1 : 0);
        rpm_rig_le32(db, (uint32_t)(pages * 4096 + area.n) / 16);
        rpm_rig_le32(db, 0);
        if (i >= n)
            continue;
        rpm_rig_le32(&area, 0x53626c42);
        rpm_rig_le32(&area, i + 1);
        rpm_rig_le32(&area, 0);
        rpm_rig_le32(&area, (uint32_t)blobs[i].n);
        buf_add_bytes(&area, buf_bytes(&blobs[i]));
        buf_add(&area, zeros, 16 - area.n % 16);
    }
    buf_add_bytes(db, buf_bytes(&area));
    buf_add(db, zeros, 64);
}

static inline void
rpm_rig_put(struct buf *db, size_t at, uint32_t v, size_t n, bool big)
{
    for (size_t i = 0; i < n; i++)
        db->p[at + i] = (uint8_t)(v >> 8 * (big ? n - 1 - i : i));
}

#define RPM_RIG_PAGE 512u

static inline size_t
rpm_rig_add_page(struct buf *db, uint8_t type, bool big)
{
    static const char zeros[RPM_RIG_PAGE];
    size_t at = db->n;

    buf_add(db, zeros, sizeof(zeros));
    rpm_rig_put(db, at + 8, (uint32_t)(at / RPM_RIG_PAGE), 4, big);
    db->p[at + 25] = type;
    return at;
}

/* A chain of pages for one blob; the number of the first. */
static inline uint32_t
rpm_rig_chain(struct buf *db, struct bytes blob, bool big)
{
    const size_t room = RPM_RIG_PAGE - 26;
    uint32_t first = (uint32_t)(db->n / RPM_RIG_PAGE);

    while (blob.n > 0) {
        size_t at = rpm_rig_add_page(db, 7, big);
        size_t n = blob.n < room ? blob.n : room;

        memcpy(db->p + at + 26, blob.p, n);
        rpm_rig_put(db, at + 22, (uint32_t)n, 2, big);
        blob = bytes_from(blob, n);
        if (blob.n > 0)
            rpm_rig_put(db, at + 16, (uint32_t)(db->n / RPM_RIG_PAGE), 4, big);
    }
    return first;
}

/* Berkeley DB: the meta page, one page of pairs, the chains; `last` more
 * pages of nothing, of which the peer does not visit the last one. */
static inline void
rpm_rig_bdb(struct buf *db, const struct buf *blobs, size_t n, bool big,
            unsigned last)
{
    size_t meta = rpm_rig_add_page(db, 8, big);
    size_t page = rpm_rig_add_page(db, 13, big);
    uint32_t end = RPM_RIG_PAGE;

    for (size_t i = 0; i < n; i++) {
        uint32_t first = rpm_rig_chain(db, buf_bytes(&blobs[i]), big);

        end -= 5;
        db->p[page + end] = 1;
        rpm_rig_put(db, page + end + 1, (uint32_t)i + 1, 4, big);
        rpm_rig_put(db, page + 26 + 4 * i, end, 2, big);
        end -= 12;
        db->p[page + end] = 3;
        rpm_rig_put(db, page + end + 4, first, 4, big);
        rpm_rig_put(db, page + end + 8, (uint32_t)blobs[i].n, 4, big);
        rpm_rig_put(db, page + 28 + 4 * i, end, 2, big);
    }
    rpm_rig_put(db, page + 20, (uint32_t)n * 2, 2, big);
    for (unsigned i = 0; i < last; i++)
        rpm_rig_add_page(db, 0, big);
    rpm_rig_put(db, meta + 12, 0x61561, 4, big);
    rpm_rig_put(db, meta + 20, RPM_RIG_PAGE, 4, big);
    rpm_rig_put(db, meta + 32, (uint32_t)(db->n / RPM_RIG_PAGE) - 1, 4, big);
    rpm_rig_put(db, meta + 88, (uint32_t)n, 4, big);
}

/* SQLite: `schema` makes the table, blobs are put into it (n may be 0). */
static inline void
rpm_rig_sqlite(struct buf *out, const char *schema, const struct buf *blobs,
               size_t n)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *put = NULL;
    sqlite3_int64 size = 0;
    unsigned char *bytes;

    cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "PRAGMA page_size = 512", NULL, NULL, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(db));
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(sqlite3_prepare_v2(db, "INSERT INTO Packages (blob) "
                                            "VALUES (?)", -1, &put, NULL),
                     SQLITE_OK);
        sqlite3_bind_blob(put, 1, blobs[i].p, (int)blobs[i].n, SQLITE_STATIC);
        cr_assert_eq(sqlite3_step(put), SQLITE_DONE);
        sqlite3_finalize(put);
    }
    bytes = sqlite3_serialize(db, "main", &size, 0);
    cr_assert_not_null(bytes);
    buf_add(out, bytes, (size_t)size);
    sqlite3_free(bytes);
    sqlite3_close(db);
}

#define RPM_RIG_SCHEMA \
    "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT," \
    " blob BLOB NOT NULL)"

#endif
