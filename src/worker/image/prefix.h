/*
 * worker/image/prefix.h: which folders above a path may be in a set.
 *
 * A path may have thousands of parts, an image thousands of such paths, and
 * each is asked for again with every layer. Looking each folder above it up
 * costs the square of its length; here it is read once. Answers are as those
 * of a Bloom filter: a folder not told is not in the set, one that is told
 * has to be looked up.
 */
#ifndef WORKER_IMAGE_PREFIX_H
#define WORKER_IMAGE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct prefix {
    uint64_t *bits; /* owns; NULL: the set is empty */
    size_t n_bits;  /* a power of two */
    uint64_t seed;
};

/* A walk down a path: start with { .path = path }. */
struct prefix_walk {
    struct bytes path; /* borrows */
    size_t at;
    uint64_t hash;
};

/* For about n folders; more only make it tell more.
 *   seed  what nobody who chooses paths can know */
void prefix_init(struct prefix *p, size_t n, uint64_t seed);
void prefix_clear(struct prefix *p);
/* A normalised path: "/", or without a slash at its end. */
void prefix_add(struct prefix *p, struct bytes folder);
/* The next folder above the path, the root first; false: no more. */
bool prefix_next(const struct prefix *p, struct prefix_walk *w,
                 struct bytes *folder);

#endif
