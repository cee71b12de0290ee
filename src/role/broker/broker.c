/* The broker client: what it is made of, its beginning and its end. */
#include "role/broker/broker.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "engine/net/url.h"
#include "engine/registry/credentials.h"
#include "engine/tunnel/identify.h"
#include "role/broker/broker-private.h"

#define URL_MAX      8192
#define GREETING_MAX (8 * 1024 * 1024)

static const char *const roles[N_SOCKETS] = { [PRIMARY] = "primary",
                                              [SECONDARY] = "secondary" };

struct socket *
broker_open_socket(struct broker *b)
{
    for (size_t i = 0; i < N_SOCKETS; i++) {
        if (session_is_open(b->sockets[i].session))
            return &b->sockets[i];
    }
    return NULL;
}

bool
broker_is_connected(const struct broker *b)
{
    for (size_t i = 0; i < N_SOCKETS; i++) {
        if (session_is_open(b->sockets[i].session))
            return true;
    }
    return false;
}

bool
broker_failed(const struct broker *b, struct err *err)
{
    if (b->failure.kind == ERR_NONE)
        return false;
    if (err != NULL)
        *err = b->failure;
    return true;
}

uint16_t
broker_port(const struct broker *b)
{
    return httpd_port(b->httpd);
}

/* --- settings --- */

static int
check_settings(const struct conf *conf, struct err *err)
{
    auto_url struct url url = { 0 };

    if (secret_is_empty(conf->broker_token))
        return err_set_code(err, ERR_INPUT, "MISSING_BROKER_TOKEN",
                            "BROKER_TOKEN is not set");
    if (str_is_empty(conf->broker_server_url))
        return err_set_code(err, ERR_INPUT, "MISSING_BROKER_SERVER_URL",
                            "BROKER_SERVER_URL is not set");
    if (url_parse(&url, conf->broker_server_url, err) < 0)
        return err_wrap(err, "BROKER_SERVER_URL");
    if (url.query != NULL || url.userinfo != NULL ||
        !str_starts(url.scheme, "http"))
        return err_set(err, ERR_INPUT, "BROKER_SERVER_URL: http(s)://host"
                       "[:port][/path] is expected");
    if (!url_is_tls(&url) && !host_is_loopback(url.host))
        log_warn("BROKER_SERVER_URL is plain HTTP: the token can be read on "
                 "the way");
    return 0;
}

/* Without slashes at the end; NULL stays NULL. The caller owns it. */
static char *
without_slash(const char *url)
{
    size_t n = url != NULL ? strlen(url) : 0;

    while (n > 0 && url[n - 1] == '/')
        n--;
    return url != NULL ? xstrndup(url, n) : NULL;
}

/* What ${NAME} in rules and requests stands for. */
static const char *
lookup(const char *name, void *arg)
{
    const struct broker *b = arg;

    if (str_eq(name, "CR_CREDENTIALS"))
        return b->credentials != NULL ? secret_reveal(b->credentials) : NULL;
    if (str_eq(name, "CR_AGENT_URL"))
        return b->agent_url;
    if (str_eq(name, "BROKER_CLIENT_URL"))
        return b->client_url;
    return conf_lookup(b->conf, name);
}

static void
redact(const char *name, const char *value, void *arg)
{
    (void)arg;
    log_redact(name, value);
}

static void
read_settings(struct broker *b)
{
    const struct conf *conf = b->conf;

    b->server_url = without_slash(conf->broker_server_url);
    b->agent_url = without_slash(conf->cr_agent_url);
    b->client_url = without_slash(conf->broker_client_url);
    b->agent_is_ours = (conf->roles & ROLE_AGENT) != 0 &&
                       !conf_is_given(conf, "CR_AGENT_URL");
    b->credentials = credentials_document(conf);
    conf_each_secret(conf, redact, NULL);
    log_redact("BROKER_TOKEN", secret_reveal(conf->broker_token));
    if (b->credentials != NULL)
        log_redact("CR_CREDENTIALS", secret_reveal(b->credentials));
    if (str_is_empty(b->agent_url))
        log_warn("CR_AGENT_URL is not set: requests cannot reach an agent");
}

