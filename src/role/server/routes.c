/* Which path means what, and how answers look. */
#include "role/server/server-private.h"

#include <string.h>

#include "base/log.h"

void
reply_json(struct httpd_ex *ex, int status, const char *request_id,
           const char *failure, struct bytes json)
{
    auto_headers struct headers h = HEADERS_INIT;
    char id[UUID_LEN + 1];

    if (request_id == NULL)
        exchange_request_id(httpd_request_of(ex)->headers, id);
    headers_add(&h, "Content-Type", HEADER_TYPE_JSON);
    headers_add(&h, "snyk-request-id", request_id != NULL ? request_id : id);
    if (failure != NULL)
        headers_add(&h, "x-broker-failure", failure);
    if (status == 503)
        headers_add(&h, "Retry-After", "1");
    httpd_reply(ex, status, &h, json);
}

void
reply_fault(struct httpd_ex *ex, int status, const char *request_id,
            const char *code, const char *message, const char *url)
{
    auto_buf struct buf json = BUF_INIT(256 << 10);
    const char *reason =
        str_eq(code, "FILTER_BLOCKED") ? EXCHANGE_BLOCKED : NULL;
    struct jw w;

    jw_init(&w, &json);
    exchange_write_fault(&w, code, message, reason, url);
    reply_json(ex, status, request_id, NULL, buf_bytes(&json));
}

static void
on_health(struct server *s, struct httpd_ex *ex,
          const struct httpd_request *req)
{
    auto_buf struct buf json = BUF_INIT(1024);
    struct jw w;

    (void)req;
    jw_init(&w, &json);
    jw_obj(&w);
    jw_key_bool(&w, "ok", true);
    jw_key_str(&w, "version", s->conf->broker_version);
    jw_end(&w);
    reply_json(ex, 200, NULL, NULL, buf_bytes(&json));
}

/* "/connection-status/TOKEN[/ctx/ID]" */
static void
on_status(struct server *s, struct httpd_ex *ex,
          const struct httpd_request *req)
{
    struct bytes rest = bytes_str(req->path + strlen("/connection-status/"));
    auto_free char *name = bytes_dup(bytes_to(rest, bytes_find(rest, '/')));

    directory_show_token(s, ex, name);
}

static void
on_statuses(struct server *s, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    (void)req;
    directory_show_all(s, ex);
}

static void
on_result(struct server *s, struct httpd_ex *ex,
          const struct httpd_request *req)
{
    results_show(s, ex, req->path + strlen("/results/"));
}

static const struct route {
    const char *method; /* NULL: any */
    const char *path;   /* with a final "/": and everything below */
    void (*handle)(struct server *s, struct httpd_ex *ex,
                   const struct httpd_request *req);
} routes[] = {
    { "GET", "/primus/", tunnel_accept },
    { NULL, "/broker/", ask_start },
    { "POST", "/response-data/", response_start },
    { "GET", "/connection-status/", on_status },
    { "GET", "/connections-status", on_statuses },
    { "GET", "/healthcheck", on_health },
    { "GET", "/results", results_list },
    { "GET", "/results/", on_result },
};

static bool
path_fits(const struct route *route, const char *path)
{
    size_t n = strlen(route->path);

    if (route->path[n - 1] == '/')
        return str_starts(path, route->path) && path[n] != '\0';
    return str_eq(path, route->path);
}

void
routes_handle(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct server *s = arg;
    bool known = false;

    if (str_eq(req->path, "/") && str_eq(req->method, "GET")) {
        on_health(s, ex, req);
        return;
    }
    for (size_t i = 0; i < N_ELEMENTS(routes); i++) {
        if (!path_fits(&routes[i], req->path))
            continue;
        known = true;
        if (routes[i].method == NULL || str_eq(req->method, routes[i].method)) {
            routes[i].handle(s, ex, req);
            return;
        }
    }
    if (known)
        reply_fault(ex, 405, NULL, "METHOD_NOT_ALLOWED",
                    "not with this method", NULL);
    else
        reply_fault(ex, 404, NULL, "NOT_FOUND", "no such path", NULL);
}
