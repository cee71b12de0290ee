/* Counting paths: components first (Tarjan, without recursion), then along
 * their order, then inside those that have more than one member. */
#include "worker/graph/frequency.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/str.h"

#define NONE SIZE_MAX
/* Edges looked at inside one component before we stop telling its members
 * apart: then all count as too frequent. No real database comes near. */
#define WORK_MAX (200u * 1000 * 1000)

struct frame {
    size_t node, edge;
};

struct components {
    size_t *of;      /* node: its component; in reverse topological order */
    size_t *members; /* nodes, component by component */
    size_t *begin;   /* n + 1 */
    size_t n;
};

/* ---- Tarjan ------------------------------------------------------------ */

struct tarjan {
    const struct digraph *g;
    const size_t *tie; /* node: the next of its group, as if by an edge */
    struct components *c;
    size_t *seen_at, *low, *stack;
    struct frame *frames;
    size_t n_stack, n_frames, clock, n_members;
};

static void
enter(struct tarjan *t, size_t node)
{
    t->seen_at[node] = t->low[node] = ++t->clock;
    t->stack[t->n_stack++] = node;
    t->frames[t->n_frames++] = (struct frame){ node, t->g->from[node] };
}

static void
close_component(struct tarjan *t, size_t root)
{
    struct components *c = t->c;
    size_t node;

    do {
        node = t->stack[--t->n_stack];
        c->of[node] = c->n;
        c->members[t->n_members++] = node;
    } while (node != root);
    c->begin[++c->n] = t->n_members;
}

static void
leave(struct tarjan *t)
{
    size_t node = t->frames[--t->n_frames].node;

    if (t->low[node] == t->seen_at[node])
        close_component(t, node);
    if (t->n_frames > 0) {
        size_t up = t->frames[t->n_frames - 1].node;

        if (t->low[node] < t->low[up])
            t->low[up] = t->low[node];
    }
}

static void
walk_from(struct tarjan *t, size_t start)
{
    enter(t, start);
    while (t->n_frames > 0) {
        struct frame *f = &t->frames[t->n_frames - 1];
        size_t to;

        if (f->edge > t->g->from[f->node + 1]) {
            leave(t);
            continue;
        }
        to = f->edge < t->g->from[f->node + 1] ? t->g->to[f->edge]
                                               : t->tie[f->node];
        f->edge++;
        if (t->seen_at[to] == 0)
            enter(t, to);
        else if (t->c->of[to] == NONE && t->seen_at[to] < t->low[f->node])
            t->low[f->node] = t->seen_at[to];
    }
}

static size_t
group_of(const struct digraph *g, size_t node)
{
    return g->group != NULL ? g->group[node] : node;
}

/* A ring through the nodes of each group. */
static size_t *
tie_groups(const struct digraph *g)
{
    size_t *tie = xcalloc(g->n, sizeof(size_t));
    size_t *first = xcalloc(g->n, sizeof(size_t)); /* + 1; 0: none yet */

    for (size_t i = 0; i < g->n; i++) {
        size_t *head = &first[group_of(g, i)];

        tie[i] = *head > 0 ? tie[*head - 1] : i;
        if (*head > 0)
            tie[*head - 1] = i;
        else
            *head = i + 1;
    }
    free(first);
    return tie;
}

static void
find_components(const struct digraph *g, struct components *c)
{
    size_t *tie = tie_groups(g);
    struct tarjan t = { .g = g, .tie = tie, .c = c };

    c->of = xcalloc(g->n, sizeof(size_t));
    c->members = xcalloc(g->n, sizeof(size_t));
    c->begin = xcalloc(g->n + 1, sizeof(size_t));
    c->n = 0;
    t.seen_at = xcalloc(g->n, sizeof(size_t));
    t.low = xcalloc(g->n, sizeof(size_t));
    t.stack = xcalloc(g->n, sizeof(size_t));
    t.frames = xcalloc(g->n, sizeof(*t.frames));
    for (size_t i = 0; i < g->n; i++)
        c->of[i] = NONE;
    for (size_t i = 0; i < g->n; i++) {
        if (t.seen_at[i] == 0)
            walk_from(&t, i);
    }
    free(tie);
    free(t.seen_at);
    free(t.low);
    free(t.stack);
    free(t.frames);
}

/* ---- inside one component ---------------------------------------------- */

struct inside {
    const struct digraph *g;
    const struct components *c;
    size_t component;
    uint32_t *counts; /* by node */
    bool *on_path;    /* by group */
    size_t *mark, mark_now; /* who was reached by the search at hand */
    size_t *queue;
    struct frame *frames;
    size_t work;
};

