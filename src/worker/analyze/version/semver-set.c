/* What is asked of ranges: is a version in one, is one within another. */
#include "worker/analyze/version/semver.h"

#include <string.h>

#include "base/jstext.h"
#include "worker/analyze/version/semver-private.h"

/* ---- questions --------------------------------------------------------- */

static bool
test(const struct semver_comparator *c, const struct semver *v)
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
test_set(const struct semver_comparator *set, size_t n, const struct semver *v)
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

/* Those that are too long are refused unread. */
size_t
semver_range_steps(struct bytes range)
{
    return range.n > SEMVER_RANGE_MAX_BYTES ? 1
                                            : 1 + range.n / SEMVER_STEP_BYTES;
}

bool
semver_range_valid(struct bytes range, enum semver_mode mode)
{
    auto_range struct semver_range r;

    return semver_range_parse(&r, range, mode);
}

bool
semver_satisfies(struct bytes version, struct bytes range,
                 enum semver_mode mode)
{
    auto_range struct semver_range r = { 0 };
    struct semver v;

    if (version.n > SEMVER_MAX_BYTES ||
        !semver_parse(&v, js_trim(version), mode) ||
        !semver_range_parse(&r, range, mode))
        return false;
    for (size_t i = 0; i < r.n; i++) {
        if (test_set(r.sets[i].at, r.sets[i].n, &v))
            return true;
    }
    return false;
}

/* ---- subsets ----------------------------------------------------------- */

static bool
is_lower_bound(const struct semver_comparator *c)
{
    return c->op == OP_GT || c->op == OP_GE;
}

static bool
is_upper_bound(const struct semver_comparator *c)
{
    return c->op == OP_LT || c->op == OP_LE;
}

/* Whether b bounds more tightly than a, of the same direction. */
static bool
is_tighter(const struct semver_comparator *b, const struct semver_comparator *a)
{
    int order = semver_compare(&b->v, &a->v);

    if (order != 0)
        return is_lower_bound(a) ? order > 0 : order < 0;
    return (b->op == OP_GT && a->op == OP_GE) ||
           (b->op == OP_LT && a->op == OP_LE);
}

/* A set as its tightest bounds and the one version it allows. */
struct bounds {
    const struct semver_comparator *gt, *lt, *eq; /* borrow; NULL: none */
    bool impossible;
    bool point;                            /* ">=1.2.3 <=1.2.3" */
};

static void
tighten(const struct semver_comparator **at, const struct semver_comparator *c)
{
    if (*at == NULL || is_tighter(c, *at))
        *at = c;
}

static struct bounds
bounds_of(const struct semver_set *set)
{
    struct bounds b = { 0 };
    int order;

    for (size_t i = 0; i < set->n; i++) {
        const struct semver_comparator *c = &set->at[i];

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
needs_pre(const struct semver_comparator *bound)
{
    return bound != NULL && bound->v.pre.n > 0 &&
           !(bound->op == OP_LT && bytes_is(bound->v.pre, "0"));
}

/* Whether one comparator of the larger set is kept by the bound. */
static bool
bound_within(const struct semver_comparator *bound,
             const struct semver_comparator *c)
{
    if (bound == NULL)
        return true;
    if (is_lower_bound(bound) ? is_lower_bound(c) : is_upper_bound(c))
        return !is_tighter(c, bound);
    return (bound->op != OP_GE && bound->op != OP_LE) ||
           test_set(c, 1, &bound->v);
}

static bool
within(const struct bounds *b, const struct semver_set *dom)
{
    bool lower = false, upper = false;
    bool gt_pre = needs_pre(b->gt), lt_pre = needs_pre(b->lt);

    for (size_t i = 0; i < dom->n; i++) {
        const struct semver_comparator *c = &dom->at[i];

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
set_subset(const struct semver_set *sub, const struct semver_set *dom)
{
    static const struct semver_comparator from_zero = { .op = OP_GE };
    const struct semver_set all = {
        (struct semver_comparator *)(uintptr_t)&from_zero, 1
    };
    struct bounds b;

    if (semver_set_is_any(sub) && semver_set_is_any(dom))
        return 1;
    sub = semver_set_is_any(sub) ? &all : sub;
    dom = semver_set_is_any(dom) ? &all : dom;
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

/* Each set of one may be held against each of the other. */
size_t
semver_subset_steps(struct bytes sub, struct bytes dom)
{
    return semver_range_steps(sub) * semver_range_steps(dom);
}

bool
semver_subset(struct bytes sub, struct bytes dom)
{
    auto_range struct semver_range a = { 0 }, b = { 0 };
    bool possible = false;

    if (bytes_equal(sub, dom))
        return true;
    if (!semver_range_parse(&a, sub, SEMVER_STRICT) ||
        !semver_range_parse(&b, dom, SEMVER_STRICT))
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
