/*
 * One layer on its way to becoming a record: asked of the store, else fetched
 * and read by a worker. Scans that need the same digest board the same
 * flight; it uses the source of whoever boarded first and goes on with
 * another's when that one leaves.
 */
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/scan/scan-private.h"
#include "engine/store/layer.h"

#define HELD_MAX_BYTES (4u << 20) /* came while no worker ran */

enum flight_state {
    FLIGHT_ASKING,  /* the store, whether it knows the layer */
    FLIGHT_WAITING, /* for a worker */
    FLIGHT_RUNNING, /* bytes flow from the source to the worker */
    FLIGHT_READ,    /* all bytes came, the worker finishes */
    FLIGHT_HASHING, /* the worker is done, the rest is only hashed */
    FLIGHT_LANDED   /* told everybody, or nobody is left */
};

static const char *const state_name[] = {
    [FLIGHT_ASKING] = "asking",   [FLIGHT_WAITING] = "waiting",
    [FLIGHT_RUNNING] = "running", [FLIGHT_READ] = "read",
    [FLIGHT_HASHING] = "hashing", [FLIGHT_LANDED] = "landed",
};

struct flight {
    struct scanner *scanner; /* borrows until landed */
    struct loop *loop;       /* borrows */
    enum flight_state state;
    struct list passengers;
    struct digest key;   /* "" when unknown: nobody else may board */
    char *name;          /* owns: what others may board by; NULL: nobody may */
    struct variant *variant; /* shares */
    bool asking;         /* the store still owes us an answer */
    struct source *source; /* shares */
    size_t layer;
    struct proc *proc;     /* owns while it runs */
    struct fetch *fetch;   /* owns while it runs */
    struct record *record; /* shares */
    struct buf held;       /* bytes for a worker that has not started */
    struct digest got;     /* what came hashes to; "" not known */
    bool all_came;         /* while no worker ran */
    unsigned n_left;       /* how often somebody left */
    uint64_t n_bytes;
    struct err worker_err; /* ERR_NONE without */
};

static int start_worker(struct flight *f, struct err *err);

static void
enter(struct flight *f, enum flight_state next)
{
    log_trace("layer state", LOG_STR("layer", digest_short(&f->key)),
              LOG_STR("from", state_name[f->state]),
              LOG_STR("to", state_name[next]));
    f->state = next;
}

static void
free_flight(void *obj)
{
    struct flight *f = obj;

    record_unref(f->record);
    variant_unref(f->variant);
    buf_clear(&f->held);
    free(f->name);
    free(f);
}

/* Let go of everything; the store's answer, if owed, frees the memory. */
static void
stop(struct flight *f)
{
    if (f->fetch != NULL)
        fetch_cancel(steal(f->fetch));
    if (f->proc != NULL)
        proc_cancel(steal(f->proc));
    source_free(steal(f->source));
}

static void
land(struct flight *f)
{
    if (f->state == FLIGHT_LANDED)
        return;
    enter(f, FLIGHT_LANDED);
    stop(f);
    if (f->name != NULL && map_get_str(f->scanner->flights, f->name) == f)
        map_remove(f->scanner->flights, bytes_str(f->name));
    f->scanner->n_flights--;
    if (!f->asking)
        loop_bury(f->loop, free_flight, f);
}

/* Tell everybody and land. Any of them may do anything in its callback. */
static void
arrive(struct flight *f, const struct err *err, bool broken)
{
    struct passenger *p;
    struct err why = { 0 };

    if (err != NULL)
        why = *err;
    land(f);
    while ((p = list_first(struct passenger, link, &f->passengers)) != NULL) {
        list_remove(&p->link);
        p->flight = NULL;
        p->events->on_record(err == NULL ? f->record : NULL,
                             err != NULL ? &why : NULL, broken, p->arg);
    }
}

/* When somebody leaves in there, the others hear the next news. */
static void
tell_state(struct flight *f, enum layer_state state)
{
    unsigned n_left = f->n_left;

    list_each(struct passenger, p, link, &f->passengers)
    {
        p->events->on_state(state, f->n_bytes, p->arg);
        if (f->n_left != n_left)
            return;
    }
}

/* ---- the worker is done, and so are the bytes ---------------------------- */

static void
on_stored(const struct err *err, void *arg)
{
    (void)arg;
    if (err != NULL)
        log_warn("layer record was not kept", LOG_ERR(err));
}

/* Worth keeping when we know the digest of the very bytes it was made of. */
static void
keep_record(struct flight *f, const struct record_facts *facts)
{
    if (f->got.text[0] == '\0' || !facts->same_analyzer)
        return;
    layer_put(f->scanner->store, f->got.text, f->variant->version,
              buf_bytes(&f->record->bytes),
              f->scanner->conf->layer_cache_bytes, on_stored, NULL);
}

