/* What one scan wants of records beyond what every record holds. */
#include "base/json/globlist.h"
#include "base/str.h"
#include "engine/scan/scan-private.h"

static void
add_args(struct variant *v, const char *option, const char *const *patterns,
         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v->args[v->n_args++] = xstrdup(option);
        v->args[v->n_args++] = xstrdup(patterns[i]);
    }
}

struct variant *
variant_new(const struct jx *options, struct err *err)
{
    auto_globlist struct globlist globs = { .variant = { .n_include = 0 } };
    const struct analyzer_variant *wanted = &globs.variant;
    struct variant *v;

    if (globlist_read(&globs, options, err) < 0)
        return NULL;
    v = xnew(struct variant);
    v->n_refs = 1;
    analyzer_version(v->version, wanted);
    v->args = xcalloc(2 * (wanted->n_include + wanted->n_exclude) + 1,
                      sizeof(char *));
    if (wanted->n_include == 0)
        return v;
    add_args(v, "--glob-include", wanted->include, wanted->n_include);
    add_args(v, "--glob-exclude", wanted->exclude, wanted->n_exclude);
    return v;
}

struct variant *
variant_ref(struct variant *v)
{
    v->n_refs++;
    return v;
}

void
variant_unref(struct variant *v)
{
    if (v == NULL || --v->n_refs > 0)
        return;
    for (size_t i = 0; i < v->n_args; i++)
        free(v->args[i]);
    free(v->args);
    free(v);
}
