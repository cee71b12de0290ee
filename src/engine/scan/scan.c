/*
 * One scan: learn what the image is, have a record of each layer, assemble.
 * How a layer becomes a record lives in layer-flight.c.
 */
#include "engine/scan/scan.h"

#include <string.h>

#include "base/clock.h"
#include "base/json/jx.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/scan/scan-private.h"

#define OPTIONS_MAX_BYTES (1u << 20)

enum scan_state { SCAN_OPENING, SCAN_READING, SCAN_ASSEMBLING, SCAN_OVER };

static const char *const state_name[] = {
    [SCAN_OPENING] = "opening",
    [SCAN_READING] = "reading",
    [SCAN_ASSEMBLING] = "assembling",
    [SCAN_OVER] = "over",
};

/* One layer of this scan. */
struct seat {
    struct scan *scan; /* borrows */
    size_t layer;
    struct passenger passenger;
    struct record *record; /* shares; NULL as long as there is none */
};

struct scan {
    struct link link;        /* in the scanner's list */
    struct scanner *scanner; /* borrows */
    enum scan_state state;
    const struct scan_events *events; /* borrows */
    void *arg;
    bool compat;
    struct jx *options;    /* owns; without credentials; NULL: none */
    struct variant *variant; /* shares */
    struct buf dockerfile; /* its text; p NULL without one */
    struct source *source; /* shares */
    const struct source_image *image; /* borrows from source */
    struct seat *seats;    /* owns; one for each layer */
    size_t next;           /* the first layer not yet begun */
    size_t n_active;       /* layers aboard a flight */
    size_t n_dropped;      /* broken, left out */
    uint64_t record_bytes; /* of all records */
    struct assembly *assembly; /* owns while it runs */
    size_t n_results;
    uint64_t start_ms;
};

static void board_more(struct scan *scan);

static void
enter(struct scan *scan, enum scan_state next)
{
    log_debug("scan state", LOG_STR("from", state_name[scan->state]),
              LOG_STR("to", state_name[next]));
    scan->state = next;
}

/* ---- the end ------------------------------------------------------------- */

static void
free_scan(void *obj)
{
    struct scan *scan = obj;

    jx_free(scan->options);
    variant_unref(scan->variant);
    buf_clear(&scan->dockerfile);
    free(scan->seats);
    free(scan);
}

/* Let go of everything that runs or is large. */
static void
stop(struct scan *scan)
{
    for (size_t i = 0; scan->seats != NULL && i < scan->image->n_layers; i++) {
        flight_leave(&scan->seats[i].passenger);
        record_unref(scan->seats[i].record);
        scan->seats[i].record = NULL;
    }
    if (scan->assembly != NULL)
        assembly_cancel(steal(scan->assembly));
    source_free(steal(scan->source));
}

void
scan_cancel(struct scan *scan)
{
    if (scan->state == SCAN_OVER)
        return;
    enter(scan, SCAN_OVER);
    list_remove(&scan->link);
    stop(scan);
    loop_bury(scan->scanner->loop, free_scan, scan);
}

static void
finish(struct scan *scan, const struct err *err)
{
    struct err why;

    if (scan->state == SCAN_OVER)
        return;
    if (err != NULL)
        why = *err; /* it may lie in what is stopped now */
    scan_cancel(scan);
    log_debug("scan ends", LOG_INT("results", scan->n_results),
              LOG_MS("took", clock_now_ms() - scan->start_ms),
              LOG_ERR(err != NULL ? &why : NULL));
    scan->events->on_done(err == NULL ? scan->n_results : 0,
                          err != NULL ? &why : NULL, scan->arg);
}

void
scan_free_all(struct scanner *s)
{
    list_each(struct scan, scan, link, &s->scans)
        scan_cancel(scan);
}

/* ---- assembling ---------------------------------------------------------- */

static void
on_result(struct bytes json, void *arg)
{
    struct scan *scan = arg;
    size_t index = scan->n_results++;

    if (scan->events->on_result != NULL)
        scan->events->on_result(index, json, scan->arg);
}

static void
on_assembled(const struct err *err, void *arg)
{
    struct scan *scan = arg;

    scan->assembly = NULL;
    finish(scan, err);
}

static const struct assembly_events assembly_events = {
    .on_result = on_result, .on_end = on_assembled,
};

/* What a layer's plain bytes hash to, as far as we know; "" otherwise. */
static int
diff_id_of(const struct scan *scan, const struct record *r,
           struct digest *out, struct err *err)
{
    struct record_facts facts;

