/* A row for each option a request may set. */
#include "role/agent/options.h"

#include "base/buf.h"
#include "base/str.h"

static const struct option {
    const char *camel;  /* as a request may spell it ... */
    const char *dashed; /* ... or so, as the scanner does */
} options[] = {
    { "excludeAppVulns", "exclude-app-vulns" },
    { "excludeNodeModules", "exclude-node-modules" },
    { "excludeBaseImageVulns", "exclude-base-image-vulns" },
    { "nestedJarsDepth", "nested-jars-depth" },
    { "shadedJarsDepth", "shaded-jars-depth" },
    { "includeSystemJars", "include-system-jars" },
    { "collectApplicationFiles", "collect-application-files" },
    { "targetReference", "target-reference" },
    { "globsToFind", "globsToFind" },
};

/* The scanner takes numbers as text only. */
static struct jx *
copy_value(const struct jx *v)
{
    auto_buf struct buf text = BUF_INIT(64);

    if (jx_type(v) != JX_INT && jx_type(v) != JX_DOUBLE)
        return jx_copy(v);
    jx_write(v, &text);
    return jx_new_str(buf_bytes(&text));
}

struct jx *
options_map(const struct jx *from)
{
    struct jx *to = jx_new_obj();

    for (size_t i = 0; i < N_ELEMENTS(options); i++) {
        const struct option *o = &options[i];
        const struct jx *v = jx_get(from, o->camel);

        if (v == NULL)
            v = jx_get(from, o->dashed);
        if (v != NULL)
            jx_set(to, o->dashed, copy_value(v));
    }
    return to;
}
