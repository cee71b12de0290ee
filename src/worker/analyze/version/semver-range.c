/* Ranges as people write them (1.x, ~1.2, ^0.3, 1 - 2) become comparators as
 * they are read. What is asked of them lives in semver-set.c. */
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

/* "1.2", "1.x.x", "v1.2.3-beta+5": from where n_given tells, all is open. */
struct partial {
    struct semver v;
    int n_given;        /* numbers in front of the first "x" */
    bool disorder;      /* a number behind an "x" */
};

static bool
is_x(uint8_t c)
{
    return c == 'x' || c == 'X' || c == '*';
}

static size_t
skip_front(struct bytes s, size_t at)
{
    while (at < s.n && (s.p[at] == 'v' || s.p[at] == '=' || s.p[at] == ' '))
        at++;
    return at;
}

/* One number, or an "x"; *n bytes. */
static bool
partial_number(struct partial *p, int i, struct bytes s, size_t at, size_t *n,
               enum semver_mode mode)
{
    if (at < s.n && is_x(s.p[at])) {
        *n = 1;
        return true;
    }
    *n = semver_number(s, at, mode);
    if (*n == 0)
        return false;
    if (p->n_given == i) {
        p->n_given = i + 1;
        if (!semver_value(bytes_of(s.p + at, *n), &p->v.n[i]))
            p->v.n[i] = SEMVER_MAX_NUMBER + (uint64_t)1;
    } else {
        p->disorder = true;
    }
    return true;
}

/* Its numbers: how many bytes from `at` on, 0: none. *n_numbers: open ones,
 * too. */
static size_t
partial_numbers(struct partial *p, struct bytes s, size_t at,
                enum semver_mode mode, int *n_numbers)
{
    size_t from = at, n;
    int i;

    *p = (struct partial){ 0 };
    at = skip_front(s, at);
    for (i = 0; i < 3; i++) {
        if ((i > 0 && (at >= s.n || s.p[at] != '.')) ||
            !partial_number(p, i, s, at + (i > 0), &n, mode))
            break;
        at += n + (i > 0);
    }
    *n_numbers = i;
    return i > 0 ? at - from : 0;
}

/* How many bytes from `at` on are a partial version; 0: none. */
static size_t
partial_parse(struct partial *p, struct bytes s, size_t at,
              enum semver_mode mode)
{
    int n_numbers;
    size_t n = partial_numbers(p, s, at, mode, &n_numbers);

    if (n_numbers == 3) {
        n += semver_pre(s, at + n, mode, &p->v.pre);
        n += semver_build(s, at + n);
    }
    return n;
}

static bool
partial_whole(struct partial *p, struct bytes s, enum semver_mode mode)
{
    return partial_parse(p, s, 0, mode) == s.n && s.n > 0;
}

/* The lowest version a partial one stands for. */
static struct semver
lowest(const struct partial *p)
{
    struct semver v = p->v;

    if (p->n_given < 3)
        v.pre = BYTES_NONE;
    return v;
}

/* ---- one comparator as written ----------------------------------------- */

static void
add_caret(struct semver_range *r, const struct partial *p)
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
add_tilde(struct semver_range *r, const struct partial *p)
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
behind(const struct partial *p)
{
    struct semver v = lowest(p);

    v.n[p->n_given - 1]++;
    return v;
}

/* "<2.x", ">1", "=1.2.x", "1": at least one number is open. */
static void
add_open(struct semver_range *r, enum semver_op op, const struct partial *p)
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

static size_t
read_op(struct bytes s, enum semver_op *op)
{
    bool angle = s.n > 0 && (s.p[0] == '<' || s.p[0] == '>');
    bool equals = s.n > angle && s.p[angle] == '=';

    *op = OP_EQ;
    if (angle)
        *op = s.p[0] == '<' ? (equals ? OP_LE : OP_LT)
                            : (equals ? OP_GE : OP_GT);
    return (size_t)angle + equals;
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
    struct partial p;
    struct semver v;
    enum semver_op op;
    struct bytes rest = bytes_from(s, read_op(s, &op));

    if (s.n == 0)
        add_any(r);
    else if (rest.n > SEMVER_MAX_BYTES)
        r->bad = true;
    else if (op == OP_GE && bytes_is(rest, "0.0.0"))
        add_any(r);
    else if (semver_parse(&v, rest, r->mode))
        add(r, op, &v);
    else if (r->mode == SEMVER_STRICT ||
             (partial_whole(&p, rest, r->mode) && p.n_given == 3))
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
    struct partial p;
    enum semver_op op;
    size_t n = read_op(s, &op);

    if (bytes_starts(s, "^") &&
        partial_whole(&p, bytes_from(s, 1), r->mode)) {
        add_caret(r, &p);
    } else if (bytes_starts(s, "~") &&
               partial_whole(&p, bytes_from(s, bytes_starts(s, "~>") ? 2 : 1),
                             r->mode)) {
        add_tilde(r, &p);
    } else if (partial_whole(&p, bytes_from(s, n), r->mode) &&
               p.n_given < 3 && !p.disorder) {
        add_open(r, op, &p);
    } else {
        add_whole(r, drop_stars(s));
    }
}

