/*
 * Extended groups of a glob's component. A negation has to know all that may
 * follow it, so that is copied into its alternatives; groups that are alone in
 * an alternative of a group that swallows them are dissolved first.
 */
#include "worker/glob/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Deeper groups are plain text, unless the outer one swallows them. */
#define PLAIN_DEPTH 2
#define MAX_NODES   2048
#define MAX_DEPTH   32
#define MAX_FLATTEN 10 /* turns over the alternatives of one group */

struct glob_tree {
    struct units text;         /* borrows */
    struct glob_node *root;
    struct glob_node **nodes;  /* owns all of them */
    size_t n_nodes;
    struct glob_node **negations; /* owns the array; in order of opening */
    size_t n_negations;
    bool full;
};

/* ---- nodes ------------------------------------------------------------- */

static struct glob_node *
node_new(struct glob_tree *t, char type, struct glob_node *parent)
{
    struct glob_node *n = xnew(struct glob_node);

    n->type = type;
    n->parent = parent;
    n->index = parent != NULL ? parent->n : 0;
    if (t->n_nodes >= MAX_NODES)
        t->full = true;
    t->nodes = xrealloc(t->nodes, (t->n_nodes + 1) * sizeof(*t->nodes));
    t->nodes[t->n_nodes++] = n;
    return n;
}

static void
push(struct glob_node *to, struct glob_part part)
{
    if (part.node == NULL && part.text.n == 0)
        return;
    to->parts = xrealloc(to->parts, (to->n + 1) * sizeof(*to->parts));
    to->parts[to->n++] = part;
}

static void
push_node(struct glob_node *to, struct glob_node *node)
{
    push(to, (struct glob_part){ .node = node });
}

static void
push_text(struct glob_node *to, struct units text)
{
    push(to, (struct glob_part){ .text = text });
}

static struct units
slice(struct units text, size_t from, size_t to)
{
    return (struct units){ text.p + from, to - from };
}

void
glob_tree_free(struct glob_tree *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n_nodes; i++) {
        free(t->nodes[i]->parts);
        free(t->nodes[i]);
    }
    free(t->nodes);
    free(t->negations);
    free(t);
}

const struct glob_node *
glob_tree_root(const struct glob_tree *t)
{
    return t->root;
}

bool
glob_node_is_start(const struct glob_node *n)
{
    for (; n->parent != NULL; n = n->parent) {
        const struct glob_node *p = n->parent;

        for (size_t i = 0; i < n->index && i < p->n; i++) {
            if (p->parts[i].node == NULL || p->parts[i].node->type != '!')
                return false;
        }
    }
    return true;
}

bool
glob_node_is_end(const struct glob_node *n)
{
    for (; n->parent != NULL; n = n->parent) {
        if (n->parent->type == '!')
            return true;
        if (n->type != 0 && n->index + 1 != n->parent->n)
            return false;
    }
    return true;
}

/* ---- which group swallows which ---------------------------------------- */

static bool
is_one_of(char type, const char *types)
{
    return type != 0 && strchr(types, type) != NULL;
}

/* "*(a|+(b))" is "*(a|b)". */
static const char *
swallows(char outer)
{
    switch (outer) {
    case '?':
        return "?@";
    case '*':
        return "*+?@";
    case '+':
        return "+@";
    default:
        return "@"; /* ! and @ */
    }
}

/* "@(a|?(b))" is "@(a|b|)". */
static const char *
swallows_with_nothing(char outer)
{
    return outer == '+' ? "?*" : is_one_of(outer, "!@") ? "?" : "";
}

/* What the outer one becomes when the inner one is all it has. */
static char
becomes(char outer, char inner)
{
    if (outer == '@')
        return inner;
    if (outer == '!' && inner == '!')
        return '@';
    if (outer == '?' && is_one_of(inner, "*+"))
        return '*';
    if (outer == '+' && is_one_of(inner, "?*"))
        return '*';
    return 0;
}

static bool
adds_no_depth(char outer, char inner)
{
    return is_one_of(inner, swallows(outer)) ||
           is_one_of(inner, swallows_with_nothing(outer));
}

