/* The visible image. Which file wins is decided here; what its product means
 * is not looked at. */
#include "worker/image/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/image/path.h"
#include "worker/image/prefix.h"
#include "worker/image/whiteout.h"

/* A record line kept; hard links share it. */
struct doc {
    size_t refs;
    struct jx *line; /* owns */
};

struct product {
    struct doc *doc; /* shares */
    const char *kind; /* borrows from doc */
};

enum place { PLACE_FILE, PLACE_LINK, PLACE_FOLDER, PLACE_WHITEOUT };

/* What stands at a path. */
struct file {
    struct bytes path;   /* borrows from the map's key, or owns until then */
    char *path_copy;     /* owns */
    enum place place;
    size_t layer;
    uint64_t index;      /* where it counts in the order */
    uint64_t entry;      /* the tar entry its products are from */
    struct product *products; /* owns */
    size_t n_products;
    size_t seq;          /* of first appearance in its layer */
};

struct merge {
    bool compat;
    struct map *files;  /* owns the values: path to struct file */
    struct map *layer;  /* owns the values: the layer being read */
    struct map *gone;   /* paths removed; the value is the map itself */
    struct map *gone_below; /* folders whose lower content is removed */
    struct prefix below; /* them, and what is no folder; while layers end */
    size_t n_layers;
    size_t seq;
    struct file **order; /* owns the array; after merge_finish() */
    size_t n_order;
};

struct merge *
merge_new(bool compat)
{
    struct merge *m = xnew(struct merge);

    m->compat = compat;
    m->files = map_new();
    return m;
}

static void
clear_products(struct file *f)
{
    for (size_t i = 0; i < f->n_products; i++) {
        struct doc *doc = f->products[i].doc;

        if (--doc->refs > 0)
            continue;
        jx_free(doc->line);
        free(doc);
    }
    free(f->products);
    f->products = NULL;
    f->n_products = 0;
}

static void
file_free(struct file *f)
{
    if (f == NULL)
        return;
    clear_products(f);
    free(f->path_copy);
    free(f);
}

static void
free_files(struct map *files)
{
    size_t at = 0;
    void *f;

    if (files == NULL)
        return;
    while (map_next(files, &at, NULL, &f))
        file_free(f);
    map_free(files);
}

void
merge_free(struct merge *m)
{
    if (m == NULL)
        return;
    free_files(m->layer);
    free_files(m->files);
    map_free(m->gone);
    map_free(m->gone_below);
    free(m->order);
    free(m);
}

void
merge_begin_layer(struct merge *m)
{
    m->layer = map_new();
    m->gone = map_new();
    m->gone_below = map_new();
    m->seq = 0;
}

/* Nothing can be below what is no folder: of the layer at hand. */
static bool
is_no_folder(const struct merge *m, struct bytes path)
{
    const struct file *f = m->compat ? NULL : map_get(m->layer, path);

    return f != NULL && f->place != PLACE_FOLDER;
}

/* Whether a removed path, a folder cleared or one replaced hides this one. */
static bool
is_gone(const struct merge *m, struct bytes path)
{
    struct prefix_walk w = { .path = path };
    struct bytes folder;

    if (map_get(m->gone, path) != NULL)
        return true;
    while (prefix_next(&m->below, &w, &folder)) {
        if (map_get(m->gone_below, folder) != NULL || is_no_folder(m, folder))
            return true;
    }
    return false;
}

/* ---- one line of a record ---------------------------------------------- */

/* The peer's way: the text without the match is gone, and so is everything
 * below it once normalised. */
static void
add_loose(struct merge *m, struct bytes path)
{
    auto_buf struct buf target = BUF_INIT(SIZE_MAX / 4);
    auto_buf struct buf folder = BUF_INIT(SIZE_MAX / 4);

    whiteout_loose_target(path, &target);
    if (target.n == 0 || target.p[0] != '/')
        return;
    map_put(m->gone, buf_bytes(&target), m);
    path_normalise(buf_bytes(&target), &folder);
    map_put(m->gone_below, buf_bytes(&folder), m);
    prefix_add(&m->below, buf_bytes(&folder));
}

