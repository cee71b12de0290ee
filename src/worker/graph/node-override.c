/* Overrides: objects whose members lead along the way to a package. */
#include "worker/graph/node-override.h"

#include <string.h>

#include "base/str.h"
#include "worker/analyze/version/semver.h"

static bool
is_range(const char *text)
{
    return semver_range_valid(bytes_str(text), SEMVER_STRICT);
}

/* False: that was too much. */
static bool
spend(struct overrides *o, size_t n_steps)
{
    o->n_steps += n_steps;
    o->failed = o->failed || o->n_steps > OVERRIDE_MAX_STEPS;
    return !o->failed;
}

/* "name@spec" for a range within spec. */
static bool
is_for(struct overrides *o, const char *key, const struct override_step *step)
{
    const char *range = step->range != NULL ? step->range : "undefined";
    size_t n = strlen(step->name);
    const char *spec;

    if (!str_starts(key, step->name) || key[n] != '@')
        return false;
    spec = key + n + 1;
    if (!spend(o, semver_subset_steps(bytes_str(range), bytes_str(spec))))
        return false;
    if (is_range(range) && is_range(spec))
        return semver_subset(bytes_str(range), bytes_str(spec));
    o->failed = o->compat;
    return !o->compat && strcmp(range, spec) == 0;
}

static const struct jx *
member_for(struct overrides *o, const struct jx *rules,
           const struct override_step *step)
{
    struct jx *value = jx_get(rules, step->name);
    size_t each = 1 + strlen(step->name) / 64;
    const char *key;
    void *at = NULL;

    if (value != NULL && !(jx_is_str(value) && *jx_str_value(value) == '\0'))
        return value;
    while (spend(o, each) && jx_next(rules, &at, &key, &value)) {
        if (is_for(o, key, step))
            return value;
    }
    return NULL;
}

/* What a rule that led to the last step says, NULL: nothing. */
static const char *
said(const struct jx *rule)
{
    const char *text = jx_is_str(rule) ? jx_str_value(rule)
                                       : jx_str(rule, ".");

    return str_is_empty(text) ? NULL : text;
}

/*
 * Nested rules come before those beside them. The peer looks for them along
 * the whole way but its first package, wherever the outer rule was met; so a
 * rule may be about the very package that led to it. Depth: the record's.
 */
static const char *
find(struct overrides *o, const struct jx *rules,
     const struct override_step *steps, size_t n)
{
    for (size_t i = 0; i < n && !o->failed && jx_is_obj(rules); i++) {
        const struct jx *rule = member_for(o, rules, &steps[i]);
        const char *text = i + 1 == n ? said(rule) : NULL;

        spend(o, 1);
        if (text == NULL)
            text = find(o, rule, steps + 1, n - 1);
        if (text != NULL)
            return text;
    }
    return NULL;
}

/* "$name": as the manifest itself wants it. */
static const char *
dereference(const struct overrides *o, const char *text)
{
    static const char *const members[] = { "dependencies",
                                           "optionalDependencies",
                                           "devDependencies",
                                           "peerDependencies" };
    const char *range = NULL;

    if (o->compat || *text != '$')
        return text;
    for (size_t i = 0; range == NULL && i < N_ELEMENTS(members); i++)
        range = jx_str(jx_obj(o->manifest, members[i]), text + 1);
    return range != NULL ? range : text;
}

const char *
override_range(struct overrides *o, const struct override_step *steps,
               size_t n)
{
    const char *text = jx_is_obj(o->rules) ? find(o, o->rules, steps, n)
                                           : NULL;

    return text != NULL ? dereference(o, text) : steps[n - 1].range;
}
