/* Events, acks, and who waits for which. */
#include "engine/tunnel/emitter.h"

#include <string.h>

#include "base/str.h"
#include "engine/tunnel/eio.h"
#include "engine/tunnel/ejson.h"

/* What Primus keeps for itself. */
static const char *const reserved[] = {
    "open", "close", "end", "error", "data", "readyStateChange", "timeout",
    "online", "offline", "reconnect", "reconnected", "reconnect scheduled",
    "reconnect timeout", "reconnect failed",
};

static bool
is_reserved(const char *name)
{
    if (str_starts(name, "incoming::") || str_starts(name, "outgoing::"))
        return true;
    for (size_t i = 0; i < N_ELEMENTS(reserved); i++) {
        if (strcmp(name, reserved[i]) == 0)
            return true;
    }
    return false;
}

static void
read_args(struct emitter_packet *out, struct ejson_iter *it)
{
    struct bytes value;

    while (out->n_args < EMITTER_MAX_ARGS && ejson_next(it, NULL, &value))
        out->args[out->n_args++] = value;
}

static int
read_name(struct emitter_packet *out, struct ejson_iter *it, struct err *err)
{
    auto_buf struct buf name = BUF_INIT(sizeof(out->name) - 1);
    struct bytes value;

    if (!ejson_next(it, NULL, &value) || ejson_text(value, &name) < 0)
        return err_set(err, ERR_INPUT, "event without a (short) name");
    memcpy(out->name, buf_cstr(&name), name.n + 1);
    if (is_reserved(out->name))
        return err_set(err, ERR_DENIED, "event name \"%s\" is reserved",
                       out->name);
    return 0;
}

/* Spans of the three members; the last of a name counts. */
static void
find_members(struct bytes packet, struct bytes *type, struct bytes *id,
             struct bytes *data)
{
    struct bytes key, value;
    struct ejson_iter it;

    ejson_iter(&it, packet);
    while (ejson_next(&it, &key, &value)) {
        if (ejson_key_is(key, "type"))
            *type = value;
        else if (ejson_key_is(key, "id"))
            *id = value;
        else if (ejson_key_is(key, "data"))
            *data = value;
    }
}

int
emitter_read(struct emitter_packet *out, struct bytes packet, struct err *err)
{
    struct bytes type = BYTES_NONE, id = BYTES_NONE, data = BYTES_NONE;
    struct ejson_iter it;
    int64_t t;

    *out = (struct emitter_packet){ 0 };
    if (ejson_type(packet) != EJ_OBJ)
        return err_set(err, ERR_INPUT, "packet is no object");
    find_members(packet, &type, &id, &data);
    t = ejson_int(type, -1);
    if (t != EMITTER_EVENT && t != EMITTER_ACK)
        return err_set(err, ERR_INPUT, "packet of unknown type");
    out->type = (enum emitter_type)t;
    out->id = id.n > 0 ? ejson_int(id, -1) : 0;
    if (out->id < 0 || (out->id == 0 && id.n > 0) ||
        (t == EMITTER_ACK && out->id == 0))
        return err_set(err, ERR_INPUT, "packet whose id is no positive number");
    if (ejson_type(data) != EJ_ARR)
        return err_set(err, ERR_INPUT, "packet whose data is no array");
    ejson_iter(&it, data);
    if (t == EMITTER_EVENT && read_name(out, &it, err) < 0)
        return -1;
    read_args(out, &it);
    return 0;
}

struct bytes
emitter_arg(const struct emitter_packet *p, size_t i)
{
    return i < p->n_args ? p->args[i] : BYTES_NONE;
}

void
emitter_begin_event(struct jw *w, struct buf *out, const char *name)
{
    eio_add_message_mark(out);
    jw_init(w, out);
    jw_obj(w);
    jw_key_int(w, "type", EMITTER_EVENT);
    jw_key(w, "data");
    jw_arr(w);
    jw_str(w, name);
}

int
emitter_end_event(struct jw *w, int64_t id)
{
    jw_end(w);
    if (id > 0)
        jw_key_int(w, "id", id);
    jw_end(w);
    return w->out->full ? -1 : 0;
}

void
emitter_begin_ack(struct jw *w, struct buf *out, int64_t id)
{
    eio_add_message_mark(out);
    jw_init(w, out);
    jw_obj(w);
    jw_key_int(w, "id", id);
    jw_key_int(w, "type", EMITTER_ACK);
    jw_key(w, "data");
    jw_arr(w);
}

int
emitter_end_ack(struct jw *w)
{
    jw_end(w);
    jw_end(w);
    return w->out->full ? -1 : 0;
}

struct pending {
    int64_t id;
    emitter_ack_cb fn;
    void *arg; /* borrows */
};

struct emitter {
    int64_t last_id;
    struct pending *pending; /* owns; in no order */
    size_t n_pending, cap, max;
};

struct emitter *
emitter_new(size_t max_pending)
{
    struct emitter *e = xnew(struct emitter);

    e->max = max_pending;
    return e;
}

void
emitter_free(struct emitter *e)
{
    if (e == NULL)
        return;
    free(e->pending);
    free(e);
}

int64_t
emitter_expect(struct emitter *e, emitter_ack_cb fn, void *arg, struct err *err)
{
    if (e->n_pending >= e->max)
        return err_set(err, ERR_BUSY, "%zu acks are waited for already",
                       e->n_pending);
    if (e->n_pending == e->cap) {
        e->cap = e->cap > 0 ? e->cap * 2 : 16;
        e->pending = xrealloc(e->pending, e->cap * sizeof(*e->pending));
    }
    e->pending[e->n_pending++] = (struct pending){ ++e->last_id, fn, arg };
    return e->last_id;
}

/* Takes the one with this id out; false: there is none. */
static bool
take(struct emitter *e, int64_t id, struct pending *out)
{
    for (size_t i = 0; i < e->n_pending; i++) {
        if (e->pending[i].id == id) {
            *out = e->pending[i];
            e->pending[i] = e->pending[--e->n_pending];
            return true;
        }
    }
    return false;
}

void
emitter_forget(struct emitter *e, int64_t id)
{
    struct pending p;

    take(e, id, &p);
}

bool
emitter_settle(struct emitter *e, const struct emitter_packet *ack)
{
    struct pending p;

    if (!take(e, ack->id, &p))
        return false;
    p.fn(ack, NULL, p.arg);
    return true;
}

void
emitter_fail_all(struct emitter *e, const struct err *err)
{
    /* A callback may forget others or ask anew: look afresh each time, and
     * leave the newcomers alone. */
    int64_t last = e->last_id;

    for (size_t i = 0; i < e->n_pending;) {
        struct pending p = e->pending[i];

        if (p.id > last) {
            i++;
            continue;
        }
        e->pending[i] = e->pending[--e->n_pending];
        p.fn(NULL, err, p.arg);
        i = 0;
    }
}

size_t
emitter_pending(const struct emitter *e)
{
    return e->n_pending;
}
