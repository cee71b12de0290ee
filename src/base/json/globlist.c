/* Two lists of patterns: {"include":["/etc/x"],"exclude":[]}. */
#include "base/json/globlist.h"

#include <string.h>

#include "base/str.h"

#define IS_IN "option globsToFind: "

static int
check(const char *pattern, size_t n_before, struct err *err)
{
    if (pattern == NULL)
        return err_set(err, ERR_INPUT, IS_IN "a pattern is no text");
    if (strlen(pattern) > GLOB_MAX_BYTES)
        return err_set(err, ERR_LIMIT,
                       IS_IN "pattern %.60s...: more than %d bytes", pattern,
                       GLOB_MAX_BYTES);
    if (n_before >= GLOBS_MAX)
        return err_set(err, ERR_LIMIT, IS_IN "more than %d patterns",
                       GLOBS_MAX);
    return 0;
}

/* `but`: those with this text in them are left out; NULL: none are. */
static int
read_list(const char *const **out, size_t *n, const struct jx *globs,
          const char *key, const char *but, size_t n_before, struct err *err)
{
    const struct jx *list = jx_get(globs, key);
    auto_free const char **patterns = NULL;

    if (list != NULL && !jx_is_arr(list))
        return err_set(err, ERR_INPUT, IS_IN "%s is not a list", key);
    patterns = xcalloc(jx_count(list) + 1, sizeof(*patterns));
    for (size_t i = 0; i < jx_count(list); i++) {
        const char *pattern = jx_str_value(jx_at(list, i));

        if (check(pattern, n_before + *n, err) < 0)
            return -1;
        if (but == NULL || strstr(pattern, but) == NULL)
            patterns[(*n)++] = pattern;
    }
    *out = steal(patterns);
    return 0;
}

int
globlist_read(struct globlist *out, const struct jx *options, struct err *err)
{
    const struct jx *globs = jx_get(options, "globsToFind");
    struct analyzer_variant *v = &out->variant;

    *out = (struct globlist){ .variant = { .n_include = 0 } };
    if (globs == NULL)
        return 0;
    if (!jx_is_obj(globs))
        return err_set(err, ERR_INPUT, IS_IN "an object is expected");
    if (read_list(&v->include, &v->n_include, globs, "include", "composer", 0,
                  err) == 0 &&
        read_list(&v->exclude, &v->n_exclude, globs, "exclude", NULL,
                  v->n_include, err) == 0)
        return 0;
    globlist_clear(out);
    return -1;
}

void
globlist_clear(struct globlist *g)
{
    free((void *)(uintptr_t)g->variant.include);
    free((void *)(uintptr_t)g->variant.exclude);
    *g = (struct globlist){ .variant = { .n_include = 0 } };
}
