/* Mode `index`: where the members of an outer archive lie, and the small JSON
 * ones. The engine decides what they mean. */
#include "worker/index.h"

#include "base/json/jw.h"
#include "worker/output.h"

/* Manifests and configs are not larger. */
#define JSON_BODY_BYTES ((size_t)2 << 20)
/* A body of control characters only is six times as long in JSON. */
#define LINE_BYTES ((size_t)16 << 20)

struct index {
    struct ar *ar; /* borrows */
    record_sink sink;
    void *arg;        /* borrows */
    struct buf line;  /* owns */
    struct buf body;  /* owns */
    struct jw jw;
};

static void
begin_line(struct index *x)
{
    buf_reset(&x->line);
    jw_init(&x->jw, &x->line);
    jw_obj(&x->jw);
}

static int
end_line(struct index *x, struct err *err)
{
    jw_end(&x->jw);
    buf_add_char(&x->line, '\n');
    if (buf_check(&x->line, "index", err) < 0)
        return -1;
    return x->sink(buf_bytes(&x->line), x->arg, err);
}

/* A file with holes is no range of the stream: never a layer. */
static const char *
type_name(const struct ar_entry *entry)
{
    static const char *const names[] = {
        [AR_FILE] = "file",         [AR_DIR] = "dir",
        [AR_SYMLINK] = "symlink",   [AR_HARDLINK] = "hardlink",
        [AR_OTHER] = "other",
    };

    return entry->type == AR_FILE && entry->sparse ? "sparse"
                                                   : names[entry->type];
}

static bool
looks_like_json(struct bytes b)
{
    return b.n > 0 && (b.p[0] == '{' || b.p[0] == '[');
}

/* Into x->body: all of a small body that looks like JSON, else nothing. */
static int
read_json(struct index *x, const struct ar_entry *entry, struct err *err)
{
    struct bytes chunk;
    int r;

    buf_reset(&x->body);
    if (entry->type != AR_FILE || entry->sparse ||
        entry->size > JSON_BODY_BYTES)
        return 0;
    while ((r = ar_read(x->ar, &chunk, err)) > 0) {
        if (x->body.n == 0 && !looks_like_json(chunk))
            return 0;
        if (buf_add_bytes(&x->body, chunk) < 0)
            return buf_check(&x->body, "JSON member", err);
    }
    return r;
}

static int
write_entry(struct index *x, const struct ar_entry *entry, struct err *err)
{
    if (read_json(x, entry, err) < 0)
        return -1;
    begin_line(x);
    jw_key(&x->jw, "n");
    jw_bytes(&x->jw, entry->name);
    jw_key_str(&x->jw, "t", type_name(entry));
    if (entry->type == AR_FILE && !entry->sparse) {
        jw_key_int(&x->jw, "o", (int64_t)entry->offset);
        jw_key_int(&x->jw, "s", (int64_t)entry->size);
    }
    if (entry->link.n > 0) {
        jw_key(&x->jw, "l");
        jw_bytes(&x->jw, entry->link);
    }
    if (x->body.n > 0) {
        jw_key(&x->jw, "b");
        jw_bytes(&x->jw, buf_bytes(&x->body));
    }
    return end_line(x, err);
}

static int
write_begin(struct index *x, enum ar_coding coding, struct err *err)
{
    begin_line(x);
    jw_key_int(&x->jw, "index", 1);
    jw_key_str(&x->jw, "coding", ar_coding_name(coding));
    return end_line(x, err);
}

static int
write_end(struct index *x, uint64_t n_entries, struct err *err)
{
    begin_line(x);
    jw_key_bool(&x->jw, "end", true);
    jw_key_int(&x->jw, "entries", (int64_t)n_entries);
    return end_line(x, err);
}

/* The checksum of a compressed archive stands behind its last member. */
static int
drain(struct inflate *z, struct err *err)
{
    struct bytes chunk;
    int r;

    while ((r = inflate_pull(&chunk, z, err)) > 0)
        ;
    return r;
}

static int
write_all(struct index *x, struct inflate *z, struct err *err)
{
    struct ar_entry entry;
    uint64_t n_entries = 0;
    int r;

    if (write_begin(x, inflate_coding(z), err) < 0)
        return -1;
    while ((r = ar_next(x->ar, &entry, err)) > 0) {
        if (write_entry(x, &entry, err) < 0)
            return -1;
        n_entries++;
    }
    return r < 0 || drain(z, err) < 0 ? -1 : write_end(x, n_entries, err);
}

int
index_read(ar_pull pull, void *arg, record_sink sink, void *sink_arg,
           const struct limits *limits, struct err *err)
{
    const struct ar_limits ar_limits = limits_for_archive(limits);
    auto_inflate struct inflate *z = inflate_new(pull, arg, &ar_limits, false);
    /* Reads the first block, so the coding is known from here on. */
    auto_ar struct ar *ar = ar_new(inflate_pull, z, &ar_limits, err);
    struct index x = { .ar = ar, .sink = sink, .arg = sink_arg };
    int r;

    if (ar == NULL)
        return -1;
    buf_init(&x.line, LINE_BYTES);
    buf_init(&x.body, JSON_BODY_BYTES);
    r = write_all(&x, z, err);
    buf_clear(&x.line);
    buf_clear(&x.body);
    return r;
}

int
index_run(int in_fd, int out_fd, const struct limits *limits, struct err *err)
{
    struct ar_fd in;
    int r;

    ar_fd_init(&in, in_fd);
    r = index_read(ar_fd_pull, &in, output_write, &out_fd, limits, err);
    ar_fd_clear(&in);
    return r;
}
