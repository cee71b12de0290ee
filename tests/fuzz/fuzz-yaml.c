/* YAML, to the tree; every other byte of a key decides whether it is kept. */
#include "base/log.h"
#include "worker/analyze/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
some(size_t depth, struct bytes key)
{
    return key.n == 0 || (key.p[0] + depth) % 4 != 0;
}

static size_t
weigh(const struct tree_node *node)
{
    size_t n = 1;

    /* Aliases may make it much larger than its text. */
    if (node->weight > 10000)
        return n;
    for (size_t i = 0; node->kind == TREE_MAP && i < node->n; i++)
        n += weigh(node->members[i].value) + node->members[i].key.n % 2;
    for (size_t i = 0; node->kind == TREE_LIST && i < node->n; i++)
        n += weigh(node->items[i]);
    return n + tree_bytes(node).n % 2;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;

    auto_tree struct tree *t = yaml_read(bytes_of(data, size), some, &err);

    for (size_t i = 0; t != NULL && i < tree_count(t); i++) {
        if (tree_root(t, i) != NULL)
            weigh(tree_root(t, i));
    }
    return 0;
}
