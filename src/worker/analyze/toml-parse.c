/*
 * The grammar of TOML: headers, keys, arrays, tables in lines. Where it is
 * ambiguous for no reader, we take more than the standard allows, as the peer
 * does: a comma behind the last member of an inline table, a header for a table
 * made by dotted keys, any character in a comment, a 31st of every month.
 * Strings and numbers are read in toml-scalar.c.
 */
#include "worker/analyze/toml-private.h"

#include <string.h>

struct parser {
    struct toml *t;
    struct toml_input in;
    struct bytes whole;
    uint32_t section;  /* counts headers */
    uint32_t table;    /* the one keys go into */
    unsigned depth;
    bool too_much;
};

static bool
fail(struct parser *p, const char *why)
{
    return toml_fail(&p->in, why);
}

static bool
too_much(struct parser *p, const char *why)
{
    p->too_much = true;
    return fail(p, why);
}

/* ---- nodes ------------------------------------------------------------- */

static uint32_t
checked(struct parser *p, uint32_t id)
{
    if (id == 0)
        too_much(p, "too many keys and items");
    return id;
}

static uint32_t
add_node(struct parser *p, uint32_t parent, enum toml_type type)
{
    return checked(p, toml_add_node(p->t, parent, type));
}

static uint32_t
add_member(struct parser *p, uint32_t table, struct toml_text name,
           enum toml_type type)
{
    return checked(p, toml_add_member(p->t, table, name, type));
}

/* ---- blanks ------------------------------------------------------------ */

static int
peek(const struct parser *p)
{
    return p->in.rest.n > 0 ? p->in.rest.p[0] : -1;
}

static void
eat(struct parser *p, size_t n)
{
    p->in.rest = bytes_from(p->in.rest, n);
}

static void
skip_blanks(struct parser *p)
{
    while (peek(p) == ' ' || peek(p) == '\t')
        eat(p, 1);
}

static void
skip_comment(struct parser *p)
{
    skip_blanks(p);
    if (peek(p) == '#')
        eat(p, bytes_find(p->in.rest, '\n'));
}

static bool
eat_newline(struct parser *p)
{
    if (bytes_starts(p->in.rest, "\r\n"))
        eat(p, 2);
    else if (peek(p) == '\n')
        eat(p, 1);
    else
        return false;
    return true;
}

static void
skip_lines(struct parser *p)
{
    do {
        skip_comment(p);
    } while (eat_newline(p));
}

static bool
end_of_line(struct parser *p)
{
    skip_comment(p);
    return peek(p) == -1 || eat_newline(p) ||
           fail(p, "more text behind a value or a header");
}

/* ---- keys -------------------------------------------------------------- */

static bool
read_key(struct parser *p, struct toml_text *name)
{
    skip_blanks(p);
    *name = (struct toml_text){ BYTES_NONE, SIZE_MAX };
    if (peek(p) == '"' || peek(p) == '\'') {
        if (!toml_read_string(&p->in, false, name))
            return false;
    } else if (!toml_read_bare(&p->in, &name->raw)) {
        return false;
    }
    skip_blanks(p);
    return true;
}

/* A table on the way of a dotted key. */
static uint32_t
step_by_dots(struct parser *p, uint32_t table, struct toml_text name)
{
    uint32_t id = toml_find_member(p->t, table, toml_resolve(p->t, name));
    struct toml_node *n;

    if (id == 0) {
        id = add_member(p, table, name, TOML_TABLE);
        if (id == 0)
            return 0;
        p->t->nodes[id].made = BY_DOTS;
        p->t->nodes[id].section = p->section;
        return id;
    }
    n = &p->t->nodes[id];
    if (n->type != TOML_TABLE || n->made == BY_HEADER || n->made == INLINE ||
        (n->made == BY_DOTS && n->section != p->section)) {
        fail(p, "a key below what is no table, or a closed one");
        return 0;
    }
    n->made = BY_DOTS;
    n->section = p->section;
    return id;
}

