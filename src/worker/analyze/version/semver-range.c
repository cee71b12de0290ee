/*
 * Ranges: any of some sets (||), in a set all comparators. What people write
 * (1.x, ~1.2, ^0.3, 1 - 2) becomes comparators as it is read.
 */
#include "worker/analyze/version/semver.h"

#include <stdlib.h>

#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/version/semver-private.h"

enum op { OP_ANY, OP_EQ, OP_LT, OP_LE, OP_GT, OP_GE };

struct comparator {
    enum op op; /* OP_ANY: v does not count */
    struct semver v;
};

struct set {
    struct comparator *at; /* owns */
    size_t n;
};

struct range {
    struct set *sets; /* owns, and what is in them */
    size_t n;
    enum semver_mode mode;
    char *text;       /* owns: what pre-releases borrow from */
    bool bad;
};

static const struct semver zero_pre = { { 0 }, { (const uint8_t *)"0", 1 } };

static void
range_clear(struct range *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->sets[i].at);
    free(r->sets);
    free(r->text);
    *r = (struct range){ 0 };
}

#define auto_range __attribute__((cleanup(range_clear)))

/* ---- comparators ------------------------------------------------------- */

static void *
grown(void *array, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0)
        return array;
    return xrealloc(array, (n > 0 ? n * 2 : 1) * size);
}

static bool
same_comparator(const struct comparator *a, const struct comparator *b)
{
    return a->op == b->op &&
           (a->op == OP_ANY ||
            (memcmp(a->v.n, b->v.n, sizeof(a->v.n)) == 0 &&
             bytes_equal(a->v.pre, b->v.pre)));
}

static bool
is_null_set(const struct comparator *c)
{
    const struct comparator none = { OP_LT, zero_pre };

    return same_comparator(c, &none);
}

static void
add(struct range *r, enum op op, const struct semver *v)
{
    struct set *set = &r->sets[r->n - 1];
    struct comparator c = { op, *v };

    for (int i = 0; i < 3; i++)
        r->bad = r->bad || (op != OP_ANY && v->n[i] > SEMVER_MAX_NUMBER);
    for (size_t i = 0; i < set->n; i++) {
        if (same_comparator(&set->at[i], &c))
            return;
    }
    set->at = grown(set->at, set->n, sizeof(*set->at));
    set->at[set->n++] = c;
}

/* ">=0.0.0" says as much as "*". */
static void
add_from(struct range *r, const struct semver *v)
{
    bool any = v->n[0] + v->n[1] + v->n[2] == 0 && v->pre.n == 0;

    add(r, any ? OP_ANY : OP_GE, v);
}

static void
add_any(struct range *r)
{
    add(r, OP_ANY, &zero_pre);
}

/* <a.b.c-0: below, its own pre-releases too. */
static void
add_below(struct range *r, uint64_t a, uint64_t b, uint64_t c)
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

/* How many bytes from `at` on are a partial version; 0: none. */
static size_t
partial_parse(struct partial *p, struct bytes s, size_t at,
              enum semver_mode mode)
{
    size_t from = at, n;

