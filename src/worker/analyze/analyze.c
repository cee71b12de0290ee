/*
 * Dispatch: one hash of the base name, a few comparisons for suffixes and
 * folders, and the body goes to whoever wants it. What a format means lives
 * in its own file; what stands in the way of merging (links, whiteouts) is
 * written down here.
 */
#include "worker/analyze/analyze.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/analyze/analyzer.h"
#include "worker/glob/glob.h"
#include "worker/image/path.h"
#include "worker/image/whiteout.h"

#define MAX_WANTING 16
/* Of damaged files, those that are logged; the record has all of them. */
#define MAX_TOLD    100

/* One string of one row's `wants`. */
struct want {
    const struct analyzer *who; /* borrows */
    const char *pattern;        /* borrows; without its "*" */
    size_t n;
    struct want *next;          /* of the same base name */
};

struct analyze {
    struct record_writer *out; /* borrows */
    struct analyze_limits limits;
    struct map *by_base;       /* owns: base name to struct want */
    struct want *wants;        /* owns all */
    size_t n_wants;
    struct want **folders, **suffixes; /* own the arrays */
    size_t n_folders, n_suffixes;
    struct buf body;           /* owns: reused */
    size_t n_damaged;          /* files */
};

struct an_out {
    struct analyze *a;
    const struct ar_entry *entry;
    bool broken;    /* the sink is gone: no warning would get through */
    size_t n_items; /* written */
};

/* Those who want one entry. */
struct wanting {
    const struct analyzer *who[MAX_WANTING];
    void *state[MAX_WANTING]; /* own, while a body streams by */
    size_t n;
    bool inspects[MAX_WANTING]; /* wants it at random, from .sniff on */
};

/* What is gathered of a body on its way to everybody. */
struct gathering {
    bool whole;                /* in a->body, for those who read; it fits */
    struct ar_body *at_random; /* owns; NULL: nobody asks, or given up */
    uint8_t head[AN_SNIFF_BYTES];
    size_t n_head;
    bool sniffed;              /* the first bytes decided who inspects */
    bool given_up;             /* `why` tells */
    struct err why;
};

static void
add_want(struct analyze *a, const struct analyzer *who, const char *pattern)
{
    struct want *w = &a->wants[a->n_wants++];
    size_t n = strlen(pattern);
    struct bytes base = path_base(bytes_str(pattern));

    *w = (struct want){ who, pattern, n, NULL };
    if (*pattern == '*') {
        w->pattern++;
        w->n--;
        a->suffixes[a->n_suffixes++] = w;
    } else if (pattern[n - 1] == '*') {
        w->n--;
        a->folders[a->n_folders++] = w;
    } else {
        w->next = map_get(a->by_base, base);
        map_put(a->by_base, base, w);
    }
}

struct analyze *
analyze_new(struct record_writer *out, const struct analyze_limits *limits)
{
    struct analyze *a = xnew(struct analyze);
    size_t n = 0;

    a->out = out;
    a->limits = *limits;
    buf_init(&a->body, limits->product_bytes > 0 &&
                               limits->product_bytes < SIZE_MAX / 4
                           ? (size_t)limits->product_bytes
                           : SIZE_MAX / 4);
    for (size_t i = 0; analyzers[i] != NULL; i++) {
        for (size_t k = 0; analyzers[i]->wants[k] != NULL; k++)
            n++;
    }
    a->by_base = map_new();
    a->wants = xcalloc(n, sizeof(*a->wants));
    a->folders = xcalloc(n, sizeof(*a->folders));
    a->suffixes = xcalloc(n, sizeof(*a->suffixes));
    for (size_t i = 0; analyzers[i] != NULL; i++) {
        for (size_t k = 0; analyzers[i]->wants[k] != NULL; k++)
            add_want(a, analyzers[i], analyzers[i]->wants[k]);
    }
    return a;
}

void
analyze_free(struct analyze *a)
{
    if (a == NULL)
        return;
    if (a->n_damaged > MAX_TOLD)
        log_warn("further files not understood",
                 LOG_INT("count", a->n_damaged - MAX_TOLD));
    map_free(a->by_base);
    free(a->wants);
    free(a->folders);
    free(a->suffixes);
    buf_clear(&a->body);
    free(a);
}

/* ---- who wants it ------------------------------------------------------ */

