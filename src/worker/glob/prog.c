/*
 * A component's machine. States are made from the end of the pattern to its
 * begin; what may follow one has a smaller number, loops excepted. Matching
 * goes through the name backwards and knows of each state whether the rest of
 * the name can be taken from there: no state is looked at twice, and what a
 * negation forbids is known when it is needed.
 */
#include "worker/glob/prog.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "worker/glob/tree.h"

#define MAX_STATES 8192
#define NOWHERE    SIZE_MAX

enum op {
    OP_END,   /* the end of the name */
    OP_UNIT,  /* this one */
    OP_ANY,   /* any one */
    OP_CLASS, /* one in brackets */
    OP_NEVER,
    OP_EITHER, /* this way or the other */
    OP_NO_DOT, /* no dot comes next */
    OP_NOT     /* the block does not match from here on */
};

struct state {
    enum op op;
    uint16_t unit;
    size_t next, other; /* within the block; other: OP_NOT: a block */
    struct glob_class *class; /* borrows from the program */
};

/* States of the whole, or of what one negation forbids. */
struct block {
    struct state *states; /* owns */
    size_t n, start;
};

struct glob_prog {
    struct block *blocks; /* owns; inner ones first, the whole comes last */
    size_t n_blocks;
    struct glob_class **classes; /* owns all */
    size_t n_classes, n_states;
    bool code_points;
    bool full;
};

/* ---- making states ----------------------------------------------------- */

struct maker {
    struct glob_prog *prog;
    struct block *block; /* being made */
};

static size_t
add(struct maker *m, struct state s)
{
    struct block *b = m->block;

    if (m->prog->n_states >= MAX_STATES) {
        m->prog->full = true;
        return 0;
    }
    m->prog->n_states++;
    b->states = xrealloc(b->states, (b->n + 1) * sizeof(*b->states));
    b->states[b->n] = s;
    return b->n++;
}

/* Any number of what `op` takes, then `next`. */
static size_t
add_any_number(struct maker *m, size_t next)
{
    size_t either = add(m, (struct state){ .op = OP_EITHER, .next = next,
                                           .other = NOWHERE });
    size_t any = add(m, (struct state){ .op = OP_ANY, .next = either });

    if (!m->prog->full)
        m->block->states[either].other = any;
    return either;
}

static size_t
add_at_least_one(struct maker *m, size_t next)
{
    return add(m, (struct state){ .op = OP_ANY,
                                  .next = add_any_number(m, next) });
}

static size_t
add_no_dot(struct maker *m, size_t next)
{
    return add(m, (struct state){ .op = OP_NO_DOT, .next = next });
}

/* ---- texts ------------------------------------------------------------- */

/* What a text is made of. */
struct atom {
    enum { ATOM_UNIT, ATOM_ANY, ATOM_STARS, ATOM_CLASS } kind;
    uint16_t unit;
    struct glob_class class;
};

/* The atom `text` begins with; returns its length in units. */
static size_t
read_atom(struct units text, struct atom *out)
{
    size_t n = 1;

    *out = (struct atom){ .kind = ATOM_UNIT, .unit = text.p[0] };
    if (text.p[0] == '*') {
        out->kind = ATOM_STARS;
        while (n < text.n && text.p[n] == '*')
            n++;
    } else if (text.p[0] == '?') {
        out->kind = ATOM_ANY;
    } else if (text.p[0] == '[') {
        n = glob_class_read(&out->class, text);
        if (n == 0)
            return 1;
        out->kind = ATOM_CLASS;
        if (glob_class_is_plain(&out->class)) {
            out->kind = ATOM_UNIT;
            out->unit = (uint16_t)out->class.ranges[0].from;
            glob_class_clear(&out->class);
        }
    }
    return n;
}

static struct glob_class *
keep_class(struct glob_prog *p, const struct glob_class *c)
{
    struct glob_class *kept = xnew(struct glob_class);

    *kept = *c;
    p->code_points |= c->code_point;
    p->classes = xrealloc(p->classes,
                          (p->n_classes + 1) * sizeof(struct glob_class *));
    p->classes[p->n_classes++] = kept;
    return kept;
}

