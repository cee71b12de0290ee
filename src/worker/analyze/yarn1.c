/*
 * The grammar: names, texts and numbers in lines, two spaces of indentation
 * for each level, "#" comments. A name (or several with commas) is followed
 * by a value, or by a colon and a deeper block.
 */
#include "worker/analyze/yarn1.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/json/jx.h"
#include "base/str.h"

#define VERSION_TEXT   "yarn lockfile v"
#define NEWEST_VERSION '1'

enum token {
    T_LINE,   /* a line ends */
    T_INDENT, /* `level` of it, at a line's start */
    T_TEXT,
    T_NUMBER,
    T_BOOL,
    T_COLON,
    T_COMMA,
    T_END,
    T_WRONG   /* no token begins so */
};

struct yarn1 {
    struct bytes rest;
    struct tree *tree;  /* borrows */
    enum token token;
    size_t level;
    struct bytes text;  /* of T_TEXT, T_NUMBER, T_BOOL */
    struct buf decoded; /* owns: a quoted text with escapes in it */
    size_t line;
    bool at_start;      /* of a line */
    bool torn_apart;    /* what failed is grammar, not indentation */
};

/* ---- tokens ------------------------------------------------------------- */

static void
eat(struct yarn1 *y, size_t n)
{
    y->rest = bytes_from(y->rest, n);
}

static uint8_t
peek(const struct yarn1 *y, size_t at)
{
    return at < y->rest.n ? y->rest.p[at] : '\0';
}

static int
fail(struct yarn1 *y, struct err *err, const char *why)
{
    return err_set(err, ERR_INPUT, "line %zu: %s", y->line, why);
}

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* "yarn lockfile v2" */
static bool
tells_newer(struct bytes comment)
{
    struct bytes number = bytes_from(comment, strlen(VERSION_TEXT));

    if (!bytes_starts(comment, VERSION_TEXT))
        return false;
    for (size_t i = 0; i < number.n; i++) {
        if (!is_digit(number.p[i]))
            return false;
    }
    while (bytes_starts(number, "0"))
        number = bytes_from(number, 1);
    return number.n > 1 || (number.n == 1 && number.p[0] > NEWEST_VERSION);
}

static int
read_comment(struct yarn1 *y, struct err *err)
{
    size_t n = bytes_find(y->rest, '\n');
    struct bytes text = js_trim(bytes_from(bytes_to(y->rest, n), 1));

    eat(y, n);
    return tells_newer(text) ? fail(y, err, "written by a newer yarn") : 0;
}

/* Bytes of a quoted text with both quotes, or of all that is left. */
static size_t
quoted_length(struct bytes s)
{
    size_t i = 1;

    while (i < s.n) {
        bool escaped = s.p[i - 1] == '\\' && (i < 2 || s.p[i - 2] != '\\');

        if (s.p[i++] == '"' && !escaped)
            break;
    }
    return i;
}

/* Nothing in it that JSON writes in another way or does not allow. */
static bool
is_verbatim(struct bytes quoted)
{
    if (quoted.n < 2 || quoted.p[quoted.n - 1] != '"')
        return false;
    for (size_t i = 0; i < quoted.n; i++) {
        if (quoted.p[i] < ' ' || quoted.p[i] == '\\')
            return false;
    }
    return true;
}

/* A text as JSON has it. */
static enum token
read_quoted(struct yarn1 *y)
{
    size_t n = quoted_length(y->rest);
    struct bytes raw = bytes_to(y->rest, n);
    struct jx *doc;

    eat(y, n);
    if (is_verbatim(raw)) {
        y->text = bytes_of(raw.p + 1, n - 2);
        return T_TEXT;
    }
    doc = jx_parse_lossy(raw, SIZE_MAX, NULL);
    if (!jx_is_str(doc)) {
        jx_free(doc);
        return T_WRONG;
    }
    buf_reset(&y->decoded);
    buf_add_bytes(&y->decoded, jx_bytes_value(doc));
    jx_free(doc);
    y->text = buf_bytes(&y->decoded);
    return T_TEXT;
}

static bool
begins_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
           c == '-';
}

static enum token
read_word(struct yarn1 *y)
{
    size_t n = 0;

    if (is_digit(peek(y, 0))) {
        while (is_digit(peek(y, n)))
            n++;
        y->text = bytes_to(y->rest, n);
        eat(y, n);
        return T_NUMBER;
    }
    if (bytes_starts(y->rest, "true") || bytes_starts(y->rest, "false")) {
        y->text = bytes_to(y->rest, peek(y, 0) == 't' ? 4 : 5);
        eat(y, y->text.n);
        return T_BOOL;
    }
    if (!begins_name(peek(y, 0)))
        return T_WRONG;
    while (n < y->rest.n && strchr(": \n\r,", y->rest.p[n]) == NULL)
        n++;
    y->text = bytes_to(y->rest, n);
    eat(y, n);
    return T_TEXT;
}