static void
want_it(struct wanting *to, const struct analyzer *who, struct bytes path)
{
    for (size_t i = 0; i < to->n; i++) {
        if (to->who[i] == who)
            return;
    }
    if ((who->also == NULL || who->also(path)) && to->n < MAX_WANTING)
        to->who[to->n++] = who;
}

static void
find_wanting(const struct analyze *a, struct bytes path, struct wanting *to)
{
    to->n = 0;
    for (struct want *w = map_get(a->by_base, path_base(path)); w != NULL;
         w = w->next) {
        if (*w->pattern != '/' || bytes_is(path, w->pattern))
            want_it(to, w->who, path);
    }
    for (size_t i = 0; i < a->n_suffixes; i++) {
        const struct want *w = a->suffixes[i];

        if (path.n >= w->n &&
            memcmp(path.p + path.n - w->n, w->pattern, w->n) == 0)
            want_it(to, w->who, path);
    }
    for (size_t i = 0; i < a->n_folders; i++) {
        const struct want *w = a->folders[i];

        if (path.n > w->n && memcmp(path.p, w->pattern, w->n) == 0)
            want_it(to, w->who, path);
    }
    if (a->limits.include != NULL && globs_match(a->limits.include, path) &&
        !globs_match(a->limits.exclude, path))
        want_it(to, &analyzer_glob, path);
}

/* ---- what an analyzer may do ------------------------------------------- */

const struct ar_entry *
an_entry(const struct an_out *out)
{
    return out->entry;
}

uint64_t
an_nesting(const struct an_out *out)
{
    return out->a->limits.nesting;
}

struct ar_scratch *
an_scratch(const struct an_out *out)
{
    return out->a->limits.scratch;
}

int
an_item(struct an_out *out, const char *kind,
        void (*data)(struct jw *jw, void *arg), void *arg, struct err *err)
{
    if (record_item(out->a->out, out->entry, kind, data, arg, err) == 0) {
        out->n_items++;
        return 0;
    }
    /* A line too long is this file's trouble, not the record's. */
    out->broken = err == NULL || err->kind != ERR_LIMIT;
    return -1;
}

static void
write_bad(struct jw *jw, void *arg)
{
    (void)arg;
    jw_obj(jw);
    jw_key_bool(jw, "bad", true);
    jw_end(jw);
}

int
an_bad(struct an_out *out, const char *kind, struct err *err)
{
    return an_item(out, kind, write_bad, NULL, err);
}

int
an_warn(struct an_out *out, struct err *err, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (record_warning(out->a->out, out->entry->path, text, err) == 0)
        return 0;
    out->broken = true;
    return -1;
}

/* An analyzer's failure becomes a warning, unless nobody listens any more. */
static int
settle(struct an_out *out, const struct analyzer *who, int rc, struct err *err)
{
    struct err why;

    if (rc == 0)
        return 0;
    if (out->broken)
        return -1;
    why = *err;
    err_clear(err);
    if (out->a->n_damaged++ < MAX_TOLD)
        log_warn("file not understood", LOG_STR("analyzer", who->name),
                 LOG_ERR(&why));
    return an_warn(out, err, "%s: %s", who->name, why.text);
}

/* ---- bodies ------------------------------------------------------------ */

static void
begin_streams(struct wanting *who, const struct ar_entry *entry)
{
    for (size_t i = 0; i < who->n; i++) {
        const struct analyzer *an = who->who[i];

        who->state[i] = an->begin != NULL ? an->begin(entry) : NULL;
        who->inspects[i] = an->inspect != NULL;
    }
}

static int
end_stream(struct wanting *who, size_t i, struct an_out *out, struct err *err)
{
    void *state = steal(who->state[i]);

    if (state == NULL)
        return 0;
    return settle(out, who->who[i], who->who[i]->end(state, out, err), err);
}

static int
feed_streams(struct wanting *who, struct bytes chunk, struct an_out *out,
             struct err *err)
{
    for (size_t i = 0; i < who->n; i++) {
        if (who->state[i] == NULL || who->who[i]->feed(who->state[i], chunk))
            continue;
        if (end_stream(who, i, out, err) < 0)
            return -1;
    }
    return 0;
}

static bool
has_reader(const struct wanting *who)
{
    for (size_t i = 0; i < who->n; i++) {
        if (who->who[i]->read != NULL)
            return true;
    }
    return false;
}

