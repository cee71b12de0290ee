/* The client itself: settings shared by all transfers, and what their
 * failures mean. One call lives in httpc-call.c, the loop glue in mux.c. */
#include "engine/net/httpc.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "engine/net/httpc-call.h"

#define CONNECT_TIMEOUT_MS 10000
#define MAX_PER_HOST       8
#define SPARE_CALLS        32
#define KEEPALIVE_IDLE_S   60L
#define KEEPALIVE_EVERY_S  30L

static int
curl_start(struct err *err)
{
    static bool started;

    if (started)
        return 0;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, ERR_INTERNAL, "libcurl does not start");
    started = true;
    return 0;
}

static void
destroy(void *arg)
{
    struct httpc *c = arg;

    mux_free(c->calls);
    mux_free(c->sockets);
    trust_free(c->trust);
    proxies_free(c->proxies);
    free(c->user_agent);
    free(c);
}

static int
open_parts(struct httpc *c, const struct httpc_conf *conf, struct err *err)
{
    unsigned max = conf->max_per_host > 0 ? conf->max_per_host : MAX_PER_HOST;

    c->trust = trust_new(conf->ca_file, conf->insecure, err);
    if (c->trust == NULL)
        return -1;
    c->proxies = proxies_new(conf->http_proxy, conf->https_proxy,
                             conf->no_proxy, err);
    if (c->proxies == NULL)
        return -1;
    c->calls = mux_new(c->loop, (long)max, SPARE_CALLS, err);
    if (c->calls == NULL)
        return -1;
    c->sockets = mux_new(c->loop, 0, 0, err);
    return c->sockets != NULL ? 0 : -1;
}

struct httpc *
httpc_new(struct loop *loop, const struct httpc_conf *conf, struct err *err)
{
    struct httpc *c;

    if (curl_start(err) < 0)
        return NULL;
    c = xnew(struct httpc);
    c->loop = loop;
    list_init(&c->running);
    list_init(&c->open);
    c->user_agent = xstrdup(conf->user_agent != NULL
                                ? conf->user_agent
                                : "crab/" PACKAGE_VERSION);
    c->connect_timeout_ms = conf->connect_timeout_ms > 0
                                ? conf->connect_timeout_ms
                                : CONNECT_TIMEOUT_MS;
    if (open_parts(c, conf, err) < 0) {
        destroy(c);
        return NULL;
    }
    return c;
}

/* Buried, since curl or one of our callbacks may be on the stack. */
static void
bury_all(void *arg)
{
    struct httpc *c = arg;

    while (!list_is_empty(&c->running))
        httpc_call_forget(c->running.head.next);
    destroy(c);
}

void
httpc_free(struct httpc *c)
{
    if (c == NULL || c->freed)
        return;
    c->freed = true;
    list_each(struct httpc_call, call, running, &c->running)
        httpc_cancel(call);
    while (!list_is_empty(&c->open))
        ws_client_forget(c->open.head.next);
    loop_bury(c->loop, bury_all, c);
}

static long
as_long(uint64_t ms)
{
    return ms > INT32_MAX ? INT32_MAX : (long)ms;
}

/* curl speaks to http and https only; a websocket begins as one of them. */
static char *
http_text(const struct url *u)
{
    struct url copy = *u;

    copy.scheme = url_is_tls(u) ? (char[]){ "https" } : (char[]){ "http" };
    copy.userinfo = NULL;
    return url_text(&copy);
}

/* What stands in the request line: as it was written, for curl would encode
 * this and that. A proxy that gets the request itself wants all of it. */
static void
dress_target(CURL *easy, const struct url *u, bool whole)
{
    auto_free char *target =
        whole ? http_text(u)
              : xasprintf("%s%s%s", u->path, u->query != NULL ? "?" : "",
                          u->query != NULL ? u->query : "");

    curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target);
}

