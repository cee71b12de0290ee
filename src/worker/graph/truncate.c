/* Ceilings of facts: one row each. Lengths are UTF-16 code units. */
#include "worker/graph/truncate.h"

#include <string.h>

#include "base/str.h"

struct ceiling {
    const char *fact;
    const char *member;    /* of the data; NULL: the data itself, an array */
    size_t items;          /* of an array; 0: it is a text */
    const char *sub;       /* member of each item; NULL: the item itself */
    size_t chars;          /* of the text, or of each item's; 0: no ceiling */
};

static const struct ceiling ceilings[] = {
    { "containerConfig", "user", 0, NULL, 1024 },
    { "containerConfig", "exposedPorts", 500, NULL, 64 },
    { "containerConfig", "env", 500, NULL, 1024 },
    { "containerConfig", "entrypoint", 500, NULL, 1024 },
    { "containerConfig", "cmd", 500, NULL, 1024 },
    { "containerConfig", "volumes", 500, NULL, 1024 },
    { "containerConfig", "workingDir", 0, NULL, 1024 },
    { "containerConfig", "stopSignal", 0, NULL, 128 },
    { "history", NULL, 1000, NULL, 0 },
    { "history", NULL, 1000, "author", 128 },
    { "history", NULL, 1000, "createdBy", 4096 },
    { "history", NULL, 1000, "comment", 4096 },
};

static void
tell(struct jx *told, const char *path, const char *type, size_t above)
{
    struct jx *row = jx_get(told, path);

    if (row != NULL && jx_int(row, "countAboveLimit", 0) >= (int64_t)above)
        return;
    row = jx_new_obj();
    jx_set_str(row, "type", type);
    jx_set_int(row, "countAboveLimit", (int64_t)above);
    jx_set(told, path, row);
}

/* The text cut, or NULL when it fits or is none. */
static struct jx *
cut_text(const struct jx *v, size_t chars, const char *path, struct jx *told)
{
    struct bytes s = jx_bytes_value(v);
    size_t n = utf16_length(s);

    if (!jx_is_str(v) || n <= chars)
        return NULL;
    tell(told, path, "string", n - chars);
    return jx_new_str(bytes_to(s, utf16_prefix(s, chars)));
}

static struct jx *
cut_array(const struct jx *arr, size_t items, const char *path,
          struct jx *told)
{
    struct jx *cut;

    if (!jx_is_arr(arr) || jx_count(arr) <= items)
        return NULL;
    tell(told, path, "array", jx_count(arr) - items);
    cut = jx_new_arr();
    for (size_t i = 0; i < items; i++)
        jx_append(cut, jx_copy(jx_at(arr, i)));
    return cut;
}

static void
cut_items(struct jx *arr, const struct ceiling *c, const char *path,
          struct jx *told)
{
    for (size_t i = 0; jx_is_arr(arr) && i < jx_count(arr); i++) {
        struct jx *item = jx_at(arr, i), *cut;

        cut = cut_text(c->sub != NULL ? jx_get(item, c->sub) : item, c->chars,
                       path, told);
        if (cut == NULL)
            continue;
        if (c->sub != NULL)
            jx_set(item, c->sub, cut);
        else
            jx_put_at(arr, i, cut);
    }
}

static void
cut_member(struct jx *data, const struct ceiling *c, struct jx *told)
{
    auto_free char *path = xasprintf("%s.data.%s", c->fact, c->member);
    auto_free char *items = xasprintf("%s[*]", path);
    struct jx *v = jx_get(data, c->member), *cut;

    cut = c->items > 0 ? cut_array(v, c->items, path, told)
                       : cut_text(v, c->chars, path, told);
    if (cut != NULL)
        jx_set(data, c->member, cut);
    if (c->items > 0)
        cut_items(jx_get(data, c->member), c, items, told);
}

static struct jx *
cut_whole(struct jx *data, const struct ceiling *c, struct jx *told)
{
    auto_free char *path = xasprintf("%s.data", c->fact);
    struct jx *cut = cut_array(data, c->items, path, told);

    if (cut == NULL)
        return data;
    jx_free(data);
    return cut;
}

static void
cut_members_of_items(struct jx *data, const struct ceiling *c, struct jx *told)
{
    auto_free char *path = xasprintf("%s.data[*].%s", c->fact, c->sub);

    cut_items(data, c, path, told);
}

struct jx *
truncate_fact(const char *fact, struct jx *data, struct jx *told)
{
    for (size_t i = 0; i < N_ELEMENTS(ceilings); i++) {
        const struct ceiling *c = &ceilings[i];

        if (strcmp(c->fact, fact) != 0)
            continue;
        if (c->member != NULL)
            cut_member(data, c, told);
        else if (c->sub != NULL)
            cut_members_of_items(data, c, told);
        else
            data = cut_whole(data, c, told);
    }
    return data;
}
