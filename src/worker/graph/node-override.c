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

/* "name@spec" for a range within spec. */
static bool
is_for(struct overrides *o, const char *key, const struct override_step *step)
{
    const char *range = step->range != NULL ? step->range : "undefined";
    size_t n = strlen(step->name);
    const char *spec = key + n + 1;

    if (!str_starts(key, step->name) || key[n] != '@')
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
    const char *key;
    void *at = NULL;

    if (value != NULL)
        return value;
    while (jx_next(rules, &at, &key, &value)) {
        o->n_steps++;
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

/* Nested rules come before those beside them. Depth: the record's. */
static const char *
find(struct overrides *o, const struct jx *rules,
     const struct override_step *steps, size_t n)
{
    for (size_t i = 0; i < n && !o->failed; i++) {
        const struct jx *rule = member_for(o, rules, &steps[i]);
        const char *text = NULL;

        o->n_steps++;
        if (i + 1 == n)
            text = said(rule);
        else if (jx_is_obj(rule))
            text = find(o, rule, steps + i + 1, n - i - 1);
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
