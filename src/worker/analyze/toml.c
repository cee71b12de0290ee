/* The tree of a TOML document: nodes are numbered and lie in one array; one map
 * tells which key of which table is which node. */
#include "worker/analyze/toml-private.h"

#include <stdlib.h>

#include "base/str.h"

/* ---- nodes ------------------------------------------------------------- */

uint32_t
toml_add_node(struct toml *t, uint32_t parent, enum toml_type type)
{
    uint32_t id = t->n;

    if (id > TOML_MAX_NODES)
        return 0;
    if (id == t->cap) {
        t->cap = t->cap > 0 ? t->cap * 2 : 64;
        t->nodes = xrealloc(t->nodes, t->cap * sizeof(*t->nodes));
    }
    t->n++;
    t->nodes[id] = (struct toml_node){ .type = (uint8_t)type,
                                       .key_offset = SIZE_MAX,
                                       .text_offset = SIZE_MAX };
    if (parent != 0) {
        struct toml_node *up = &t->nodes[parent];

        if (up->last != 0)
            t->nodes[up->last].next = id;
        else
            up->first = id;
        up->last = id;
    }
    return id;
}

struct bytes
toml_resolve(const struct toml *t, struct toml_text text)
{
    if (text.offset == SIZE_MAX)
        return text.raw;
    return text.raw.n > 0 ? bytes_of(t->texts.p + text.offset, text.raw.n)
                          : bytes_str("");
}

/* The map's key: the table's number, then the name. */
static void
place_key(struct buf *out, uint32_t table, struct bytes name)
{
    buf_add(out, &table, sizeof(table));
    buf_add_bytes(out, name);
}

uint32_t
toml_find_member(const struct toml *t, uint32_t table, struct bytes name)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);

    place_key(&key, table, name);
    return (uint32_t)(uintptr_t)map_get(t->places, buf_bytes(&key));
}

uint32_t
toml_add_member(struct toml *t, uint32_t table, struct toml_text name,
                enum toml_type type)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    uint32_t id = toml_add_node(t, table, type);

    if (id == 0)
        return 0;
    t->nodes[id].key = name.raw;
    t->nodes[id].key_offset = name.offset;
    place_key(&key, table, toml_resolve(t, name));
    map_put(t->places, buf_bytes(&key), (void *)(uintptr_t)id);
    return id;
}

/* ---- the door ---------------------------------------------------------- */

/* Texts have stopped moving: offsets become pointers. */
static void
settle_texts(struct toml *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        struct toml_node *n = &t->nodes[i];
        struct toml_text key = { n->key, n->key_offset };
        struct toml_text text = { n->text, n->text_offset };

        n->key = toml_resolve(t, key);
        n->text = toml_resolve(t, text);
    }
}

struct toml *
toml_parse(struct bytes text, struct err *err)
{
    auto_toml struct toml *t = xnew(struct toml);

    buf_init(&t->texts, SIZE_MAX / 4);
    t->places = map_new();
    toml_add_node(t, 0, TOML_NONE);
    toml_add_node(t, 0, TOML_TABLE);
    if (!toml_read_document(t, text, err))
        return NULL;
    settle_texts(t);
    return steal(t);
}

void
toml_free(struct toml *t)
{
    if (t == NULL)
        return;
    free(t->nodes);
    map_free(t->places);
    buf_clear(&t->texts);
    free(t);
}

bool
toml_is_mixed(const struct toml *t)
{
    return t->mixed;
}

const struct toml_node *
toml_root(const struct toml *t)
{
    return &t->nodes[TOML_ROOT];
}

enum toml_type
toml_type(const struct toml_node *n)
{
    return n != NULL ? (enum toml_type)n->type : TOML_NONE;
}

const struct toml_node *
toml_get(const struct toml *t, const struct toml_node *table, const char *key)
{
    uint32_t id = toml_type(table) != TOML_TABLE
                      ? 0
                      : toml_find_member(t, (uint32_t)(table - t->nodes),
                                    bytes_str(key));

    return id != 0 ? &t->nodes[id] : NULL;
}

const struct toml_node *
toml_first(const struct toml *t, const struct toml_node *n)
{
    return n != NULL && n->first != 0 ? &t->nodes[n->first] : NULL;
}

const struct toml_node *
toml_next(const struct toml *t, const struct toml_node *n)
{
    return n != NULL && n->next != 0 ? &t->nodes[n->next] : NULL;
}

struct bytes
toml_key(const struct toml_node *n)
{
    return n != NULL ? n->key : BYTES_NONE;
}

struct bytes
toml_text(const struct toml_node *n)
{
    return n != NULL ? n->text : BYTES_NONE;
}
