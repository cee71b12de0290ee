/* Redirects: which ones we take, and what those mean that we do not. */
#include "base/str.h"
#include "engine/registry/registry-private.h"

int
reg_check_hop(const struct registry *r, const struct url *from,
              const struct url *to, struct err *err)
{
    bool http = str_eq(to->scheme, "http");

    if (!http && !str_eq(to->scheme, "https"))
        return reg_error_nonsense(err, "%s: redirect to scheme \"%s\"",
                                  r->shown, to->scheme);
    if (http && url_is_tls(from) &&
        !conf_http_allowed(r->hub->conf, to->host, to->port))
        return reg_error_nonsense(err, "%s: redirect from https to http "
                                  "(host %s) refused", r->shown, to->host);
    if (host_is_link_local(to->host) && !str_eq(to->host, r->base.host))
        return reg_error_nonsense(err, "%s: redirect to the link-local "
                                  "address %s refused", r->shown, to->host);
    return 0;
}

int
reg_error_answer(const struct registry *r, enum reg_asked asked,
                 const struct httpc_reply *reply, struct err *err)
{
    const char *location = headers_get(reply->headers, "location");
    const char *hint = NULL;
    auto_url struct url to = { 0 };

    if (reply->status < 300 || reply->status >= 400 || location == NULL ||
        url_resolve(&to, &r->base, location, NULL) < 0)
        return reg_error_reply(err, asked, reply);
    if (r->flavour->redirect_hint != NULL)
        hint = r->flavour->redirect_hint(&to);
    reg_error_nonsense(err, "HTTP %d: redirected to %s%s%s", reply->status,
                       to.host, hint != NULL ? ": " : "",
                       hint != NULL ? hint : "");
    if (err != NULL)
        err->peer_status = reply->status;
    return -1;
}
