/* Trees of text: an arena, a stack of what is open, and ceilings. */
#include "worker/analyze/texttree.h"

#include <stdlib.h>

#include "base/str.h"

#define CHUNK_BYTES (64u << 10)

struct chunk {
    struct chunk *next; /* owns */
    size_t n, cap;
    max_align_t at[];
};

/* A map or a list that is not closed yet. */
struct frame {
    enum tree_kind kind;
    bool keep;       /* false: what is in it goes nowhere */
    bool has_key;
    bool keep_value; /* of the key at hand */
    struct bytes key;
    size_t first;    /* of its members in `pending` */
    uint32_t weight;
};

struct tree {
    tree_wants wants;
    struct chunk *chunks; /* own */
    struct frame stack[TREE_MAX_DEPTH];
    size_t depth;
    struct tree_member *pending; /* owns: of all that is open */
    size_t n_pending, cap_pending;
    const struct tree_node **roots; /* owns the array */
    size_t n_roots;
    size_t n_nodes;
};

struct tree *
tree_new(tree_wants wants)
{
    struct tree *t = xnew(struct tree);

    t->wants = wants;
    return t;
}

void
tree_free(struct tree *t)
{
    if (t == NULL)
        return;
    while (t->chunks != NULL) {
        struct chunk *next = t->chunks->next;

        free(t->chunks);
        t->chunks = next;
    }
    free(t->pending);
    free(t->roots);
    free(t);
}

/* ---- memory ------------------------------------------------------------- */

static void *
take(struct tree *t, size_t n)
{
    struct chunk *c = t->chunks;
    void *p;

    n = (n + 7) / 8 * 8;
    if (c == NULL || c->cap - c->n < n) {
        size_t cap = n > CHUNK_BYTES ? n : CHUNK_BYTES;

        c = xalloc(sizeof(*c) + cap);
        c->n = 0;
        c->cap = cap;
        c->next = t->chunks;
        t->chunks = c;
    }
    p = (uint8_t *)c->at + c->n;
    c->n += n;
    return p;
}

static struct bytes
keep_bytes(struct tree *t, struct bytes b)
{
    uint8_t *p = take(t, b.n + 1);

    if (b.n > 0)
        memcpy(p, b.p, b.n);
    p[b.n] = '\0';
    return bytes_of(p, b.n);
}

/* ---- ceilings ----------------------------------------------------------- */

/* Of n bytes, beside the value or the key they are. */
static uint32_t
bytes_weight(size_t n)
{
    return (uint32_t)(n / TREE_VALUE_BYTES);
}

static int
count(struct tree *t, uint32_t weight, struct err *err)
{
    if (weight > TREE_MAX_NODES || t->n_nodes > TREE_MAX_NODES - weight)
        return err_set(err, ERR_LIMIT, "more than %d values", TREE_MAX_NODES);
    t->n_nodes += weight;
    return 0;
}

static uint32_t
add_weight(uint32_t a, uint32_t b)
{
    uint32_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT32_MAX : sum;
}

/* ---- building ----------------------------------------------------------- */

static struct frame *
top(const struct tree *t)
{
    return t->depth > 0 ? (struct frame *)(uintptr_t)&t->stack[t->depth - 1]
                        : NULL;
}

/* Is the next value one that is kept? */
static bool
keeping(const struct tree *t)
{
    const struct frame *f = top(t);

    return f == NULL || (f->keep && (f->kind == TREE_LIST || f->keep_value));
}

bool
tree_at_key(const struct tree *t)
{
    const struct frame *f = top(t);

    return f != NULL && f->kind == TREE_MAP && !f->has_key;
}

int
tree_key(struct tree *t, struct bytes key, struct err *err)
{
    struct frame *f = top(t);

    if (key.n > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "a key of %zu bytes", key.n);
    f->has_key = true;
    f->keep_value = f->keep && t->wants(t->depth - 1, key);
    if (!f->keep_value)
        return 0;
    if (count(t, bytes_weight(key.n), err) < 0)
        return -1;
    f->key = keep_bytes(t, key);
    return 0;
}

static void
add_root(struct tree *t, const struct tree_node *node)
{
    t->roots = xgrown(t->roots, t->n_roots, sizeof(struct tree_node *));
    t->roots[t->n_roots++] = node;
}