static bool
has_inspector(const struct wanting *who)
{
    for (size_t i = 0; i < who->n; i++) {
        if (who->inspects[i])
            return true;
    }
    return false;
}

/* What does not fit is read on until it is known that nobody minds. */
static bool
anybody_left(const struct wanting *who, const struct gathering *g)
{
    for (size_t i = 0; i < who->n; i++) {
        if (who->state[i] != NULL)
            return true;
    }
    return g->whole || g->at_random != NULL || (g->given_up && !g->sniffed);
}

/* Not one byte of what will not fit is written. */
static void
begin_inspecting(struct analyze *a, struct gathering *g, uint64_t size)
{
    if (ar_scratch_has_room(a->limits.scratch, size)) {
        g->at_random = ar_body_new(a->limits.scratch);
        return;
    }
    g->given_up = true;
    err_set(&g->why, ERR_LIMIT, "%llu bytes are more than the scratch file "
            "may hold", (unsigned long long)size);
}

static void
stop_inspecting(struct gathering *g)
{
    ar_body_free(steal(g->at_random));
}

/* The first bytes tell some that it is not for them. */
static void
sniff(struct wanting *who, struct gathering *g)
{
    struct bytes head = bytes_of(g->head, g->n_head);

    if (g->sniffed)
        return;
    for (size_t i = 0; i < who->n; i++) {
        const struct analyzer *an = who->who[i];

        if (who->inspects[i] && an->sniff != NULL && !an->sniff(head))
            who->inspects[i] = false;
    }
    g->sniffed = true;
    if (!has_inspector(who))
        stop_inspecting(g);
}

/* Before anything is copied, if the chunk is as long as usual. */
static void
sniff_chunk(struct wanting *who, struct gathering *g, struct bytes chunk)
{
    chunk = bytes_to(chunk, AN_SNIFF_BYTES - g->n_head);
    memcpy(g->head + g->n_head, chunk.p, chunk.n);
    g->n_head += chunk.n;
    if (g->n_head == AN_SNIFF_BYTES)
        sniff(who, g);
}

static void
gather(struct analyze *a, struct wanting *who, struct gathering *g,
       struct bytes chunk)
{
    if (g->whole && buf_add_bytes(&a->body, chunk) < 0)
        g->whole = false;
    if (!g->sniffed && chunk.n > 0)
        sniff_chunk(who, g, chunk);
    if (g->at_random != NULL &&
        ar_body_add(g->at_random, chunk, &g->why) < 0) {
        g->given_up = true;
        stop_inspecting(g);
    }
}

/* Reads the body once: streams are fed, for the others it is gathered. */
static int
pump(struct analyze *a, struct ar *ar, struct wanting *who, struct an_out *out,
     struct gathering *g, struct err *err)
{
    struct bytes chunk;
    int rc = 1;

    buf_reset(&a->body);
    g->whole = has_reader(who) && out->entry->size <= a->body.limit;
    if (has_inspector(who))
        begin_inspecting(a, g, out->entry->size);
    while (anybody_left(who, g) && (rc = ar_read(ar, &chunk, err)) == 1) {
        if (feed_streams(who, chunk, out, err) < 0)
            return -1;
        gather(a, who, g, chunk);
    }
    sniff(who, g);
    return rc < 0 ? -1 : 0;
}

/* Too large to be read: it says nothing, but hides what is below it. */
static int
leave_out(const struct analyzer *an, struct an_out *out, const struct err *why,
          struct err *err)
{
    if (an_item(out, an->name, NULL, NULL, err) < 0)
        return -1;
    *err = *why;
    return -1;
}

static int
read_whole(struct analyze *a, const struct analyzer *an, struct an_out *out,
           const struct gathering *g, struct err *err)
{
    if (!g->whole) {
        struct err why;

        err_set(&why, ERR_LIMIT, "more than %zu bytes", a->body.limit);
        return leave_out(an, out, &why, err);
    }
    if (a->body.n == 0 && !an->takes_empty)
        return an_item(out, an->name, NULL, NULL, err);
    return an->read(buf_bytes(&a->body), out, err);
}

static int
inspect(const struct analyzer *an, struct an_out *out, struct gathering *g,
        struct err *err)
{
    if (g->given_up)
        return leave_out(an, out, &g->why, err);
    if (ar_body_size(g->at_random) == 0 && !an->takes_empty)
        return an_item(out, an->name, NULL, NULL, err);
    return an->inspect(g->at_random, out, err);
}