static void
add_marker(struct merge *m, struct bytes path)
{
    auto_buf struct buf target = BUF_INIT(SIZE_MAX / 4);

    whiteout_marker_target(path, &target);
    map_put(m->gone_below, buf_bytes(&target), m);
    if (!whiteout_is_opaque(path))
        map_put(m->gone, buf_bytes(&target), m);
}

static struct file *
layer_file(struct merge *m, const struct record_line *line, enum place place)
{
    struct file *f = map_get(m->layer, line->path);

    if (f == NULL) {
        f = xnew(struct file);
        f->path_copy = bytes_dup(line->path);
        f->path = bytes_of(f->path_copy, line->path.n);
        f->layer = m->n_layers;
        f->index = line->index;
        f->entry = line->index;
        f->seq = m->seq++;
        map_put(m->layer, f->path, f);
    } else if (f->entry != line->index) {
        /* The same name again: the later entry counts, at the first's place. */
        clear_products(f);
        f->entry = line->index;
    }
    f->place = place;
    return f;
}

static void
add_product(struct file *f, struct doc *doc)
{
    doc->refs++;
    f->products = xrealloc(f->products,
                           (f->n_products + 1) * sizeof(*f->products));
    f->products[f->n_products++] =
        (struct product){ doc, jx_str(doc->line, "k") };
}

static void
keep_product(struct merge *m, struct record_reader *r,
             const struct record_line *line, enum place place)
{
    struct file *f = layer_file(m, line, place);
    struct doc *doc = xnew(struct doc);

    doc->line = record_take(r);
    add_product(f, doc);
}

/* Layers may have a million symlinks: only a target is worth a document. */
static void
add_link(struct merge *m, struct record_reader *r,
         const struct record_line *line)
{
    if (line->data != NULL)
        keep_product(m, r, line, PLACE_LINK);
    else
        layer_file(m, line, PLACE_LINK);
}

static void
add_compat(struct merge *m, struct record_reader *r,
           const struct record_line *line)
{
    if (strcmp(line->kind, "whiteout") == 0) {
        /* Takes its turn among the files: it hides those that come later. */
        layer_file(m, line, PLACE_WHITEOUT);
        return;
    }
    if (strcmp(line->kind, "marker") == 0 || strcmp(line->kind, "link") == 0 ||
        strcmp(line->kind, "dir") == 0 || whiteout_is_loose(line->path))
        return;
    /* Empty texts are no products: the file is not there. */
    if (line->data != NULL)
        keep_product(m, r, line, PLACE_FILE);
}

static void
add_right(struct merge *m, struct record_reader *r,
          const struct record_line *line)
{
    if (whiteout_is_marker(line->path))
        add_marker(m, line->path);
    else if (strcmp(line->kind, "link") == 0)
        add_link(m, r, line);
    else if (strcmp(line->kind, "dir") == 0)
        layer_file(m, line, PLACE_FOLDER);
    else if (strcmp(line->kind, "whiteout") != 0)
        keep_product(m, r, line, PLACE_FILE);
}

void
merge_add(struct merge *m, struct record_reader *r,
          const struct record_line *line)
{
    if (m->compat)
        add_compat(m, r, line);
    else
        add_right(m, r, line);
}

/* ---- a layer upon the others ------------------------------------------- */

static void
drop_hidden(struct merge *m)
{
    struct bytes path;
    size_t at = 0;
    void *f;

    if (map_count(m->gone) == 0 && map_count(m->gone_below) == 0 &&
        map_count(m->layer) == 0)
        return;
    while (map_next(m->files, &at, &path, &f)) {
        if (!is_gone(m, path))
            continue;
        map_remove(m->files, path);
        file_free(f);
    }
}

static void
put_files(struct merge *m)
{
    size_t at = 0;
    void *f;

    while (map_next(m->layer, &at, NULL, &f)) {
        struct file *file = f, *old = map_get(m->files, file->path);

        if (file->place == PLACE_FILE) {
            map_put(m->files, file->path, file);
        } else {
            map_remove(m->files, file->path);
            file_free(file);
        }
        file_free(old);
    }
    map_free(m->layer);
    m->layer = NULL;
}

