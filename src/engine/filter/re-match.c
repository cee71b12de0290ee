/*
 * A Thompson machine: all threads of the program walk over the text together,
 * none of them twice at the same place, so time is bounded by the text's
 * length times the program's.
 */
#include <ctype.h>
#include <string.h>

#include "engine/filter/re-private.h"

/* The threads that wait at a step, each once. */
struct threads {
    uint16_t at[RE_MAX_STEPS];
    size_t n;
};

struct run {
    const struct re *re;
    struct bytes text;
    size_t pos;
    uint32_t seen[RE_MAX_STEPS / 32]; /* at this position */
    uint16_t stack[2 * RE_MAX_STEPS];
};

/* Follow what takes no character. True: the match is there. */
static bool
add_thread(struct run *r, struct threads *to, size_t start)
{
    size_t n = 0;

    r->stack[n++] = (uint16_t)start;
    while (n > 0) {
        uint16_t at = r->stack[--n];
        const struct step *s = &r->re->steps[at];

        if (r->seen[at / 32] >> (at % 32) & 1)
            continue;
        r->seen[at / 32] |= 1u << (at % 32);
        switch (s->op) {
        case OP_SPLIT:
            r->stack[n++] = (uint16_t)(at + s->y);
            r->stack[n++] = (uint16_t)(at + s->x);
            break;
        case OP_JUMP:
            r->stack[n++] = (uint16_t)(at + s->x);
            break;
        case OP_BEGIN:
            if (r->pos == 0)
                r->stack[n++] = (uint16_t)(at + 1);
            break;
        case OP_END:
            if (r->pos == r->text.n)
                r->stack[n++] = (uint16_t)(at + 1);
            break;
        case OP_MATCH:
            return true;
        default:
            to->at[to->n++] = at;
            break;
        }
    }
    return false;
}

static bool
takes(const struct re *re, const struct step *s, uint8_t c)
{
    if (s->op == OP_SET)
        return set_has(&re->sets[s->set], c);
    return s->c == (re->ignore_case ? (uint8_t)tolower(c) : c);
}

bool
re_matches(const struct re *re, struct bytes text)
{
    struct threads lists[2], *now = &lists[0], *next = &lists[1], *swap;
    struct run r; /* its tables are large, and cleared as far as needed */
    size_t n_seen = (re->n_steps + 31) / 32 * sizeof(r.seen[0]);

    r.re = re;
    r.text = text;
    r.pos = 0;
    now->n = 0;
    memset(r.seen, 0, n_seen);
    if (add_thread(&r, now, 0))
        return true;
    while (r.pos < text.n) {
        uint8_t c = text.p[r.pos++];

        next->n = 0;
        memset(r.seen, 0, n_seen);
        for (size_t i = 0; i < now->n; i++) {
            uint16_t at = now->at[i];

            if (takes(re, &re->steps[at], c) && add_thread(&r, next, at + 1u))
                return true;
        }
        if (add_thread(&r, next, 0)) /* a match may begin here, too */
            return true;
        if (next->n == 0 && re->steps[0].op == OP_BEGIN)
            return false;
        swap = now;
        now = next;
        next = swap;
    }
    return false;
}