static void
complete(struct flight *f)
{
    struct record_facts facts;
    struct err err;

    if (f->worker_err.kind != ERR_NONE) {
        arrive(f, &f->worker_err, f->worker_err.kind == ERR_INPUT);
        return;
    }
    if (buf_check(&f->record->bytes, "its record", &err) < 0) {
        err.code = "RECORD_TOO_LARGE";
        arrive(f, &err, false);
        return;
    }
    if (record_read(&facts, buf_bytes(&f->record->bytes), f->variant->version,
                    &err) < 0) {
        arrive(f, &err, false);
        return;
    }
    f->record->digest = f->got;
    keep_record(f, &facts);
    tell_state(f, LAYER_DONE);
    if (f->state != FLIGHT_LANDED)
        arrive(f, NULL, false);
}

/* ---- bytes --------------------------------------------------------------- */

/* Into the worker; or held for one that has not started yet. */
static enum source_flow
pour(struct flight *f, struct bytes chunk)
{
    if (f->state == FLIGHT_HASHING)
        return SOURCE_MORE;
    if (f->state == FLIGHT_WAITING) {
        buf_add_bytes(&f->held, chunk);
        return SOURCE_PAUSE;
    }
    /* GONE: its exit, which is near, tells whether to go on hashing. */
    return proc_write(f->proc, chunk) == PROC_MORE ? SOURCE_MORE
                                                   : SOURCE_PAUSE;
}

static enum source_flow
on_chunk(struct bytes chunk, void *arg)
{
    struct flight *f = arg;
    enum source_flow flow = pour(f, chunk);

    f->n_bytes += chunk.n;
    tell_state(f, LAYER_PROGRESS);
    return f->state == FLIGHT_LANDED ? SOURCE_STOP : flow;
}

/* Other bytes will come: what the worker made of the first ones is void. */
static void
on_restart(void *arg)
{
    struct flight *f = arg;
    struct err err;

    if (f->proc != NULL)
        proc_cancel(steal(f->proc));
    buf_clear(&f->record->bytes);
    buf_clear(&f->held);
    err_clear(&f->worker_err);
    f->all_came = false;
    f->n_bytes = 0;
    if (start_worker(f, &err) < 0)
        arrive(f, &err, false);
}

/*
 * The end of the bytes. An error here is the truth about the layer even when
 * the worker complained first: what it read was not the layer.
 */
static void
on_end(const struct digest *digest, const struct err *err, void *arg)
{
    struct flight *f = arg;

    f->fetch = NULL;
    if (err != NULL) {
        arrive(f, err, false);
        return;
    }
    f->got = *digest;
    if (f->state == FLIGHT_HASHING) {
        complete(f);
    } else if (f->state == FLIGHT_WAITING) {
        f->all_came = true;
    } else {
        enter(f, FLIGHT_READ);
        proc_finish(f->proc);
    }
}

static const struct fetch_events fetch_events = {
    .on_chunk = on_chunk, .on_end = on_end, .on_restart = on_restart,
};

/* ---- the worker ---------------------------------------------------------- */

/* A new worker after on_restart: first what came meanwhile. */
static void
go_on(struct flight *f)
{
    bool more = f->held.n == 0 ||
                proc_write(f->proc, buf_bytes(&f->held)) == PROC_MORE;

    buf_clear(&f->held);
    if (f->all_came) {
        enter(f, FLIGHT_READ);
        proc_finish(f->proc);
    } else if (more) {
        fetch_resume(f->fetch);
    }
}

static void
on_start(void *arg)
{
    struct flight *f = arg;
    struct err err;

    enter(f, FLIGHT_RUNNING);
    if (f->fetch != NULL || f->all_came) {
        go_on(f);
        return;
    }
    tell_state(f, LAYER_STARTED);
    if (f->state == FLIGHT_LANDED)
        return;
    f->fetch = source_fetch(f->source, f->layer, &fetch_events, f, &err);
    if (f->fetch == NULL)
        arrive(f, &err, false);
}

static void
on_drain(void *arg)
{
    struct flight *f = arg;

    if (f->fetch != NULL)
        fetch_resume(f->fetch);
}

static void
on_output(struct bytes chunk, void *arg)
{
    struct flight *f = arg;

    buf_add_bytes(&f->record->bytes, chunk);
}

/*
 * A worker that ends before its input does has seen enough, or has failed.
 * Broken bytes may be the transfer's fault: the digest at their end decides,
 * where there is one to compare with. Any other failure needs no more bytes.
 */
static bool
must_go_on_hashing(const struct flight *f)
{
    if (f->fetch == NULL || source_layer_args(f->source, f->layer) != NULL)
        return false;
    return f->worker_err.kind == ERR_NONE ||
           (f->worker_err.kind == ERR_INPUT && f->key.text[0] != '\0');
}

static void
on_worker_end(const struct err *err, void *arg)
{
    struct flight *f = arg;

    f->proc = NULL;
    if (err != NULL)
        f->worker_err = *err;
    if (must_go_on_hashing(f)) {
        enter(f, FLIGHT_HASHING);
        fetch_resume(f->fetch);
    } else {
        complete(f);
    }
}

static const struct proc_events proc_events = {
    .on_start = on_start,
    .on_output = on_output,
    .on_drain = on_drain,
    .on_exit = on_worker_end,
};

/* Ceilings, which part of an archive it is, and the variant; NULL-terminated,
 * the caller frees the array. */
