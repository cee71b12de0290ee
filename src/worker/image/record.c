/* Writing records: lines are gathered and handed on in pieces of 64 KiB. */
#include "worker/image/record.h"

#include <inttypes.h>

#include "base/str.h"

#define FLUSH_BYTES (64u << 10)
/* One line may be a whole package database. */
#define LINE_MAX_BYTES (512u << 20)

struct record_writer {
    record_sink sink;
    void *arg;       /* borrows */
    struct buf out;  /* owns: lines not handed on yet */
};

struct record_writer *
record_writer_new(record_sink sink, void *arg)
{
    struct record_writer *w = xnew(struct record_writer);

    w->sink = sink;
    w->arg = arg;
    buf_init(&w->out, LINE_MAX_BYTES);
    return w;
}

void
record_writer_free(struct record_writer *w)
{
    if (w == NULL)
        return;
    buf_clear(&w->out);
    free(w);
}

static int
flush(struct record_writer *w, struct err *err)
{
    int rc = w->out.n > 0 ? w->sink(buf_bytes(&w->out), w->arg, err) : 0;

    if (w->out.cap > 4 * FLUSH_BYTES)
        buf_clear(&w->out);
    else
        buf_reset(&w->out);
    return rc;
}

/* Ends a line begun at `start`; one that did not fit is taken back. */
static int
finish_line(struct record_writer *w, struct jw *jw, size_t start,
            struct err *err)
{
    jw_end(jw);
    buf_add_char(&w->out, '\n');
    if (buf_check(&w->out, "record", err) < 0) {
        w->out.n = start;
        w->out.full = false;
        return -1;
    }
    return w->out.n >= FLUSH_BYTES ? flush(w, err) : 0;
}

/* Paths are bytes, JSON is UTF-8: what does not fit goes as base64. */
static void
write_path(struct jw *jw, struct bytes path)
{
    auto_buf struct buf b64 = BUF_INIT(SIZE_MAX / 2);

    if (utf8_valid(path)) {
        jw_key(jw, "p");
        jw_bytes(jw, path);
        return;
    }
    base64_encode(path, &b64);
    jw_key(jw, "pb");
    jw_bytes(jw, buf_bytes(&b64));
}

int
record_begin(struct record_writer *w, const char *analyzer, struct err *err)
{
    size_t start = w->out.n;
    struct jw jw;

    jw_init(&jw, &w->out);
    jw_obj(&jw);
    jw_key_int(&jw, "record", RECORD_VERSION);
    jw_key_str(&jw, "analyzer", analyzer);
    return finish_line(w, &jw, start, err);
}

int
record_item(struct record_writer *w, const struct ar_entry *entry,
            const char *kind, void (*data)(struct jw *jw, void *arg),
            void *arg, struct err *err)
{
    size_t start = w->out.n;
    struct jw jw;

    jw_init(&jw, &w->out);
    jw_obj(&jw);
    jw_key_int(&jw, "i", (int64_t)entry->index);
    write_path(&jw, entry->path);
    jw_key_str(&jw, "k", kind);
    if (data != NULL) {
        jw_key(&jw, "d");
        data(&jw, arg);
    }
    return finish_line(w, &jw, start, err);
}

int
record_warning(struct record_writer *w, struct bytes path, const char *text,
               struct err *err)
{
    size_t start = w->out.n;
    struct jw jw;

    jw_init(&jw, &w->out);
    jw_obj(&jw);
    jw_key_str(&jw, "warning", text);
    write_path(&jw, path);
    return finish_line(w, &jw, start, err);
}

int
record_end(struct record_writer *w, uint64_t n_entries, uint64_t n_plain_bytes,
           const char *diff_id, const char *coding, struct err *err)
{
    size_t start = w->out.n;
    struct jw jw;

    jw_init(&jw, &w->out);
    jw_obj(&jw);
    jw_key_bool(&jw, "end", true);
    jw_key_int(&jw, "entries", (int64_t)n_entries);
    jw_key_int(&jw, "plainBytes", (int64_t)n_plain_bytes);
    jw_key_str(&jw, "diffId", diff_id);
    jw_key_str(&jw, "coding", coding);
    if (finish_line(w, &jw, start, err) < 0)
        return -1;
    return flush(w, err);
}