static size_t
emit_atom(struct maker *m, const struct atom *a, bool takes_some, size_t next)
{
    switch (a->kind) {
    case ATOM_STARS:
        return takes_some ? add_at_least_one(m, next) : add_any_number(m, next);
    case ATOM_ANY:
        return add(m, (struct state){ .op = OP_ANY, .next = next });
    case ATOM_CLASS:
        if (a->class.never)
            return add(m, (struct state){ .op = OP_NEVER });
        return add(m, (struct state){ .op = OP_CLASS, .next = next,
                                      .class = keep_class(m->prog,
                                                          &a->class) });
    default:
        return add(m, (struct state){ .op = OP_UNIT, .next = next,
                                      .unit = a->unit });
    }
}

/* whole: it stands in what may be all of the component; stars that are all of
 * such a text take something. */
static size_t
emit_text(struct maker *m, struct units text, bool whole, size_t next)
{
    auto_free struct atom *atoms = xcalloc(text.n, sizeof(*atoms));
    size_t n = 0;

    for (size_t i = 0; i < text.n; n++)
        i += read_atom((struct units){ text.p + i, text.n - i }, &atoms[n]);
    for (size_t i = n; i-- > 0;) {
        next = emit_atom(m, &atoms[i], whole && n == 1, next);
        /* A class that was kept is the program's now. */
        if (atoms[i].kind == ATOM_CLASS && atoms[i].class.never)
            glob_class_clear(&atoms[i].class);
    }
    return next;
}

/* Whether something that may stand for a dot comes first. */
static bool
begins_wild(struct units text)
{
    struct atom a;
    bool wild;

    read_atom(text, &a);
    wild = a.kind == ATOM_STARS || a.kind == ATOM_ANY ||
           (a.kind == ATOM_CLASS && !a.class.never &&
            !glob_class_takes_dot(&a.class));
    glob_class_clear(&a.class);
    return wild;
}

/* ---- groups ------------------------------------------------------------ */

static size_t emit_group(struct maker *m, const struct glob_node *g,
                         bool dot_allowed, size_t next);

static size_t
emit_sequence(struct maker *m, const struct glob_node *s, bool dot_allowed,
              size_t next)
{
    bool whole = glob_node_is_start(s) && glob_node_is_end(s);

    /* What does not fit is not made: each group within a group doubles it. */
    for (size_t i = s->n; i-- > 0 && !m->prog->full;) {
        const struct glob_part *p = &s->parts[i];

        if (p->node == NULL)
            next = emit_text(m, p->text, whole, next);
        else if (p->node->type == 0)
            next = emit_sequence(m, p->node, dot_allowed, next);
        else
            next = emit_group(m, p->node, dot_allowed, next);
    }
    if (!m->prog->full && !dot_allowed && s->n > 0 &&
        s->parts[0].node == NULL &&
        begins_wild(s->parts[0].text) && glob_node_is_start(s))
        next = add_no_dot(m, next);
    return next;
}

/* Its alternatives, each followed by `next`; NOWHERE when none counts. */
static size_t
emit_alternatives(struct maker *m, const struct glob_node *g,
                  bool dot_allowed, size_t next)
{
    /* Where a group is the whole component, nothing is no alternative. */
    bool whole = g->type != '!' && glob_node_is_start(g) &&
                 glob_node_is_end(g);
    size_t start = NOWHERE;

    for (size_t i = g->n; i-- > 0;) {
        size_t one;

        if (whole && g->parts[i].node->n == 0)
            continue;
        one = emit_sequence(m, g->parts[i].node, dot_allowed, next);
        start = start == NOWHERE
                    ? one
                    : add(m, (struct state){ .op = OP_EITHER, .next = one,
                                             .other = start });
    }
    return start;
}

