/* Requirements are numbered as they come; whoever offers one best is noted
 * beside it. */
#include "worker/analyze/rpm-deps.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

/* Texts of all requirements that differ; an image of 3000 packages has about
 * half a megabyte. */
#define WANTED_MAX_BYTES (16u << 20)
/* Requirements of all packages. */
#define MAX_EDGES (2u << 20)
/* Of one package; the largest have some ten thousand. */
#define MAX_FOLDERS (64u << 10)

#define NOBODY UINT32_MAX

/* How well a package offers something: by its name, by saying so, by a file. */
enum rank { RANK_NONE, RANK_FILE, RANK_PROVIDES, RANK_NAME };

struct wanted {
    uint32_t by;       /* the package that offers it, or NOBODY */
    uint32_t last;     /* the last one that does */
    enum rank rank;
};

struct rpm_deps {
    struct map *numbers; /* text to its number in `wanted`, plus 1 */
    struct map *folders; /* of the files among them */
    struct wanted *wanted; /* owns */
    size_t n_wanted, n_wanted_bytes;
    uint32_t *edges;     /* owns: numbers of what packages require */
    size_t n_edges;
    size_t *from;        /* owns: where a package's edges begin */
    size_t n_pkgs;
    uint32_t offering;   /* the package whose turn it is in the second pass */
    bool full;
};

struct rpm_deps *
rpm_deps_new(void)
{
    struct rpm_deps *d = xnew(struct rpm_deps);

    d->numbers = map_new();
    d->folders = map_new();
    return d;
}

void
rpm_deps_free(struct rpm_deps *d)
{
    if (d == NULL)
        return;
    map_free(d->numbers);
    map_free(d->folders);
    free(d->wanted);
    free(d->edges);
    free(d->from);
    free(d);
}

bool
rpm_deps_is_full(const struct rpm_deps *d)
{
    return d->full;
}

/* ---- what is wanted ---------------------------------------------------- */

/* "/usr/bin/sh" is in "/usr/bin/", as rpm writes folders. */
static struct bytes
folder_of(struct bytes path)
{
    while (path.n > 0 && path.p[path.n - 1] != '/')
        path.n--;
    return path;
}

static void
add_wanted(struct rpm_deps *d, struct bytes text)
{
    d->wanted = xgrown(d->wanted, d->n_wanted, sizeof(*d->wanted));
    d->wanted[d->n_wanted] = (struct wanted){ NOBODY, NOBODY, RANK_NONE };
    d->n_wanted++;
    d->n_wanted_bytes += text.n;
    map_put(d->numbers, text, (void *)(uintptr_t)d->n_wanted);
    if (text.n > 0 && text.p[0] == '/')
        map_put(d->folders, folder_of(text), d);
}

static void
add_edge(struct rpm_deps *d, struct bytes text)
{
    uintptr_t number = (uintptr_t)map_get(d->numbers, text);

    if (d->n_edges >= MAX_EDGES ||
        (number == 0 && text.n > WANTED_MAX_BYTES - d->n_wanted_bytes)) {
        d->full = true;
        return;
    }
    if (number == 0) {
        add_wanted(d, text);
        number = d->n_wanted;
    }
    d->edges = xgrown(d->edges, d->n_edges, sizeof(*d->edges));
    d->edges[d->n_edges++] = (uint32_t)(number - 1);
}

void
rpm_deps_want(struct rpm_deps *d, const struct rpm_header *h)
{
    struct rpm_texts it = rpm_header_texts(h, RPM_TAG_REQUIRES);
    struct bytes text;

    d->from = xgrown(d->from, d->n_pkgs, sizeof(*d->from));
    d->from[d->n_pkgs++] = d->n_edges;
    while (rpm_texts_next(&it, &text)) {
        /* Of rpm itself; and terms such as "(a if b)", which no name meets. */
        if (!bytes_starts(text, "rpmlib(") && !bytes_starts(text, "("))
            add_edge(d, text);
    }
}

/* ---- what is offered --------------------------------------------------- */

static void
offer(struct rpm_deps *d, struct bytes text, enum rank rank)
{
    uintptr_t number = (uintptr_t)map_get(d->numbers, text);
    struct wanted *w;

    if (number == 0)
        return;
    w = &d->wanted[number - 1];
    w->last = d->offering;
    if (w->rank >= rank)
        return;
    w->rank = rank;
    w->by = d->offering;
}

/* Files lie in folders of which few have what somebody wants. */
static void
offer_files(struct rpm_deps *d, const struct rpm_header *h)
{
    struct bytes places = rpm_header_numbers(h, RPM_TAG_DIR_INDEXES);
    struct rpm_texts names = rpm_header_texts(h, RPM_TAG_BASE_NAMES);
    struct rpm_texts it = rpm_header_texts(h, RPM_TAG_DIR_NAMES);
    auto_buf struct buf path = BUF_INIT(64 << 10);
    struct bytes *folders = NULL, folder, name;
    size_t n = 0;

    for (; rpm_texts_next(&it, &folder); n++) {
        if (n == MAX_FOLDERS) {
            d->full = true;
            break;
        }
        folders = xgrown(folders, n, sizeof(*folders));
        folders[n] = map_get(d->folders, folder) != NULL ? folder : BYTES_NONE;
    }
    for (; places.n >= 4 && rpm_texts_next(&names, &name);
         places = bytes_from(places, 4)) {
        uint32_t at = rpm_be32(places.p);

        if (at >= n || folders[at].p == NULL)
            continue;
        buf_reset(&path);
        buf_add_bytes(&path, folders[at]);
        buf_add_bytes(&path, name);
        offer(d, buf_bytes(&path), RANK_FILE);
    }
    free(folders);
}

/* What it offers itself it needs from nobody else. */
static void
drop_own(struct rpm_deps *d)
{
    size_t i = d->from[d->offering];
    size_t end = d->offering + 1 < d->n_pkgs ? d->from[d->offering + 1]
                                             : d->n_edges;

    for (; i < end; i++) {
        if (d->edges[i] != NOBODY && d->wanted[d->edges[i]].last == d->offering)
            d->edges[i] = NOBODY;
    }
}

void
rpm_deps_offer(struct rpm_deps *d, const struct rpm_header *h,
               struct bytes name)
{
    struct rpm_texts it = rpm_header_texts(h, RPM_TAG_PROVIDES);
    struct bytes text;

    if (d->offering >= d->n_pkgs)
        return;
    offer(d, name, RANK_NAME);
    while (rpm_texts_next(&it, &text))
        offer(d, text, RANK_PROVIDES);
    if (map_count(d->folders) > 0)
        offer_files(d, h);
    drop_own(d);
    d->offering++;
}

bool
rpm_deps_next(const struct rpm_deps *d, size_t pkg, size_t *at, size_t *on)
{
    size_t end = pkg + 1 < d->n_pkgs ? d->from[pkg + 1] : d->n_edges;

    for (size_t i = d->from[pkg] + *at; i < end; i++) {
        uint32_t want = d->edges[i];

        ++*at;
        if (want == NOBODY || d->wanted[want].by == NOBODY)
            continue;
        *on = d->wanted[want].by;
        return true;
    }
    return false;
}