/* Spaces at a line's start; elsewhere they mean nothing. */
static int
read_indent(struct yarn1 *y, struct err *err)
{
    size_t n = 0;

    while (peek(y, n) == ' ')
        n++;
    eat(y, n);
    if (n % 2 != 0)
        return fail(y, err, "an odd number of spaces");
    y->at_start = false;
    y->token = T_INDENT;
    y->level = n / 2;
    return 0;
}

static enum token
read_line_end(struct yarn1 *y)
{
    bool pair = peek(y, 0) == '\r' && peek(y, 1) == '\n';

    y->at_start = pair || peek(y, 0) == '\n';
    eat(y, peek(y, 1) == '\n' ? 2 : 1);
    y->line++;
    return T_LINE;
}

/* The next token into y->token. */
static int
next(struct yarn1 *y, struct err *err)
{
    uint8_t c;

    for (;;) {
        if (y->rest.n == 0) {
            y->token = T_END;
            return 0;
        }
        c = peek(y, 0);
        if (c == ' ' && y->at_start)
            return read_indent(y, err);
        if (c == '\n' || c == '\r') {
            y->token = read_line_end(y);
            return 0;
        }
        y->at_start = false;
        if (c == '#') {
            if (read_comment(y, err) < 0)
                return -1;
        } else if (c == ' ') {
            eat(y, 1);
        } else {
            break;
        }
    }
    if (c == ':' || c == ',') {
        y->token = c == ':' ? T_COLON : T_COMMA;
        eat(y, 1);
    } else {
        y->token = c == '"' ? read_quoted(y) : read_word(y);
    }
    return 0;
}

/* ---- grammar ------------------------------------------------------------ */

static int
unexpected(struct yarn1 *y, struct err *err, const char *why)
{
    y->torn_apart = true;
    return fail(y, err, why);
}

/* One name of several; what they share comes behind the last. */
struct names {
    struct bytes *at; /* owns the array and the texts */
    size_t n;
};

static void
names_clear(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free((void *)(uintptr_t)names->at[i].p);
    free(names->at);
}

static int
add_name(struct yarn1 *y, struct names *names, struct err *err)
{
    if (y->text.n == 0)
        return fail(y, err, "an empty name");
    if ((names->n & (names->n - 1)) == 0)
        names->at = xrealloc(names->at, (names->n > 0 ? names->n * 2 : 1) *
                                            sizeof(*names->at));
    names->at[names->n++] = bytes_of(bytes_dup(y->text), y->text.n);
    return next(y, err);
}

static int
read_names(struct yarn1 *y, struct names *names, struct err *err)
{
    if (add_name(y, names, err) < 0)
        return -1;
    while (y->token == T_COMMA) {
        if (next(y, err) < 0)
            return -1;
        if (y->token != T_TEXT)
            return unexpected(y, err, "a name expected");
        if (add_name(y, names, err) < 0)
            return -1;
    }
    return 0;
}

static int read_block(struct yarn1 *y, size_t level, struct err *err);

/* The value or the block behind the names, for the first of them. */
static int
read_value(struct yarn1 *y, size_t level, const struct tree_node **node,
           struct err *err)
{
    enum tree_kind kind = y->token == T_TEXT ? TREE_TEXT : TREE_VALUE;

    if (y->token == T_COLON) {
        if (next(y, err) < 0 || tree_open(y->tree, TREE_MAP, err) < 0 ||
            read_block(y, level + 1, err) < 0)
            return -1;
        return tree_close(y->tree, node, err);
    }
    if (y->token != T_TEXT && y->token != T_NUMBER && y->token != T_BOOL)
        return unexpected(y, err, "a value expected");
    if (tree_add(y->tree, kind, y->text, node, err) < 0)
        return -1;
    return next(y, err);
}

/* *more: whether the block goes on. */
static int
read_member(struct yarn1 *y, size_t level, bool *more, struct err *err)
{
    __attribute__((cleanup(names_clear))) struct names names = { 0 };
    const struct tree_node *node = NULL;
    bool block;
    int rc;

    if (read_names(y, &names, err) < 0 ||
        tree_key(y->tree, names.at[0], err) < 0)
        return -1;
    block = y->token == T_COLON;
    if (read_value(y, level, &node, err) < 0)
        return -1;
    for (size_t i = 1; i < names.n; i++) {
        if (tree_key(y->tree, names.at[i], err) < 0)
            return -1;
        rc = node != NULL
                 ? tree_share(y->tree, node, err)
                 : tree_add(y->tree, TREE_NULL, BYTES_NONE, NULL, err);
        if (rc < 0)
            return -1;
    }
    *more = !block || level == 0 || y->token == T_INDENT;
    return 0;
}

