/* engine/filter/re-private.h: the program of a regular expression; for re.c,
 * which writes it, and re-match.c, which runs it. */
#ifndef ENGINE_FILTER_RE_PRIVATE_H
#define ENGINE_FILTER_RE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/filter/re.h"

#define RE_MAX_STEPS 2048

enum op { OP_CHAR, OP_SET, OP_SPLIT, OP_JUMP, OP_BEGIN, OP_END, OP_MATCH };

struct step {
    enum op op;
    int16_t x, y; /* where to, relative to here; SPLIT goes both ways */
    uint16_t set; /* OP_SET: index */
    uint8_t c;    /* OP_CHAR */
};

/* Of bytes. */
struct set {
    uint32_t bits[8];
};

struct re {
    struct step *steps; /* owns */
    struct set *sets;   /* owns */
    size_t n_steps, n_sets;
    bool ignore_case;
};

static inline bool
set_has(const struct set *s, uint8_t c)
{
    return (s->bits[c >> 5] >> (c & 31) & 1) != 0;
}

#endif