static void
write_nothing(struct jw *jw, void *arg)
{
    (void)arg;
    jw_obj(jw);
    jw_end(jw);
}

/* A file that says nothing to him may replace one of a lower layer that did,
 * and gets a line to hide that. Not each file, if any may be his. */
static bool
hides_lower(const struct analyzer *an, bool inspected,
            const struct an_out *out)
{
    const struct ar_entry *e = out->entry;
    struct bytes base = path_base(e->path);

    if (!an->by_content)
        return an->sniff != NULL && !inspected;
    return out->n_items == 0 && (e->mode & 0111) != 0 &&
           bytes_find(base, '.') == base.n;
}

static int
use_gathered(struct analyze *a, struct wanting *who, struct an_out *out,
             struct gathering *g, struct err *err)
{
    for (size_t i = 0; i < who->n; i++) {
        const struct analyzer *an = who->who[i];
        int rc = 0;

        if (an->name_only)
            rc = an_item(out, an->name,
                         out->entry->size > 0 ? write_nothing : NULL, NULL,
                         err);
        else if (an->read != NULL)
            rc = read_whole(a, an, out, g, err);
        else if (who->inspects[i])
            rc = inspect(an, out, g, err);
        if (rc == 0 && hides_lower(an, who->inspects[i], out))
            rc = an_item(out, an->name, NULL, NULL, err);
        if (settle(out, an, rc, err) < 0)
            return -1;
    }
    return 0;
}

static int
analyze_body(struct analyze *a, struct ar *ar, const struct ar_entry *entry,
             struct wanting *who, struct err *err)
{
    struct an_out out = { .a = a, .entry = entry };
    struct gathering g = { .whole = false };
    int rc;

    begin_streams(who, entry);
    rc = pump(a, ar, who, &out, &g, err);
    for (size_t i = 0; i < who->n; i++) {
        struct err ignored;

        if (end_stream(who, i, &out, rc < 0 ? &ignored : err) < 0)
            rc = -1;
    }
    if (rc == 0)
        rc = use_gathered(a, who, &out, &g, err);
    stop_inspecting(&g);
    if (a->body.cap > (1u << 20))
        buf_clear(&a->body);
    return rc;
}

/* ---- everything else --------------------------------------------------- */

static void
write_target(struct jw *jw, void *arg)
{
    const struct ar_entry *e = arg;
    auto_buf struct buf to = BUF_INIT(SIZE_MAX / 4);

    path_normalise(e->link, &to);
    jw_obj(jw);
    jw_key(jw, "to");
    jw_bytes(jw, buf_bytes(&to));
    jw_end(jw);
}

/*
 * A link, or a device, hides whatever a lower layer has at or below its
 * place. A hard link where a file would have been read tells its target too.
 */
static int
record_link(struct analyze *a, const struct ar_entry *entry,
            const struct wanting *who, struct err *err)
{
    bool target = entry->type == AR_HARDLINK && who->n > 0;

    return record_item(a->out, entry, "link", target ? write_target : NULL,
                       (void *)(uintptr_t)entry, err);
}

/* A file of this name would have been read, whatever was in it. */
static bool
has_name_wanted(const struct wanting *who)
{
    for (size_t i = 0; i < who->n; i++) {
        if (!who->who[i]->by_content)
            return true;
    }
    return false;
}

int
analyze_entry(struct analyze *a, struct ar *ar, const struct ar_entry *entry,
              struct err *err)
{
    struct wanting who;

    find_wanting(a, entry->path, &who);
    if (whiteout_is_loose(entry->path) &&
        (entry->type == AR_FILE || whiteout_is_marker(entry->path)) &&
        record_item(a->out, entry,
                    entry->type == AR_FILE ? "whiteout" : "marker", NULL, NULL,
                    err) < 0)
        return -1;
    switch (entry->type) {
    case AR_FILE:
        return who.n > 0 ? analyze_body(a, ar, entry, &who, err) : 0;
    case AR_DIR:
        return has_name_wanted(&who)
                   ? record_item(a->out, entry, "dir", NULL, NULL, err)
                   : 0;
    default:
        return record_link(a, entry, &who, err);
    }
}