static void
add_up(uint32_t *count, uint32_t n)
{
    uint64_t sum = (uint64_t)*count + n;

    *count = sum < FREQUENCY_CEILING ? (uint32_t)sum : FREQUENCY_CEILING;
}

/* Whether a simple path that goes on from `node` can still reach someone
 * whose count is not at its ceiling. */
static bool
worth_it(struct inside *s, size_t node)
{
    size_t n = 0;

    s->mark_now++;
    s->queue[n++] = node;
    s->mark[node] = s->mark_now;
    for (size_t i = 0; i < n; i++) {
        for (size_t e = s->g->from[s->queue[i]];
             e < s->g->from[s->queue[i] + 1]; e++) {
            size_t to = s->g->to[e];

            s->work++;
            if (s->c->of[to] != s->component ||
                s->on_path[group_of(s->g, to)] || s->mark[to] == s->mark_now)
                continue;
            if (s->counts[to] < FREQUENCY_CEILING)
                return true;
            s->mark[to] = s->mark_now;
            s->queue[n++] = to;
        }
    }
    return false;
}

static size_t
step_in(struct inside *s, size_t depth, size_t node, uint32_t weight)
{
    add_up(&s->counts[node], weight);
    s->on_path[group_of(s->g, node)] = true;
    s->frames[depth] = (struct frame){ node, s->g->from[node] };
    return depth + 1;
}

/* All simple paths from `start` inside its component. */
static void
walk_paths(struct inside *s, size_t start, uint32_t weight)
{
    size_t depth = step_in(s, 0, start, weight);

    while (depth > 0) {
        struct frame *f = &s->frames[depth - 1];
        size_t to;

        if (f->edge == s->g->from[f->node] && !worth_it(s, f->node))
            f->edge = s->g->from[f->node + 1];
        if (f->edge == s->g->from[f->node + 1] || s->work > WORK_MAX) {
            s->on_path[group_of(s->g, f->node)] = false;
            depth--;
            continue;
        }
        to = s->g->to[f->edge++];
        if (s->c->of[to] == s->component &&
            !s->on_path[group_of(s->g, to)])
            depth = step_in(s, depth, to, weight);
    }
}

/* counts[] of its members hold what enters from outside. */
static void
count_inside(struct inside *s, size_t component)
{
    size_t from = s->c->begin[component], to = s->c->begin[component + 1];
    uint32_t *enters = xcalloc(to - from, sizeof(*enters));

    s->component = component;
    s->work = 0;
    for (size_t i = from; i < to; i++) {
        enters[i - from] = s->counts[s->c->members[i]];
        s->counts[s->c->members[i]] = 0;
    }
    for (size_t i = from; i < to; i++) {
        if (enters[i - from] > 0)
            walk_paths(s, s->c->members[i], enters[i - from]);
    }
    for (size_t i = from; s->work > WORK_MAX && i < to; i++)
        s->counts[s->c->members[i]] = FREQUENCY_CEILING;
    free(enters);
}

static void
pass_on(struct inside *s, size_t component)
{
    for (size_t i = s->c->begin[component]; i < s->c->begin[component + 1];
         i++) {
        size_t node = s->c->members[i];

        for (size_t e = s->g->from[node]; e < s->g->from[node + 1]; e++) {
            size_t to = s->g->to[e];

            if (s->c->of[to] != component)
                add_up(&s->counts[to], s->counts[node]);
        }
    }
}

void
frequency_count(const struct digraph *g, const uint32_t *starts,
                uint32_t *counts)
{
    struct components c;
    struct inside s = { .g = g, .c = &c };

    find_components(g, &c);
    s.on_path = xcalloc(g->n, sizeof(bool));
    s.mark = xcalloc(g->n, sizeof(size_t));
    s.queue = xcalloc(g->n, sizeof(size_t));
    s.frames = xcalloc(g->n, sizeof(*s.frames));
    s.counts = xcalloc(g->n, sizeof(*s.counts));
    for (size_t i = 0; i < g->n; i++) {
        counts[i] = 0;
        add_up(&s.counts[i], starts[i]);
    }
    /* The last component found has nothing above it. */
    for (size_t i = c.n; i-- > 0;) {
        if (c.begin[i + 1] - c.begin[i] > 1)
            count_inside(&s, i);
        pass_on(&s, i);
    }
    for (size_t i = 0; i < g->n; i++)
        add_up(&counts[group_of(g, i)], s.counts[i]);
    free(s.counts);
    free(s.on_path);
    free(s.mark);
    free(s.queue);
    free(s.frames);
    free(c.of);
    free(c.members);
    free(c.begin);
}