int
broker_reload_filter(struct broker *b, struct err *err)
{
    struct filter *f;

    if (filter_load(&f, b->conf->accept, err) < 0)
        return -1;
    filter_free(b->filter);
    b->filter = f;
    log_info("rules loaded",
             LOG_INT("public", jx_count(jx_arr(filter_rules(f), "public"))),
             LOG_INT("private", jx_count(jx_arr(filter_rules(f), "private"))));
    return 0;
}

/* --- sockets --- */

static void
on_event(const struct emitter_packet *p, void *arg)
{
    event_handle(arg, p);
}

static void
on_drain(void *arg)
{
    struct socket *socket = arg;

    socket->full = false;
    relay_pump(socket->broker);
}

static void
on_lost(const struct err *err, void *arg)
{
    struct socket *socket = arg;

    (void)err;
    socket->full = false;
    relay_pump(socket->broker);
}

/* As long as the other socket works, this one just goes on trying. */
static void
on_failed(const struct err *err, void *arg)
{
    struct socket *socket = arg;
    struct broker *b = socket->broker;

    if (broker_is_connected(b)) {
        session_start(socket->session);
        return;
    }
    b->failure = *err;
    loop_stop(b->loop);
}

static const struct session_events session_events = {
    .on_event = on_event,
    .on_drain = on_drain,
    .on_lost = on_lost,
    .on_failed = on_failed,
};

/* wss://host/primus/TOKEN/: the server's path prefix is for POSTs only. */
static char *
socket_url(const struct broker *b, const char *role, struct err *err)
{
    struct buf text = BUF_INIT(URL_MAX);
    auto_url struct url base = { 0 };
    auto_free char *origin = NULL;

    if (url_parse(&base, b->server_url, err) < 0)
        return NULL;
    origin = url_origin(&base);
    buf_addf(&text, "%s/primus/", origin);
    percent_encode(secret_reveal(b->conf->broker_token), "", &text);
    buf_addf(&text, "/?connection_role=%s&EIO=4&transport=websocket", role);
    return buf_steal(&text);
}

static bool
uses_pools(const struct conf *conf)
{
    static const char *const names[] = {
        "BROKER_CLIENT_VALIDATION_AUTHORIZATION_HEADER_POOL",
        "BROKER_CLIENT_VALIDATION_BASIC_AUTH_POOL",
        "CR_AGENT_URL_POOL", "CR_CREDENTIALS_POOL",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        if (conf_lookup(conf, names[i]) != NULL)
            return true;
    }
    return false;
}

static int
write_greeting(const struct broker *b, const char *role, struct buf *out)
{
    const struct conf *conf = b->conf;
    const char *token = secret_reveal(conf->broker_token);
    char identifier[SHA256_HEX + 1];
    struct identify_self self = {
        .token = token, .version = conf->broker_version,
        .client_id = b->client_id, .role = role, .identifier = identifier,
        .filters = filter_rules(b->filter),
        .flags = {
            { "haMode", false },
            { "debugMode", conf->log_level <= LOG_LEVEL_DEBUG },
            { "bodyLogMode", false },
            { "credPooling", uses_pools(conf) },
            { "privateCa", conf->ca_file != NULL },
            { "tlsReject", conf->tls_insecure },
            { "proxy", conf->http_proxy != NULL || conf->https_proxy != NULL },
            { "customAccept", !str_is_empty(conf->accept) &&
                                  !str_eq(conf->accept, "accept.json") },
            { "insecureDownstream", false },
            { "universalBroker", false },
        },
    };

    sha256_hex(bytes_str(token), identifier);
    return identify_add(out, &self);
}

