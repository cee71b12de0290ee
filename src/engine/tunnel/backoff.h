/*
 * engine/tunnel/backoff.h: how long to wait before the next attempt
 * (broker-protocol.md §m.1). Pure: the caller brings the chance.
 *
 * Attempt 1 comes after 500 ms; attempt n after
 * min(round((1 + chance) * 500 * 1.5^(n-1)), 20 minutes); after 30 attempts
 * there is no other.
 */
#ifndef ENGINE_TUNNEL_BACKOFF_H
#define ENGINE_TUNNEL_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_MAX_ATTEMPTS 30
#define BACKOFF_FIRST_MS     500
#define BACKOFF_CEILING_MS   (20 * 60 * 1000)

struct backoff {
    unsigned attempt;       /* taken since the last success */
    double (*chance)(void); /* uniform in [0, 1) */
};

/* chance NULL: a random one. */
void backoff_init(struct backoff *b, double (*chance)(void));
/* It worked: start counting anew. */
void backoff_reset(struct backoff *b);
/* Counts an attempt; *wait_ms until it is due. False: they are used up. */
bool backoff_next(struct backoff *b, uint64_t *wait_ms);

#endif