    if (record_read(&facts, buf_bytes(&r->bytes), scan->variant->version,
                    err) < 0)
        return -1;
    *out = facts.diff_id.text[0] == '\0' && facts.is_plain ? r->digest
                                                           : facts.diff_id;
    return 0;
}

/*
 * Docker archives name no digest of their layers, but the config has one of
 * each when uncompressed: a layer that is another one's is found by it.
 */
static int
check_diff_ids(const struct scan *scan, struct err *err)
{
    const struct source_image *image = scan->image;
    auto_jx struct jx *config =
        jx_parse_lossy(bytes_of(image->config, image->config_n),
                       image->config_n, NULL);
    const struct jx *ids = jx_arr(jx_obj(config, "rootfs"), "diff_ids");

    if (scan->compat || jx_count(ids) != image->n_layers)
        return 0;
    for (size_t i = 0; i < image->n_layers; i++) {
        const struct record *r = scan->seats[i].record;
        const char *want = jx_str_value(jx_at(ids, i));
        struct digest got;

        if (r == NULL || want == NULL)
            continue;
        if (diff_id_of(scan, r, &got, err) < 0)
            return -1;
        if (got.text[0] != '\0' && strcmp(got.text, want) != 0)
            return err_set_code(err, ERR_INPUT, "DIGEST_MISMATCH",
                                "layer %s: its content is %s, but the config "
                                "says %.100s",
                                image->layers[i].name, got.text, want);
    }
    return 0;
}

static void
assemble(struct scan *scan)
{
    size_t n = scan->image->n_layers;
    auto_free struct record **records = xcalloc(n, sizeof(*records));
    struct assembly_spec spec = {
        .image = scan->image,
        .options = scan->options,
        .dockerfile = buf_bytes(&scan->dockerfile),
        .compat = scan->compat,
        .records = records,
    };
    struct err err;

    if (check_diff_ids(scan, &err) < 0) {
        finish(scan, &err);
        return;
    }
    enter(scan, SCAN_ASSEMBLING);
    for (size_t i = 0; i < n; i++)
        records[i] = scan->seats[i].record;
    scan->assembly = assembly_start(scan->scanner, &spec, &assembly_events,
                                    scan, &err);
    if (scan->assembly == NULL)
        finish(scan, &err);
}

/* ---- layers -------------------------------------------------------------- */

static void
tell_layer(struct scan *scan, size_t layer, enum layer_state state,
           uint64_t n_bytes)
{
    const struct source_layer *l = &scan->image->layers[layer];
    /* Of a compressed archive all is read, however small the layer. */
    bool is_part = source_layer_args(scan->source, layer) != NULL;

    if (scan->events->on_layer != NULL)
        scan->events->on_layer(layer, scan->image->n_layers,
                               l->digest.text[0] != '\0' ? l->digest.text
                                                         : l->name,
                               state, n_bytes, is_part ? 0 : l->size,
                               scan->arg);
}

static void
on_state(enum layer_state state, uint64_t n_bytes, void *arg)
{
    struct seat *seat = arg;

    tell_layer(seat->scan, seat->layer, state, n_bytes);
}

static void
fail_layer(struct seat *seat, const struct err *err)
{
    struct err why = *err;

    err_wrap(&why, "layer %s", seat->scan->image->layers[seat->layer].name);
    finish(seat->scan, &why);
}

/* scan-facts.md §18: one of several broken layers vanishes without a word,
 * but not all of them. */
static bool
may_drop(struct scan *scan, bool broken)
{
    size_t n = 0;

    if (!broken || !scan->image->drop_broken)
        return false;
    for (size_t i = 0; i < scan->image->n_layers; i++)
        n += !scan->image->layers[i].foreign;
    return scan->n_dropped + 1 < n;
}

static void
on_record(struct record *record, const struct err *err, bool broken, void *arg)
{
    struct seat *seat = arg;
    struct scan *scan = seat->scan;
    struct err large;

    scan->n_active--;
    if (err != NULL && !may_drop(scan, broken)) {
        fail_layer(seat, err);
        return;
    }
    if (err != NULL) {
        scan->n_dropped++;
        log_warn("broken layer is left out", LOG_ERR(err));
    } else {
        seat->record = record_ref(record);
        scan->record_bytes += record->bytes.n;
    }
    if (scan->record_bytes > RECORDS_MAX_BYTES) {
        err_set_code(&large, ERR_LIMIT, "RECORD_TOO_LARGE",
                     "the records of all layers have more than %llu bytes",
                     (unsigned long long)RECORDS_MAX_BYTES);
        finish(scan, &large);
        return;
    }
    board_more(scan);
}