static int
make_socket(struct broker *b, size_t i, struct err *err)
{
    struct socket *socket = &b->sockets[i];
    const struct conf *conf = b->conf;
    auto_headers struct headers h = HEADERS_INIT;
    auto_buf struct buf greeting = BUF_INIT(GREETING_MAX);
    auto_free char *url = socket_url(b, roles[i], err);
    struct session_conf sc = {
        .name = roles[i], .url = url, .headers = &h,
        .ping_interval_ms = conf->ping_interval_ms,
        .pong_timeout_ms = conf->pong_timeout_ms,
        .connect_ms = conf->socket_connect_ms,
    };

    if (url == NULL)
        return -1;
    if (write_greeting(b, roles[i], &greeting) < 0)
        return err_set(err, ERR_LIMIT, "the rules are too large to be sent");
    sc.greeting = buf_bytes(&greeting);
    headers_add(&h, "x-snyk-broker-client-id", b->client_id);
    headers_add(&h, "x-snyk-broker-client-role", roles[i]);
    headers_add(&h, "x-broker-client-version", conf->broker_version);
    socket->broker = b;
    socket->role = roles[i];
    socket->session = session_new(b->loop, b->httpc, &sc, &session_events,
                                  socket);
    return 0;
}

/* --- beginning --- */

static int
listen_locally(struct broker *b, struct err *err)
{
    const struct conf *conf = b->conf;
    struct httpd_conf hc = {
        .address = conf->listen, .port = conf->client_port,
        .cert_file = conf->https_cert, .key_file = conf->https_key,
        .body_limit_bytes = RELAY_BODY_MAX,
        .request_timeout_ms = conf->client_request_ms,
    };

    b->httpd = httpd_new(b->loop, &hc, local_handle, b, err);
    if (b->httpd == NULL)
        return err_wrap(err, "broker client");
    if (str_is_empty(b->client_url)) {
        free(b->client_url);
        b->client_url = xasprintf("http://127.0.0.1:%u", broker_port(b));
        log_warn("BROKER_CLIENT_URL is not set: only an agent on this host "
                 "can deliver results");
    }
    log_info("local server is listening.", LOG_INT("port", broker_port(b)));
    return 0;
}

struct broker *
broker_start(struct loop *loop, const struct conf *conf, struct httpc *httpc,
             struct err *err)
{
    struct broker *b;

    if (check_settings(conf, err) < 0)
        return NULL;
    b = xnew(struct broker);
    b->loop = loop;
    b->conf = conf;
    b->httpc = httpc;
    list_init(&b->requests);
    list_init(&b->waiting);
    list_init(&b->relays);
    list_init(&b->checks);
    uuid_new(b->client_id);
    read_settings(b);
    b->vars = vars_new(lookup, b);
    if (broker_reload_filter(b, err) < 0 || make_socket(b, PRIMARY, err) < 0 ||
        make_socket(b, SECONDARY, err) < 0 || listen_locally(b, err) < 0) {
        broker_free(b);
        return NULL;
    }
    for (size_t i = 0; i < N_SOCKETS; i++)
        session_start(b->sockets[i].session);
    return b;
}

/* --- end --- */

static void
tell_drained(void *arg)
{
    struct broker *b = arg;

    b->on_drained(b->drained_arg);
}

void
broker_check_drained(struct broker *b)
{
    if (!b->draining || !b->listener_drained || b->n_requests > 0 ||
        b->n_relays > 0 || b->on_drained == NULL)
        return;
    b->listener_drained = false; /* once */
    for (size_t i = 0; i < N_SOCKETS; i++)
        session_close(b->sockets[i].session);
    loop_defer(b->loop, tell_drained, b);
}

static void
on_listener_drained(void *arg)
{
    struct broker *b = arg;

    b->listener_drained = true;
    broker_check_drained(b);
}

void
broker_drain(struct broker *b, void (*done)(void *arg), void *arg)
{
    b->draining = true;
    b->on_drained = done;
    b->drained_arg = arg;
    httpd_drain(b->httpd, on_listener_drained, b);
}

void
broker_free(struct broker *b)
{
    if (b == NULL)
        return;
    loop_undefer(b->loop, tell_drained, b);
    relay_free_all(b);
    check_free_all(b);
    request_free_all(b);
    for (size_t i = 0; i < N_SOCKETS; i++)
        session_free(b->sockets[i].session);
    httpd_free(b->httpd);
    filter_free(b->filter);
    vars_free(b->vars);
    secret_free(b->credentials);
    free(b->server_url);
    free(b->agent_url);
    free(b->client_url);
    free(b);
}
