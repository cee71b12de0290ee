/* Mode `layer`: bytes → inflate → tar → analyze → record. */
#include "worker/layer.h"

#include "base/digest.h"
#include "worker/analyze/analyze.h"
#include "worker/glob/glob.h"
#include "worker/archive/range.h"
#include "worker/output.h"

/* The stations of one layer's bytes, each pulling from the one before. */
struct chain {
    struct inflate *outer; /* owns; of the archive around a member */
    struct ar_range range;
    struct inflate *inner; /* owns; of the layer itself */
    struct hasher *hasher; /* owns; NULL unless the diff id is wanted */
};

static void
chain_clear(struct chain *c)
{
    inflate_free(c->outer);
    inflate_free(c->inner);
    hasher_free(c->hasher);
}

static void
chain_init(struct chain *c, ar_pull pull, void *arg,
           const struct layer_options *options, const struct ar_limits *limits)
{
    *c = (struct chain){ .outer = NULL };
    if (options->diff_id)
        c->hasher = hasher_new(HASH_SHA256);
    if (options->has_member) {
        c->outer = inflate_new(pull, arg, limits, options->use_zlib);
        c->range = (struct ar_range){ inflate_pull, c->outer,
                                      options->member_offset,
                                      options->member_bytes };
        pull = ar_range_pull;
        arg = &c->range;
    }
    c->inner = inflate_new(pull, arg, limits, options->use_zlib);
}

/* An ar_pull: the layer's plain bytes. */
static int
pull_plain(struct bytes *chunk, void *arg, struct err *err)
{
    struct chain *c = arg;
    int r = inflate_pull(chunk, c->inner, err);

    if (r > 0 && c->hasher != NULL)
        hasher_update(c->hasher, *chunk);
    return r;
}

/* The files of a variant; no sets without one. */
struct wanted {
    struct globs *include, *exclude; /* own */
};

static int
wanted_init(struct wanted *w, const struct analyzer_variant *v,
            struct err *err)
{
    *w = (struct wanted){ NULL, NULL };
    if (v->n_include == 0)
        return 0;
    w->include = globs_of(v->include, v->n_include, err);
    w->exclude = globs_of(v->exclude, v->n_exclude, err);
    return w->include != NULL && w->exclude != NULL ? 0 : -1;
}

static void
wanted_clear(struct wanted *w)
{
    globs_free(w->include);
    globs_free(w->exclude);
}

static int
read_entries(struct chain *c, struct record_writer *out,
             const struct layer_options *options, const struct wanted *wanted,
             const struct limits *limits, uint64_t *n_entries,
             struct err *err)
{
    struct ar_scratch scratch = {
        .fd = options->scratch_fd > 0 ? options->scratch_fd : -1,
        .hold_bytes = limits->hold_bytes > 0 ? limits->hold_bytes : UINT64_MAX,
        .limit_bytes = limits->scratch_bytes,
    };
    struct ar_limits ar_limits = limits_for_archive(limits);
    const struct analyze_limits an_limits = {
        limits->product_bytes, limits->nesting, &scratch, wanted->include,
        wanted->exclude,
    };
    auto_analyze struct analyze *a = analyze_new(out, &an_limits);
    auto_ar struct ar *ar = ar_new(pull_plain, c, &ar_limits, err);
    struct ar_entry entry;
    int r;

    if (ar == NULL)
        return -1;
    while ((r = ar_next(ar, &entry, err)) > 0) {
        if (analyze_entry(a, ar, &entry, err) < 0)
            return -1;
        ++*n_entries;
    }
    return r;
}

/* What follows the last entry: checksums stand there, and the diff id is of
 * all bytes. */
static int
drain(struct chain *c, struct err *err)
{
    struct bytes chunk;
    int r;

    while ((r = pull_plain(&chunk, c, err)) > 0)
        ;
    return r;
}

static int
end_record(struct chain *c, struct record_writer *out, uint64_t n_entries,
           struct err *err)
{
    struct digest d = { "sha256:" };

    if (c->hasher != NULL)
        hasher_finish(c->hasher, d.text + 7);
    return record_end(out, n_entries, inflate_bytes_out(c->inner),
                      c->hasher != NULL ? d.text : NULL,
                      ar_coding_name(inflate_coding(c->inner)), err);
}

int
layer_read(ar_pull pull, void *arg, struct record_writer *out,
           const struct layer_options *options, const struct limits *limits,
           struct err *err)
{
    const struct ar_limits ar_limits = limits_for_archive(limits);
    char version[ANALYZER_TEXT];
    struct wanted wanted;
    struct chain c;
    uint64_t n_entries = 0;
    int r = wanted_init(&wanted, &options->variant, err);

    chain_init(&c, pull, arg, options, &ar_limits);
    analyzer_version(version, &options->variant);
    if (r == 0)
        r = record_begin(out, version, err);
    if (r == 0)
        r = read_entries(&c, out, options, &wanted, limits, &n_entries, err);
    if (r == 0)
        r = drain(&c, err);
    if (r == 0)
        r = end_record(&c, out, n_entries, err);
    chain_clear(&c);
    wanted_clear(&wanted);
    return r;
}

int
layer_run(int in_fd, int out_fd, const struct layer_options *options,
          const struct limits *limits, struct err *err)
{
    auto_record_writer struct record_writer *out =
        record_writer_new(output_write, &out_fd);
    struct ar_fd in;
    int r;

    ar_fd_init(&in, in_fd);
    r = layer_read(ar_fd_pull, &in, out, options, limits, err);
    ar_fd_clear(&in);
    return r;
}
