/*
 * requirements.txt: what a Python application asks for (scan-facts.md §13.1).
 * The peer takes every line for itself; a backslash at its end joins it with
 * the next one for us.
 */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/pyreq.h"

#define MAX_REQUIREMENTS 50000

struct file {
    struct bytes text;
    size_t n; /* requirements so far */
    bool too_many;
};

/* "a\", "==1" is "a ==1". True: `line` goes on in the next one; a comment
 * never does. */
static bool
join(struct buf *whole, struct bytes line)
{
    bool more = line.n > 0 && line.p[0] != '#' && line.p[line.n - 1] == '\\';

    buf_add_bytes(whole, bytes_to(line, line.n - more));
    buf_add_char(whole, ' ');
    return more;
}

/* Without a comment; what begins with "-" is an option. */
static struct bytes
strip(struct bytes line)
{
    for (size_t i = 1; i < line.n; i++) {
        if (line.p[i] == '#' && js_space(bytes_from(line, i - 1)) > 0)
            return bytes_trim(bytes_to(line, i));
    }
    return bytes_trim(line);
}

/* An address of something, as in "git+https://…" or "./wheel.whl". */
static bool
is_place(struct bytes line)
{
    size_t name = 0;

    while (name < line.n && line.p[name] != ' ' && line.p[name] != '@' &&
           line.p[name] != ';')
        name++;
    return bytes_find(bytes_to(line, name), '/') < name ||
           bytes_find(bytes_to(line, name), ':') < name;
}

static bool
is_ours(struct bytes line)
{
    return line.n > 0 && line.p[0] != '-' && line.p[0] != '#' &&
           !is_place(line);
}

static void
write_line(struct jw *jw, struct file *f, struct bytes line,
           enum pyreq_for mode)
{
    struct pyreq r;

    if (line.n == 0 || line.p[0] == '#' ||
        !pyreq_parse(&r, line, PYREQ_FILE, mode))
        return;
    if (++f->n <= MAX_REQUIREMENTS)
        pyreq_write(&r, jw);
    f->too_many = f->too_many || r.cut || f->n > MAX_REQUIREMENTS;
}

/* A line of its own is read once for both; a joined one once for each. */
static void
write_lines(struct jw *jw, struct file *f)
{
    auto_buf struct buf whole = BUF_INIT(SIZE_MAX / 4);
    struct js_split it = { .rest = f->text };
    struct bytes line;

    while (js_split_next(&it, "\n", &line)) {
        bool fresh = whole.n == 0, more;

        line = js_trim(line);
        more = join(&whole, line);
        struct bytes right = more ? BYTES_NONE : strip(buf_bytes(&whole));
        bool same = fresh && bytes_equal(right, line) && is_ours(right);

        write_line(jw, f, line, same ? PYREQ_BOTH : PYREQ_PEER);
        if (more)
            continue;
        if (!same && is_ours(right))
            write_line(jw, f, right, PYREQ_RIGHT);
        buf_reset(&whole);
    }
    /* The last line may promise another one. */
    line = strip(buf_bytes(&whole));
    if (is_ours(line))
        write_line(jw, f, line, PYREQ_RIGHT);
}

static void
write_file(struct jw *jw, void *arg)
{
    jw_obj(jw);
    jw_key(jw, "r");
    jw_arr(jw);
    write_lines(jw, arg);
    jw_end(jw);
    jw_end(jw);
}

static int
requirements_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct file f = { .text = utf8_mended(body, &text) };

    if (an_item(out, "requirements", write_file, &f, err) < 0)
        return -1;
    return f.too_many ? an_warn(out, err, "requirements: only the first %d "
                                "lines count, and no extra or marker that is "
                                "too long", MAX_REQUIREMENTS)
                      : 0;
}

const struct analyzer analyzer_requirements = {
    .name = "requirements",
    .wants = (const char *const[]){ "requirements.txt", NULL },
    .read = requirements_read,
};
