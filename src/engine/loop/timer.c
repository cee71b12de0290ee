/* Timers: a heap in the loop, ordered by due time. */
#include "engine/loop/timer.h"

#include "base/clock.h"
#include "base/str.h"
#include "engine/loop/loop-private.h"

static bool
before(const struct timer *a, const struct timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->seq < b->seq;
}

static void
put(struct timers *heap, size_t slot, struct timer *t)
{
    heap->at[slot - 1] = t;
    t->slot = slot;
}

static void
sift_up(struct timers *heap, struct timer *t, size_t slot)
{
    while (slot > 1 && before(t, heap->at[slot / 2 - 1])) {
        put(heap, slot, heap->at[slot / 2 - 1]);
        slot /= 2;
    }
    put(heap, slot, t);
}

static void
sift_down(struct timers *heap, struct timer *t, size_t slot)
{
    size_t child;

    while ((child = slot * 2) <= heap->n) {
        if (child < heap->n && before(heap->at[child], heap->at[child - 1]))
            child++;
        if (!before(heap->at[child - 1], t))
            break;
        put(heap, slot, heap->at[child - 1]);
        slot = child;
    }
    put(heap, slot, t);
}

static void
heap_add(struct timers *heap, struct timer *t)
{
    if (heap->n == heap->cap) {
        heap->cap = heap->cap > 0 ? heap->cap * 2 : 16;
        heap->at = xrealloc(heap->at, heap->cap * sizeof(struct timer *));
    }
    sift_up(heap, t, ++heap->n);
}

/* The last one fills the gap, then finds its way up or down. */
static void
heap_remove(struct timers *heap, struct timer *t)
{
    size_t slot = t->slot;
    struct timer *last = heap->at[--heap->n];

    t->slot = 0;
    if (last == t)
        return;
    sift_down(heap, last, slot);
    sift_up(heap, last, last->slot);
}

void
timer_init(struct timer *t, struct loop *loop)
{
    *t = (struct timer){ .loop = loop };
}

void
timer_after(struct timer *t, uint64_t ms, void (*fn)(void *arg), void *arg)
{
    struct timers *heap = loop_timers(t->loop);

    timer_stop(t);
    if (__builtin_add_overflow(clock_now_ms(), ms, &t->due_ms))
        t->due_ms = UINT64_MAX;
    t->fn = fn;
    t->arg = arg;
    t->seq = ++heap->seq;
    heap_add(heap, t);
}

void
timer_stop(struct timer *t)
{
    if (t->slot > 0)
        heap_remove(loop_timers(t->loop), t);
}

bool
timer_is_armed(const struct timer *t)
{
    return t->slot > 0;
}

void
timer_clear(struct timer *t)
{
    timer_stop(t);
}

void
timers_run(struct timers *heap)
{
    uint64_t now_ms = clock_now_ms(), seq = heap->seq;

    while (heap->n > 0) {
        struct timer *t = heap->at[0];

        /* One armed by a callback of this very run waits for the next. */
        if (t->due_ms > now_ms || t->seq > seq)
            return;
        heap_remove(heap, t);
        t->fn(t->arg);
    }
}

bool
timers_wait_ms(const struct timers *heap, uint64_t *out_ms)
{
    uint64_t now_ms = clock_now_ms();

    if (heap->n == 0)
        return false;
    *out_ms = heap->at[0]->due_ms > now_ms ? heap->at[0]->due_ms - now_ms : 0;
    return true;
}