/* The seed below is an address, which differs from run to run. */
static void
end_compat(struct merge *m)
{
    size_t at = 0;
    void *value;

    prefix_init(&m->below, map_count(m->layer), (uintptr_t)m);
    while (map_next(m->layer, &at, NULL, &value)) {
        struct file *f = value;

        if (f->place == PLACE_WHITEOUT)
            add_loose(m, f->path);
        else if (!is_gone(m, f->path))
            continue;
        map_remove(m->layer, f->path);
        file_free(f);
    }
    drop_hidden(m);
    put_files(m);
}

/* A hard link is its target under another name, as far as somebody read it. */
static void
resolve_hard_link(struct merge *m, struct file *f)
{
    const struct jx *d = jx_obj(f->products[0].doc->line, "d");
    struct bytes to = jx_bytes_value(jx_get(d, "to"));
    struct file *target = map_get(m->layer, to);

    if (target == NULL)
        target = map_get(m->files, to);
    if (to.n == 0 || target == NULL || target == f ||
        target->place != PLACE_FILE)
        return;
    struct file *copy = xnew(struct file);
    for (size_t i = 0; i < target->n_products; i++)
        add_product(copy, target->products[i].doc);
    clear_products(f);
    f->products = copy->products;
    f->n_products = copy->n_products;
    f->place = PLACE_FILE;
    free(copy);
}

static void
end_right(struct merge *m)
{
    struct bytes folder;
    size_t at = 0;
    void *value;

    prefix_init(&m->below, map_count(m->layer) + map_count(m->gone_below),
                (uintptr_t)m);
    while (map_next(m->gone_below, &at, &folder, NULL))
        prefix_add(&m->below, folder);
    at = 0;
    while (map_next(m->layer, &at, NULL, &value)) {
        struct file *f = value;

        if (f->place != PLACE_FOLDER)
            prefix_add(&m->below, f->path);
        if (f->place == PLACE_LINK && f->n_products > 0)
            resolve_hard_link(m, f);
    }
    drop_hidden(m);
    put_files(m);
}

void
merge_forget_layer(struct merge *m)
{
    free_files(m->layer);
    map_free(m->gone);
    map_free(m->gone_below);
    merge_begin_layer(m);
}

void
merge_end_layer(struct merge *m)
{
    if (m->compat)
        end_compat(m);
    else
        end_right(m);
    prefix_clear(&m->below);
    map_free(m->gone);
    map_free(m->gone_below);
    m->gone = m->gone_below = NULL;
    m->n_layers++;
}

/* ---- the result -------------------------------------------------------- */

static int
by_order(const void *a, const void *b)
{
    const struct file *x = *(struct file *const *)a;
    const struct file *y = *(struct file *const *)b;

    if (x->layer != y->layer)
        return x->layer > y->layer ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void
merge_finish(struct merge *m)
{
    size_t at = 0;
    void *f;

    m->order = xcalloc(map_count(m->files), sizeof(*m->order));
    while (map_next(m->files, &at, NULL, &f))
        m->order[m->n_order++] = f;
    qsort(m->order, m->n_order, sizeof(*m->order), by_order);
}

static void
show(const struct file *f, const struct product *p, struct merged *out)
{
    *out = (struct merged){ f->path, p->kind, jx_get(p->doc->line, "d"),
                            f->layer, f->index };
}

/* *at counts files in its upper, products in its lower half. */
bool
merge_next(const struct merge *m, const char *kind, size_t *at,
           struct merged *out)
{
    size_t i = *at >> 8, k = *at & 0xff;

    for (; i < m->n_order; i++, k = 0) {
        const struct file *f = m->order[i];

        for (; k < f->n_products && k < 0xff; k++) {
            if (kind != NULL && strcmp(f->products[k].kind, kind) != 0)
                continue;
            show(f, &f->products[k], out);
            *at = i << 8 | (k + 1);
            return true;
        }
    }
    *at = i << 8;
    return false;
}

bool
merge_find(const struct merge *m, const char *path, const char *kind,
           struct merged *out)
{
    const struct file *f = map_get_str(m->files, path);

    if (f == NULL)
        return false;
    for (size_t k = 0; k < f->n_products; k++) {
        if (strcmp(f->products[k].kind, kind) == 0) {
            show(f, &f->products[k], out);
            return true;
        }
    }
    return false;
}
