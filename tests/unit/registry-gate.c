/* So many at once per host, and half as many after a 429. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "engine/registry/gate.h"

#define MANY 12

struct guest {
    struct gate_ticket ticket;
    unsigned called;
};

static void
on_inside(void *arg)
{
    ((struct guest *)arg)->called++;
}

static unsigned
inside(const struct guest *guests)
{
    unsigned n = 0;

    for (unsigned i = 0; i < MANY; i++)
        n += guests[i].called;
    return n;
}

static void
queue(struct gates *g, const char *host, struct guest *guests)
{
    for (unsigned i = 0; i < MANY; i++)
        gate_enter(g, host, &guests[i].ticket, on_inside, &guests[i]);
}

Test(gate, eight_are_let_in_the_others_follow_in_order)
{
    struct loop *loop = loop_new(NULL);
    struct gates *g = gates_new(loop);
    struct guest guests[MANY] = { 0 };

    queue(g, "a", guests);
    cr_expect_eq(inside(guests), 0, "called from within");
    loop_turn(loop);
    cr_expect_eq(inside(guests), 8);
    gate_leave(g, &guests[3].ticket);
    loop_turn(loop);
    cr_expect_eq(guests[8].called, 1);
    cr_expect_eq(inside(guests), 9);
    gates_free(g);
    loop_free(loop);
}

Test(gate, hosts_do_not_wait_for_each_other)
{
    struct loop *loop = loop_new(NULL);
    struct gates *g = gates_new(loop);
    struct guest a[MANY] = { 0 }, b[MANY] = { 0 };

    queue(g, "a", a);
    queue(g, "b", b);
    loop_turn(loop);
    cr_expect_eq(inside(b), 8);
    gates_free(g);
    loop_free(loop);
}

Test(gate, who_leaves_the_line_is_not_called)
{
    struct loop *loop = loop_new(NULL);
    struct gates *g = gates_new(loop);
    struct guest guests[MANY] = { 0 };

    queue(g, "a", guests);
    gate_leave(g, &guests[0].ticket); /* let in, not called yet */
    gate_leave(g, &guests[10].ticket); /* still in line */
    gate_leave(g, &guests[10].ticket); /* twice is fine */
    loop_turn(loop);
    cr_expect_eq(inside(guests), 8);
    cr_expect_eq(guests[0].called, 0);
    cr_expect_eq(guests[8].called, 1);
    cr_expect_eq(guests[10].called, 0);
    gates_free(g);
    loop_free(loop);
}

Test(gate, a_429_halves_the_width_for_a_minute)
{
    struct loop *loop = loop_new(NULL);
    struct gates *g = gates_new(loop);
    struct guest early[MANY] = { 0 }, late[MANY] = { 0 };

    clock_freeze(0);
    gate_slow_down(g, "a");
    queue(g, "a", early);
    loop_turn(loop);
    cr_expect_eq(inside(early), 4);
    clock_advance(60001);
    for (unsigned i = 0; i < MANY; i++)
        gate_leave(g, &early[i].ticket);
    queue(g, "a", late);
    loop_turn(loop);
    cr_expect_eq(inside(late), 8);
    gates_free(g);
    loop_free(loop);
}
