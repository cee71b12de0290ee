/* Gates: who may ask a registry host now, and who waits. */
#include "engine/registry/gate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define SLOW_MS   (60 * 1000)
#define KEEP_MANY 256 /* idle gates kept; a host costs little */

struct gate {
    struct link link;
    char *host;
    unsigned inside;
    uint64_t slow_until_ms;
    struct list line; /* tickets that wait */
};

struct gates {
    struct loop *loop;
    struct list all; /* owns */
    size_t n;
};

static void
drop(struct gates *g, struct gate *gate)
{
    list_remove(&gate->link);
    g->n--;
    free(gate->host);
    free(gate);
}

struct gates *
gates_new(struct loop *loop)
{
    struct gates *g = xnew(struct gates);

    g->loop = loop;
    list_init(&g->all);
    return g;
}

void
gates_free(struct gates *g)
{
    if (g == NULL)
        return;
    list_each(struct gate, gate, link, &g->all)
        drop(g, gate);
    free(g);
}

static bool
is_idle(const struct gate *g)
{
    return g->inside == 0 && list_is_empty(&g->line) &&
           g->slow_until_ms <= clock_now_ms();
}

static void
forget_idle(struct gates *g)
{
    list_each(struct gate, gate, link, &g->all)
    {
        if (is_idle(gate))
            drop(g, gate);
    }
}

static struct gate *
find(struct gates *g, const char *host)
{
    struct gate *gate;

    list_each(struct gate, known, link, &g->all)
    {
        if (str_eq(known->host, host))
            return known;
    }
    if (g->n >= KEEP_MANY)
        forget_idle(g);
    gate = xnew(struct gate);
    gate->host = xstrdup(host);
    list_init(&gate->line);
    list_append(&g->all, &gate->link);
    g->n++;
    return gate;
}

static unsigned
width(const struct gate *g)
{
    return g->slow_until_ms > clock_now_ms() ? GATE_WIDTH / 2 : GATE_WIDTH;
}

static void
call(void *arg)
{
    struct gate_ticket *t = arg;

    t->fn(t->arg);
}

/* Let in as many as there is room for. */
static void
admit(struct gates *g, struct gate *gate)
{
    struct gate_ticket *t;

    while (gate->inside < width(gate) &&
           (t = list_first(struct gate_ticket, link, &gate->line)) != NULL) {
        list_remove(&t->link);
        t->inside = true;
        gate->inside++;
        loop_defer(g->loop, call, t);
    }
}

void
gate_enter(struct gates *g, const char *host, struct gate_ticket *t,
           void (*fn)(void *arg), void *arg)
{
    *t = (struct gate_ticket){ .gate = find(g, host), .fn = fn, .arg = arg };
    list_append(&t->gate->line, &t->link);
    admit(g, t->gate);
}

void
gate_leave(struct gates *g, struct gate_ticket *t)
{
    struct gate *gate = t->gate;

    if (gate == NULL)
        return;
    if (t->inside) {
        loop_undefer(g->loop, call, t);
        gate->inside--;
    } else {
        list_remove(&t->link);
    }
    *t = (struct gate_ticket){ .gate = NULL };
    admit(g, gate);
}

void
gate_slow_down(struct gates *g, const char *host)
{
    struct gate *gate = find(g, host);

    if (gate->slow_until_ms <= clock_now_ms())
        log_warn("registry asks to slow down", LOG_STR("host", host),
                 LOG_INT("atOnce", GATE_WIDTH / 2));
    gate->slow_until_ms = clock_now_ms() + SLOW_MS;
}
