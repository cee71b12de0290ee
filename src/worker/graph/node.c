/* Node's results, in their order. */
#include "worker/graph/node.h"

int node_report(const struct image *image, struct report *out,
                struct err *err);

int
node_report(const struct image *image, struct report *out, struct err *err)
{
    auto_map struct map *locked = map_new();

    if (node_lock_report(image, out, locked, err) < 0)
        return -1;
    if (image->options->exclude_node_modules)
        return 0;
    return node_modules_report(image, out, locked, err);
}
