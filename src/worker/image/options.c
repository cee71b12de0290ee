/* Options come as booleans or as texts; a row each for those that are simply
 * on or off. */
#include "worker/image/options.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/log.h"
#include "base/str.h"

static const struct {
    const char *name;
    size_t at;
} switches[] = {
    { "exclude-app-vulns", offsetof(struct image_options, exclude_app_vulns) },
    { "exclude-node-modules",
      offsetof(struct image_options, exclude_node_modules) },
    { "exclude-base-image-vulns",
      offsetof(struct image_options, exclude_base_image) },
    { "include-system-jars",
      offsetof(struct image_options, include_system_jars) },
    { "collect-application-files",
      offsetof(struct image_options, collect_application_files) },
};

static const struct {
    const char *name;
    size_t at;
} texts[] = {
    { "imageNameAndTag", offsetof(struct image_options, image_name_and_tag) },
    { "imageNameAndDigest",
      offsetof(struct image_options, image_name_and_digest) },
    { "file", offsetof(struct image_options, file) },
    { "target-reference", offsetof(struct image_options, target_reference) },
};

/* Known, and other people's business: the engine's, or nobody's any more. */
static const char *const elsewhere[] = {
    "path", "digests", "globsToFind", "nested-jars-depth", "shaded-jars-depth",
    "platform", "username", "password", "imageSavePath", "app-vulns",
};

/* "true" in any case, or the value itself. */
static bool
is_true(const struct jx *v)
{
    return jx_bool_value(v, false) || str_ieq(jx_str_value(v), "true");
}

static bool
is_known(const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(switches); i++) {
        if (strcmp(switches[i].name, name) == 0)
            return true;
    }
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        if (strcmp(texts[i].name, name) == 0)
            return true;
    }
    for (size_t i = 0; i < N_ELEMENTS(elsewhere); i++) {
        if (strcmp(elsewhere[i], name) == 0)
            return true;
    }
    return false;
}

static int
read_one(struct image_options *out, const char *name, const struct jx *v,
         struct err *err)
{
    for (size_t i = 0; i < N_ELEMENTS(switches); i++) {
        if (strcmp(switches[i].name, name) == 0)
            *(bool *)((char *)out + switches[i].at) = is_true(v);
    }
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        const char *s = jx_str_value(v);

        if (strcmp(texts[i].name, name) != 0)
            continue;
        if (s == NULL && jx_type(v) != JX_NULL &&
            !(jx_type(v) == JX_BOOL && !jx_bool_value(v, false)))
            return err_set(err, ERR_INPUT, "option %s: a text is expected",
                           name);
        if (!str_is_empty(s))
            *(const char **)((char *)out + texts[i].at) = s;
    }
    if (!is_known(name))
        log_warn("unknown option, ignored", LOG_STR("option", name));
    return 0;
}

/* ---- the depth of jars in jars ----------------------------------------- */

/* Number(value): false for what is none. */
static bool
number_of(const struct jx *v, double *out)
{
    switch (jx_type(v)) {
    case JX_BOOL:
        *out = jx_bool_value(v, false);
        return true;
    case JX_INT:
    case JX_DOUBLE:
        *out = jx_double_value(v, 0);
        return true;
    case JX_STR:
        return js_number(jx_bytes_value(v), out);
    default:
        return false;
    }
}

/* Neither absent, null nor the empty text. */
static bool
is_given(const struct jx *v)
{
    return jx_type(v) != JX_NULL &&
           !(jx_is_str(v) && *jx_str_value(v) == '\0');
}

/* Texts and numbers that say how deep; true and blanks do not. */
static bool
is_plain_number(const struct jx *v)
{
    double n;

    if (jx_type(v) == JX_BOOL || !number_of(v, &n))
        return false;
    return isfinite(n) &&
           !(jx_is_str(v) && js_trim(jx_bytes_value(v)).n == 0);
}

static bool
counts_as_false(const struct jx *v)
{
    return !is_given(v) ||
           (jx_type(v) == JX_BOOL && !jx_bool_value(v, false));
}

static int
read_depth(struct image_options *out, const struct jx *options,
           struct err *err)
{
    const struct jx *nested = jx_get(options, "nested-jars-depth");
    const struct jx *shaded = jx_get(options, "shaded-jars-depth");
    const struct jx *v = is_given(nested) ? nested : shaded;
    double n = 0;

    out->nested_jars_depth = 1;
    if (is_given(shaded))
        out->warnings[out->n_warnings++] =
            "--shaded-jars-depth is deprecated, use --nested-jars-depth "
            "instead";
    if (!is_given(v))
        return 0;
    if (!is_plain_number(v))
        out->warnings[out->n_warnings++] =
            "Non-numeric inputs for --nested-jars-depth are deprecated, "
            "replace with a numeric input";
    if ((is_true(v) || number_of(v, &n)) && out->exclude_app_vulns)
        return err_set(err, ERR_INPUT,
                       "To use --nested-jars-depth, you must not use "
                       "--exclude-app-vulns");
    if ((!number_of(v, &n) && !is_true(v)) || n < 0)
        return err_set(err, ERR_INPUT,
                       "--nested-jars-depth accepts only numbers bigger than "
                       "or equal to 0");
    v = counts_as_false(nested) ? shaded : nested;
    if (!counts_as_false(v) && number_of(v, &n) && n >= 0)
        out->nested_jars_depth = n;
    return 0;
}

int
options_read(struct image_options *out, const struct jx *options,
             struct err *err)
{
    const struct jx *digests = jx_obj(options, "digests");
    const char *name;
    struct jx *v;
    void *at = NULL;

    *out = (struct image_options){ 0 };
    if (options != NULL && !jx_is_obj(options))
        return err_set(err, ERR_INPUT, "options: an object is expected");
    while (jx_next(options, &at, &name, &v)) {
        if (read_one(out, name, v, err) < 0)
            return -1;
    }
    out->manifest_digest = jx_str(digests, "manifest");
    out->index_digest = jx_str(digests, "index");
    out->document = options;
    return read_depth(out, options, err);
}