/* What a negation forbids, in a block of its own; returns its number. */
static size_t
emit_forbidden(struct maker *m, const struct glob_node *g, bool dot_allowed)
{
    struct block block = { 0 };
    struct maker inner = { m->prog, &block };
    struct glob_prog *p = m->prog;
    size_t end = add(&inner, (struct state){ .op = OP_END });

    block.start = emit_alternatives(&inner, g, dot_allowed, end);
    if (block.start == NOWHERE)
        block.start = end;
    p->blocks = xrealloc(p->blocks, (p->n_blocks + 1) * sizeof(*p->blocks));
    p->blocks[p->n_blocks] = block;
    return p->n_blocks++;
}

static size_t
emit_negation(struct maker *m, const struct glob_node *g, bool dot_allowed,
              size_t next)
{
    bool guard = !dot_allowed && glob_node_is_start(g);

    if (g->ends_empty) {
        next = add_at_least_one(m, next);
        return guard ? add_no_dot(m, next) : next;
    }
    next = add_any_number(m, next);
    if (guard)
        next = add_no_dot(m, next);
    return add(m, (struct state){ .op = OP_NOT, .next = next,
                                  .other = emit_forbidden(m, g, dot_allowed) });
}

/* Any number of the alternatives, dots allowed, then `next`. */
static size_t
emit_loop(struct maker *m, const struct glob_node *g, size_t next)
{
    size_t loop = add(m, (struct state){ .op = OP_EITHER, .next = next,
                                         .other = NOWHERE });
    size_t body = emit_alternatives(m, g, true, loop);

    if (!m->prog->full)
        m->block->states[loop].other = body;
    return loop;
}

static size_t
emit_group(struct maker *m, const struct glob_node *g, bool dot_allowed,
           size_t next)
{
    bool repeats = g->type == '*' || g->type == '+';
    bool optional = g->type == '*' || g->type == '?';
    size_t start;

    if (g->type == '!')
        return emit_negation(m, g, dot_allowed, next);
    /* Only the first turn stands where a name begins. */
    start = emit_alternatives(m, g, dot_allowed,
                              repeats ? emit_loop(m, g, next) : next);
    if (start == NOWHERE)
        return next;
    return optional ? add(m, (struct state){ .op = OP_EITHER, .next = start,
                                             .other = next })
                    : start;
}

/* "@()" and its like are texts when they are all there is. */
static bool
is_text(const struct glob_node *root)
{
    const struct glob_node *g = root->n == 1 ? root->parts[0].node : NULL;

    if (g == NULL || g->type == 0 || g->type == '!')
        return false;
    for (size_t i = 0; i < g->n; i++) {
        if (g->parts[i].node->n > 0)
            return false;
    }
    return true;
}

static size_t
emit_literal(struct maker *m, struct units text, size_t next)
{
    for (size_t i = text.n; i-- > 0;)
        next = add(m, (struct state){ .op = OP_UNIT, .next = next,
                                      .unit = text.p[i] });
    return next;
}

struct glob_prog *
glob_prog_new(struct units component, struct err *err)
{
    auto_glob_prog struct glob_prog *p = NULL;
    auto_glob_tree struct glob_tree *t = glob_tree_new(component, err);
    struct block whole = { 0 };
    struct maker m = { NULL, &whole };
    size_t end;

    if (t == NULL)
        return NULL;
    m.prog = p = xnew(struct glob_prog);
    end = add(&m, (struct state){ .op = OP_END });
    whole.start = is_text(glob_tree_root(t))
                      ? emit_literal(&m, component, end)
                      : emit_sequence(&m, glob_tree_root(t), false, end);
    p->blocks = xrealloc(p->blocks, (p->n_blocks + 1) * sizeof(*p->blocks));
    p->blocks[p->n_blocks++] = whole;
    if (!p->full)
        return steal(p);
    err_set(err, ERR_LIMIT, "it is too complex");
    return NULL;
}

