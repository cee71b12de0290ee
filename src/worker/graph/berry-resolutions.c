/*
 * Patterns: "name", "name@range", "parent/name", "parent@range/name". They
 * are kept by the name they are about, those without a range by their parent
 * too; others are never looked at.
 */
#include "worker/graph/berry-resolutions.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/analyze/version/semver.h"

/* A pattern with a range, in a list of those about one name. */
struct rule {
    struct rule *next;   /* owns */
    struct bytes parent; /* borrows; p NULL: the range is the name's own */
    struct bytes range;  /* borrows */
    const char *to;      /* borrows */
};

struct rules {
    struct rule *first, **end; /* owns */
};

struct resolutions {
    struct map *plain;  /* "name" or "parent/name" to the text; borrows it */
    struct map *ranged; /* owns the values: name to struct rules */
    size_t n_steps; /* tries, by the length of their range */
};

struct specifier {
    struct bytes name, range; /* range p NULL: none */
};

/* "a", "@s/a", "a@range" up to a '/' or the end; false: none stands there. */
static bool
eat_specifier(struct bytes *rest, struct specifier *s)
{
    size_t n = 0, from;

    if (bytes_starts(*rest, "@")) {
        n = bytes_find(*rest, '/') + 1;
        if (n <= 2 || n > rest->n)
            return false;
    }
    from = n;
    while (n < rest->n && rest->p[n] != '@' && rest->p[n] != '/')
        n++;
    if (n == from)
        return false;
    s->name = bytes_to(*rest, n);
    s->range = BYTES_NONE;
    *rest = bytes_from(*rest, n);
    if (!bytes_starts(*rest, "@"))
        return true;
    n = bytes_find(*rest, '/');
    s->range = bytes_from(bytes_to(*rest, n), 1);
    *rest = bytes_from(*rest, n);
    return s->range.n > 0;
}

static void
add_rule(struct resolutions *r, struct bytes name, const struct rule *rule)
{
    struct rules *rules = map_get(r->ranged, name);
    struct rule *copy = xnew(struct rule);

    if (rules == NULL) {
        rules = xnew(struct rules);
        rules->end = &rules->first;
        map_put(r->ranged, name, rules);
    }
    *copy = *rule;
    *rules->end = copy;
    rules->end = &copy->next;
}

static void
add(struct resolutions *r, const char *pattern, const char *to)
{
    struct bytes rest = bytes_str(pattern);
    struct specifier a, b;

    if (!eat_specifier(&rest, &a))
        return;
    if (rest.n == 0) {
        if (a.range.p == NULL)
            map_put_str(r->plain, pattern, (void *)(uintptr_t)to);
        else
            add_rule(r, a.name, &(struct rule){ .range = a.range, .to = to });
        return;
    }
    rest = bytes_from(rest, 1);
    if (!eat_specifier(&rest, &b) || rest.n > 0 || b.range.p != NULL)
        return;
    if (a.range.p == NULL)
        map_put_str(r->plain, pattern, (void *)(uintptr_t)to);
    else
        add_rule(r, b.name, &(struct rule){ .parent = a.name,
                                            .range = a.range, .to = to });
}

struct resolutions *
resolutions_new(const struct jx *object)
{
    struct resolutions *r = xnew(struct resolutions);
    const char *pattern;
    struct jx *to;
    void *at = NULL;

    r->plain = map_new();
    r->ranged = map_new();
    while (jx_next(object, &at, &pattern, &to)) {
        if (!str_is_empty(jx_str_value(to)))
            add(r, pattern, jx_str_value(to));
    }
    return r;
}

void
resolutions_free(struct resolutions *r)
{
    size_t at = 0;
    void *value;

    if (r == NULL)
        return;
    while (map_next(r->ranged, &at, NULL, &value)) {
        struct rules *rules = value;

        while (rules->first != NULL) {
            struct rule *next = rules->first->next;

            free(rules->first);
            rules->first = next;
        }
        free(rules);
    }
    map_free(r->plain);
    map_free(r->ranged);
    free(r);
}

static struct bytes
without_protocol(struct bytes range)
{
    size_t colon = bytes_find(range, ':');

    return colon < range.n ? bytes_from(range, colon + 1) : range;
}

static bool
applies(const struct rule *rule, const char *parent,
        const char *parent_version, struct bytes wanted_range)
{
    struct bytes range = without_protocol(rule->range);

    if (rule->parent.p != NULL)
        return bytes_is(rule->parent, parent) && parent_version != NULL &&
               semver_satisfies(bytes_str(parent_version), range,
                                SEMVER_STRICT);
    return bytes_equal(range, wanted_range) ||
           semver_satisfies(wanted_range, range, SEMVER_STRICT);
}

/* The first rule about the parent, or (own) about the name itself. */
static int
find_ranged(struct resolutions *r, bool own, const char *parent,
            const char *parent_version, const struct node_wanted *wanted,
            const char **to, struct err *err)
{
    const struct rules *rules = map_get_str(r->ranged, wanted->name);
    struct bytes range = without_protocol(bytes_str(wanted->range));

    for (const struct rule *rule = rules != NULL ? rules->first : NULL;
         rule != NULL; rule = rule->next) {
        if ((rule->parent.p == NULL) != own)
            continue;
        r->n_steps += semver_range_steps(rule->range);
        if (r->n_steps > RESOLUTIONS_MAX_STEPS)
            return err_set(err, ERR_LIMIT, "more than %d steps of resolutions",
                           RESOLUTIONS_MAX_STEPS);
        if (applies(rule, parent, parent_version, range)) {
            *to = rule->to;
            return 0;
        }
    }
    return 0;
}

int
resolutions_find(struct resolutions *r, const char *parent,
                 const char *parent_version, const struct node_wanted *wanted,
                 const char **to, struct err *err)
{
    auto_free char *both = xasprintf("%s/%s", parent, wanted->name);

    *to = map_get_str(r->plain, both);
    if (*to == NULL && find_ranged(r, false, parent, parent_version, wanted,
                                   to, err) < 0)
        return -1;
    if (*to == NULL &&
        find_ranged(r, true, parent, parent_version, wanted, to, err) < 0)
        return -1;
    if (*to == NULL)
        *to = map_get_str(r->plain, wanted->name);
    return 0;
}