/* ---- parsing ----------------------------------------------------------- */

/* Brackets: what stands in them opens and closes no group. */
struct brackets {
    bool open, negated;
    size_t at; /* of the opening one */
};

/* Whether the character at `i` belongs to brackets. */
static bool
in_brackets(struct brackets *b, struct units text, size_t i)
{
    uint16_t c = text.p[i];

    if (!b->open) {
        if (c == '[')
            *b = (struct brackets){ .open = true, .at = i };
        return c == '[';
    }
    if (i == b->at + 1)
        b->negated = c == '^' || c == '!';
    /* "[]" does close here, unlike where classes are read. */
    if (c == ']' && !(i == b->at + 1) &&
        !(i == b->at + 2 && b->negated))
        b->open = false;
    return true;
}

static bool
opens_group(struct units text, size_t i)
{
    return i + 1 < text.n && text.p[i + 1] == '(' && text.p[i] < 0x80 &&
           is_one_of((char)text.p[i], "!?*+@");
}

static size_t read_group(struct glob_tree *t, struct glob_node *group,
                         size_t at, unsigned depth, unsigned nesting);

/* The group that begins at `at`, into `to`; returns where it ends. */
static size_t
open_group(struct glob_tree *t, struct glob_node *to, size_t at,
           unsigned depth, unsigned nesting)
{
    struct glob_node *group = node_new(t, (char)t->text.p[at], to);
    size_t end;

    if (group->type == '!') {
        t->negations = xrealloc(t->negations, (t->n_negations + 1) *
                                                  sizeof(struct glob_node *));
        t->negations[t->n_negations++] = group;
    }
    end = read_group(t, group, at + 1, depth, nesting);
    push_node(to, group);
    return end;
}

/* A group that is never closed is text, all of it. */
static size_t
give_up(struct glob_tree *t, struct glob_node *group, size_t at)
{
    group->type = 0;
    group->n = 0;
    push_text(group, slice(t->text, at - 1, t->text.n));
    return t->text.n;
}

/* `at` is the place of "("; returns the place behind ")". */
static size_t
read_group(struct glob_tree *t, struct glob_node *group, size_t at,
           unsigned depth, unsigned nesting)
{
    struct units text = t->text;
    struct brackets b = { .open = false };
    auto_free struct glob_node **parts = NULL;
    struct glob_node *part = node_new(t, 0, group);
    size_t n_parts = 0, from = at + 1, i = from;

    if (nesting > MAX_DEPTH || t->full) {
        t->full = true;
        return give_up(t, group, at);
    }
    while (i < text.n) {
        if (in_brackets(&b, text, i)) {
            i++;
            continue;
        }
        if (opens_group(text, i)) {
            bool free_of = adds_no_depth(group->type, (char)text.p[i]);

            if (depth <= PLAIN_DEPTH || free_of) {
                push_text(part, slice(text, from, i));
                i = open_group(t, part, i, depth + !free_of, nesting + 1);
                from = i;
                continue;
            }
        }
        if (text.p[i] == '|' || text.p[i] == ')') {
            push_text(part, slice(text, from, i));
            parts = xrealloc(parts, (n_parts + 1) * sizeof(struct glob_node *));
            parts[n_parts++] = part;
            if (text.p[i] == ')') {
                group->ends_empty = i == from;
                for (size_t k = 0; k < n_parts; k++)
                    push_node(group, parts[k]);
                return i + 1;
            }
            part = node_new(t, 0, group);
            from = i + 1;
        }
        i++;
    }
    return give_up(t, group, at);
}

static void
read_root(struct glob_tree *t)
{
    struct brackets b = { .open = false };
    size_t from = 0, i = 0;

    while (i < t->text.n) {
        if (in_brackets(&b, t->text, i) || !opens_group(t->text, i)) {
            i++;
            continue;
        }
        push_text(t->root, slice(t->text, from, i));
        from = i = open_group(t, t->root, i, 1, 1);
    }
    push_text(t->root, slice(t->text, from, t->text.n));
}

/* ---- groups within groups ---------------------------------------------- */

