/* Records, read with suspicion. What a kind's "d" holds is its reader's
 * business; here the frame is checked. */
#include "worker/image/record-reader.h"

#include <string.h>

#include "base/str.h"
#include "worker/image/record.h"

#define PATH_MAX_BYTES (64u << 10)
#define KIND_MAX_BYTES 32

struct record_reader {
    struct buf in;       /* owns: bytes not taken yet */
    size_t at;           /* of the first byte not taken */
    size_t scanned;      /* bytes behind `at` known to hold no line feed */
    size_t n_lines;
    uint64_t last_index;
    bool begun, ended, bad, too_long;
    struct jx *line;     /* owns */
    struct buf path;     /* owns: a decoded "pb" */
};

struct record_reader *
record_reader_new(size_t line_limit_bytes)
{
    struct record_reader *r = xnew(struct record_reader);

    buf_init(&r->in, line_limit_bytes);
    buf_init(&r->path, PATH_MAX_BYTES);
    return r;
}

void
record_reader_free(struct record_reader *r)
{
    if (r == NULL)
        return;
    jx_free(r->line);
    buf_clear(&r->in);
    buf_clear(&r->path);
    free(r);
}

void
record_feed(struct record_reader *r, struct bytes chunk)
{
    if (r->at > 0) {
        buf_eat(&r->in, r->at);
        r->at = 0;
    }
    if (buf_add_bytes(&r->in, chunk) < 0)
        r->too_long = true;
}

struct jx *
record_take(struct record_reader *r)
{
    return steal(r->line);
}

static enum record_event
bad(struct record_reader *r, struct err *err, const char *why)
{
    r->bad = true;
    err_set(err, ERR_INPUT, "record: line %zu: %s", r->n_lines, why);
    return RECORD_BAD;
}

static bool
read_path(struct record_reader *r, struct record_line *line)
{
    struct jx *encoded = jx_get(r->line, "pb");

    line->path = jx_bytes_value(jx_get(r->line, "p"));
    if (encoded != NULL) {
        buf_reset(&r->path);
        if (base64_decode(jx_bytes_value(encoded), &r->path) < 0)
            return false;
        line->path = buf_bytes(&r->path);
    }
    return line->path.n > 0 && line->path.n <= PATH_MAX_BYTES &&
           line->path.p[0] == '/';
}

static enum record_event
read_item(struct record_reader *r, struct record_line *line, struct err *err)
{
    int64_t index = jx_int(r->line, "i", -1);

    line->kind = jx_str(r->line, "k");
    line->data = jx_get(r->line, "d");
    if (index < 0 || (uint64_t)index < r->last_index)
        return bad(r, err, "its place goes back");
    if (line->kind == NULL || strlen(line->kind) > KIND_MAX_BYTES)
        return bad(r, err, "no kind");
    if (!read_path(r, line))
        return bad(r, err, "no path");
    line->index = r->last_index = (uint64_t)index;
    return RECORD_ITEM;
}

static enum record_event
read_head(struct record_reader *r, struct record_line *line, struct err *err)
{
    if (jx_int(r->line, "record", 0) != RECORD_VERSION)
        return bad(r, err, "not a record of this version");
    line->text = jx_str(r->line, "analyzer");
    if (line->text == NULL)
        return bad(r, err, "no analyzer version");
    r->begun = true;
    return RECORD_BEGIN;
}

static enum record_event
read_end(struct record_reader *r, struct record_line *line, struct err *err)
{
    int64_t n = jx_int(r->line, "entries", -1);

    if (n < 0)
        return bad(r, err, "no count of entries");
    line->n_entries = (uint64_t)n;
    line->diff_id = jx_str(r->line, "diffId");
    r->ended = true;
    return RECORD_END;
}

static enum record_event
read_line(struct record_reader *r, struct bytes text, struct record_line *line,
          struct err *err)
{
    r->n_lines++;
    if (r->ended)
        return bad(r, err, "more text after the end");
    r->line = jx_parse(text, SIZE_MAX, err);
    if (r->line == NULL) {
        r->bad = true;
        err_wrap(err, "record: line %zu", r->n_lines);
        return RECORD_BAD;
    }
    if (!r->begun)
        return read_head(r, line, err);
    if (jx_bool(r->line, "end", false))
        return read_end(r, line, err);
    if (!jx_has(r->line, "warning"))
        return read_item(r, line, err);
    line->text = jx_str(r->line, "warning");
    if (line->text == NULL || !read_path(r, line))
        return bad(r, err, "a warning without text or path");
    return RECORD_WARNING;
}

enum record_event
record_step(struct record_reader *r, struct record_line *line, struct err *err)
{
    struct bytes rest = bytes_from(buf_bytes(&r->in), r->at);
    size_t end;

    *line = (struct record_line){ 0 };
    jx_free(r->line);
    r->line = NULL;
    if (r->bad)
        return bad(r, err, "read on after an error");
    end = r->scanned + bytes_find(bytes_from(rest, r->scanned), '\n');
    if (end >= rest.n) {
        r->scanned = rest.n;
        if (!r->too_long)
            return RECORD_NEED_MORE;
        r->bad = true;
        err_set(err, ERR_LIMIT, "record: line %zu: more than %zu bytes",
                r->n_lines + 1, r->in.limit);
        return RECORD_BAD;
    }
    r->at += end + 1;
    r->scanned = 0;
    return read_line(r, bytes_to(rest, end), line, err);
}

int
record_finish(struct record_reader *r, struct err *err)
{
    if (r->bad)
        return err_set(err, ERR_INPUT, "record: damaged");
    if (!r->ended || r->at < r->in.n)
        return err_set(err, ERR_INPUT, "record: no end line");
    return 0;
}
