/* The image worker: its header and the records in, as fast as it reads, and
 * scan results out, one a line. */
#include <inttypes.h>

#include "base/json/jw.h"
#include "base/json/jx.h"
#include "base/oci/manifest.h"
#include "base/str.h"
#include "engine/scan/scan-private.h"

#define HEADER_MAX_BYTES ((size_t)64 << 20)
#define PIECE_BYTES      ((size_t)256 << 10)

struct assembly {
    struct scanner *scanner; /* borrows */
    struct assembly_spec spec;
    const struct assembly_events *events; /* borrows */
    void *arg;
    struct proc *proc;   /* owns while it runs */
    struct buf header;   /* with its length in front */
    size_t part;         /* 0: header, i + 1: record i */
    size_t at;           /* bytes of that part already written */
    struct buf line;     /* the unfinished one */
    bool over;
};

static void
write_names(struct jw *w, const struct source_image *image)
{
    jw_key(w, "layerNames");
    jw_arr(w);
    for (size_t i = 0; i < image->n_layers; i++)
        jw_str(w, image->layers[i].name);
    jw_end(w);
}

static size_t
record_size(const struct record *r)
{
    return r != NULL ? r->bytes.n : 0;
}

static void
write_sizes(struct jw *w, const struct assembly_spec *spec)
{
    jw_key(w, "records");
    jw_arr(w);
    for (size_t i = 0; i < spec->image->n_layers; i++)
        jw_int(w, (int64_t)record_size(spec->records[i]));
    jw_end(w);
}

/* A document as a member's value; {} without. */
static void
write_doc(struct jw *w, const char *key, const struct jx *doc)
{
    jw_key(w, key);
    jw_raw(w, bytes_str(""));
    if (doc != NULL)
        jx_write(doc, w->out);
    else
        buf_add_str(w->out, "{}");
}

/* An image that was pulled, and that an option gives a name. */
static bool
is_renamed(const struct assembly_spec *spec)
{
    return spec->image->manifest_digest != NULL &&
           jx_has(spec->options, "imageNameAndTag");
}

/*
 * The name was chosen before the digests were known: they go with it, as they
 * do when the peer is given an archive it has just pulled (scan-facts.md
 * §2.2). The caller owns it.
 */
static struct jx *
with_digests(const struct assembly_spec *spec)
{
    struct jx *options = jx_copy(spec->options);
    struct jx *digests = jx_new_obj();

    jx_set_str(digests, "manifest", spec->image->manifest_digest);
    if (spec->image->index_digest != NULL)
        jx_set_str(digests, "index", spec->image->index_digest);
    if (jx_has(options, "digests"))
        jx_free(digests);
    else
        jx_set(options, "digests", digests);
    return options;
}

static void
write_options(struct jw *w, const struct assembly_spec *spec)
{
    auto_jx struct jx *named = is_renamed(spec) ? with_digests(spec) : NULL;

    write_doc(w, "options", named != NULL ? named : spec->options);
    if (named != NULL)
        jw_key_bool(w, "pulled", false);
}

int
assembly_header(struct buf *out, const struct assembly_spec *spec,
                struct err *err)
{
    const struct source_image *image = spec->image;
    auto_jx struct jx *config =
        jx_parse_lossy(bytes_of(image->config, image->config_n),
                       CONFIG_MAX_BYTES, err);
    struct jw w;

    if (config == NULL)
        return err_wrap(err, "image config");
    if (!jx_is_obj(config))
        return err_set(err, ERR_INPUT, "image config: not a JSON object");
    jw_init(&w, out);
    jw_obj(&w);
    jw_key_int(&w, "image", 1);
    jw_key_bool(&w, "compat", spec->compat);
    write_options(&w, spec);
    if (spec->dockerfile.p != NULL) {
        jw_key(&w, "dockerfile");
        jw_bytes(&w, spec->dockerfile);
    }
    jw_key_str(&w, "target", image->default_name);
    jw_key_str(&w, "imageId", image->image_id);
    write_doc(&w, "config", config);
    write_names(&w, image);
    jw_key_str(&w, "manifestDigest", image->manifest_digest);
    jw_key_str(&w, "indexDigest", image->index_digest);
    write_sizes(&w, spec);
    jw_end(&w);
    return buf_check(out, "what describes the image", err);
}

