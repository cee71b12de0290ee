/* Waiting longer each time, and not in step with others. */
#include "engine/tunnel/backoff.h"

#include <stdlib.h>
#include <sys/random.h>

static double
random_chance(void)
{
    uint64_t v;

    if (getrandom(&v, sizeof(v), 0) != (ssize_t)sizeof(v))
        abort();
    return (double)(v >> 11) / (double)(UINT64_C(1) << 53);
}

void
backoff_init(struct backoff *b, double (*chance)(void))
{
    b->attempt = 0;
    b->chance = chance != NULL ? chance : random_chance;
}

void
backoff_reset(struct backoff *b)
{
    b->attempt = 0;
}

bool
backoff_next(struct backoff *b, uint64_t *wait_ms)
{
    double wait = BACKOFF_FIRST_MS;

    if (b->attempt >= BACKOFF_MAX_ATTEMPTS)
        return false;
    b->attempt++;
    for (unsigned n = 1; n < b->attempt; n++)
        wait *= 1.5;
    if (b->attempt > 1)
        wait *= 1 + b->chance();
    *wait_ms = wait < BACKOFF_CEILING_MS ? (uint64_t)(wait + 0.5)
                                         : BACKOFF_CEILING_MS;
    return true;
}