static void
dress_proxy(CURL *easy, const char *proxy, bool tunnel)
{
    /* Empty texts, or curl asks the environment. */
    curl_easy_setopt(easy, CURLOPT_PROXY, proxy != NULL ? proxy : "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (proxy != NULL && tunnel)
        curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

void
httpc_dress(const struct httpc *c, CURL *easy, const struct url *u,
            bool no_proxy, bool tunnel)
{
    const char *proxy = no_proxy ? NULL : proxies_for(c->proxies, u);
    auto_free char *url = http_text(u);

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    dress_target(easy, u, proxy != NULL && !tunnel && !url_is_tls(u));
    dress_proxy(easy, proxy, tunnel);
    trust_apply(c->trust, easy);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     as_long(c->connect_timeout_ms));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_EVERY_S);
    /* No signals: the loop ignores SIGPIPE, names are resolved in a thread.
     * And when a call is given up, do not wait for that thread. */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

/* Rows for what curl reports; the first whose rc (and errno) fits. */
static const struct meaning {
    CURLcode rc;
    int os_errno; /* 0: any */
    enum err_kind kind;
    const char *code;
    const char *text; /* NULL: curl's own */
} meanings[] = {
    { CURLE_COULDNT_CONNECT, ECONNREFUSED, ERR_NET, "ECONNREFUSED",
      "connection refused" },
    { CURLE_COULDNT_CONNECT, ETIMEDOUT, ERR_TIMEOUT, "ETIMEDOUT",
      "no answer to connecting" },
    { CURLE_COULDNT_CONNECT, ECONNRESET, ERR_NET, "ECONNRESET",
      "connection reset" },
    { CURLE_COULDNT_RESOLVE_HOST, 0, ERR_NET, "ENOTFOUND", "name not found" },
    { CURLE_COULDNT_RESOLVE_PROXY, 0, ERR_NET, "ENOTFOUND",
      "name of the proxy not found" },
    { CURLE_OPERATION_TIMEDOUT, 0, ERR_TIMEOUT, "ETIMEDOUT",
      "no connection in time" },
    { CURLE_SSL_CONNECT_ERROR, ECONNRESET, ERR_NET, "ECONNRESET",
      "connection reset in the TLS handshake" },
    { CURLE_SSL_CONNECT_ERROR, 0, ERR_TLS, NULL, NULL },
    { CURLE_PEER_FAILED_VERIFICATION, 0, ERR_TLS, NULL, NULL },
    { CURLE_SSL_CIPHER, 0, ERR_TLS, NULL, NULL },
    { CURLE_SSL_CERTPROBLEM, 0, ERR_TLS, NULL, NULL },
    { CURLE_SSL_ENGINE_INITFAILED, 0, ERR_TLS, NULL, NULL },
    { CURLE_USE_SSL_FAILED, 0, ERR_TLS, NULL, NULL },
    { CURLE_RECV_ERROR, ECONNRESET, ERR_NET, "ECONNRESET",
      "connection reset" },
    { CURLE_SEND_ERROR, ECONNRESET, ERR_NET, "ECONNRESET",
      "connection reset" },
    { CURLE_SEND_ERROR, EPIPE, ERR_NET, "ECONNRESET", "connection reset" },
    { CURLE_GOT_NOTHING, 0, ERR_NET, "ECONNRESET",
      "connection closed without an answer" },
    { CURLE_SEND_FAIL_REWIND, 0, ERR_NET, "ECONNRESET",
      "connection closed without an answer" },
    { CURLE_PARTIAL_FILE, 0, ERR_NET, NULL, "answer cut short" },
    { CURLE_OUT_OF_MEMORY, 0, ERR_LIMIT, NULL, NULL },
};

static const struct meaning *
meaning_of(CURLcode rc, long os_errno)
{
    for (size_t i = 0; i < N_ELEMENTS(meanings); i++) {
        if (meanings[i].rc == rc && (meanings[i].os_errno == 0 ||
                                     meanings[i].os_errno == os_errno))
            return &meanings[i];
    }
    return NULL;
}

void
httpc_explain(CURL *easy, CURLcode rc, const struct url *u, const char *why,
              struct err *err)
{
    const struct meaning *m;
    long os_errno = 0, connect = 0;

    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect);
    if (why[0] == '\0')
        why = curl_easy_strerror(rc);
    if (connect >= 300) {
        err_set(err, ERR_NET, "%s:%u: the proxy answers CONNECT with %ld",
                u->host, u->port, connect);
        return;
    }
    m = meaning_of(rc, os_errno);
    err_set_code(err, m != NULL ? m->kind : ERR_NET,
                 m != NULL ? m->code : NULL, "%s:%u: %s", u->host, u->port,
                 m != NULL && m->text != NULL ? m->text : why);
}