/* A table on the way of a header. */
static uint32_t
step_by_header(struct parser *p, uint32_t table, struct toml_text name)
{
    uint32_t id = toml_find_member(p->t, table, toml_resolve(p->t, name));
    const struct toml_node *n;

    if (id == 0)
        return add_member(p, table, name, TOML_TABLE);
    n = &p->t->nodes[id];
    if (n->type == TOML_ARRAY && n->made == OF_TABLES)
        return n->last;
    if (n->type != TOML_TABLE || n->made == INLINE) {
        fail(p, "a table below what is no table, or a closed one");
        return 0;
    }
    return id;
}

typedef uint32_t (*step_fn)(struct parser *p, uint32_t table,
                            struct toml_text name);

/* "a.b.c" from `table` on: the table of the last part, and that part. */
static uint32_t
read_path(struct parser *p, uint32_t table, step_fn step,
          struct toml_text *last)
{
    for (unsigned depth = p->depth;; depth++) {
        if (depth > TOML_MAX_DEPTH) {
            too_much(p, "nested too deeply");
            return 0;
        }
        if (!read_key(p, last))
            return 0;
        if (peek(p) != '.')
            return table;
        eat(p, 1);
        table = step(p, table, *last);
        if (table == 0)
            return 0;
    }
}

/* ---- values ------------------------------------------------------------ */

static bool read_value(struct parser *p, uint32_t id);

/* key = value, into that table. */
static bool
read_member(struct parser *p, uint32_t table)
{
    struct toml_text name;
    uint32_t id;

    table = read_path(p, table, step_by_dots, &name);
    if (table == 0)
        return false;
    if (peek(p) != '=')
        return fail(p, "\"=\" is missing");
    eat(p, 1);
    if (toml_find_member(p->t, table, toml_resolve(p->t, name)) != 0)
        return fail(p, "a key that is there already");
    id = add_member(p, table, name, TOML_NONE);
    skip_blanks(p);
    return id != 0 && read_value(p, id);
}

/* Items were of one kind before TOML 1.0. */
static void
note_mixture(struct parser *p, uint32_t array, uint32_t item)
{
    struct toml *t = p->t;
    const struct toml_node *a = &t->nodes[t->nodes[array].first];
    const struct toml_node *b = &t->nodes[item];

    if (a->type != b->type || a->is_float != b->is_float)
        t->mixed = true;
}

/* Behind "[". */
static bool
read_array(struct parser *p, uint32_t id)
{
    bool comma = true;

    p->t->nodes[id].type = TOML_ARRAY;
    while (true) {
        uint32_t item;

        skip_lines(p);
        if (peek(p) == ']') {
            eat(p, 1);
            return true;
        }
        if (!comma)
            return fail(p, "a comma is missing");
        item = add_node(p, id, TOML_NONE);
        if (item == 0 || !read_value(p, item))
            return false;
        note_mixture(p, id, item);
        skip_lines(p);
        comma = peek(p) == ',';
        if (comma)
            eat(p, 1);
    }
}

/* What was made on the way is closed with the table it is in. */
static void
close_inline(struct parser *p, uint32_t from)
{
    for (uint32_t i = from; i < p->t->n; i++) {
        if (p->t->nodes[i].type == TOML_TABLE)
            p->t->nodes[i].made = INLINE;
    }
}

/* Behind "{". All on one line. */
static bool
read_inline(struct parser *p, uint32_t id)
{
    bool comma = true;

    p->t->nodes[id].type = TOML_TABLE;
    skip_blanks(p);
    while (comma && peek(p) != '}') {
        if (!read_member(p, id))
            return false;
        skip_blanks(p);
        comma = peek(p) == ',';
        if (comma)
            eat(p, 1);
        skip_blanks(p);
    }
    if (peek(p) != '}')
        return fail(p, "\"}\" is missing");
    eat(p, 1);
    close_inline(p, id);
    return true;
}

static bool
read_nested(struct parser *p, uint32_t id)
{
    bool array = peek(p) == '[', ok;

    if (p->depth == TOML_MAX_DEPTH)
        return too_much(p, "nested too deeply");
    p->depth++;
    eat(p, 1);
    ok = array ? read_array(p, id) : read_inline(p, id);
    p->depth--;
    return ok;
}

