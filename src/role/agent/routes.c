/* The table of routes: a new one is a row and a function. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "role/agent/agent-private.h"

#define PATH_MAX_BYTES 8192

static const struct route {
    const char *method;
    const char *path; /* with a final star: everything below */
    agent_serve *serve;
} routes[] = {
    { "GET", "/healthcheck", agent_healthcheck },
    { "GET", "/systemcheck", agent_systemcheck },
    { "GET", "/validate-credentials", agent_validate },
    { "GET", "/list", agent_list },
    { "GET", "/list/*", agent_list_tags },
    { "POST", "/scan", agent_scan },
};

/* A final slash does not count. */
static struct bytes
without_slash(struct bytes path)
{
    if (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    return path;
}

static bool
path_matches(const struct route *r, struct bytes path, struct bytes *rest)
{
    struct bytes want = bytes_str(r->path);

    *rest = BYTES_NONE;
    if (!bytes_ends(want, "/*"))
        return bytes_is(path, r->path);
    want.n--; /* keeps the slash */
    if (path.n <= want.n || memcmp(path.p, want.p, want.n) != 0)
        return false;
    *rest = bytes_from(path, want.n);
    return true;
}

/* HEAD asks for what GET would say. */
static bool
method_matches(const struct route *r, const char *method)
{
    return str_eq(r->method, method) ||
           (str_eq(r->method, "GET") && str_eq(method, "HEAD"));
}

static void
refuse(struct visit *v, const char *allowed)
{
    struct err err;

    if (allowed != NULL) {
        v->rest = xstrdup(allowed);
        err_set_code(&err, ERR_INPUT, "METHOD_NOT_ALLOWED",
                     "%.16s is not allowed here, %s is", v->req->method,
                     allowed);
    } else {
        err_set(&err, ERR_ABSENT, "no such route");
    }
    visit_fail(v, &err);
}

static void
serve(struct visit *v, const struct route *r, struct bytes rest)
{
    auto_buf struct buf decoded = BUF_INIT(PATH_MAX_BYTES);
    struct err err;

    if (percent_decode(rest, &decoded) < 0) {
        err_set(&err, ERR_INPUT, "the path has a broken %%-escape");
        visit_fail(v, &err);
        return;
    }
    v->rest = buf_steal(&decoded);
    r->serve(v);
}

void
agent_route(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct agent *agent = arg;
    struct visit *v = visit_new(agent, ex);
    struct bytes path = without_slash(bytes_str(req->path)), rest;
    const char *allowed = NULL;

    for (size_t i = 0; i < N_ELEMENTS(routes); i++) {
        const struct route *r = &routes[i];

        if (!path_matches(r, path, &rest))
            continue;
        if (method_matches(r, req->method)) {
            serve(v, r, rest);
            return;
        }
        allowed = r->method;
    }
    refuse(v, allowed);
}
