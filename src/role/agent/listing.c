/*
 * Repositories and tags. All or an error: a consumer may delete what a
 * listing lacks (agent-api.md §7.1).
 */
#include <string.h>

#include "base/json/jw.h"
#include "base/log.h"
#include "base/map.h"
#include "base/oci/ref.h"
#include "base/str.h"
#include "role/agent/agent-private.h"

#define LISTING_TIMEOUT_MS 55000
#define LISTING_MAX_NAMES  100000
#define LISTING_MAX_BYTES  (32u << 20)

/* Ours: an object instead of the bare array. */
#define OBJECT_TYPE "application/vnd.cr-agent.v1+json"

static bool
wants_object(const struct visit *v)
{
    auto_free char *format = visit_query(v, "format");

    return str_eq(format, "object") ||
           headers_has_token(v->req->headers, "accept", OBJECT_TYPE);
}

/* In the order given, each once. */
static void
write_names(struct jw *w, const char *const *names, size_t n)
{
    auto_map struct map *seen = map_new();

    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        if (map_put_str(seen, names[i], seen) == NULL)
            jw_str(w, names[i]);
    }
    jw_end(w);
}

static void
reply_names(struct visit *v, const char *key, const char *const *names,
            size_t n)
{
    auto_buf struct buf body = BUF_INIT(LISTING_MAX_BYTES);
    struct err err;
    struct jw w;

    jw_init(&w, &body);
    if (wants_object(v)) {
        jw_obj(&w);
        jw_key(&w, key);
        write_names(&w, names, n);
        if (str_eq(key, "repositories"))
            jw_key_str(&w, "source", "catalog");
        jw_end(&w);
    } else {
        write_names(&w, names, n);
    }
    if (body.full || n > LISTING_MAX_NAMES) {
        err_set_code(&err, ERR_LIMIT, "LISTING_TOO_LARGE",
                     "the listing has %zu names: more than %d, or more than "
                     "%u bytes",
                     n, LISTING_MAX_NAMES, LISTING_MAX_BYTES);
        visit_fail(v, &err);
        return;
    }
    visit_reply(v, 200, buf_bytes(&body));
}

static void
on_repositories(const char *const *names, size_t n, const struct err *err,
                void *arg)
{
    struct visit *v = arg;

    v->op = NULL;
    if (err != NULL)
        visit_fail(v, err);
    else
        reply_names(v, "repositories", names, n);
}

static void
on_tags(const char *const *names, size_t n, const struct err *err, void *arg)
{
    struct visit *v = arg;

    v->op = NULL;
    if (err != NULL)
        visit_fail(v, err);
    else
        reply_names(v, "tags", names, n);
}

static void
list_tags_of(struct visit *v, const char *name)
{
    auto_ref struct ref ref = { 0 };
    struct err err;

    if (visit_login(v, NULL, &err) < 0 ||
        ref_parse_in(&ref, name, registry_base(v->registry), &err) < 0) {
        visit_fail(v, &err);
        return;
    }
    visit_wait(v, registry_tags(v->registry, ref.repo, on_tags, v),
               LISTING_TIMEOUT_MS);
}

void
agent_list(struct visit *v)
{
    auto_free char *name = visit_query_repository(v);
    struct err err;

    if (name != NULL) {
        list_tags_of(v, name);
        return;
    }
    if (v->agent->conf->disable_list_repos) {
        reply_names(v, "repositories", NULL, 0);
        return;
    }
    if (visit_login(v, NULL, &err) < 0) {
        visit_fail(v, &err);
        return;
    }
    visit_wait(v, registry_catalog(v->registry, on_repositories, v),
               LISTING_TIMEOUT_MS);
}

void
agent_list_tags(struct visit *v)
{
    list_tags_of(v, v->rest);
}
