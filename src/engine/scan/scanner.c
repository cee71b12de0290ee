/* What scans share: the pool of workers and its ceilings, the store, and the
 * flights of layers. */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "engine/scan/scan-private.h"

#define WAITING_MAX 16384 /* starts in line; a scan has few at once */

static void
add_arg(struct worker_args *a, const char *name, uint64_t value, size_t slot)
{
    snprintf(a->text[slot], sizeof(a->text[slot]), "%" PRIu64, value);
    a->at[a->n++] = name;
    a->at[a->n++] = a->text[slot];
}

/* The ceilings of records.md, "Limits". */
static void
set_args(struct worker_args *a, const struct conf *c)
{
    add_arg(a, "--plain-limit", c->layer_plain_limit_bytes, 0);
    add_arg(a, "--ratio-limit", c->layer_ratio_limit, 1);
    add_arg(a, "--entries-limit", c->layer_entries_limit, 2);
    add_arg(a, "--path-limit", c->path_limit_bytes, 3);
    add_arg(a, "--product-limit", c->product_limit_bytes, 4);
    add_arg(a, "--nesting-limit", c->nesting_limit, 5);
    add_arg(a, "--memory-limit", c->worker_memory_bytes, 6);
    add_arg(a, "--cpu-limit", c->worker_cpu_s, 7);
}

struct scanner *
scanner_new(struct loop *loop, const struct conf *conf, struct proc_pool *pool,
            struct store *store, struct err *err)
{
    struct scanner *s = xnew(struct scanner);

    (void)err;
    s->loop = loop;
    s->conf = conf;
    s->pool = pool;
    s->store = store;
    set_args(&s->args, conf);
    list_init(&s->scans);
    s->flights = map_new();
    return s;
}

void
scanner_free(struct scanner *s)
{
    if (s == NULL)
        return;
    scan_free_all(s);
    map_free(s->flights);
    free(s);
}

struct proc_pool *
scanner_pool_new(struct loop *loop, const struct conf *conf, struct err *err)
{
    struct proc_pool_conf pool = {
        .worker_path = conf->worker_path,
        .max_active = conf->max_active,
        .max_waiting = WAITING_MAX,
        .idle_timeout_ms = conf->worker_idle_ms,
    };

    return proc_pool_new(loop, &pool, err);
}
