/* From libyaml's events to a tree. Names of anchors are kept per document. */
#include "worker/analyze/yaml.h"

#include <yaml.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

/* What an anchor stands for before it is closed, and when it is not kept. */
static const struct tree_node open_node, dropped_node;

struct reader {
    yaml_parser_t parser;
    struct tree *tree;   /* owns */
    struct map *anchors; /* owns: name to node, of this document */
    /* Anchors of what is open; NULL: it has none. Own their texts. */
    char *names[TREE_MAX_DEPTH];
    size_t depth;
};

static int
parser_error(const yaml_parser_t *p, struct err *err)
{
    if (p->error == YAML_MEMORY_ERROR)
        die_no_memory();
    return err_set(err, ERR_INPUT, "line %zu: %s", p->problem_mark.line + 1,
                   p->problem != NULL ? p->problem : "malformed");
}

static void
name_node(struct reader *r, const char *anchor, const struct tree_node *node)
{
    if (anchor == NULL)
        return;
    if (node == NULL)
        node = &dropped_node;
    map_put_str(r->anchors, anchor, (void *)(uintptr_t)node);
}

/* "!" and nothing are no tags; those of the three plain kinds may stand. */
static int
check_tag(const yaml_char_t *tag, const char *plain, struct err *err)
{
    const char *t = (const char *)tag;

    if (t == NULL || str_eq(t, "!") || str_eq(t, plain))
        return 0;
    return err_set(err, ERR_INPUT, "unknown tag %.100s", t);
}

static int
on_scalar(struct reader *r, const yaml_event_t *e, struct err *err)
{
    const char *anchor = (const char *)e->data.scalar.anchor;
    struct bytes text = bytes_of(e->data.scalar.value, e->data.scalar.length);
    const struct tree_node *node;
    bool nothing = text.n == 0 && e->data.scalar.plain_implicit &&
                   e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (check_tag(e->data.scalar.tag, YAML_STR_TAG, err) < 0)
        return -1;
    if (tree_at_key(r->tree))
        return tree_key(r->tree, nothing ? bytes_str("null") : text, err);
    if (tree_add(r->tree, nothing ? TREE_NULL : TREE_TEXT, text, &node,
                 err) < 0)
        return -1;
    name_node(r, anchor, node);
    return 0;
}

static int
on_open(struct reader *r, enum tree_kind kind, const yaml_char_t *anchor,
        struct err *err)
{
    if (tree_open(r->tree, kind, err) < 0)
        return -1;
    name_node(r, (const char *)anchor, &open_node);
    r->names[r->depth++] = xstrdup((const char *)anchor);
    return 0;
}

static int
on_close(struct reader *r, struct err *err)
{
    auto_free char *anchor = r->names[--r->depth];
    const struct tree_node *node;

    if (tree_close(r->tree, &node, err) < 0)
        return -1;
    name_node(r, anchor, node);
    return 0;
}

static int
on_alias(struct reader *r, const char *anchor, struct err *err)
{
    const struct tree_node *node = map_get_str(r->anchors, anchor);

    if (node == NULL)
        return err_set(err, ERR_INPUT, "alias %.100s names nothing", anchor);
    if (node == &open_node)
        return err_set(err, ERR_INPUT, "alias %.100s inside of what it names",
                       anchor);
    if (node == &dropped_node)
        return err_set(err, ERR_UNSUPPORTED, "alias %.100s to what is not read",
                       anchor);
    return tree_share(r->tree, node, err);
}

static int
on_event(struct reader *r, const yaml_event_t *e, struct err *err)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        map_free(r->anchors);
        r->anchors = map_new();
        return 0;
    case YAML_SCALAR_EVENT:
        return on_scalar(r, e, err);
    case YAML_SEQUENCE_START_EVENT:
        if (check_tag(e->data.sequence_start.tag, YAML_SEQ_TAG, err) < 0)
            return -1;
        return on_open(r, TREE_LIST, e->data.sequence_start.anchor, err);
    case YAML_MAPPING_START_EVENT:
        if (check_tag(e->data.mapping_start.tag, YAML_MAP_TAG, err) < 0)
            return -1;
        return on_open(r, TREE_MAP, e->data.mapping_start.anchor, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(r, err);
    case YAML_ALIAS_EVENT:
        return on_alias(r, (const char *)e->data.alias.anchor, err);
    default:
        return 0;
    }
}

static int
read_all(struct reader *r, struct err *err)
{
    bool done = false;

    while (!done) {
        yaml_event_t e;
        int rc;

        if (!yaml_parser_parse(&r->parser, &e))
            return parser_error(&r->parser, err);
        done = e.type == YAML_STREAM_END_EVENT;
        rc = on_event(r, &e, err);
        if (rc < 0)
            err_wrap(err, "line %zu", e.start_mark.line + 1);
        yaml_event_delete(&e);
        if (rc < 0)
            return -1;
    }
    return 0;
}

struct tree *
yaml_read(struct bytes text, tree_wants wants, struct err *err)
{
    auto_buf struct buf fixed = BUF_INIT(SIZE_MAX / 2);
    struct reader r = { .tree = NULL };
    int rc;

    text = utf8_mended(text, &fixed);
    if (!yaml_parser_initialize(&r.parser))
        die_no_memory();
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, text.p, text.n);
    r.tree = tree_new(wants);
    r.anchors = map_new();
    rc = read_all(&r, err);
    yaml_parser_delete(&r.parser);
    map_free(r.anchors);
    while (r.depth > 0)
        free(r.names[--r.depth]);
    if (rc == 0)
        return r.tree;
    tree_free(r.tree);
    return NULL;
}
