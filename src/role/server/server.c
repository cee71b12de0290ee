/* The server role: its beginning and its end. */
#include "role/server/server.h"

#include "base/log.h"
#include "role/server/server-private.h"

#define REQUEST_TIMEOUT_MS 600000
#define KEEPALIVE_MS       650000

static const char *
lookup(const char *name, void *arg)
{
    return conf_lookup(arg, name);
}

static int
listen_on(struct server *s, struct err *err)
{
    struct httpd_conf conf = {
        .address = s->conf->listen,
        .port = s->conf->server_port,
        .cert_file = s->conf->https_cert,
        .key_file = s->conf->https_key,
        .body_limit_bytes = BODY_MAX,
        .max_connections = TUNNELS_MAX + ASKS_MAX,
        .request_timeout_ms = REQUEST_TIMEOUT_MS,
        .idle_timeout_ms = KEEPALIVE_MS,
    };

    s->httpd = httpd_new(s->loop, &conf, routes_handle, s, err);
    return s->httpd != NULL ? 0 : -1;
}

struct server *
server_start(struct loop *loop, const struct conf *conf, struct store *store,
             struct httpc *httpc, struct err *err)
{
    struct server *s = xnew(struct server);

    s->loop = loop;
    s->conf = conf;
    s->store = store;
    s->httpc = httpc;
    s->tokens = map_new();
    s->streams = map_new();
    s->vars = vars_new(lookup, (void *)(uintptr_t)conf);
    list_init(&s->departed);
    list_init(&s->tunnels);
    list_init(&s->asks);
    list_init(&s->callbacks);
    timer_init(&s->sweep, loop);
    if ((!str_is_empty(conf->server_accept) &&
         filter_load(&s->filter, conf->server_accept, err) < 0) ||
        listen_on(s, err) < 0) {
        server_free(s);
        return NULL;
    }
    log_info("local server is listening.", LOG_INT("port", server_port(s)),
             LOG_STR("callbacks", s->filter != NULL ? "by rules" : "inbox"));
    return s;
}

uint16_t
server_port(const struct server *s)
{
    return httpd_port(s->httpd);
}

static void
on_drain_turn(void *arg)
{
    server_check_drained(arg);
}

void
server_drain(struct server *s, void (*done)(void *arg), void *arg)
{
    s->draining = true;
    s->on_drained = done;
    s->drained_arg = arg;
    loop_defer(s->loop, on_drain_turn, s);
}

void
server_free(struct server *s)
{
    if (s == NULL)
        return;
    loop_undefer(s->loop, on_drain_turn, s);
    s->draining = false;
    tunnel_free_all(s);
    if (s->httpd != NULL)
        httpd_free(s->httpd); /* callers go, and with them their asks */
    ask_free_all(s);
    callback_free_all(s);
    directory_free(s);
    map_free(s->streams);
    vars_free(s->vars);
    filter_free(s->filter);
    free(s);
}
