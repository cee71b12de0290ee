/* Components of what installed packages lead to, after Tarjan. */
#include "worker/graph/node-phys.h"

#include <stdlib.h>

#include "base/str.h"

/* Edges as one array, those of full i from first[i] to first[i + 1]. */
struct edges {
    size_t *first, *to; /* own */
};

struct state {
    const struct edges *edges;
    size_t *cycle;        /* the result */
    size_t *seen, *low, *next; /* own, by full */
    bool *stacked;        /* owns */
    size_t *stack, *visits;    /* own */
    size_t n_stack, n_visits, n_seen, n_cycles;
};

static struct edges
edges_of(const struct phys_tree *t)
{
    struct edges e = { xcalloc(t->n_fulls + 1, sizeof(size_t)), NULL };
    size_t *at = xcalloc(t->n_fulls + 1, sizeof(size_t));

    for (size_t i = 0; i < t->n; i++)
        e.first[t->all[i]->full + 1] += t->all[i]->n_needs + t->all[i]->n_kids;
    for (size_t i = 0; i < t->n_fulls; i++)
        e.first[i + 1] += e.first[i];
    memcpy(at, e.first, (t->n_fulls + 1) * sizeof(size_t));
    e.to = xcalloc(e.first[t->n_fulls] + 1, sizeof(size_t));
    for (size_t i = 0; i < t->n; i++) {
        const struct phys *p = t->all[i];

        for (size_t k = 0; k < p->n_needs; k++)
            e.to[at[p->full]++] = p->needs[k]->full;
        for (size_t k = 0; k < p->n_kids; k++)
            e.to[at[p->full]++] = p->kids[k]->full;
    }
    free(at);
    return e;
}

static void
enter(struct state *s, size_t i)
{
    s->seen[i] = s->low[i] = ++s->n_seen;
    s->next[i] = s->edges->first[i];
    s->stacked[i] = true;
    s->stack[s->n_stack++] = i;
    s->visits[s->n_visits++] = i;
}

static bool
leads_to_itself(const struct edges *e, size_t i)
{
    for (size_t k = e->first[i]; k < e->first[i + 1]; k++) {
        if (e->to[k] == i)
            return true;
    }
    return false;
}

static void
leave(struct state *s, size_t i)
{
    bool cycle = s->stack[s->n_stack - 1] != i ||
                 leads_to_itself(s->edges, i);
    size_t member;

    if (s->low[i] != s->seen[i])
        return;
    s->n_cycles += cycle;
    do {
        member = s->stack[--s->n_stack];
        s->stacked[member] = false;
        s->cycle[member] = cycle ? s->n_cycles : 0;
    } while (member != i);
}

static void
visit(struct state *s, size_t start)
{
    enter(s, start);
    while (s->n_visits > 0) {
        size_t i = s->visits[s->n_visits - 1], to;

        if (s->next[i] < s->edges->first[i + 1]) {
            to = s->edges->to[s->next[i]++];
            if (s->seen[to] == 0)
                enter(s, to);
            else if (s->stacked[to] && s->seen[to] < s->low[i])
                s->low[i] = s->seen[to];
            continue;
        }
        leave(s, i);
        s->n_visits--;
        if (s->n_visits > 0) {
            to = s->visits[s->n_visits - 1];
            s->low[to] = s->low[i] < s->low[to] ? s->low[i] : s->low[to];
        }
    }
}

void
phys_tree_cycles(const struct phys_tree *t, size_t *cycle)
{
    struct edges e = edges_of(t);
    size_t *room = xcalloc(t->n_fulls + 1, 5 * sizeof(size_t));
    bool *stacked = xcalloc(t->n_fulls + 1, sizeof(bool));
    struct state s = { .edges = &e, .cycle = cycle, .stacked = stacked,
                       .seen = room, .low = room + t->n_fulls,
                       .next = room + 2 * t->n_fulls,
                       .stack = room + 3 * t->n_fulls,
                       .visits = room + 4 * t->n_fulls };

    for (size_t i = 0; i < t->n_fulls; i++) {
        if (s.seen[i] == 0)
            visit(&s, i);
    }
    free(room);
    free(stacked);
    free(e.first);
    free(e.to);
}
