/* Callback bodies, and what is left out of a result that is too large. */
#include "role/agent/envelope.h"

#include "base/json/jw.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "role/agent/fault.h"
#include "role/agent/skim.h"

#define FACTS_MAX          64
#define WARNINGS_MAX_BYTES (1u << 20)

/* Facts that may be left out, the first one first. */
static const char *const droppable[] = { "applicationFiles",
                                         "imageManifestFiles" };

struct fact {
    struct bytes text; /* the whole object */
    struct bytes type;
    struct bytes data;
    bool dropped;
};

/* A result taken apart; all borrowed from its text. */
struct parts {
    struct bytes head; /* up to the bracket that opens the facts */
    struct bytes tail; /* from the one that closes them */
    struct fact facts[FACTS_MAX];
    size_t n;
};

static bool
read_fact(struct fact *fact, struct bytes text)
{
    struct skim s;
    struct bytes key, value;
    enum skim_step step;

    *fact = (struct fact){ .text = text };
    if (!skim_enter(&s, text))
        return false;
    while ((step = skim_member(&s, &key, &value)) == SKIM_ITEM) {
        if (bytes_is(key, "type") && value.n >= 2)
            fact->type = bytes_of(value.p + 1, value.n - 2);
        else if (bytes_is(key, "data"))
            fact->data = value;
    }
    return step == SKIM_END;
}

static bool
read_facts(struct parts *parts, struct bytes result, struct bytes facts)
{
    struct skim s;
    struct bytes text;
    enum skim_step step;

    parts->head = bytes_of(result.p, (size_t)(facts.p - result.p) + 1);
    parts->tail = bytes_from(result, parts->head.n + facts.n - 2);
    if (!skim_enter(&s, facts) || facts.p[0] != '[')
        return false;
    while ((step = skim_item(&s, &text)) == SKIM_ITEM) {
        if (parts->n == FACTS_MAX || !read_fact(&parts->facts[parts->n], text))
            return false;
        parts->n++;
    }
    return step == SKIM_END;
}

static bool
take_apart(struct parts *parts, struct bytes result)
{
    struct skim s;
    struct bytes key, value;

    parts->n = 0;
    if (!skim_enter(&s, result))
        return false;
    while (skim_member(&s, &key, &value) == SKIM_ITEM) {
        if (bytes_is(key, "facts"))
            return read_facts(parts, result, value);
    }
    return false;
}

/* How many bytes the result has without what was dropped. */
static size_t
drop_facts(struct parts *parts, const char *type, size_t n_bytes)
{
    for (size_t i = 0; i < parts->n; i++) {
        struct fact *f = &parts->facts[i];

        if (!f->dropped && bytes_is(f->type, type)) {
            f->dropped = true;
            n_bytes -= f->text.n;
        }
    }
    return n_bytes;
}

/* {"type":"array","countAboveLimit":n}, as the scanner tells truncation. */
static void
tell_dropped(struct jx *data, const struct fact *fact)
{
    auto_free char *type = bytes_dup(fact->type);
    struct jx *all = jx_obj(data, "truncatedFacts");
    struct jx *one = jx_new_obj();

    if (all == NULL) {
        all = jx_new_obj();
        jx_set(data, "truncatedFacts", all);
    }
    jx_set_str(one, "type", "array");
    jx_set_int(one, "countAboveLimit", (int64_t)skim_count(fact->data));
    jx_set(all, type, one);
}

/* The warnings the result has already, or none yet; the caller owns them. */
static struct jx *
take_warnings(struct parts *parts)
{
    struct jx *data = NULL;

    for (size_t i = 0; i < parts->n && data == NULL; i++) {
        struct fact *f = &parts->facts[i];

        if (f->dropped || !bytes_is(f->type, "pluginWarnings"))
            continue;
        data = jx_parse(f->data, WARNINGS_MAX_BYTES, NULL);
        f->dropped = jx_is_obj(data);
    }
    if (jx_is_obj(data))
        return data;
    jx_free(data);
    return jx_new_obj();
}