/* ---- in ------------------------------------------------------------------ */

static struct bytes
part(const struct assembly *a)
{
    const struct record *r;

    if (a->part == 0)
        return buf_bytes(&a->header);
    r = a->spec.records[a->part - 1];
    return r != NULL ? buf_bytes(&r->bytes) : BYTES_NONE;
}

/* Write on until the pipe is full or nothing is left. */
static void
feed(struct assembly *a)
{
    while (a->part <= a->spec.image->n_layers) {
        struct bytes rest = bytes_from(part(a), a->at);
        struct bytes piece = bytes_to(rest, PIECE_BYTES);

        if (piece.n == 0) {
            a->part++;
            a->at = 0;
            continue;
        }
        a->at += piece.n;
        if (proc_write(a->proc, piece) != PROC_MORE)
            return; /* on_drain goes on, or on_exit tells */
    }
    proc_finish(a->proc);
}

/* ---- out ----------------------------------------------------------------- */

static void
free_assembly(void *obj)
{
    struct assembly *a = obj;

    buf_clear(&a->header);
    buf_clear(&a->line);
    free(a->spec.records);
    free(a);
}

void
assembly_cancel(struct assembly *a)
{
    a->over = true;
    if (a->proc != NULL)
        proc_cancel(steal(a->proc));
    loop_bury(a->scanner->loop, free_assembly, a);
}

static void
end(struct assembly *a, const struct err *err)
{
    assembly_cancel(a);
    a->events->on_end(err, a->arg);
}

static void
on_output(struct bytes chunk, void *arg)
{
    struct assembly *a = arg;
    struct err err;

    while (chunk.n > 0 && !a->over) {
        size_t n = bytes_find(chunk, '\n');

        if (buf_add_bytes(&a->line, bytes_to(chunk, n)) < 0) {
            buf_check(&a->line, "a scan result", &err);
            err.code = "RESULT_TOO_LARGE";
            end(a, &err);
            return;
        }
        if (n == chunk.n)
            return;
        chunk = bytes_from(chunk, n + 1);
        a->events->on_result(buf_bytes(&a->line), a->arg);
        buf_reset(&a->line);
    }
}

static void
on_start(void *arg)
{
    feed(arg);
}

static void
on_drain(void *arg)
{
    feed(arg);
}

static void
on_worker_end(const struct err *err, void *arg)
{
    struct assembly *a = arg;
    struct err cut;

    a->proc = NULL;
    if (err == NULL && a->line.n > 0) {
        err_set(&cut, ERR_INTERNAL, "the last scan result has no end");
        err = &cut;
    }
    end(a, err);
}

static const struct proc_events proc_events = {
    .on_start = on_start,
    .on_output = on_output,
    .on_drain = on_drain,
    .on_exit = on_worker_end,
};

static int
make_header(struct assembly *a, struct err *err)
{
    auto_buf struct buf json = BUF_INIT(HEADER_MAX_BYTES);

    if (assembly_header(&json, &a->spec, err) < 0)
        return -1;
    buf_init(&a->header, HEADER_MAX_BYTES + 32);
    buf_addf(&a->header, "%zu\n", json.n);
    buf_add_bytes(&a->header, buf_bytes(&json));
    return 0;
}

struct assembly *
assembly_start(struct scanner *s, const struct assembly_spec *spec,
               const struct assembly_events *events, void *arg,
               struct err *err)
{
    struct assembly *a = xnew(struct assembly);
    size_t n = spec->image->n_layers;

    a->scanner = s;
    a->spec = *spec;
    a->spec.records = xcalloc(n, sizeof(*spec->records));
    for (size_t i = 0; i < n; i++)
        a->spec.records[i] = spec->records[i];
    a->events = events;
    a->arg = arg;
    buf_init(&a->line, RESULT_MAX_BYTES);
    if (make_header(a, err) == 0)
        a->proc = proc_start(s->pool, PROC_IMAGE, s->args.at, &proc_events, a,
                             err);
    if (a->proc == NULL) {
        free_assembly(a);
        return NULL;
    }
    return a;
}
