/*
 * Red Hat's content manifests (scan-facts.md §7.3.5): which repositories an
 * image was made from.
 */
#include "worker/analyze/analyzer.h"

#include "base/json/jx.h"

#define MANIFEST_MAX_BYTES (4u << 20)

struct content {
    const struct jx *sets; /* borrows; NULL: none */
    bool bad;              /* the peer cannot read the layer it is in */
};

static void
write_content(struct jw *jw, void *arg)
{
    const struct content *c = arg;

    jw_obj(jw);
    jw_key(jw, "sets");
    jw_arr(jw);
    for (size_t i = 0; i < jx_count(c->sets); i++) {
        if (jx_is_str(jx_at(c->sets, i)))
            jw_bytes(jw, jx_bytes_value(jx_at(c->sets, i)));
    }
    jw_end(jw);
    if (c->bad)
        jw_key_bool(jw, "bad", true);
    jw_end(jw);
}

/* A lone null is JSON, and says as little as a number does. */
static bool
is_null(struct bytes body)
{
    return bytes_is(bytes_trim(body), "null");
}

static int
content_read(struct bytes body, struct an_out *out, struct err *err)
{
    struct err why;
    auto_jx struct jx *doc = jx_parse_lossy(body, MANIFEST_MAX_BYTES, &why);
    bool is_json = doc != NULL || is_null(body);
    /* A byte order mark is no JSON to the peer. */
    struct content c = { jx_arr(doc, "content_sets"),
                         !is_json || bytes_starts(body, "\xef\xbb\xbf") };

    if (!is_json && an_warn(out, err, "rpmcontent: %s", why.text) < 0)
        return -1;
    return an_item(out, "rpmcontent", write_content, &c, err);
}

const struct analyzer analyzer_rpm_content = {
    .name = "rpmcontent",
    .wants = (const char *const[]){ "/root/buildinfo/content_manifests/*",
                                    NULL },
    .takes_empty = true,
    .read = content_read,
};
