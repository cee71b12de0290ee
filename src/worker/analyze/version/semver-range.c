/* Ranges as people write them (1.x, ~1.2, ^0.3, 1 - 2) become comparators as
 * they are read. Their text is made tidy in semver-text.c, what is asked of
 * them lives in semver-set.c. */
#include "worker/analyze/version/semver.h"

#include <stdlib.h>

#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/version/semver-private.h"

static const struct semver zero_pre = { { 0 }, { (const uint8_t *)"0", 1 } };

void
semver_range_clear(struct semver_range *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->sets[i].at);
    free(r->sets);
    free(r->text);
    *r = (struct semver_range){ 0 };
}

/* ---- comparators ------------------------------------------------------- */

/* Some order in which equal ones are neighbours. */
static int
by_spelling(const void *a_, const void *b_)
{
    const struct semver_comparator *a = a_, *b = b_;
    int order;

    if (a->op != b->op)
        return a->op < b->op ? -1 : 1;
    if (a->op == OP_ANY)
        return 0;
    order = memcmp(a->v.n, b->v.n, sizeof(a->v.n));
    return order != 0 ? order : bytes_cmp(a->v.pre, b->v.pre);
}

static bool
is_null_set(const struct semver_comparator *c)
{
    const struct semver_comparator none = { OP_LT, zero_pre };

    return by_spelling(c, &none) == 0;
}

static void
add(struct semver_range *r, enum semver_op op, const struct semver *v)
{
    struct semver_set *set = &r->sets[r->n - 1];
    struct semver_comparator c = { op, *v };

    for (int i = 0; i < 3; i++)
        r->bad = r->bad || (op != OP_ANY && v->n[i] > SEMVER_MAX_NUMBER);
    set->at = xgrown(set->at, set->n, sizeof(*set->at));
    set->at[set->n++] = c;
}

/* ">=0.0.0" says as much as "*". */
static void
add_from(struct semver_range *r, const struct semver *v)
{
    bool any = v->n[0] + v->n[1] + v->n[2] == 0 && v->pre.n == 0;

    add(r, any ? OP_ANY : OP_GE, v);
}

static void
add_any(struct semver_range *r)
{
    add(r, OP_ANY, &zero_pre);
}

/* <a.b.c-0: below, its own pre-releases too. */
static void
add_below(struct semver_range *r, uint64_t a, uint64_t b, uint64_t c)
{
    struct semver v = { { a, b, c }, zero_pre.pre };

    add(r, OP_LT, &v);
}

/* ---- parts of versions ------------------------------------------------- */

/* The lowest version a partial one stands for. */
static struct semver
lowest(const struct semver_partial *p)
{
    struct semver v = p->v;

    if (p->n_given < 3)
        v.pre = BYTES_NONE;
    return v;
}

/* ---- one comparator as written ----------------------------------------- */

static void
add_caret(struct semver_range *r, const struct semver_partial *p)
{
    const struct semver v = lowest(p);

    if (p->n_given == 0) {
        add_any(r);
        return;
    }
    add_from(r, &v);
    if (v.n[0] > 0 || p->n_given == 1)
        add_below(r, v.n[0] + 1, 0, 0);
    else if (v.n[1] > 0 || p->n_given == 2)
        add_below(r, 0, v.n[1] + 1, 0);
    else
        add_below(r, 0, 0, v.n[2] + 1);
}

static void
add_tilde(struct semver_range *r, const struct semver_partial *p)
{
    const struct semver v = lowest(p);

    if (p->n_given == 0) {
        add_any(r);
        return;
    }
    add_from(r, &v);
    if (p->n_given == 1)
        add_below(r, v.n[0] + 1, 0, 0);
    else
        add_below(r, v.n[0], v.n[1] + 1, 0);
}

/* The version behind all that an open one stands for. */
static struct semver
behind(const struct semver_partial *p)
{
    struct semver v = lowest(p);

    v.n[p->n_given - 1]++;
    return v;
}