static void
add_fact(struct buf *out, bool *comma, struct bytes text)
{
    if (*comma)
        buf_add_char(out, ',');
    buf_add_bytes(out, text);
    *comma = true;
}

static void
put_together(struct buf *out, const struct parts *parts,
             const struct jx *warnings)
{
    bool comma = false;

    buf_add_bytes(out, parts->head);
    for (size_t i = 0; i < parts->n; i++) {
        if (!parts->facts[i].dropped)
            add_fact(out, &comma, parts->facts[i].text);
    }
    add_fact(out, &comma, bytes_str("{\"type\":\"pluginWarnings\",\"data\":"));
    jx_write(warnings, out);
    buf_add_char(out, '}');
    buf_add_bytes(out, parts->tail);
}

/* The result without its files, as far as needed, and with a word on it. */
static void
add_without_files(struct buf *out, struct bytes result)
{
    struct parts *parts = xnew(struct parts);
    auto_jx struct jx *warnings = NULL;
    size_t n = result.n;

    if (!take_apart(parts, result)) {
        free(parts);
        buf_add_bytes(out, result);
        return;
    }
    for (size_t i = 0; i < N_ELEMENTS(droppable); i++) {
        if (n > ENVELOPE_FILES_BYTES)
            n = drop_facts(parts, droppable[i], n);
    }
    warnings = take_warnings(parts);
    for (size_t i = 0; i < parts->n; i++) {
        const struct fact *f = &parts->facts[i];

        if (f->dropped && !bytes_is(f->type, "pluginWarnings"))
            tell_dropped(warnings, f);
    }
    if (n < result.n)
        put_together(out, parts, warnings);
    else
        buf_add_bytes(out, result);
    free(parts);
}

static void
add_context(struct jw *w, const struct envelope *e)
{
    jw_key_str(w, "id", e->id);
    if (e->context != NULL) {
        jw_key(w, "context");
        jw_raw(w, bytes_str(e->context));
    }
    jw_key_str(w, "image", e->image);
}

int
envelope_result(struct buf *out, const struct envelope *e, size_t index,
                struct bytes result, struct err *err)
{
    struct jw w;

    if (!skim_is_object(result))
        return err_set(err, ERR_INTERNAL, "scan result %zu is no JSON object",
                       index);
    buf_init(out, ENVELOPE_MAX_BYTES - ENVELOPE_CLOSE_BYTES);
    jw_init(&w, out);
    jw_obj(&w);
    add_context(&w, e);
    jw_key_str(&w, "registry", e->registry);
    jw_key_opt(&w, "manifestDigest", e->manifest_digest);
    jw_key_opt(&w, "indexDigest", e->index_digest);
    jw_key_opt(&w, "stateIdentifier", e->manifest_digest);
    jw_key_int(&w, "index", (int64_t)index);
    jw_key(&w, "scanResult");
    if (result.n > ENVELOPE_FILES_BYTES)
        add_without_files(out, result);
    else
        jw_raw(&w, result);
    if (!out->full)
        return 0;
    buf_clear(out);
    return err_set_code(err, ERR_LIMIT, "RESULT_TOO_LARGE",
                        "scan result %zu has %zu bytes: a callback takes no "
                        "more than %u",
                        index, result.n, ENVELOPE_MAX_BYTES);
}

void
envelope_close(struct buf *out, size_t count)
{
    buf_addf(out, ",\"count\":%zu}", count);
}

void
envelope_done(struct buf *out, const struct envelope *e, size_t n_results,
              uint64_t duration_ms, const struct err *failure)
{
    struct jw w;

    jw_init(&w, out);
    jw_obj(&w);
    add_context(&w, e);
    jw_key_str(&w, "status", failure == NULL ? "success" : "failure");
    jw_key_int(&w, "resultsSent", (int64_t)n_results);
    jw_key_int(&w, "durationMs", (int64_t)duration_ms);
    if (failure != NULL) {
        jw_key(&w, "error");
        fault_brief(&w, failure);
    }
    jw_end(&w);
}