/* A finished value goes where it belongs; NULL: it is not kept. */
static int
place(struct tree *t, const struct tree_node *node, struct err *err)
{
    struct frame *f = top(t);

    if (f == NULL) {
        add_root(t, node);
        return 0;
    }
    if (f->kind == TREE_MAP && !f->has_key)
        return err_set(err, ERR_INPUT, "a key that is no text");
    f->has_key = false;
    if (node == NULL)
        return 0;
    if (t->n_pending == t->cap_pending) {
        t->cap_pending = t->cap_pending > 0 ? t->cap_pending * 2 : 64;
        t->pending = xrealloc(t->pending,
                              t->cap_pending * sizeof(*t->pending));
    }
    t->pending[t->n_pending++] = (struct tree_member){ f->key, node };
    f->weight = add_weight(f->weight, node->weight);
    f->weight = add_weight(f->weight, bytes_weight(f->key.n));
    return 0;
}

int
tree_open(struct tree *t, enum tree_kind kind, struct err *err)
{
    if (t->depth == TREE_MAX_DEPTH)
        return err_set(err, ERR_LIMIT, "nested more than %d deep",
                       TREE_MAX_DEPTH);
    if (tree_at_key(t))
        return err_set(err, ERR_INPUT, "a key that is no text");
    t->stack[t->depth] = (struct frame){ .kind = kind, .keep = keeping(t),
                                         .first = t->n_pending, .weight = 1 };
    t->depth++;
    return 0;
}

/* What was pending of it becomes an array. */
static const struct tree_node *
gather(struct tree *t, const struct frame *f)
{
    struct tree_node *node = take(t, sizeof(*node));
    size_t n = t->n_pending - f->first;

    *node = (struct tree_node){ .kind = f->kind, .n = (uint32_t)n,
                                .weight = f->weight };
    if (f->kind == TREE_MAP) {
        struct tree_member *to = take(t, n * sizeof(*to));

        memcpy(to, t->pending + f->first, n * sizeof(*to));
        node->members = to;
    } else {
        const struct tree_node **to = take(t, n * sizeof(struct tree_node *));

        for (size_t i = 0; i < n; i++)
            to[i] = t->pending[f->first + i].value;
        node->items = to;
    }
    return node;
}

int
tree_close(struct tree *t, const struct tree_node **node, struct err *err)
{
    struct frame f = *top(t);
    const struct tree_node *made = NULL;

    if (f.keep) {
        if (count(t, 1, err) < 0)
            return -1;
        /* An empty tree has no pending array to copy from. */
        made = t->n_pending > f.first ? gather(t, &f) : NULL;
        if (made == NULL) {
            struct tree_node *empty = take(t, sizeof(*empty));

            *empty = (struct tree_node){ .kind = f.kind, .weight = 1 };
            made = empty;
        }
    }
    t->n_pending = f.first;
    t->depth--;
    if (node != NULL)
        *node = made;
    return place(t, made, err);
}

int
tree_add(struct tree *t, enum tree_kind kind, struct bytes text,
         const struct tree_node **node, struct err *err)
{
    const uint32_t weight = add_weight(1, bytes_weight(text.n));
    struct tree_node *made = NULL;

    if (text.n > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "a text of %zu bytes", text.n);
    if (keeping(t)) {
        if (count(t, weight, err) < 0)
            return -1;
        made = take(t, sizeof(*made));
        *made = (struct tree_node){ .kind = kind, .n = (uint32_t)text.n,
                                    .weight = weight };
        made->text = keep_bytes(t, text).p;
    }
    if (node != NULL)
        *node = made;
    return place(t, made, err);
}

int
tree_share(struct tree *t, const struct tree_node *node, struct err *err)
{
    if (tree_at_key(t))
        return err_set(err, ERR_INPUT, "a key that is no text");
    if (!keeping(t))
        return place(t, NULL, err);
    if (count(t, node->weight, err) < 0)
        return -1;
    return place(t, node, err);
}

/* ---- reading ------------------------------------------------------------ */

size_t
tree_count(const struct tree *t)
{
    return t->n_roots;
}

const struct tree_node *
tree_root(const struct tree *t, size_t i)
{
    return i < t->n_roots ? t->roots[i] : NULL;
}

const struct tree_node *
tree_get(const struct tree_node *map, const char *key)
{
    if (map == NULL || map->kind != TREE_MAP)
        return NULL;
    for (size_t i = map->n; i-- > 0;) {
        if (bytes_is(map->members[i].key, key))
            return map->members[i].value;
    }
    return NULL;
}

struct bytes
tree_bytes(const struct tree_node *node)
{
    if (node == NULL || (node->kind != TREE_TEXT && node->kind != TREE_VALUE))
        return BYTES_NONE;
    return bytes_of(node->text, node->n);
}

struct bytes
tree_text(const struct tree_node *map, const char *key)
{
    return tree_bytes(tree_get(map, key));
}