/* The only thing an alternative has, if that is a group. */
static struct glob_node *
only_group(const struct glob_node *alternative)
{
    return alternative->n == 1 && alternative->parts[0].node != NULL &&
                   alternative->parts[0].node->type != 0
               ? alternative->parts[0].node
               : NULL;
}

/* Alternatives of `inner` take the place of outer's alternative `at`. */
static void
adopt(struct glob_node *outer, size_t at, const struct glob_node *inner)
{
    size_t n = outer->n - 1 + inner->n;
    struct glob_part *parts = xcalloc(n, sizeof(*parts));

    memcpy(parts, outer->parts, at * sizeof(*parts));
    memcpy(parts + at, inner->parts, inner->n * sizeof(*parts));
    memcpy(parts + at + inner->n, outer->parts + at + 1,
           (outer->n - at - 1) * sizeof(*parts));
    for (size_t i = at; i < at + inner->n; i++) {
        if (parts[i].node != NULL)
            parts[i].node->parent = outer;
    }
    free(outer->parts);
    outer->parts = parts;
    outer->n = n;
}

static void
become(struct glob_node *outer, char type, const struct glob_node *inner)
{
    adopt(outer, 0, inner);
    outer->type = type;
    outer->ends_empty = false;
}

static bool
dissolve(struct glob_tree *t, struct glob_node *outer, size_t at)
{
    struct glob_node *inner = only_group(outer->parts[at].node);
    char type;

    if (inner == NULL)
        return false;
    if (is_one_of(inner->type, swallows(outer->type))) {
        adopt(outer, at, inner);
        return true;
    }
    if (is_one_of(inner->type, swallows_with_nothing(outer->type))) {
        push_node(inner, node_new(t, 0, inner));
        adopt(outer, at, inner);
        return true;
    }
    type = outer->n == 1 ? becomes(outer->type, inner->type) : 0;
    if (type == 0)
        return false;
    become(outer, type, inner);
    return true;
}

static void
flatten(struct glob_tree *t, struct glob_node *n)
{
    bool again = true;

    if (n->type == 0) {
        for (size_t i = 0; i < n->n; i++) {
            if (n->parts[i].node != NULL)
                flatten(t, n->parts[i].node);
        }
        return;
    }
    for (int turn = 0; again && turn < MAX_FLATTEN && !t->full; turn++) {
        again = false;
        for (size_t i = 0; i < n->n && !t->full; i++) {
            if (n->parts[i].node == NULL)
                continue;
            flatten(t, n->parts[i].node);
            again |= dissolve(t, n, i);
        }
    }
}

/* ---- what may follow a negation ---------------------------------------- */

static void
copy_into(struct glob_tree *t, struct glob_node *to, struct glob_part part)
{
    struct glob_node *copy;

    if (part.node == NULL || t->full) {
        push(to, part);
        return;
    }
    copy = node_new(t, part.node->type, to);
    copy->ends_empty = part.node->ends_empty;
    for (size_t i = 0; i < part.node->n; i++)
        copy_into(t, copy, part.node->parts[i]);
    push_node(to, copy);
}

static void
fill(struct glob_tree *t, struct glob_node *negation)
{
    const struct glob_node *n = negation;

    for (; n->parent != NULL; n = n->parent) {
        const struct glob_node *p = n->parent;

        for (size_t i = n->index + 1; p->type == 0 && i < p->n; i++) {
            for (size_t k = 0; k < negation->n && !t->full; k++) {
                if (negation->parts[k].node != NULL)
                    copy_into(t, negation->parts[k].node, p->parts[i]);
            }
        }
    }
}

struct glob_tree *
glob_tree_new(struct units component, struct err *err)
{
    struct glob_tree *t = xnew(struct glob_tree);

    t->text = component;
    t->root = node_new(t, 0, NULL);
    read_root(t);
    flatten(t, t->root);
    /* The last one first: the others copy what it has become. */
    while (t->n_negations > 0) {
        struct glob_node *n = t->negations[--t->n_negations];

        if (n->type == '!')
            fill(t, n);
    }
    if (!t->full)
        return t;
    glob_tree_free(t);
    err_set(err, ERR_LIMIT, "its groups are too many or too deep");
    return NULL;
}