static const struct passenger_events passenger_events = {
    .on_state = on_state, .on_record = on_record,
};

static int
board(struct scan *scan, size_t layer, struct err *err)
{
    struct seat *seat = &scan->seats[layer];
    struct passenger *p = &seat->passenger;

    p->source = scan->source;
    p->layer = layer;
    p->layer_info = &scan->image->layers[layer];
    p->variant = scan->variant;
    p->events = &passenger_events;
    p->arg = seat;
    scan->n_active++;
    return flight_board(scan->scanner, p, err);
}

/*
 * Begin as many layers as there may be workers, in the manifest's order: the
 * line for workers stays short, and a scan that comes later gets its turn.
 */
static void
board_more(struct scan *scan)
{
    struct err err;

    while (scan->next < scan->image->n_layers &&
           scan->n_active < scan->scanner->conf->max_active) {
        size_t layer = scan->next++;

        if (scan->image->layers[layer].foreign)
            continue;
        if (board(scan, layer, &err) < 0) {
            fail_layer(&scan->seats[layer], &err);
            return;
        }
    }
    if (scan->n_active == 0)
        assemble(scan);
}

/* ---- the image ----------------------------------------------------------- */

static void
on_image(const struct source_image *image, const struct err *err, void *arg)
{
    struct scan *scan = arg;

    if (err != NULL) {
        finish(scan, err);
        return;
    }
    scan->image = image;
    scan->seats = xcalloc(image->n_layers, sizeof(*scan->seats));
    for (size_t i = 0; i < image->n_layers; i++) {
        scan->seats[i].scan = scan;
        scan->seats[i].layer = i;
    }
    enter(scan, SCAN_READING);
    if (scan->events->on_image != NULL)
        scan->events->on_image(image, scan->arg);
    if (scan->state != SCAN_OVER)
        board_more(scan);
}

static const struct source_events source_events = { .on_image = on_image };

/*
 * Options as the image worker gets them: what it needs no more and must never
 * see is taken out.
 */
static int
read_options(struct scan *scan, const char *text, struct err *err)
{
    if (text == NULL)
        return 0;
    scan->options = jx_parse(bytes_str(text), OPTIONS_MAX_BYTES, err);
    if (scan->options == NULL)
        return err_wrap(err, "options");
    if (!jx_is_obj(scan->options))
        return err_set(err, ERR_INPUT, "options: not a JSON object");
    jx_unset(scan->options, "username");
    jx_unset(scan->options, "password");
    return 0;
}

static int
read_platform(struct source_spec *spec, const struct jx *options,
              struct err *err)
{
    const char *text = jx_str(options, "platform");

    if (spec->has_platform || str_is_empty(text))
        return 0;
    spec->has_platform = true;
    return platform_parse(&spec->platform, text, err);
}

/* As text, for it travels in JSON. */
static int
keep_dockerfile(struct scan *scan, struct bytes text, struct err *err)
{
    buf_init(&scan->dockerfile, 3 * DOCKERFILE_MAX_BYTES);
    if (text.p == NULL)
        return 0;
    if (text.n > DOCKERFILE_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "Dockerfile: more than %u bytes",
                       DOCKERFILE_MAX_BYTES);
    buf_room(&scan->dockerfile, 1); /* an empty one is there, too */
    utf8_add_lossy(&scan->dockerfile, text);
    return 0;
}

static int
begin(struct scan *scan, const struct scan_request *req, struct err *err)
{
    struct scanner *s = scan->scanner;
    struct source_spec spec = req->source;

    if (read_options(scan, req->options, err) < 0 ||
        read_platform(&spec, scan->options, err) < 0)
        return -1;
    scan->variant = variant_new(scan->options, err);
    if (scan->variant == NULL ||
        keep_dockerfile(scan, req->dockerfile, err) < 0)
        return -1;
    spec.compat = req->compat;
    spec.worker_args = s->args.at;
    scan->source = source_open(s->loop, s->pool, &spec, &source_events, scan,
                               err);
    return scan->source != NULL ? 0 : -1;
}

struct scan *
scan_start(struct scanner *s, const struct scan_request *req,
           const struct scan_events *events, void *arg, struct err *err)
{
    struct scan *scan = xnew(struct scan);

    scan->scanner = s;
    scan->events = events;
    scan->arg = arg;
    scan->compat = req->compat;
    scan->start_ms = clock_now_ms();
    if (begin(scan, req, err) < 0) {
        free_scan(scan);
        return NULL;
    }
    list_append(&s->scans, &scan->link);
    return scan;
}
