/* An archive's members: reading the lines of an index worker, and finding
 * members again. Running the worker lives in indexing.c. */
#include "engine/source/archive-index.h"

#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"
#include "engine/source/member-path.h"

#define LINE_MAX_BYTES    (16u << 20) /* 2 MiB of body, escaped, and its name */
#define BODIES_MAX_BYTES  (64u << 20)
#define MEMBERS_MAX       100000
#define MAX_LINKS         8

struct index_reader {
    struct archive_index *index; /* owns */
    struct buf line;             /* the unfinished one */
    size_t cap;                  /* of members */
    size_t body_bytes;           /* of all bodies */
    bool begun, ended;
};

void
archive_index_free(struct archive_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->n_members; i++) {
        free(index->members[i].path);
        free(index->members[i].link);
        free(index->members[i].body);
    }
    free(index->members);
    map_free(index->by_path);
    free(index);
}

const struct member *
archive_find(const struct archive_index *index, const char *path)
{
    size_t at = (size_t)map_get_str(index->by_path, path);

    return at > 0 ? &index->members[at - 1] : NULL;
}

const struct member *
archive_resolve(const struct archive_index *index, const char *path)
{
    auto_free char *at = xstrdup(path);

    for (int i = 0; i <= MAX_LINKS && at != NULL; i++) {
        const struct member *m = archive_find(index, at);
        char *next;

        if (m == NULL || m->type == MEMBER_OTHER)
            return NULL;
        if (m->type == MEMBER_FILE)
            return m;
        next = m->type == MEMBER_SYMLINK
                   ? member_link(at, bytes_str(m->link))
                   : member_path(bytes_str(m->link));
        free(at);
        at = next;
    }
    return NULL;
}

/* ---- reading ------------------------------------------------------------- */

struct index_reader *
index_reader_new(void)
{
    struct index_reader *r = xnew(struct index_reader);

    r->index = xnew(struct archive_index);
    r->index->by_path = map_new();
    buf_init(&r->line, LINE_MAX_BYTES);
    return r;
}

void
index_reader_free(struct index_reader *r)
{
    if (r == NULL)
        return;
    archive_index_free(r->index);
    buf_clear(&r->line);
    free(r);
}

static enum member_type
type_of(const char *t)
{
    if (str_eq(t, "file"))
        return MEMBER_FILE;
    if (str_eq(t, "symlink"))
        return MEMBER_SYMLINK;
    return str_eq(t, "hardlink") ? MEMBER_HARDLINK : MEMBER_OTHER;
}

static struct member *
add_member(struct index_reader *r)
{
    struct archive_index *x = r->index;

    if (x->n_members == r->cap) {
        r->cap = r->cap > 0 ? r->cap * 2 : 64;
        x->members = xrealloc(x->members, r->cap * sizeof(*x->members));
    }
    x->members[x->n_members] = (struct member){ 0 };
    return &x->members[x->n_members++];
}

static int
take_member(struct index_reader *r, const struct jx *line, struct err *err)
{
    char *path = member_path(jx_bytes_value(jx_get(line, "n")));
    struct bytes body = jx_bytes_value(jx_get(line, "b"));
    int64_t offset = jx_int(line, "o", 0), size = jx_int(line, "s", 0);
    struct member *m;

    /* Names that climb out of the archive are nobody's layer. */
    if (path == NULL)
        return 0;
    if (r->index->n_members == MEMBERS_MAX ||
        body.n > BODIES_MAX_BYTES - r->body_bytes) {
        free(path);
        return err_set_code(err, ERR_LIMIT, "INDEX_TOO_LARGE",
                            "too many members, or too much JSON in them");
    }
    m = add_member(r);
    m->path = path;
    map_put_str(r->index->by_path, path, (void *)r->index->n_members);
    m->type = type_of(jx_str(line, "t"));
    m->offset = offset > 0 ? (uint64_t)offset : 0;
    m->size = size > 0 ? (uint64_t)size : 0;
    m->link = xstrdup(jx_str(line, "l"));
    if (m->link == NULL && m->type != MEMBER_FILE)
        m->type = MEMBER_OTHER;
    if (body.p != NULL) {
        m->body = bytes_dup(body);
        m->body_n = body.n;
        r->body_bytes += body.n;
    }
    return 0;
}

static int
take_line(struct index_reader *r, struct bytes text, struct err *err)
{
    auto_jx struct jx *line = jx_parse_lossy(text, LINE_MAX_BYTES, err);

    if (line == NULL)
        return -1;
    if (!r->begun) {
        if (jx_int(line, "index", 0) != 1)
            return err_set(err, ERR_INTERNAL, "not the index we know");
        r->begun = true;
        r->index->is_plain = str_eq(jx_str(line, "coding"), "plain");
        return 0;
    }
    if (r->ended)
        return err_set(err, ERR_INTERNAL, "more lines behind the last");
    if (jx_bool(line, "end", false)) {
        r->ended = true;
        return 0;
    }
    return take_member(r, line, err);
}

int
index_reader_feed(struct index_reader *r, struct bytes chunk, struct err *err)
{
    while (chunk.n > 0) {
        size_t n = bytes_find(chunk, '\n');

        if (buf_add_bytes(&r->line, bytes_to(chunk, n)) < 0)
            return buf_check(&r->line, "a member of the archive", err);
        if (n == chunk.n)
            break;
        if (take_line(r, buf_bytes(&r->line), err) < 0)
            return err_wrap(err, "index of the archive");
        buf_reset(&r->line);
        chunk = bytes_from(chunk, n + 1);
    }
    return 0;
}

struct archive_index *
index_reader_finish(struct index_reader *r, struct err *err)
{
    if (!r->ended || r->line.n > 0) {
        err_set(err, ERR_INTERNAL, "index of the archive: it has no end");
        return NULL;
    }
    return steal(r->index);
}