static const char **
make_args(const struct flight *f)
{
    const struct worker_args *limits = &f->scanner->args;
    const char *const *part = source_layer_args(f->source, f->layer);
    size_t n = 0, n_part = 0;
    const char **args;

    while (part != NULL && part[n_part] != NULL)
        n_part++;
    args = xcalloc(limits->n + n_part + f->variant->n_args + 2, sizeof(*args));
    for (size_t i = 0; i < limits->n; i++)
        args[n++] = limits->at[i];
    /* Part of a compressed archive: no other digest tells what it is. */
    if (part != NULL)
        args[n++] = "--diff-id";
    for (size_t i = 0; i < n_part; i++)
        args[n++] = part[i];
    for (size_t i = 0; i < f->variant->n_args; i++)
        args[n++] = f->variant->args[i];
    return args;
}

static int
start_worker(struct flight *f, struct err *err)
{
    auto_free const char **args = make_args(f);

    enter(f, FLIGHT_WAITING);
    f->proc = proc_start(f->scanner->pool, PROC_LAYER, args, &proc_events, f,
                         err);
    return f->proc != NULL ? 0 : -1;
}

/* ---- the store ----------------------------------------------------------- */

static bool
take_known(struct flight *f, struct bytes record)
{
    struct record_facts facts;
    struct err err;

    if (record.n == 0)
        return false;
    buf_reset(&f->record->bytes);
    if (buf_add_bytes(&f->record->bytes, record) < 0 ||
        record_read(&facts, record, f->variant->version, &err) < 0 ||
        !facts.same_analyzer) {
        log_warn("kept layer record is unusable",
                 LOG_STR("layer", f->key.text));
        buf_clear(&f->record->bytes);
        return false;
    }
    f->record->digest = f->key;
    return true;
}

static void
on_asked(struct bytes record, const struct err *err, void *arg)
{
    struct flight *f = arg;
    struct err why;

    f->asking = false;
    if (f->state == FLIGHT_LANDED) {
        loop_bury(f->loop, free_flight, f);
        return;
    }
    if (err != NULL)
        log_warn("store does not answer for a layer", LOG_ERR(err));
    else if (take_known(f, record)) {
        tell_state(f, LAYER_KNOWN);
        if (f->state != FLIGHT_LANDED)
            arrive(f, NULL, false);
        return;
    }
    if (start_worker(f, &why) < 0)
        arrive(f, &why, false);
}

/* ---- boarding and leaving ------------------------------------------------ */

static void
sit_down(struct flight *f, struct passenger *p)
{
    p->flight = f;
    list_append(&f->passengers, &p->link);
}

static struct flight *
flight_new(struct scanner *s, const struct passenger *p, char *name)
{
    struct flight *f = xnew(struct flight);

    f->scanner = s;
    f->loop = s->loop;
    list_init(&f->passengers);
    f->key = p->layer_info->digest;
    f->name = name;
    f->variant = variant_ref(p->variant);
    f->source = source_ref(p->source);
    f->layer = p->layer;
    f->record = record_new();
    buf_init(&f->held, HELD_MAX_BYTES);
    s->n_flights++;
    return f;
}

/* Same bytes, same variant: same record. The caller owns the name. */
static char *
flight_name(const struct passenger *p)
{
    const char *digest = p->layer_info->digest.text;

    return *digest != '\0' ? xasprintf("%s %s", digest, p->variant->version)
                           : NULL;
}

int
flight_board(struct scanner *s, struct passenger *p, struct err *err)
{
    const struct digest *key = &p->layer_info->digest;
    auto_free char *name = flight_name(p);
    struct flight *f = name != NULL ? map_get_str(s->flights, name) : NULL;

    if (f != NULL) {
        sit_down(f, p);
        return 0;
    }
    f = flight_new(s, p, steal(name));
    if (f->name == NULL) {
        if (start_worker(f, err) < 0) {
            land(f);
            return -1;
        }
        sit_down(f, p);
        return 0;
    }
    map_put_str(s->flights, f->name, f);
    sit_down(f, p);
    f->asking = true;
    layer_get(s->store, key->text, f->variant->version, on_asked, f);
    return 0;
}

/* The source's owner leaves and somebody stays: begin anew with theirs. */
static void
change_source(struct flight *f)
{
    struct passenger *p = list_first(struct passenger, link, &f->passengers);
    bool begun = f->state != FLIGHT_ASKING;
    struct err err;

    if (p->source == f->source)
        return;
    stop(f);
    f->source = source_ref(p->source);
    f->layer = p->layer;
    buf_clear(&f->record->bytes);
    buf_clear(&f->held);
    err_clear(&f->worker_err);
    f->all_came = false;
    f->n_bytes = 0;
    if (begun && start_worker(f, &err) < 0)
        arrive(f, &err, false);
}

void
flight_leave(struct passenger *p)
{
    struct flight *f = p->flight;

    if (f == NULL)
        return;
    list_remove(&p->link);
    p->flight = NULL;
    f->n_left++;
    if (list_is_empty(&f->passengers))
        land(f);
    else if (p->source == f->source)
        change_source(f);
}
