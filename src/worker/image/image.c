/* Header, records, merge, facts: what comes in is read once, in order. */
#include "worker/image/image.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json/jx.h"
#include "base/log.h"
#include "base/str.h"
#include "worker/graph/facts.h"
#include "worker/image/merge.h"
#include "worker/image/options.h"
#include "worker/image/record-reader.h"
#include "worker/limits.h"
#include "worker/output.h"

#define HEADER_MAX_BYTES  (64u << 20)
#define READ_BYTES        (256u << 10)
#define MAX_RECORDS       1024

struct input {
    int fd;
    uint8_t *p;        /* owns: READ_BYTES */
    size_t at, n;      /* what is read and not taken */
    size_t line_bytes; /* ceiling of a record's line */
};

/* ---- reading ----------------------------------------------------------- */

/* At least one byte, at most `most`; borrowed until the next call. */
static int
take(struct input *in, size_t most, struct bytes *chunk, struct err *err)
{
    ssize_t k;

    while (in->at == in->n) {
        k = read(in->fd, in->p, READ_BYTES);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return err_set_errno(err, errno, "read");
        if (k == 0)
            return err_set(err, ERR_INPUT, "input ends too early");
        in->at = 0;
        in->n = (size_t)k;
    }
    *chunk = bytes_of(in->p + in->at, in->n - in->at);
    if (chunk->n > most)
        chunk->n = most;
    in->at += chunk->n;
    return 0;
}

static int
read_length(struct input *in, size_t *out, struct err *err)
{
    char digits[16];
    size_t n = 0;
    struct bytes c;
    uint64_t v;

    while (n < sizeof(digits)) {
        if (take(in, 1, &c, err) < 0)
            return -1;
        if (c.p[0] == '\n')
            break;
        digits[n++] = (char)c.p[0];
    }
    if (!bytes_to_u64(bytes_of(digits, n), &v))
        return err_set(err, ERR_INPUT, "the length of the header is expected");
    if (v > HEADER_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "header: more than %u bytes",
                       HEADER_MAX_BYTES);
    *out = (size_t)v;
    return 0;
}

static struct jx *
read_header(struct input *in, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(HEADER_MAX_BYTES);
    auto_jx struct jx *header = NULL;
    struct bytes chunk;
    size_t left = 0;

    if (read_length(in, &left, err) < 0)
        return NULL;
    for (; left > 0; left -= chunk.n) {
        if (take(in, left, &chunk, err) < 0)
            return NULL;
        buf_add_bytes(&text, chunk);
    }
    header = jx_parse(buf_bytes(&text), HEADER_MAX_BYTES, err);
    if (header == NULL) {
        err_wrap(err, "header");
        return NULL;
    }
    if (jx_int(header, "image", 0) != 1) {
        err_set(err, ERR_INPUT, "header: not an image of this version");
        return NULL;
    }
    return steal(header);
}

/* ---- records ----------------------------------------------------------- */

/* Which products count at all: without applications, only the system's. */
static bool
is_active(const char *kind, const struct image_options *o)
{
    static const char *const of_system[] = {
        "apk",       "autoinst",    "chisel", "dir",    "dpkg",      "glob",
        "keybinary", "javarelease", "link",   "marker", "osrelease",
        "rpm",       "rpmcontent",  "whiteout",
    };

    if (!o->exclude_app_vulns)
        return true;
    for (size_t i = 0; i < N_ELEMENTS(of_system); i++) {
        if (strcmp(of_system[i], kind) == 0)
            return true;
    }
    return false;
}

/* What the records of all layers go into. */
struct gathering {
    struct merge *files;   /* borrows, as all here */
    const struct image_options *options;
    struct jx *warnings;
    bool compat, is_oci;
    bool spoilt; /* the layer at hand has a file the peer cannot read */
    size_t n_untold; /* warnings beyond their ceiling */
};

/* An image may have a million files that are none: neither its result nor
 * the log is the place for all of them. */
static void
keep_warning(struct gathering *g, const struct record_line *line)
{
    auto_free char *text = NULL;

    if (jx_count(g->warnings) >= FACTS_MAX_WARNINGS) {
        g->n_untold++;
        return;
    }
    log_warn("file not understood", LOG_STR("text", line->text));
    text = xasprintf("%.*s: %s", BYTES_FMT(line->path), line->text);
    jx_append(g->warnings, jx_new_str(bytes_str(text)));
}

/* A content manifest that is no JSON, hidden or not, costs the peer the layer
 * (scan-facts.md §18). */
static bool
is_spoilt(const struct gathering *g, const struct record_line *line)
{
    return g->compat && strcmp(line->kind, "rpmcontent") == 0 &&
           jx_bool(line->data, "bad", false);
}

