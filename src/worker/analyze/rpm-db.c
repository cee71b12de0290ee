/* Two readings of each blob, ours and the peer's; where they differ, the
 * record has both. */
#include "worker/analyze/rpm-db.h"

#include <stdlib.h>

#include "base/str.h"
#include "worker/analyze/pkglist.h"
#include "worker/analyze/rpm-deps.h"
#include "worker/analyze/rpm-header.h"

#define MAX_PACKAGES 50000
/* Texts of all packages; 3000 packages have about 300 KiB. */
#define TEXTS_MAX_BYTES  (8u << 20)
/* Names of what they depend on, before repetitions go; about 1 MiB then. */
#define DEPS_MAX_BYTES   (8u << 20)
#define TEXTS_PAGE_BYTES (64u << 10)

/* Texts that outlive their blob. */
struct page {
    struct page *next; /* owns */
    uint8_t bytes[];
};

struct rpm_db {
    const struct rpm_form *form;
    struct pkg_list list;  /* owns */
    struct page *pages;    /* owns */
    size_t page_left, n_text_bytes, n_dep_bytes;
    struct rpm_deps *deps; /* owns */
    size_t *numbers;       /* owns: places in the list of those that we read */
    size_t n_ours;
    bool second_pass;
    bool full;             /* of packages: from now on none is added */
    size_t n_damaged;
    struct err first;      /* what was wrong with the first of them */
};

static void
db_clear(struct rpm_db *db)
{
    while (db->pages != NULL) {
        struct page *next = db->pages->next;

        free(db->pages);
        db->pages = next;
    }
    pkg_list_clear(&db->list);
    rpm_deps_free(db->deps);
    free(db->numbers);
}

void
rpm_db_damaged(struct rpm_db *db, const struct err *why)
{
    if (!db->second_pass && db->n_damaged++ == 0)
        db->first = *why;
}

void
rpm_db_peer_gives_up(struct rpm_db *db)
{
    db->list.lost = true;
}

/* ---- packages ---------------------------------------------------------- */

static struct bytes
keep(struct rpm_db *db, struct bytes text)
{
    struct page *page;
    uint8_t *to;

    if (text.p == NULL)
        return BYTES_NONE;
    if (text.n > db->page_left || db->pages == NULL) {
        size_t n = text.n > TEXTS_PAGE_BYTES ? text.n : TEXTS_PAGE_BYTES;

        page = xalloc(sizeof(*page) + n);
        page->next = db->pages;
        db->pages = page;
        db->page_left = n;
    }
    to = db->pages->bytes;
    db->page_left -= text.n;
    to += db->page_left;
    memcpy(to, text.p, text.n);
    db->n_text_bytes += text.n;
    return bytes_of(to, text.n);
}

static struct bytes
keep_version(struct rpm_db *db, const struct rpm_package *p)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    buf_add_bytes(&text, p->version);
    buf_add_char(&text, '-');
    buf_add_bytes(&text, p->release);
    return keep(db, buf_bytes(&text));
}

static size_t
text_bytes(const struct rpm_package *p)
{
    return p->name.n + p->version.n + p->release.n + p->source_rpm.n +
           p->module.n + p->arch.n + p->licence.n + 1;
}

static bool
has_room(struct rpm_db *db, const struct rpm_package *p)
{
    struct err why;

    if (db->full)
        return false;
    if (db->list.n < 2 * MAX_PACKAGES &&
        text_bytes(p) <= TEXTS_MAX_BYTES - db->n_text_bytes)
        return true;
    err_set(&why, ERR_LIMIT, "more than %u packages, or of too long names",
            MAX_PACKAGES);
    rpm_db_damaged(db, &why);
    db->full = true;
    return false;
}

/* `only`: the reading it is of; NULL: both. */
static bool
add_package(struct rpm_db *db, const struct rpm_package *p, const char *only)
{
    struct pkg_entry *e;

    if (!has_room(db, p))
        return false;
    e = pkg_list_add(&db->list);
    e->name = keep(db, p->name);
    e->version = keep_version(db, p);
    e->arch = keep(db, p->arch);
    e->licence = keep(db, p->licence);
    e->source_rpm = keep(db, p->source_rpm);
    e->module = keep(db, p->module);
    e->has_epoch = p->has_epoch;
    e->epoch = p->epoch;
    e->only = only;
    return true;
}

static bool
same(const struct rpm_package *a, const struct rpm_package *b)
{
    return bytes_equal(a->name, b->name) &&
           bytes_equal(a->version, b->version) &&
           bytes_equal(a->release, b->release) &&
           bytes_equal(a->source_rpm, b->source_rpm) &&
           bytes_equal(a->module, b->module) &&
           a->has_epoch == b->has_epoch && a->epoch == b->epoch;
}