/* ---- sets -------------------------------------------------------------- */

static void
add_hyphen(struct semver_range *r, const struct partial *from,
           struct bytes from_text, const struct partial *to, struct bytes to_text)
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
    struct partial from, to;

    if (at == s.n || !partial_whole(&from, from_text, r->mode) ||
        !partial_whole(&to, to_text, r->mode))
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

/* ---- ranges as written ------------------------------------------------- */

/* Trimmed, white space single. */
static void
single_blanks(struct bytes s, struct buf *out)
{
    size_t n;

    for (s = js_trim(s); s.n > 0; s = bytes_from(s, n)) {
        n = js_space(s);
        if (n == 0)
            buf_add_char(out, (char)s.p[0]);
        else if (out->p[out->n - 1] != ' ')
            buf_add_char(out, ' ');
        n = n > 0 ? n : 1;
    }
}

static size_t
skip_zeros(struct bytes s, size_t at)
{
    while (at < s.n && s.p[at] == '0')
        at++;
    return at;
}

/* How many bytes at `at` are a version or a part of one. Nothing is looked at
 * often: what follows the numbers only where it belongs to them. */
static size_t
version_at(struct bytes s, size_t at)
{
    struct partial p;
    int n_numbers;
    size_t loose = partial_numbers(&p, s, at, SEMVER_LOOSE, &n_numbers);
    size_t front = skip_front(s, at), behind_zeros = skip_zeros(s, front);

    if (p.n_given == 3)
        return partial_parse(&p, s, at, SEMVER_LOOSE);
    /* Of "01" the zero is one, and the next zero another. */
    return loose > 0 && behind_zeros > front
               ? behind_zeros - at
               : partial_parse(&p, s, at, SEMVER_STRICT);
}

/* Bytes from `at` on at which no version begins, given that none does at the
 * first: all that could stand in front of one leads to the same place. */
static size_t
none_at(struct bytes s, size_t at)
{
    size_t end = skip_front(s, at);

    return end > at + 2 ? end - at - 1 : 1;
}

/* "> 1.2" becomes ">1.2" where a version follows. */
static void
join_operators(struct bytes s, struct buf *out)
{
    enum semver_op op;

    for (size_t at = 0; at < s.n;) {
        size_t blank = s.p[at] == ' ' ? 1 : 0;
        size_t n_op = read_op(bytes_from(s, at + blank), &op);
        size_t behind_op = at + blank + n_op;
        size_t gap = behind_op < s.n && s.p[behind_op] == ' ' ? 1 : 0;
        size_t n = version_at(s, behind_op + gap);

        if (n == 0) {
            n = none_at(s, at);
            buf_add(out, s.p + at, n);
            at += n;
            continue;
        }
        buf_add(out, s.p + at, blank + n_op);
        if (n_op == 0 && blank == 0 && gap > 0)
            buf_add_char(out, ' ');
        buf_add(out, s.p + behind_op + gap, n);
        at = behind_op + gap + n;
    }
}

/* "~ 1", "^ 1" */
static void
join_signs(struct bytes s, struct buf *out)
{
    for (size_t at = 0; at < s.n;) {
        size_t n = s.p[at] == '^' || s.p[at] == '~' ? 1 : 0;

        if (n > 0 && s.p[at] == '~' && at + 1 < s.n && s.p[at + 1] == '>')
            n = 2;
        if (n > 0 && at + n < s.n && s.p[at + n] == ' ') {
            buf_add_char(out, (char)s.p[at]);
            at += n + 1;
        } else {
            buf_add_char(out, (char)s.p[at++]);
        }
    }
}

bool
semver_range_parse(struct semver_range *r, struct bytes text,
                   enum semver_mode mode)
{
    auto_buf struct buf single = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    auto_buf struct buf joined = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    auto_buf struct buf all = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    struct js_split it = { .done = false };
    struct bytes piece;

    *r = (struct semver_range){ .mode = mode };
    if (text.n > SEMVER_RANGE_MAX_BYTES)
        return false;
    single_blanks(text, &single);
    join_operators(buf_bytes(&single), &joined);
    join_signs(buf_bytes(&joined), &all);
    it.rest = buf_bytes(&all);
    r->text = buf_steal(&all);
    it.rest.p = (const uint8_t *)r->text;
    while (js_split_next(&it, "||", &piece))
        add_set(r, js_trim(piece));
    if (!r->bad)
        simplify(r);
    return !r->bad;
}