void
glob_prog_free(struct glob_prog *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n_blocks; i++)
        free(p->blocks[i].states);
    free(p->blocks);
    for (size_t i = 0; i < p->n_classes; i++) {
        glob_class_clear(p->classes[i]);
        free(p->classes[i]);
    }
    free(p->classes);
    free(p);
}

size_t
glob_prog_states(const struct glob_prog *p)
{
    return p->n_states;
}

/* ---- matching ---------------------------------------------------------- */

#define ROWS 3 /* here, one unit on, two units on */

/* Of one block, whether each state can take the name from a place on. */
struct rows {
    const struct block *block; /* borrows */
    bool *row[ROWS];           /* row[0] owns all three */
};

static bool
is_pair(struct units name, size_t at)
{
    return at + 1 < name.n && name.p[at] >= 0xd800 && name.p[at] < 0xdc00 &&
           name.p[at + 1] >= 0xdc00 && name.p[at + 1] < 0xe000;
}

static uint32_t
character_at(struct units name, size_t at, bool pair)
{
    return pair ? 0x10000u + ((name.p[at] - 0xd800u) << 10) +
                      (name.p[at + 1] - 0xdc00u)
                : name.p[at];
}

static bool
takes(const struct glob_prog *p, const struct rows *all, const struct rows *r,
      const struct state *s, struct units name, size_t at)
{
    bool pair = p->code_points && is_pair(name, at);

    switch (s->op) {
    case OP_END:
        return at == name.n;
    case OP_UNIT:
        return at < name.n && name.p[at] == s->unit && r->row[1][s->next];
    case OP_ANY:
        return at < name.n && r->row[1 + pair][s->next];
    case OP_CLASS:
        return at < name.n &&
               glob_class_has(s->class, character_at(name, at, pair)) &&
               r->row[1 + pair][s->next];
    case OP_EITHER:
        return (s->next != NOWHERE && r->row[0][s->next]) ||
               (s->other != NOWHERE && r->row[0][s->other]);
    case OP_NO_DOT:
        return !(at < name.n && name.p[at] == '.') && r->row[0][s->next];
    case OP_NOT:
        return !all[s->other].row[0][all[s->other].block->start] &&
               r->row[0][s->next];
    default:
        return false;
    }
}

/* Loops look ahead to states not known yet: once more until nothing new is
 * found. Blocks that it asks are done already. */
static void
settle(const struct glob_prog *p, const struct rows *all, struct rows *r,
       struct units name, size_t at)
{
    bool changed = true;

    memset(r->row[0], 0, r->block->n * sizeof(bool));
    while (changed) {
        changed = false;
        for (size_t i = 0; i < r->block->n; i++) {
            if (r->row[0][i] ||
                !takes(p, all, r, &r->block->states[i], name, at))
                continue;
            r->row[0][i] = true;
            /* Those before it have been asked already. */
            changed = true;
        }
    }
}

static void
turn(struct rows *r)
{
    bool *last = r->row[ROWS - 1];

    for (size_t i = ROWS - 1; i > 0; i--)
        r->row[i] = r->row[i - 1];
    r->row[0] = last;
}

bool
glob_prog_match(const struct glob_prog *p, struct units name)
{
    auto_free struct rows *all = xcalloc(p->n_blocks, sizeof(*all));
    auto_free bool *cells = xcalloc(p->n_states * ROWS, sizeof(*cells));
    bool *free_cell = cells;
    const struct rows *whole = &all[p->n_blocks - 1];

    for (size_t i = 0; i < p->n_blocks; i++) {
        all[i].block = &p->blocks[i];
        for (size_t k = 0; k < ROWS; k++) {
            all[i].row[k] = free_cell;
            free_cell += p->blocks[i].n;
        }
    }
    for (size_t at = name.n + 1; at-- > 0;) {
        for (size_t i = 0; i < p->n_blocks; i++) {
            turn(&all[i]);
            settle(p, all, &all[i], name, at);
        }
    }
    return whole->row[0][whole->block->start];
}