static int
step_all(struct record_reader *r, struct gathering *g, struct err *err)
{
    enum record_event event;
    struct record_line line;

    while ((event = record_step(r, &line, err)) != RECORD_NEED_MORE) {
        if (event == RECORD_BAD)
            return -1;
        if (event == RECORD_WARNING)
            keep_warning(g, &line);
        if (event != RECORD_ITEM || !is_active(line.kind, g->options))
            continue;
        g->spoilt = g->spoilt || is_spoilt(g, &line);
        merge_add(g->files, r, &line);
    }
    return 0;
}

static int
end_layer(struct gathering *g, struct err *err)
{
    if (g->spoilt && !g->is_oci)
        return err_set(err, ERR_INPUT, "Error reading tar archive");
    if (g->spoilt)
        merge_forget_layer(g->files);
    merge_end_layer(g->files);
    return 0;
}

static int
read_record(struct input *in, size_t size, struct gathering *g,
            struct err *err)
{
    auto_record_reader struct record_reader *r =
        record_reader_new(in->line_bytes);
    struct bytes chunk;

    merge_begin_layer(g->files);
    g->spoilt = false;
    /* A layer that was not read has nothing to say (records.md). */
    if (size == 0)
        return end_layer(g, err);
    for (; size > 0; size -= chunk.n) {
        if (take(in, size, &chunk, err) < 0)
            return -1;
        record_feed(r, chunk);
        if (step_all(r, g, err) < 0)
            return -1;
    }
    if (record_finish(r, err) < 0)
        return -1;
    return end_layer(g, err);
}

static int
read_records(struct input *in, const struct jx *sizes, struct gathering *g,
             struct err *err)
{
    if (jx_count(sizes) > MAX_RECORDS)
        return err_set(err, ERR_LIMIT, "more than %d layers", MAX_RECORDS);
    for (size_t i = 0; i < jx_count(sizes); i++) {
        int64_t size = jx_int_value(jx_at(sizes, i), -1);

        if (size < 0)
            return err_set(err, ERR_INPUT, "header: record %zu has no size", i);
        if (read_record(in, (size_t)size, g, err) < 0)
            return g->spoilt ? -1 : err_wrap(err, "layer %zu", i);
    }
    merge_finish(g->files);
    if (g->n_untold > 0)
        log_warn("further files not understood",
                 LOG_INT("count", g->n_untold));
    return 0;
}

/* Layers of OCI are named by their digests. */
static bool
is_oci(const struct jx *layer_names)
{
    return bytes_starts(jx_bytes_value(jx_at(layer_names, 0)), "sha256:");
}

/* ---- results ----------------------------------------------------------- */

static int
report(struct input *in, const struct jx *header, int out_fd, struct err *err)
{
    struct image_options options;
    struct image image = { .options = &options };
    auto_merge struct merge *files = NULL;
    auto_jx struct jx *warnings = jx_new_arr();
    auto_facts struct facts *facts = NULL;

    if (options_read(&options, jx_get(header, "options"), err) < 0)
        return -1;
    image.compat = jx_bool(header, "compat", false);
    image.config = jx_obj(header, "config");
    image.layer_names = jx_arr(header, "layerNames");
    image.image_id = jx_str(header, "imageId");
    image.target = jx_str(header, "target");
    image.manifest_digest = jx_str(header, "manifestDigest");
    image.index_digest = jx_str(header, "indexDigest");
    image.pulled = jx_bool(header, "pulled", image.manifest_digest != NULL);
    image.dockerfile = jx_bytes_value(jx_get(header, "dockerfile"));
    if (options.file != NULL && image.dockerfile.p == NULL)
        return err_set(err, ERR_UNSUPPORTED,
                       "option file: the Dockerfile's text is not there");
    if (image.config == NULL || image.target == NULL)
        return err_set(err, ERR_INPUT, "header: no config or no target");
    files = merge_new(image.compat);
    struct gathering g = { files, &options, warnings, image.compat,
                           is_oci(image.layer_names), false, 0 };
    if (read_records(in, jx_arr(header, "records"), &g, err) < 0)
        return -1;
    image.files = files;
    image.warnings = warnings;
    facts = facts_new(&image, err);
    return facts != NULL ? facts_write(facts, output_write, &out_fd, err) : -1;
}

/* A product as JSON: in the worst case six characters for each byte. */
static size_t
line_ceiling(const struct limits *limits)
{
    const uint64_t most = RECORD_LINE_MAX_BYTES;
    uint64_t product = limits->product_bytes;

    return product > 0 && product < most / 6 ? (size_t)product * 6 + READ_BYTES
                                             : (size_t)most;
}

int
image_run(int in_fd, int out_fd, const struct limits *limits, struct err *err)
{
    struct input in = { .fd = in_fd };
    auto_free uint8_t *chunk = xalloc(READ_BYTES);
    auto_jx struct jx *header = NULL;

    in.p = chunk;
    in.line_bytes = line_ceiling(limits);
    header = read_header(&in, err);
    return header != NULL ? report(&in, header, out_fd, err) : -1;
}
