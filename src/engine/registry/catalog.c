/* Listings: repositories and tags, through one pager. All of it or an error,
 * never a part. How pages follow each other is in page.c. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/oci/ref.h"
#include "base/str.h"
#include "engine/registry/client.h"
#include "engine/registry/page.h"
#include "engine/registry/registry-private.h"

#define CATALOG_N       100
#define TAGS_N          1000
#define PAGE_TIMEOUT_MS (50 * 1000)

struct list_op {
    struct reg_op op;
    enum reg_asked asked;
    char *what;             /* "catalog", "tags of x": for messages */
    char *scope, *first;    /* first: address without query; NULL: nothing to
                               ask */
    char *url;              /* of the page that is being asked for */
    unsigned n;             /* items per page; 0: left to the server */
    struct listing listing;
    struct reg_call *call;  /* owns while it runs */
    struct err refusal;     /* told on the next turn; kind NONE: none */
    reg_list_cb fn;
    void *arg;
};

static void
free_op(void *obj)
{
    struct list_op *l = obj;

    free(l->what);
    free(l->scope);
    free(l->first);
    free(l->url);
    listing_clear(&l->listing);
    reg_op_clear(&l->op);
    free(l);
}

static void
succeed(struct list_op *l)
{
    reg_op_bury(&l->op, free_op);
    log_debug("listing complete", LOG_STR("registry", l->op.r->shown),
              LOG_STR("what", l->what), LOG_INT("names", l->listing.n));
    l->fn((const char *const *)l->listing.names, l->listing.n, NULL, l->arg);
}

static void
fail(struct list_op *l, const struct err *err)
{
    struct err reason = *err;

    reg_op_bury(&l->op, free_op);
    err_wrap(&reason, "%s", l->what);
    l->fn(NULL, 0, &reason, l->arg);
}

static void on_page(const struct httpc_reply *reply, const struct err *err,
                    void *arg);

static const struct reg_call_events page_events = { .on_done = on_page };

/* Takes url. */
static void
ask(struct list_op *l, char *url)
{
    free(l->url);
    l->url = url;
    l->call = reg_call_start(
        l->op.r,
        &(struct reg_call_spec){ .url = l->url,
                                 .accept = "application/json",
                                 .scope = l->scope,
                                 .stay = true,
                                 .body_limit_bytes = LISTING_MAX_BYTES,
                                 .timeout_ms = PAGE_TIMEOUT_MS,
                                 .retries = ATTEMPT_RETRIES },
        &page_events, l);
}

static void
ask_first(struct list_op *l)
{
    if (l->n > 0)
        ask(l, xasprintf("%s?n=%u", l->first, l->n));
    else
        ask(l, xstrdup(l->first));
}

static int
add_page(struct list_op *l, const struct httpc_reply *reply, struct err *err)
{
    if (reply->status != 200)
        return reg_error_answer(l->op.r, l->asked, reply, err);
    return listing_add(&l->listing, reply->body, err);
}

static void
on_page(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct list_op *l = arg;
    struct err reason;
    char *next = NULL;
    int rc;

    l->call = NULL;
    if (err != NULL) {
        fail(l, err);
        return;
    }
    if (reply->status == 400 && l->n > 0 && map_count(l->listing.asked) == 0) {
        /* Some have a lower ceiling for n than we like: leave it to them. */
        l->n = 0;
        ask_first(l);
        return;
    }
    rc = add_page(l, reply, &reason);
    if (rc == 0)
        rc = listing_next(&l->listing, &l->op.r->base, l->first, l->url, l->n,
                          reply->headers, &next, &reason);
    if (rc < 0)
        fail(l, &reason);
    else if (rc == 0)
        succeed(l);
    else
        ask(l, next);
}

/* What needs no question is answered on the next turn too. */
static void
on_deferred(void *arg)
{
    struct list_op *l = arg;

    if (l->refusal.kind != ERR_NONE)
        fail(l, &l->refusal);
    else
        succeed(l);
}

static void
drop_op(struct reg_op *op)
{
    struct list_op *l = (struct list_op *)op;

    reg_call_cancel(l->call);
    l->call = NULL;
    loop_undefer(op->r->hub->loop, on_deferred, l);
    reg_op_bury(op, free_op);
}

static const struct reg_op_class list_class = { .drop = drop_op };

static struct list_op *
new_op(struct registry *r, enum reg_asked asked, unsigned n, reg_list_cb fn,
       void *arg)
{
    struct list_op *l = xnew(struct list_op);

    reg_op_init(&l->op, &list_class, r);
    l->asked = asked;
    l->n = n;
    l->fn = fn;
    l->arg = arg;
    return l;
}

static struct reg_op *
start(struct list_op *l)
{
    if (l->first != NULL)
        ask_first(l);
    else
        loop_defer(l->op.r->hub->loop, on_deferred, l);
    return &l->op;
}

struct reg_op *
registry_catalog(struct registry *r, reg_list_cb fn, void *arg)
{
    struct list_op *l = new_op(r, REG_ASKED_CATALOG, CATALOG_N, fn, arg);

    listing_init(&l->listing, "repositories", r->name_prefix);
    l->what = xasprintf("catalog of %s", r->shown);
    l->scope = xstrdup("registry:catalog:*");
    if (r->flavour->no_catalog)
        log_debug("registry has no catalog", LOG_STR("registry", r->shown));
    else
        l->first = reg_url(r, "_catalog");
    return start(l);
}

struct reg_op *
registry_tags(struct registry *r, const char *repo, reg_list_cb fn, void *arg)
{
    struct list_op *l = new_op(r, REG_ASKED_TAGS, TAGS_N, fn, arg);
    auto_free char *name = registry_repo_name(r, repo);

    listing_init(&l->listing, "tags", NULL);
    l->what = xasprintf("tags of %s", name);
    l->scope = xasprintf("repository:%s:pull", name);
    if (ref_repo_valid(name))
        l->first = reg_url(r, "%s/tags/list", name);
    else
        err_set_code(&l->refusal, ERR_INPUT, "INVALID_NAME",
                     "not a repository name");
    return start(l);
}