/* A fraction or an exponent makes a number another kind. */
static bool
is_float(struct bytes number)
{
    if (bytes_starts(number, "0x"))
        return false;
    for (size_t i = 0; i < number.n; i++) {
        if (memchr(".eEin", number.p[i], 5) != NULL)
            return true;
    }
    return false;
}

static bool
read_value(struct parser *p, uint32_t id)
{
    struct toml_text text = { BYTES_NONE, SIZE_MAX };
    enum toml_type type = TOML_STRING;

    if (peek(p) == '[' || peek(p) == '{')
        return read_nested(p, id);
    if (peek(p) == '"' || peek(p) == '\'') {
        if (!toml_read_string(&p->in, true, &text))
            return false;
    } else if (!toml_read_scalar(&p->in, &type, &text.raw)) {
        return false;
    }
    p->t->nodes[id].type = (uint8_t)type;
    p->t->nodes[id].text = text.raw;
    p->t->nodes[id].text_offset = text.offset;
    p->t->nodes[id].is_float = type == TOML_NUMBER && is_float(text.raw);
    return true;
}

/* ---- headers ----------------------------------------------------------- */

/* [a.b] */
static bool
open_table(struct parser *p, uint32_t parent, struct toml_text name)
{
    uint32_t id = toml_find_member(p->t, parent, toml_resolve(p->t, name));

    if (id == 0)
        id = add_member(p, parent, name, TOML_TABLE);
    else if (p->t->nodes[id].type != TOML_TABLE ||
             p->t->nodes[id].made == BY_HEADER ||
             p->t->nodes[id].made == INLINE)
        return fail(p, "a table that is there already");
    if (id == 0)
        return false;
    p->t->nodes[id].made = BY_HEADER;
    p->table = id;
    return true;
}

/* [[a.b]] */
static bool
open_item(struct parser *p, uint32_t parent, struct toml_text name)
{
    uint32_t id = toml_find_member(p->t, parent, toml_resolve(p->t, name));

    if (id == 0) {
        id = add_member(p, parent, name, TOML_ARRAY);
        if (id == 0)
            return false;
        p->t->nodes[id].made = OF_TABLES;
    } else if (p->t->nodes[id].made != OF_TABLES) {
        return fail(p, "an array that is something else already");
    }
    p->table = add_node(p, id, TOML_TABLE);
    if (p->table == 0)
        return false;
    p->t->nodes[p->table].made = BY_HEADER;
    return true;
}

static bool
read_header(struct parser *p)
{
    bool item = bytes_starts(p->in.rest, "[[");
    struct toml_text name;
    uint32_t parent;

    eat(p, item ? 2 : 1);
    p->section++;
    parent = read_path(p, TOML_ROOT, step_by_header, &name);
    if (parent == 0)
        return false;
    if (!bytes_starts(p->in.rest, item ? "]]" : "]"))
        return fail(p, "a header is not closed");
    eat(p, item ? 2 : 1);
    return item ? open_item(p, parent, name) : open_table(p, parent, name);
}

static bool
read_document(struct parser *p)
{
    p->table = TOML_ROOT;
    while (true) {
        skip_lines(p);
        if (peek(p) == -1)
            return true;
        if (!(peek(p) == '[' ? read_header(p) : read_member(p, p->table)) ||
            !end_of_line(p))
            return false;
    }
}

static int
line_of(const struct parser *p)
{
    struct bytes read = bytes_to(p->whole, p->whole.n - p->in.rest.n);
    int line = 1;

    for (size_t i = 0; i < read.n; i++)
        line += read.p[i] == '\n';
    return line;
}

bool
toml_read_document(struct toml *t, struct bytes text, struct err *err)
{
    struct parser p = { .t = t, .whole = text,
                        .in = { .rest = text, .texts = &t->texts } };

    if (bytes_starts(text, "\xef\xbb\xbf"))
        eat(&p, 3);
    if (read_document(&p))
        return true;
    err_set(err, p.too_much ? ERR_LIMIT : ERR_INPUT,
            "malformed TOML in line %d: %s", line_of(&p), p.in.why);
    return false;
}
