/* Flights with a source of our own: what comes when the source begins anew. */
#include "scan-rig.h"

#include "engine/source/source-private.h"

/* A source that gives pieces on demand of the test. */
struct hand_source {
    struct source source; /* first */
    struct fetch fetch;
    const struct fetch_events *events;
    void *arg;
    bool fetching, paused;
    unsigned n_fetches, n_cancelled;
};

struct rider {
    struct passenger p;
    struct record *record;
    struct err err;
    unsigned answers;
    struct variant *variant; /* owns */
};

static struct hand_source *of_fetch;

static void
hand_resume(struct fetch *f)
{
    (void)f;
    of_fetch->paused = false;
}

static void
hand_cancel(struct fetch *f)
{
    (void)f;
    of_fetch->fetching = false;
    of_fetch->n_cancelled++;
}

static const struct fetch_ops hand_fetch_ops = { .resume = hand_resume,
                                                 .cancel = hand_cancel };

static struct fetch *
hand_fetch(struct source *s, size_t layer, const struct fetch_events *events,
           void *arg, struct err *err)
{
    struct hand_source *h = (struct hand_source *)s;

    (void)layer, (void)err;
    h->fetch.ops = &hand_fetch_ops;
    h->events = events;
    h->arg = arg;
    h->fetching = true;
    h->n_fetches++;
    of_fetch = h;
    return &h->fetch;
}

static const struct source_ops hand_ops = { .fetch = hand_fetch };

static void
on_state(enum layer_state state, uint64_t n_bytes, void *arg)
{
    (void)state, (void)n_bytes, (void)arg;
}

static void
on_record(struct record *record, const struct err *err, bool broken, void *arg)
{
    struct rider *rider = arg;

    (void)broken;
    rider->answers++;
    if (record != NULL)
        rider->record = record_ref(record);
    if (err != NULL)
        rider->err = *err;
}

static const struct passenger_events rider_events = { .on_state = on_state,
                                                      .on_record = on_record };

static void
ride(struct scan_rig *r, struct hand_source *h, struct rider *rider,
     struct source_layer *layer, const char *content)
{
    struct err err;

    memset(h, 0, sizeof(*h));
    memset(rider, 0, sizeof(*rider));
    memset(layer, 0, sizeof(*layer));
    h->source.ops = &hand_ops;
    h->source.n_refs = 1;
    h->source.loop = r->loop;
    h->source.image.layers = layer;
    h->source.image.n_layers = 1;
    layer->digest = digest_of(bytes_str(content));
    rider->variant = variant_new(NULL, &err);
    rider->p = (struct passenger){ .variant = rider->variant,
                                   .source = &h->source,
                                   .layer_info = layer,
                                   .events = &rider_events,
                                   .arg = rider };
    cr_assert_eq(flight_board(r->scanner, &rider->p, &err), 0);
}

static void
give(struct hand_source *h, const char *text)
{
    cr_assert(h->fetching && !h->paused);
    if (h->events->on_chunk(bytes_str(text), h->arg) == SOURCE_PAUSE)
        h->paused = true;
}

static void
give_end(struct hand_source *h, const char *content)
{
    struct digest d = digest_of(bytes_str(content));

    h->fetching = false;
    h->events->on_end(&d, NULL, h->arg);
}

Test(flight, after_a_restart_only_the_new_bytes_count)
{
    struct scan_rig r;
    struct hand_source h;
    struct rider rider;
    struct source_layer layer;

    rig_start(&r);
    ride(&r, &h, &rider, &layer, "good layer");
    turn_until(r.loop, h.fetching);
    give(&h, "bad bytes");
    h.events->on_restart(h.arg);
    h.paused = false; /* a restart ends a pause */
    /* The new worker has not started yet: one piece is held, then we wait. */
    give(&h, "good ");
    cr_expect(h.paused);
    turn_until(r.loop, !h.paused);
    give(&h, "layer");
    give_end(&h, "good layer");
    turn_until(r.loop, rider.answers > 0);
    cr_assert_not_null(rider.record, "%s", rider.err.text);
    cr_expect_lt(bytes_find_str(buf_bytes(&rider.record->bytes),
                                "\"p\":\"good layer\""),
                 rider.record->bytes.n);
    cr_expect_eq(h.n_fetches, 1);
    record_unref(rider.record);
    variant_unref(rider.variant);
    rig_stop(&r);
}

Test(flight, a_worker_that_fails_on_bytes_later_called_back_does_not_matter)
{
    struct scan_rig r;
    struct hand_source h;
    struct rider rider;
    struct source_layer layer;

    rig_start(&r);
    rig_write(&r, "early", ""); /* the worker reads five bytes and judges */
    ride(&r, &h, &rider, &layer, "good layer");
    turn_until(r.loop, h.fetching);
    give(&h, "BROKE");
    rig_write(&r, "early", "");
    /* Wait for its verdict: its call is written before it reads. */
    give(&h, "N");
    h.events->on_restart(h.arg);
    h.paused = false;
    give(&h, "good layer");
    give_end(&h, "good layer");
    turn_until(r.loop, rider.answers > 0);
    cr_assert_not_null(rider.record, "%s", rider.err.text);
    record_unref(rider.record);
    variant_unref(rider.variant);
    rig_stop(&r);
}

Test(flight, the_last_one_to_leave_ends_it)
{
    struct scan_rig r;
    struct hand_source h;
    struct rider rider;
    struct source_layer layer;

    rig_start(&r);
    ride(&r, &h, &rider, &layer, "x");
    turn_until(r.loop, h.fetching);
    cr_expect_eq(r.scanner->n_flights, 1);
    flight_leave(&rider.p);
    cr_expect_eq(h.n_cancelled, 1);
    cr_expect_eq(r.scanner->n_flights, 0);
    cr_expect_eq(map_count(r.scanner->flights), 0);
    flight_leave(&rider.p); /* nothing happens */
    cr_expect_eq(rider.answers, 0);
    cr_expect_eq(h.source.n_refs, 1);
    variant_unref(rider.variant);
    rig_stop(&r);
}

Test(flight, a_source_that_fails_is_the_reason)
{
    struct scan_rig r;
    struct hand_source h;
    struct rider rider;
    struct source_layer layer;
    struct err err;

    rig_start(&r);
    ride(&r, &h, &rider, &layer, "x");
    turn_until(r.loop, h.fetching);
    give(&h, "x");
    err_set(&err, ERR_NET, "connection reset");
    h.fetching = false;
    h.events->on_end(NULL, &err, h.arg);
    cr_expect_eq(rider.answers, 1);
    cr_expect_eq(rider.err.kind, ERR_NET);
    cr_expect_eq(r.scanner->n_flights, 0);
    variant_unref(rider.variant);
    rig_stop(&r);
}
