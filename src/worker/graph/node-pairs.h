/*
 * worker/graph/node-pairs.h: reads what records hold of dependencies: names
 * and ranges alternate, a line each (docs/internals/records.md).
 *
 *     auto_free char *text = xstrdup(...);
 *     char *rest = node_lines(text), *name, *range;
 *     while (node_pair_next(&rest, &name, &range)) …
 */
#ifndef WORKER_GRAPH_NODE_PAIRS_H
#define WORKER_GRAPH_NODE_PAIRS_H

#include <stdbool.h>
#include <string.h>

/* Where to begin; NULL: nothing there. `text` may be NULL. */
static inline char *
node_lines(char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

/* The next line of *rest, which becomes a text of its own; NULL at the end. */
static inline char *
node_line_next(char **rest)
{
    char *line = *rest, *end = line != NULL ? strchr(line, '\n') : NULL;

    *rest = end != NULL ? end + 1 : NULL;
    if (end != NULL)
        *end = '\0';
    return line;
}

static inline bool
node_pair_next(char **rest, char **name, char **range)
{
    *name = node_line_next(rest);
    *range = node_line_next(rest);
    return *range != NULL;
}

#endif