/* "<2.x", ">1", "=1.2.x", "1": at least one number is open. */
static void
add_open(struct semver_range *r, enum semver_op op,
         const struct semver_partial *p)
{
    struct semver v = lowest(p);

    if (p->n_given == 0) {
        if (op == OP_LT || op == OP_GT)
            add_below(r, 0, 0, 0);
        else
            add_any(r);
    } else if (op == OP_EQ) {
        add_tilde(r, p);
    } else if (op == OP_GE || op == OP_GT) {
        v = op == OP_GT ? behind(p) : v;
        add_from(r, &v);
    } else {
        v = op == OP_LE ? behind(p) : v;
        add_below(r, v.n[0], v.n[1], v.n[2]);
    }
}

/* Every "*" goes, with the operator in front of it; in place. */
static struct bytes
drop_stars(struct bytes s)
{
    uint8_t *out = (uint8_t *)(uintptr_t)s.p; /* ours: in the range's text */
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '*') {
            out[n++] = s.p[i];
            continue;
        }
        if (n > 0 && out[n - 1] == '=')
            n--;
        if (n > 0 && (out[n - 1] == '<' || out[n - 1] == '>'))
            n--;
    }
    return bytes_of(out, n);
}

/* Nothing open in it: an operator and a whole version, or nothing at all.
 * What is neither spoils a strict range; a loose one does without it. */
static void
add_whole(struct semver_range *r, struct bytes s)
{
    struct semver_partial p;
    struct semver v;
    enum semver_op op;
    struct bytes rest = bytes_from(s, semver_op_at(s, &op));

    if (s.n == 0)
        add_any(r);
    else if (rest.n > SEMVER_MAX_BYTES)
        r->bad = true;
    else if (op == OP_GE && bytes_is(rest, "0.0.0"))
        add_any(r);
    else if (semver_parse(&v, rest, r->mode))
        add(r, op, &v);
    else if (r->mode == SEMVER_STRICT ||
             (semver_partial_whole(&p, rest, r->mode) && p.n_given == 3))
        r->bad = true;
}

/* The first one, wherever it is; in place. */
static struct bytes
drop_build(struct bytes s)
{
    uint8_t *p = (uint8_t *)(uintptr_t)s.p; /* ours, as above */
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if ((n = semver_build(s, i)) == 0)
            continue;
        memmove(p + i, p + i + n, s.n - i - n);
        break;
    }
    return bytes_to(s, s.n - n);
}

static void
add_comparator(struct semver_range *r, struct bytes as_written)
{
    struct bytes s = drop_build(as_written);
    struct semver_partial p;
    enum semver_op op;
    size_t n = semver_op_at(s, &op), n_tilde = bytes_starts(s, "~>") ? 2 : 1;

    if (bytes_starts(s, "^") &&
        semver_partial_whole(&p, bytes_from(s, 1), r->mode)) {
        add_caret(r, &p);
    } else if (bytes_starts(s, "~") &&
               semver_partial_whole(&p, bytes_from(s, n_tilde), r->mode)) {
        add_tilde(r, &p);
    } else if (semver_partial_whole(&p, bytes_from(s, n), r->mode) &&
               p.n_given < 3 && !p.disorder) {
        add_open(r, op, &p);
    } else {
        add_whole(r, drop_stars(s));
    }
}

/* ---- sets -------------------------------------------------------------- */

static void
add_hyphen(struct semver_range *r, const struct semver_partial *from,
           struct bytes from_text, const struct semver_partial *to,
           struct bytes to_text)
{
    struct semver v;

    if (from->n_given == 0 && to->n_given == 0)
        add_any(r);
    v = lowest(from);
    if (from->n_given == 3 && !semver_parse(&v, from_text, r->mode))
        r->bad = true;
    if (from->n_given > 0)
        add_from(r, &v);
    v = lowest(to);
    if (to->n_given == 3) {
        if (to->v.pre.n == 0 && !semver_parse(&v, to_text, r->mode))
            r->bad = true;
        add(r, OP_LE, &v);
    } else if (to->n_given > 0) {
        v = behind(to);
        add_below(r, v.n[0], v.n[1], v.n[2]);
    }
}

