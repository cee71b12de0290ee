/* Headers of relayed requests. */
#include "engine/tunnel/rewrite.h"

#include "base/str.h"

/* Nobody's business behind the tunnel, or made anew. */
static const char *const removed[] = {
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "content-length",
    "content-encoding", /* bodies are inflated on arrival */
    "host",
    "expect", /* was answered by who received the request */
    "snyk-acting-group-public-id",
    "snyk-acting-org-public-id",
    "snyk-acting-user-public-id",
    "snyk-flow-name",
    "snyk-product-line",
    "snyk-project-type",
    "snyk-integration-type",
    "x-snyk-broker-context-id",
};

static void
remove_forwarded(struct headers *h)
{
    for (size_t i = 0; i < h->n;) {
        auto_free char *name = xstrdup(h->at[i].name);

        if (str_istarts(name, "x-forwarded-") || str_ieq(name, "forwarded"))
            headers_remove(h, name);
        else
            i++;
    }
}

void
rewrite_headers(struct headers *h, const struct rewrite *how)
{
    auto_free char *agent = NULL;

    headers_drop_hop_by_hop(h);
    if (!headers_has(h, "user-agent"))
        headers_setf(h, "user-agent", "Snyk Broker %s", how->version);
    for (size_t i = 0; i < N_ELEMENTS(removed); i++)
        headers_remove(h, removed[i]);
    if (how->remove_x_forwarded)
        remove_forwarded(h);
    if (!headers_has(h, "x-request-id"))
        headers_set(h, "x-request-id", how->request_id);
    headers_set(h, "connection", "Keep-Alive");
    headers_set(h, "Keep-Alive", "timeout=60, max=1000");
    headers_setf(h, "Content-Length", "%zu", how->body_bytes);
    agent = xstrdup(headers_get(h, "user-agent"));
    headers_set(h, "x-broker-origin-ua", agent);
    headers_setf(h, "user-agent", "Snyk Broker Client %s", how->version);
    headers_set(h, "snyk-request-id", how->request_id);
}
