#include <criterion/criterion.h>
#include <string.h>

#include "base/str.h"
#include "worker/graph/frequency.h"

#define MAX_NODES 12
#define MAX_EDGES 64

struct random_graph {
    size_t n, n_edges;
    size_t from[MAX_NODES + 1], to[MAX_EDGES];
    size_t group[MAX_NODES];
    uint32_t starts[MAX_NODES];
};

/* xorshift: the same graphs in every run. */
static uint64_t
next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void
make(struct random_graph *g, uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
    unsigned percent;

    next_random(&state);
    g->n = 2 + next_random(&state) % (MAX_NODES - 1);
    percent = 5 + (unsigned)(next_random(&state) % 35);
    g->n_edges = 0;
    for (size_t i = 0; i < g->n; i++) {
        g->from[i] = g->n_edges;
        g->starts[i] = next_random(&state) % 4 != 0;
        /* Now and then two nodes are one thing. */
        g->group[i] = i > 0 && next_random(&state) % 8 == 0 ? g->group[i - 1]
                                                            : i;
        for (size_t k = 0; k < g->n && g->n_edges < MAX_EDGES; k++) {
            if (next_random(&state) % 100 < percent)
                g->to[g->n_edges++] = k;
        }
    }
    g->from[g->n] = g->n_edges;
}

/* The definition itself: walk every simple path. */
static void
walk(const struct random_graph *g, size_t node, bool *on_path,
     uint64_t *counts)
{
    size_t group = g->group[node];

    counts[group]++;
    on_path[group] = true;
    for (size_t e = g->from[node]; e < g->from[node + 1]; e++) {
        if (!on_path[g->group[g->to[e]]])
            walk(g, g->to[e], on_path, counts);
    }
    on_path[group] = false;
}

Test(frequency, equals_walking_every_path_on_random_graphs)
{
    size_t n_saturated = 0, n_exact = 0;

    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct random_graph g;
        uint64_t want[MAX_NODES] = { 0 };
        uint32_t got[MAX_NODES];
        bool on_path[MAX_NODES] = { false };
        struct digraph d;

        make(&g, seed);
        d = (struct digraph){ g.n, g.from, g.to, g.group };
        for (size_t i = 0; i < g.n; i++) {
            if (g.starts[i] > 0)
                walk(&g, i, on_path, want);
        }
        frequency_count(&d, g.starts, got);
        for (size_t i = 0; i < g.n; i++) {
            uint64_t most = want[i] < FREQUENCY_CEILING ? want[i]
                                                        : FREQUENCY_CEILING;

            cr_assert_eq(got[i], most, "graph %zu, node %zu: %u, not %zu",
                         (size_t)seed, i, got[i], (size_t)most);
            *(most == FREQUENCY_CEILING ? &n_saturated : &n_exact) += 1;
        }
    }
    /* Both sides of the ceiling were really met. */
    cr_expect_gt(n_saturated, 500);
    cr_expect_gt(n_exact, 5000);
}

Test(frequency, a_chain_of_diamonds_is_counted_without_walking_it)
{
    enum { N = 3 * 1000 + 1 };
    size_t *from = xcalloc(N + 1, sizeof(size_t));
    size_t *to = xcalloc(2 * N, sizeof(size_t)), n = 0;
    uint32_t *starts = xcalloc(N, sizeof(uint32_t));
    uint32_t *counts = xcalloc(N, sizeof(uint32_t));

    /* 2^1000 paths lead to the end. */
    for (size_t i = 0; i < N; i++) {
        from[i] = n;
        if (i % 3 == 0 && i + 3 < N) {
            to[n++] = i + 1;
            to[n++] = i + 2;
        } else if (i + 1 < N) {
            to[n++] = i - i % 3 + 3;
        }
    }
    from[N] = n;
    starts[0] = 1;
    const struct digraph g = { N, from, to, NULL };
    frequency_count(&g, starts, counts);
    cr_expect_eq(counts[0], 1);
    cr_expect_eq(counts[6], 4);
    cr_expect_eq(counts[18], 64);
    cr_expect_eq(counts[N - 1], FREQUENCY_CEILING);
    free(from);
    free(to);
    free(starts);
    free(counts);
}

Test(frequency, a_big_knot_saturates_and_comes_to_an_end)
{
    enum { N = 60 };
    size_t from[N + 1];
    size_t *to = xcalloc(N * N, sizeof(size_t)), n = 0;
    uint32_t starts[N] = { 1 }, counts[N];

    for (size_t i = 0; i < N; i++) {
        from[i] = n;
        for (size_t k = 0; k < N; k++)
            to[n++] = k;
    }
    from[N] = n;
    const struct digraph g = { N, from, to, NULL };
    frequency_count(&g, starts, counts);
    cr_expect_eq(counts[0], 1);
    for (size_t i = 1; i < N; i++)
        cr_expect_eq(counts[i], FREQUENCY_CEILING);
    free(to);
}

Test(frequency, two_edges_to_one_node_are_two_paths)
{
    const size_t from[] = { 0, 2, 2 }, to[] = { 1, 1 };
    const uint32_t starts[] = { 1, 0 };
    const struct digraph g = { 2, from, to, NULL };
    uint32_t counts[2];

    frequency_count(&g, starts, counts);
    cr_expect_eq(counts[1], 2);
}