/* The end of a line: *more is false when the next one is of a block outside. */
static int
read_next_line(struct yarn1 *y, size_t level, bool *more, struct err *err)
{
    if (next(y, err) < 0)
        return -1;
    if (level == 0)
        return 0;
    *more = y->token == T_INDENT && y->level == level;
    return *more ? next(y, err) : 0;
}

static int
read_block(struct yarn1 *y, size_t level, struct err *err)
{
    bool more = true;

    while (more) {
        switch (y->token) {
        case T_LINE:
            if (read_next_line(y, level, &more, err) < 0)
                return -1;
            break;
        case T_INDENT:
            more = y->level == level;
            if (more && next(y, err) < 0)
                return -1;
            break;
        case T_END:
            return 0;
        case T_TEXT:
            if (read_member(y, level, &more, err) < 0)
                return -1;
            break;
        default:
            return unexpected(y, err, "no name and no end of line");
        }
    }
    return 0;
}

/* *torn: it failed, and not for its indentation. */
static int
read_text(struct tree *t, struct bytes text, bool *torn, struct err *err)
{
    struct yarn1 y = { .rest = text, .tree = t, .line = 1,
                       .decoded = BUF_INIT(SIZE_MAX / 4) };
    int rc = next(&y, err);

    if (rc == 0)
        rc = tree_open(t, TREE_MAP, err);
    if (rc == 0)
        rc = read_block(&y, 0, err);
    if (rc == 0)
        rc = tree_close(t, NULL, err);
    buf_clear(&y.decoded);
    *torn = rc < 0 && y.torn_apart;
    return rc;
}

/* ---- merges that were never finished ------------------------------------ */

#define OURS_MARK   "<<<<<<<"
#define BASE_MARK   "|||||||"
#define THEIRS_MARK "======="
#define END_MARK    ">>>>>>>"

static bool
has(struct bytes text, const char *mark)
{
    return bytes_find_str(text, mark) < text.n;
}

static void
add_line(struct buf *to, struct bytes line)
{
    buf_add_bytes(to, line);
    buf_add_char(to, '\n');
}

static struct bytes
without_cr(struct bytes line)
{
    return bytes_ends(line, "\r") ? bytes_to(line, line.n - 1) : line;
}

/* A line goes to our side, to theirs, or to both. */
static void
split_sides(struct bytes text, struct buf *ours, struct buf *theirs)
{
    enum { BOTH, OURS, BASE, THEIRS } side = BOTH;
    struct js_split it = { .rest = text };
    struct bytes line;

    while (js_split_next(&it, "\n", &line)) {
        line = without_cr(line);
        if (side == BOTH && bytes_starts(line, OURS_MARK)) {
            side = OURS;
        } else if ((side == OURS || side == BASE) &&
                   bytes_is(line, THEIRS_MARK)) {
            side = THEIRS;
        } else if (side == OURS && bytes_starts(line, BASE_MARK)) {
            side = BASE;
        } else if (side == THEIRS && bytes_starts(line, END_MARK)) {
            side = BOTH;
        } else {
            if (side == BOTH || side == OURS)
                add_line(ours, line);
            if (side == BOTH || side == THEIRS)
                add_line(theirs, line);
        }
    }
}

static int
read_sides(struct tree *t, struct bytes text, bool *torn, struct err *err)
{
    auto_buf struct buf ours = BUF_INIT(SIZE_MAX / 4);
    auto_buf struct buf theirs = BUF_INIT(SIZE_MAX / 4);

    split_sides(text, &ours, &theirs);
    if (read_text(t, buf_bytes(&ours), torn, err) < 0)
        return -1;
    return read_text(t, buf_bytes(&theirs), torn, err);
}

struct tree *
yarn1_read(struct bytes text, tree_wants wants, bool *torn, struct err *err)
{
    auto_buf struct buf fixed = BUF_INIT(SIZE_MAX / 2);
    auto_tree struct tree *t = tree_new(wants);
    bool ignored;

    *torn = false;
    if (!utf8_valid(text)) {
        utf8_add_lossy(&fixed, text);
        text = buf_bytes(&fixed);
    }
    if (bytes_starts(text, "\xef\xbb\xbf"))
        text = bytes_from(text, 3);
    if (has(text, OURS_MARK) && has(text, THEIRS_MARK) && has(text, END_MARK)) {
        if (read_sides(t, text, torn, err) == 0)
            return steal(t);
        return *torn ? tree_new(wants) : NULL;
    }
    return read_text(t, text, &ignored, err) == 0 ? steal(t) : NULL;
}