/* The peer's reading. False: it has none of this blob. */
static bool
read_as_peer(struct rpm_db *db, struct bytes blob, struct rpm_package *p)
{
    enum rpm_peer how;

    if (blob.p == NULL)
        return false;
    how = rpm_header_read_as_peer(blob, p);
    if (how == RPM_PEER_READS) {
        /* It makes a URL of the name and fails at one that is empty. */
        db->list.broken = db->list.broken || p->name.n == 0;
        return true;
    }
    if (db->form->strict && how == RPM_PEER_THROWS)
        db->list.lost = true;
    else if (db->form->strict)
        db->list.broken = true;
    return false;
}

static void
remember(struct rpm_db *db, const struct rpm_header *h)
{
    db->numbers = xgrown(db->numbers, db->n_ours, sizeof(*db->numbers));
    db->numbers[db->n_ours++] = db->list.n - 1;
    rpm_deps_want(db->deps, h);
}

static void
first_pass(struct rpm_db *db, struct bytes blob, struct bytes as_peer)
{
    struct rpm_package ours, peers;
    struct rpm_header h;
    struct err why;
    bool read = false, peer_reads;

    if (blob.p != NULL) {
        read = rpm_header_open(&h, blob, &why) == 0 &&
               rpm_header_read(&h, &ours, &why) == 0;
        if (!read)
            rpm_db_damaged(db, &why);
    }
    peer_reads = read_as_peer(db, as_peer, &peers);
    if (read && peer_reads && same(&ours, &peers)) {
        if (add_package(db, &ours, NULL))
            remember(db, &h);
        return;
    }
    if (peer_reads)
        add_package(db, &peers, PKG_COMPAT_ONLY);
    if (read && add_package(db, &ours, PKG_RIGHT_ONLY))
        remember(db, &h);
}

/* Those that were remembered come again, in the same order. */
static void
second_pass(struct rpm_db *db, struct bytes blob)
{
    struct rpm_package ours;
    struct rpm_header h;

    if (blob.p != NULL && rpm_header_open(&h, blob, NULL) == 0 &&
        rpm_header_read(&h, &ours, NULL) == 0)
        rpm_deps_offer(db->deps, &h, ours.name);
}

void
rpm_db_blob(struct rpm_db *db, struct bytes blob, struct bytes as_peer)
{
    if (db->second_pass)
        second_pass(db, blob);
    else
        first_pass(db, blob, as_peer);
}

/* ---- the record line --------------------------------------------------- */

/* False: there is no room for another one. */
static bool
add_dep(struct rpm_db *db, struct pkg_entry *p, struct bytes name)
{
    if (name.n > DEPS_MAX_BYTES - db->n_dep_bytes)
        return false;
    db->n_dep_bytes += name.n;
    if (!bytes_equal(name, p->name))
        pkg_add_dep(p, name);
    return true;
}

/* False: not all of them. */
static bool
add_deps(struct rpm_db *db)
{
    for (size_t i = 0; i < db->n_ours; i++) {
        struct pkg_entry *p = &db->list.at[db->numbers[i]];
        size_t at = 0, on;

        while (rpm_deps_next(db->deps, i, &at, &on)) {
            if (!add_dep(db, p, db->list.at[db->numbers[on]].name))
                return false;
        }
    }
    return !rpm_deps_is_full(db->deps);
}

static int
warn(struct rpm_db *db, bool all_deps, struct an_out *out, struct err *err)
{
    if (db->n_damaged == 1 && an_warn(out, err, "rpm: %s", db->first.text) < 0)
        return -1;
    if (db->n_damaged > 1 &&
        an_warn(out, err, "rpm: %zu parts not understood; the first: %s",
                db->n_damaged, db->first.text) < 0)
        return -1;
    if (!all_deps &&
        an_warn(out, err, "rpm: too many requirements or folders, some left "
                          "out") < 0)
        return -1;
    return 0;
}

static int
read_and_write(struct rpm_db *db, struct ar_body *body, struct an_out *out,
               struct err *err)
{
    struct err why;
    bool all_deps;

    if (db->form->walk(body, db, &why) < 0) {
        rpm_db_damaged(db, &why);
        rpm_db_peer_gives_up(db);
    }
    db->second_pass = true;
    db->form->walk(body, db, &why);
    all_deps = add_deps(db);
    if (warn(db, all_deps, out, err) < 0)
        return -1;
    return pkg_list_write(&db->list, out, "rpm", err);
}

int
rpm_db_inspect(const struct rpm_form *form, struct ar_body *body,
               struct an_out *out, struct err *err)
{
    struct rpm_db db = { .form = form, .deps = rpm_deps_new(),
                         .list = { .own_ceilings = true } };
    int rc = read_and_write(&db, body, out, err);

    db_clear(&db);
    return rc;
}
