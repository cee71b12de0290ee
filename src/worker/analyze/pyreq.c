/* Requirements of Python. What an environment makes of them is not decided
 * here. */
#include "worker/analyze/pyreq.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"

/* Nobody writes longer ones; each is compared with many. */
#define MAX_EXTRAS_BYTES 1024
#define MAX_MARKER_BYTES 4096

static bool
is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

static bool
is_name(uint8_t c)
{
    return is_word(c) || c == '.' || c == '-';
}

static bool
is_version(uint8_t c)
{
    return is_word(c) || c == '.';
}

/* The longest start made of such characters; *text moves behind it. */
static struct bytes
take_while(struct bytes *text, bool (*is)(uint8_t c))
{
    size_t n = 0;

    while (n < text->n && is(text->p[n]))
        n++;
    struct bytes taken = bytes_to(*text, n);

    *text = bytes_from(*text, n);
    return taken;
}

static bool
eat(struct bytes *text, const char *s)
{
    if (!bytes_starts(*text, s))
        return false;
    *text = bytes_from(*text, strlen(s));
    return true;
}

/* ---- as the peer reads ------------------------------------------------- */

/* "[" to the last "]" of the line. */
static struct bytes
take_greedy_extras(struct bytes *text)
{
    size_t end = 0;

    if (text->n == 0 || text->p[0] != '[')
        return BYTES_NONE;
    for (size_t i = 1; i < text->n && js_terminator(bytes_from(*text, i)) == 0;
         i++) {
        if (text->p[i] == ']')
            end = i;
    }
    if (end == 0)
        return BYTES_NONE;
    struct bytes inside = bytes_of(text->p + 1, end - 1);

    *text = bytes_from(*text, end + 1);
    return inside;
}

/*
 * The alternatives are tried in this order. In a requirements file a version
 * may be empty, so "<" always comes before "<=".
 */
static void
take_specifier(struct pyreq *r, struct bytes text, bool version_needed)
{
    static const char *const specifiers[] = { "<",  "<=", "!=", "==",
                                              ">=", ">",  "~=", "===" };

    for (size_t i = 0; i < N_ELEMENTS(specifiers); i++) {
        struct bytes rest = text;

        if (!eat(&rest, specifiers[i]))
            continue;
        r->version = take_while(&rest, is_version);
        if (r->version.n == 0 && version_needed)
            continue;
        r->specifier = bytes_str(specifiers[i]);
        return;
    }
    r->version = BYTES_NONE;
}

static void
read_as_peer(struct pyreq *r, struct bytes rest, enum pyreq_source source)
{
    r->extras = take_greedy_extras(&rest);
    if (source == PYREQ_METADATA) {
        rest = bytes_from(rest, js_space(rest));
        eat(&rest, "(");
    }
    take_specifier(r, rest, source == PYREQ_METADATA);
}

/* ---- as PEP 508 says --------------------------------------------------- */

static void
read_right(struct pyreq *r, struct bytes rest)
{
    size_t end;

    rest = bytes_trim(bytes_to(rest, bytes_find(rest, ';')));
    if (eat(&rest, "[")) {
        end = bytes_find(rest, ']');
        r->right_extras = bytes_to(rest, end);
        rest = bytes_trim(bytes_from(rest, end + 1));
    }
    if (rest.n == 0 || rest.p[0] == '@')
        return;
    if (eat(&rest, "("))
        rest = bytes_trim(bytes_to(rest, bytes_find(rest, ')')));
    /* Options of pip ("--hash=…") may follow. */
    end = bytes_find_str(rest, " --");
    r->constraint = bytes_to(rest, end);
}

/* Between the first and the second ";". */
static struct bytes
find_marker(struct bytes text)
{
    text = bytes_from(text, bytes_find(text, ';') + 1);
    return bytes_to(text, bytes_find(text, ';'));
}

static void
drop_beyond(struct pyreq *r, struct bytes *text, size_t max_bytes)
{
    if (text->n <= max_bytes)
        return;
    *text = BYTES_NONE;
    r->cut = true;
}

bool
pyreq_parse(struct pyreq *out, struct bytes text, enum pyreq_source source,
            enum pyreq_for mode)
{
    struct bytes rest = text;

    *out = (struct pyreq){ .mode = mode };
    if (mode == PYREQ_RIGHT)
        rest = bytes_trim(rest);
    out->name = take_while(&rest, is_name);
    if (out->name.n == 0)
        return false;
    out->marker = find_marker(text);
    if (mode != PYREQ_RIGHT)
        read_as_peer(out, rest, source);
    if (mode != PYREQ_PEER)
        read_right(out, rest);
    drop_beyond(out, &out->extras, MAX_EXTRAS_BYTES);
    drop_beyond(out, &out->right_extras, MAX_EXTRAS_BYTES);
    drop_beyond(out, &out->marker, MAX_MARKER_BYTES);
    return true;
}

/* ---- writing ----------------------------------------------------------- */

static void
write_extras(struct jw *jw, const char *key, struct bytes extras)
{
    struct js_split it = { .rest = extras };
    struct bytes extra;

    if (extras.n == 0)
        return;
    jw_key(jw, key);
    jw_arr(jw);
    while (js_split_next(&it, ",", &extra))
        jw_bytes(jw, js_trim(extra));
    jw_end(jw);
}

/* Without blanks, and only if the peer's reading does not say it all. */
static void
write_constraint(struct jw *jw, const struct pyreq *r)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    auto_buf struct buf of_peer = BUF_INIT(SIZE_MAX / 4);

    for (size_t i = 0; i < r->constraint.n; i++) {
        if (js_space(bytes_from(r->constraint, i)) == 0)
            buf_add_char(&text, (char)r->constraint.p[i]);
    }
    buf_add_bytes(&of_peer, r->specifier);
    buf_add_bytes(&of_peer, r->version);
    if (!bytes_equal(buf_bytes(&text), buf_bytes(&of_peer))) {
        jw_key(jw, "c");
        jw_bytes(jw, buf_bytes(&text));
    }
}

void
pyreq_write(const struct pyreq *r, struct jw *jw)
{
    jw_obj(jw);
    jw_key_opt_bytes(jw, "n", r->name);
    write_extras(jw, "x", r->extras);
    jw_key_opt_bytes(jw, "s", r->version.n > 0 ? r->specifier : BYTES_NONE);
    jw_key_opt_bytes(jw, "w", r->version);
    if (r->mode != PYREQ_PEER) {
        write_constraint(jw, r);
        if (!bytes_equal(r->extras, r->right_extras))
            write_extras(jw, "rx", r->right_extras.n > 0
                                       ? r->right_extras
                                       : bytes_str(" "));
    }
    jw_key_opt_bytes(jw, "m", r->marker);
    if (r->mode != PYREQ_BOTH)
        jw_key_str(jw, "only", r->mode == PYREQ_PEER ? "peer" : "right");
    jw_end(jw);
}