    *p = (struct partial){ 0 };
    at = skip_front(s, at);
    for (int i = 0; i < 3; i++) {
        if (i > 0 && (at >= s.n || s.p[at] != '.'))
            return at - from;
        if (!partial_number(p, i, s, at + (i > 0), &n, mode))
            return i > 0 ? at - from : 0;
        at += n + (i > 0);
    }
    at += semver_pre(s, at, mode, &p->v.pre);
    at += semver_build(s, at);
    return at - from;
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
add_caret(struct range *r, const struct partial *p)
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
add_tilde(struct range *r, const struct partial *p)
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
add_open(struct range *r, enum op op, const struct partial *p)
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
read_op(struct bytes s, enum op *op)
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
add_whole(struct range *r, struct bytes s)
{
    struct partial p;
    struct semver v;
    enum op op;
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
add_comparator(struct range *r, struct bytes as_written)
{
    struct bytes s = drop_build(as_written);
    struct partial p;
    enum op op;
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
add_hyphen(struct range *r, const struct partial *from, struct bytes from_text,
           const struct partial *to, struct bytes to_text)
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
try_hyphen(struct range *r, struct bytes s)
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

/* Nothing satisfies "<0.0.0-0", and everything "*": one says it all, the
 * other nothing beside the rest. */
static void
simplify_set(struct set *set)
{
    size_t n = 0;

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
add_set(struct range *r, struct bytes s)
{
    struct js_split it = { .rest = s };
    struct bytes piece;

    r->sets = grown(r->sets, r->n, sizeof(*r->sets));
    r->sets[r->n++] = (struct set){ NULL, 0 };
    if (!try_hyphen(r, s)) {
        while (js_split_next(&it, " ", &piece))
            add_comparator(r, piece);
    }
    simplify_set(&r->sets[r->n - 1]);
}

static bool
is_any(const struct set *set)
{
    return set->n == 1 && set->at[0].op == OP_ANY;
}

/* Those of `r` that `keep` tells, the first `most`. */
static void
keep_sets(struct range *r, bool (*keep)(const struct set *), size_t most)
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
says_something(const struct set *set)
{
    return set->n > 0;
}

static bool
is_possible(const struct set *set)
{
    return !is_null_set(&set->at[0]);
}

static size_t
count_sets(const struct range *r, bool (*what)(const struct set *))
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        n += what(&r->sets[i]);
    return n;
}

static void
simplify(struct range *r)
{
    keep_sets(r, says_something, SIZE_MAX);
    if (count_sets(r, is_possible) == 0)
        keep_sets(r, says_something, 1);
    else if (r->n > 1)
        keep_sets(r, is_possible, SIZE_MAX);
    if (r->n > 1 && count_sets(r, is_any) > 0)
        keep_sets(r, is_any, 1);
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

/* How many bytes at `at` are a version or a part of one. */
static size_t
version_at(struct bytes s, size_t at)
{
    struct partial p;
    size_t loose = partial_parse(&p, s, at, SEMVER_LOOSE);

    if (loose > 0 && p.n_given == 3)
        return loose;
    /* Of "01" the zero is one. */
    return loose > 0 && s.p[skip_front(s, at)] == '0'
               ? skip_front(s, at) + 1 - at
               : partial_parse(&p, s, at, SEMVER_STRICT);
}

/* "> 1.2" becomes ">1.2" where a version follows. */
static void
join_operators(struct bytes s, struct buf *out)
{
    enum op op;

    for (size_t at = 0; at < s.n;) {
        size_t blank = s.p[at] == ' ' ? 1 : 0;
        size_t n_op = read_op(bytes_from(s, at + blank), &op);
        size_t behind_op = at + blank + n_op;
        size_t gap = behind_op < s.n && s.p[behind_op] == ' ' ? 1 : 0;
        size_t n = version_at(s, behind_op + gap);

        if (n == 0) {
            buf_add_char(out, (char)s.p[at++]);
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

static bool
range_parse(struct range *r, struct bytes text, enum semver_mode mode)
{
    auto_buf struct buf single = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    auto_buf struct buf joined = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    auto_buf struct buf all = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    struct js_split it = { .done = false };
    struct bytes piece;

    *r = (struct range){ .mode = mode };
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

/* ---- questions --------------------------------------------------------- */

static bool
test(const struct comparator *c, const struct semver *v)
{
    int order = c->op == OP_ANY ? 0 : semver_compare(v, &c->v);

    switch (c->op) {
    case OP_EQ:
        return order == 0;
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    case OP_GE:
        return order >= 0;
    default:
        return true;
    }
}

static bool
same_triple(const struct semver *a, const struct semver *b)
{
    return memcmp(a->n, b->n, sizeof(a->n)) == 0;
}

/* Pre-releases are only for those who name one of the same version. */
static bool
test_set(const struct comparator *set, size_t n, const struct semver *v)
{
    for (size_t i = 0; i < n; i++) {
        if (!test(&set[i], v))
            return false;
    }
    if (v->pre.n == 0)
        return true;
    for (size_t i = 0; i < n; i++) {
        if (set[i].op != OP_ANY && set[i].v.pre.n > 0 &&
            same_triple(&set[i].v, v))
            return true;
    }
    return false;
}

bool
semver_range_valid(struct bytes range, enum semver_mode mode)
{
    auto_range struct range r;

    return range_parse(&r, range, mode);
}

bool
semver_satisfies(struct bytes version, struct bytes range,
                 enum semver_mode mode)
{
    auto_range struct range r = { 0 };
    struct semver v;

    if (version.n > SEMVER_MAX_BYTES ||
        !semver_parse(&v, js_trim(version), mode) ||
        !range_parse(&r, range, mode))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        if (test_set(r.sets[i].at, r.sets[i].n, &v))
            return true;
    }
    return false;
}

/* ---- subsets ----------------------------------------------------------- */

static bool
is_lower_bound(const struct comparator *c)
{
    return c->op == OP_GT || c->op == OP_GE;
}

static bool
is_upper_bound(const struct comparator *c)
{
    return c->op == OP_LT || c->op == OP_LE;
}

/* Whether b bounds more tightly than a, of the same direction. */
static bool
is_tighter(const struct comparator *b, const struct comparator *a)
{
    int order = semver_compare(&b->v, &a->v);

    if (order != 0)
        return is_lower_bound(a) ? order > 0 : order < 0;
    return (b->op == OP_GT && a->op == OP_GE) ||
           (b->op == OP_LT && a->op == OP_LE);
}

/* A set as its tightest bounds and the one version it allows. */
struct bounds {
    const struct comparator *gt, *lt, *eq; /* borrow; NULL: none */
    bool impossible;
    bool point;                            /* ">=1.2.3 <=1.2.3" */
};

static void
tighten(const struct comparator **at, const struct comparator *c)
{
    if (*at == NULL || is_tighter(c, *at))
        *at = c;
}

static struct bounds
bounds_of(const struct set *set)
{
    struct bounds b = { 0 };
    int order;

    for (size_t i = 0; i < set->n; i++) {
        const struct comparator *c = &set->at[i];

        if (is_lower_bound(c)) {
            tighten(&b.gt, c);
        } else if (is_upper_bound(c)) {
            tighten(&b.lt, c);
        } else {
            b.impossible = b.impossible || b.eq != NULL;
            b.eq = c;
        }
    }
    if (b.gt != NULL && b.lt != NULL) {
        order = semver_compare(&b.gt->v, &b.lt->v);
        b.point = order == 0;
        if (order > 0 || (b.point && (b.gt->op != OP_GE || b.lt->op != OP_LE)))
            b.impossible = true;
    }
    if (b.eq != NULL && ((b.gt != NULL && !test_set(b.gt, 1, &b.eq->v)) ||
                         (b.lt != NULL && !test_set(b.lt, 1, &b.eq->v))))
        b.impossible = true;
    return b;
}

/* A bound that is a pre-release needs one of the same version over there.
 * "<1.2.3-0" is none: it says "<1.2.3". */
static bool
needs_pre(const struct comparator *bound)
{
    return bound != NULL && bound->v.pre.n > 0 &&
           !(bound->op == OP_LT && bytes_is(bound->v.pre, "0"));
}

/* Whether one comparator of the larger set is kept by the bound. */
static bool
bound_within(const struct comparator *bound, const struct comparator *c)
{
    if (bound == NULL)
        return true;
    if (is_lower_bound(bound) ? is_lower_bound(c) : is_upper_bound(c))
        return !is_tighter(c, bound);
    return (bound->op != OP_GE && bound->op != OP_LE) ||
           test_set(c, 1, &bound->v);
}

static bool
within(const struct bounds *b, const struct set *dom)
{
    bool lower = false, upper = false;
    bool gt_pre = needs_pre(b->gt), lt_pre = needs_pre(b->lt);

    for (size_t i = 0; i < dom->n; i++) {
        const struct comparator *c = &dom->at[i];

        lower = lower || is_lower_bound(c);
        upper = upper || is_upper_bound(c);
        if (gt_pre && c->v.pre.n > 0 && same_triple(&c->v, &b->gt->v))
            gt_pre = false;
        if (lt_pre && c->v.pre.n > 0 && same_triple(&c->v, &b->lt->v))
            lt_pre = false;
        if (!bound_within(b->gt, c) || !bound_within(b->lt, c))
            return false;
        if (c->op == OP_EQ && (b->gt != NULL || b->lt != NULL) && !b->point)
            return false;
    }
    if ((b->gt != NULL && upper && b->lt == NULL) ||
        (b->lt != NULL && lower && b->gt == NULL))
        return false;
    return !gt_pre && !lt_pre;
}

/* -1: nothing satisfies `sub`. */
static int
set_subset(const struct set *sub, const struct set *dom)
{
    static const struct comparator from_zero = { .op = OP_GE };
    const struct set all = { (struct comparator *)(uintptr_t)&from_zero, 1 };
    struct bounds b;

    if (is_any(sub) && is_any(dom))
        return 1;
    sub = is_any(sub) ? &all : sub;
    dom = is_any(dom) ? &all : dom;
    b = bounds_of(sub);
    if (b.impossible)
        return -1;
    if (b.eq == NULL)
        return within(&b, dom);
    for (size_t i = 0; i < dom->n; i++) {
        if (!test_set(&dom->at[i], 1, &b.eq->v))
            return 0;
    }
    return 1;
}

bool
semver_subset(struct bytes sub, struct bytes dom)
{
    auto_range struct range a = { 0 }, b = { 0 };
    bool possible = false;

    if (bytes_equal(sub, dom))
        return true;
    if (!range_parse(&a, sub, SEMVER_STRICT) ||
        !range_parse(&b, dom, SEMVER_STRICT))
        return false;
    for (size_t i = 0; i < a.n; i++) {
        bool found = false;

        for (size_t k = 0; !found && k < b.n; k++) {
            int is = set_subset(&a.sets[i], &b.sets[k]);

            possible = possible || is >= 0;
            found = is > 0;
        }
        if (!found && possible)
            return false;
    }
    return true;
}