/* "1.2 - 2" */
static bool
try_hyphen(struct semver_range *r, struct bytes s)
{
    size_t at = bytes_find_str(s, " - ");
    struct bytes from_text = bytes_to(s, at), to_text = bytes_from(s, at + 3);
    struct semver_partial from, to;

    if (at == s.n || !semver_partial_whole(&from, from_text, r->mode) ||
        !semver_partial_whole(&to, to_text, r->mode))
        return false;
    add_hyphen(r, &from, from_text, &to, to_text);
    return true;
}

/* Each once; what a set says does not depend on their order. */
static void
drop_repeated(struct semver_set *set)
{
    size_t n = set->n > 0 ? 1 : 0;

    if (set->n > 1)
        qsort(set->at, set->n, sizeof(*set->at), by_spelling);
    for (size_t i = 1; i < set->n; i++) {
        if (by_spelling(&set->at[n - 1], &set->at[i]) != 0)
            set->at[n++] = set->at[i];
    }
    set->n = n;
}

/* Nothing satisfies "<0.0.0-0", and everything "*": one says it all, the
 * other nothing beside the rest. */
static void
simplify_set(struct semver_set *set)
{
    size_t n = 0;

    drop_repeated(set);
    for (size_t i = 0; i < set->n; i++) {
        if (!is_null_set(&set->at[i]))
            continue;
        set->at[0] = set->at[i];
        set->n = 1;
        return;
    }
    for (size_t i = 0; set->n > 1 && i < set->n; i++) {
        if (set->at[i].op != OP_ANY)
            set->at[n++] = set->at[i];
    }
    set->n = set->n > 1 ? n : set->n;
}

static void
add_set(struct semver_range *r, struct bytes s)
{
    struct js_split it = { .rest = s };
    struct bytes piece;

    r->sets = xgrown(r->sets, r->n, sizeof(*r->sets));
    r->sets[r->n++] = (struct semver_set){ NULL, 0 };
    if (!try_hyphen(r, s)) {
        while (js_split_next(&it, " ", &piece))
            add_comparator(r, piece);
    }
    simplify_set(&r->sets[r->n - 1]);
}

bool
semver_set_is_any(const struct semver_set *set)
{
    return set->n == 1 && set->at[0].op == OP_ANY;
}

/* Those of `r` that `keep` tells, the first `most`. */
static void
keep_sets(struct semver_range *r, bool (*keep)(const struct semver_set *),
          size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++) {
        if (n < most && keep(&r->sets[i]))
            r->sets[n++] = r->sets[i];
        else
            free(r->sets[i].at);
    }
    r->n = n;
}

static bool
says_something(const struct semver_set *set)
{
    return set->n > 0;
}

static bool
is_possible(const struct semver_set *set)
{
    return !is_null_set(&set->at[0]);
}

static size_t
count_sets(const struct semver_range *r,
           bool (*what)(const struct semver_set *))
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        n += what(&r->sets[i]);
    return n;
}

static void
simplify(struct semver_range *r)
{
    keep_sets(r, says_something, SIZE_MAX);
    if (count_sets(r, is_possible) == 0)
        keep_sets(r, says_something, 1);
    else if (r->n > 1)
        keep_sets(r, is_possible, SIZE_MAX);
    if (r->n > 1 && count_sets(r, semver_set_is_any) > 0)
        keep_sets(r, semver_set_is_any, 1);
    r->bad = r->bad || r->n == 0;
}

/* ---- ranges ------------------------------------------------------------- */

bool
semver_range_parse(struct semver_range *r, struct bytes text,
                   enum semver_mode mode)
{
    auto_buf struct buf all = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    struct js_split it = { .done = false };
    struct bytes piece;

    *r = (struct semver_range){ .mode = mode };
    if (text.n > SEMVER_RANGE_MAX_BYTES)
        return false;
    semver_range_tidy(text, &all);
    it.rest = buf_bytes(&all);
    r->text = buf_steal(&all);
    it.rest.p = (const uint8_t *)r->text;
    while (js_split_next(&it, "||", &piece))
        add_set(r, js_trim(piece));
    if (!r->bad)
        simplify(r);
    return !r->bad;
}
