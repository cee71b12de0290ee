/* The local listener: our own endpoints, and everything else for relay.c. */
#include "base/log.h"
#include "role/broker/broker-private.h"

#define ANSWER_MAX (8 * 1024 * 1024)

static void
reply_json(struct httpd_ex *ex, int status, struct buf *json)
{
    auto_headers struct headers h = HEADERS_INIT;
    char id[UUID_LEN + 1];

    exchange_request_id(httpd_request_of(ex)->headers, id);
    headers_add(&h, "content-type", HEADER_TYPE_JSON);
    headers_add(&h, "snyk-request-id", id);
    httpd_reply(ex, status, &h, buf_bytes(json));
}

static void
write_socket(struct jw *w, const struct socket *socket)
{
    const struct broker *b = socket->broker;
    auto_free char *url = xasprintf("%s/?connection_role=%s", b->server_url,
                                    socket->role);
    bool open = session_is_open(socket->session);

    jw_obj(w);
    jw_key_bool(w, "ok", open);
    jw_key_bool(w, "websocketConnectionOpen", open);
    jw_key_str(w, "brokerServerUrl", url);
    jw_key_str(w, "version", b->conf->broker_version);
    jw_key_str(w, "transport", "websocket");
    jw_end(w);
}

/* One entry per socket; well as long as one of them is open. */
static void
healthcheck(struct broker *b, struct httpd_ex *ex)
{
    auto_buf struct buf json = BUF_INIT(ANSWER_MAX);
    struct jw w;

    jw_init(&w, &json);
    jw_arr(&w);
    for (size_t i = 0; i < N_SOCKETS; i++)
        write_socket(&w, &b->sockets[i]);
    jw_end(&w);
    reply_json(ex, broker_is_connected(b) ? 200 : 500, &json);
}

/* POST reads the file anew. */
static void
filters(struct broker *b, struct httpd_ex *ex, bool reload)
{
    auto_buf struct buf json = BUF_INIT(ANSWER_MAX);
    struct err err;
    struct jw w;

    if (reload && broker_reload_filter(b, &err) < 0) {
        log_error("rules not reloaded, the old ones stay", LOG_ERR(&err));
        jw_init(&w, &json);
        exchange_write_fault(&w, "FILTERS_INVALID", err.text, NULL, NULL);
        reply_json(ex, 500, &json);
        return;
    }
    jx_write(filter_rules(b->filter), &json);
    reply_json(ex, 200, &json);
}

static bool
is(const struct httpd_request *req, const char *method, const char *path)
{
    return str_eq(req->method, method) && str_eq(req->path, path);
}

void
local_handle(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct broker *b = arg;

    if (is(req, "GET", b->conf->healthcheck_path))
        healthcheck(b, ex);
    else if (is(req, "GET", b->conf->systemcheck_path))
        check_start(b, ex);
    else if (is(req, "GET", "/filters") || is(req, "POST", "/filters"))
        filters(b, ex, req->method[0] == 'P');
    else
        relay_start(b, ex, req);
}
