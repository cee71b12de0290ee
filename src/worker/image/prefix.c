/* A filter over hashes that grow with the path: one bit for each folder. */
#include "worker/image/prefix.h"

#include <stdlib.h>

#include "base/str.h"

#define BITS_EACH 16u
#define BITS_MIN  4096u

void
prefix_init(struct prefix *p, size_t n, uint64_t seed)
{
    size_t want = n < SIZE_MAX / 4 / BITS_EACH ? n * BITS_EACH : SIZE_MAX / 4;

    p->n_bits = BITS_MIN;
    while (p->n_bits < want)
        p->n_bits *= 2;
    p->bits = xcalloc(p->n_bits / 64, sizeof(*p->bits));
    p->seed = seed;
}

void
prefix_clear(struct prefix *p)
{
    free(p->bits);
    *p = (struct prefix){ .bits = NULL };
}

static uint64_t
hash_on(uint64_t hash, uint8_t c)
{
    hash = (hash ^ c) * 0xff51afd7ed558ccdull;
    return hash ^ hash >> 32;
}

static size_t
bit_of(const struct prefix *p, uint64_t hash)
{
    return (hash ^ hash >> 29) & (p->n_bits - 1);
}

void
prefix_add(struct prefix *p, struct bytes folder)
{
    uint64_t hash = p->seed;
    size_t bit;

    for (size_t i = 0; i < folder.n; i++)
        hash = hash_on(hash, folder.p[i]);
    bit = bit_of(p, hash);
    p->bits[bit / 64] |= 1ull << (bit % 64);
}

static bool
may_hold(const struct prefix *p, uint64_t hash)
{
    size_t bit = bit_of(p, hash);

    return (p->bits[bit / 64] >> (bit % 64) & 1) != 0;
}

bool
prefix_next(const struct prefix *p, struct prefix_walk *w,
            struct bytes *folder)
{
    if (p->bits == NULL)
        return false;
    if (w->at == 0)
        w->hash = p->seed;
    while (w->at + 1 < w->path.n) {
        w->hash = hash_on(w->hash, w->path.p[w->at++]);
        if ((w->at == 1 || w->path.p[w->at] == '/') && may_hold(p, w->hash)) {
            *folder = bytes_to(w->path, w->at);
            return true;
        }
    }
    return false;
}
