/*
 * Is this login good? (agent-api.md §4.3.)  An anonymous ping that succeeds
 * proves nothing: then the password is shown where it must be looked at.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/registry/client.h"
#include "engine/registry/registry-private.h"

#define PING_TIMEOUT_MS (30 * 1000)

enum check_step { CHECK_PING, CHECK_BASIC, CHECK_CATALOG };

struct check_op {
    struct reg_op op;
    bool ping_only;
    enum check_step step;
    struct reg_call *call; /* owns while it runs */
    struct timer deadline;
    bool was_challenged;   /* the ping was not answered without a login */
    reg_done_cb fn;
    void *arg;
};

static void
free_op(void *obj)
{
    struct check_op *c = obj;

    timer_clear(&c->deadline);
    reg_op_clear(&c->op);
    free(c);
}

static void
bury(struct check_op *c)
{
    timer_stop(&c->deadline);
    reg_op_bury(&c->op, free_op);
}

static void
end(struct check_op *c, const struct err *err)
{
    bury(c);
    c->fn(err, c->arg);
}

static void
refuse(struct check_op *c, enum reg_asked asked,
       const struct httpc_reply *reply)
{
    struct err err;

    reg_error_answer(c->op.r, asked, reply, &err);
    err_wrap(&err, "registry %s", c->op.r->shown);
    end(c, &err);
}

static void on_reply(const struct httpc_reply *reply, const struct err *err,
                     void *arg);

static const struct reg_call_events call_events = { .on_done = on_reply };

static void
ask(struct check_op *c, enum check_step step, const char *endpoint,
    enum reg_call_auth auth)
{
    auto_free char *url = reg_url(c->op.r, "%s", endpoint);

    c->step = step;
    c->call = reg_call_start(
        c->op.r,
        &(struct reg_call_spec){ .url = url,
                                 .accept = "application/json",
                                 .scope = step == CHECK_CATALOG
                                              ? "registry:catalog:*"
                                              : NULL,
                                 .auth = auth,
                                 .stay = true,
                                 .timeout_ms = PING_TIMEOUT_MS },
        &call_events, c);
}

/* Any good answer without a login: was that all we wanted to know? */
static void
on_ping(struct check_op *c, const struct httpc_reply *reply)
{
    bool challenged = reply->status == 401;

    if (c->ping_only && (challenged || reply->status == 200)) {
        end(c, NULL);
    } else if (challenged && !c->was_challenged) {
        c->was_challenged = true;
        ask(c, CHECK_PING, "", REG_AUTH_FRESH);
    } else if (reply->status != 200) {
        refuse(c, REG_ASKED_PING, reply);
    } else if (c->was_challenged || reg_is_anonymous(c->op.r)) {
        end(c, NULL);
    } else {
        ask(c, CHECK_BASIC, "", REG_AUTH_BASIC);
    }
}

static void
on_basic(struct check_op *c, const struct httpc_reply *reply)
{
    if (reply->status == 401)
        refuse(c, REG_ASKED_PING, reply);
    else if (c->op.r->hub->conf->disable_list_repos ||
             c->op.r->flavour->no_catalog)
        end(c, NULL);
    else
        ask(c, CHECK_CATALOG, "_catalog?n=1", REG_AUTH_EAGER);
}

/* Refused although the token server took the password: no right to list, but
 * a good login. */
static void
on_catalog(struct check_op *c, bool accepted, const struct httpc_reply *reply)
{
    int status = reply->status;
    bool no_listing = status == 403 || status == 404 || status == 405 ||
                      (status == 401 && accepted);

    if (no_listing)
        log_debug("login is good, but may not list",
                  LOG_STR("registry", c->op.r->shown),
                  LOG_INT("status", status));
    if (no_listing || status == 200)
        end(c, NULL);
    else
        refuse(c, REG_ASKED_CATALOG, reply);
}

static void
on_reply(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct check_op *c = arg;
    bool accepted = reg_call_was_accepted(c->call);

    c->call = NULL;
    if (err != NULL)
        end(c, err);
    else if (c->step == CHECK_PING)
        on_ping(c, reply);
    else if (c->step == CHECK_BASIC)
        on_basic(c, reply);
    else
        on_catalog(c, accepted, reply);
}

static void
on_deadline(void *arg)
{
    struct check_op *c = arg;
    struct err err;

    reg_call_cancel(c->call);
    c->call = NULL;
    err_set_code(&err, ERR_TIMEOUT, "REGISTRY_TIMEOUT",
                 "registry %s: no answer in time", c->op.r->shown);
    end(c, &err);
}

static void
drop_op(struct reg_op *op)
{
    struct check_op *c = (struct check_op *)op;

    reg_call_cancel(c->call);
    c->call = NULL;
    bury(c);
}

static const struct reg_op_class check_class = { .drop = drop_op };

static struct reg_op *
start(struct registry *r, bool ping_only, uint64_t timeout_ms, reg_done_cb fn,
      void *arg)
{
    struct check_op *c = xnew(struct check_op);

    reg_op_init(&c->op, &check_class, r);
    c->ping_only = ping_only;
    c->fn = fn;
    c->arg = arg;
    timer_init(&c->deadline, r->hub->loop);
    if (timeout_ms > 0)
        timer_after(&c->deadline, timeout_ms, on_deadline, c);
    ask(c, CHECK_PING, "", REG_AUTH_NONE);
    return &c->op;
}

struct reg_op *
registry_validate(struct registry *r, uint64_t timeout_ms, reg_done_cb fn,
                  void *arg)
{
    return start(r, false, timeout_ms, fn, arg);
}

struct reg_op *
registry_ping(struct registry *r, reg_done_cb fn, void *arg)
{
    return start(r, true, 0, fn, arg);
}
