/* What all registries of a process share, and what was learned of each. */
#include <stdlib.h>

#include "base/str.h"
#include "engine/registry/registry-private.h"

#define KNOWN_MAX      1024
#define BACKOFF_MS     1000
#define STALL_MS       (60 * 1000)

struct reg_hub *
reg_hub_new(struct loop *loop, const struct conf *conf, struct httpc *httpc,
            struct err *err)
{
    struct reg_hub *hub = xnew(struct reg_hub);

    (void)err; /* nothing here can fail today */
    hub->loop = loop;
    hub->conf = conf;
    hub->httpc = httpc;
    hub->backoff_ms = BACKOFF_MS;
    hub->stall_ms = STALL_MS;
    hub->tokens = tokens_new(hub);
    hub->gates = gates_new(loop);
    list_init(&hub->known);
    return hub;
}

static void
forget(struct reg_hub *hub, struct known *k)
{
    list_remove(&k->link);
    hub->n_known--;
    free(k->realm);
    free(k->service);
    free(k);
}

void
reg_hub_free(struct reg_hub *hub)
{
    if (hub == NULL)
        return;
    tokens_free(hub->tokens);
    gates_free(hub->gates);
    list_each(struct known, k, link, &hub->known)
        forget(hub, k);
    free(hub);
}

/* The one asked for moves to the end: what is long unused leaves first. */
struct known *
reg_known(const struct registry *r)
{
    struct reg_hub *hub = r->hub;
    struct known *k;

    list_each(struct known, each, link, &hub->known)
    {
        if (str_eq(each->key, r->key)) {
            list_remove(&each->link);
            list_append(&hub->known, &each->link);
            return each;
        }
    }
    if (hub->n_known >= KNOWN_MAX)
        forget(hub, list_first(struct known, link, &hub->known));
    k = xnew(struct known);
    memcpy(k->key, r->key, sizeof(k->key));
    list_append(&hub->known, &k->link);
    hub->n_known++;
    return k;
}
