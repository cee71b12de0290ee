/* Lines, continuations, comments, here-documents and words. */
#include "worker/graph/docktext.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

/* Where we are in the text. */
struct cursor {
    struct bytes text;
    size_t at;
    char escape;
};

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool
is_space(uint8_t c)
{
    return is_blank(c) || c == '\n' || c == '\r';
}

static bool
at_end(const struct cursor *c)
{
    return c->at >= c->text.n;
}

static size_t
skip_blanks(struct bytes text, size_t at)
{
    while (at < text.n && is_blank(text.p[at]))
        at++;
    return at;
}

/* Bytes of the end of a line at `at`; 0: there is none. */
static size_t
line_end(struct bytes text, size_t at)
{
    if (at >= text.n)
        return 0;
    if (text.p[at] == '\n')
        return 1;
    if (text.p[at] == '\r')
        return at + 1 < text.n && text.p[at + 1] == '\n' ? 2 : 1;
    return 0;
}

/* The rest of the line; the cursor goes behind its end. */
static struct bytes
take_line(struct cursor *c)
{
    size_t from = c->at;
    struct bytes line;

    while (!at_end(c) && line_end(c->text, c->at) == 0)
        c->at++;
    line = bytes_of(c->text.p + from, c->at - from);
    c->at += line_end(c->text, c->at);
    return line;
}

/* ---- directives -------------------------------------------------------- */

/* "# name = value", and the name's and the value's place. */
static bool
read_directive(struct bytes line, struct bytes *name, struct bytes *value)
{
    size_t i;

    line = bytes_trim(line);
    if (!bytes_starts(line, "#"))
        return false;
    line = bytes_from(line, 1);
    i = bytes_find(line, '=');
    *name = bytes_trim(bytes_to(line, i));
    *value = bytes_trim(bytes_from(line, i + 1));
    for (size_t k = 0; k < name->n; k++) {
        if (is_blank(name->p[k]))
            return false;
    }
    return i < line.n && name->n > 0;
}

/* Only the comments at the very top can be directives. */
static void
read_directives(struct cursor *c)
{
    struct cursor look = *c;
    struct bytes name, value;

    while (read_directive(take_line(&look), &name, &value)) {
        auto_free char *key = str_lower(bytes_dup(name));

        if (strcmp(key, "escape") == 0 && bytes_is(value, "`"))
            c->escape = '`';
    }
}

/* ---- one instruction --------------------------------------------------- */

/* Blank ones, and comments. */
static void
skip_empty_lines(struct cursor *c)
{
    while (!at_end(c)) {
        size_t i = skip_blanks(c->text, c->at);

        if (line_end(c->text, i) == 0 &&
            !(i < c->text.n && c->text.p[i] == '#'))
            return;
        take_line(c);
    }
}

/* An escape character at the end of a line, and that end. */
static bool
skip_continuation(struct cursor *c)
{
    size_t i;

    if (at_end(c) || c->text.p[c->at] != (uint8_t)c->escape)
        return false;
    i = skip_blanks(c->text, c->at + 1);
    if (i < c->text.n && line_end(c->text, i) == 0)
        return false;
    c->at = i + line_end(c->text, i);
    return true;
}

static bool
is_escape(const struct cursor *c, size_t at)
{
    return at < c->text.n && c->text.p[at] == (uint8_t)c->escape;
}

/* An escape and what it escapes, blanks between them or not. */
static void
add_pair(struct cursor *c, struct buf *out)
{
    size_t end = skip_blanks(c->text, c->at + 1);

    if (end < c->text.n)
        end++;
    buf_add(out, c->text.p + c->at, end - c->at);
    c->at = end;
}

/*
 * A comment between continued lines. The peer stumbles over an escape in it
 * that does not end the line: what is escaped counts, and the instruction
 * ends with the comment. False in that case.
 */
static bool
skip_comment(struct cursor *c, struct buf *out)
{
    bool goes_on = true;

    while (!at_end(c) && line_end(c->text, c->at) == 0) {
        size_t next;

        if (!is_escape(c, c->at)) {
            c->at++;
            continue;
        }
        next = skip_blanks(c->text, c->at + 1);
        if (next >= c->text.n || line_end(c->text, next) > 0) {
            c->at = next;
        } else {
            add_pair(c, out);
            goes_on = false;
        }
    }
    c->at += line_end(c->text, c->at);
    return goes_on;
}

/*
 * What may stand where a line is continued: blank lines and comments, which
 * vanish, also behind escaped characters. False: the instruction ends here.
 */
static bool
continue_line(struct cursor *c, struct buf *out)
{
    bool begun = false;

    for (;;) {
        size_t i = skip_blanks(c->text, c->at);
        size_t end = line_end(c->text, i);

        if (end > 0 && !begun) {
            c->at = i + end;
        } else if (i < c->text.n && c->text.p[i] == '#') {
            c->at = i;
            if (!skip_comment(c, out))
                return false;
            begun = false;
        } else if (is_escape(c, i) && i + 1 < c->text.n &&
                   !is_space(c->text.p[i + 1])) {
            buf_add(out, c->text.p + c->at, i - c->at);
            c->at = i;
            add_pair(c, out);
            begun = true;
        } else {
            return true;
        }
    }
}

/* Two escapes at the end of a line: one is meant, and yet the line goes on. */
static bool
skip_double_escape(struct cursor *c, struct buf *out)
{
    size_t i;

    if (!is_escape(c, c->at) || !is_escape(c, c->at + 1))
        return false;
    i = skip_blanks(c->text, c->at + 2);
    if (line_end(c->text, i) == 0)
        return false;
    add_pair(c, out);
    buf_add_char(out, ' ');
    c->at = i + line_end(c->text, i);
    return true;
}

static void
take_logical_line(struct cursor *c, struct buf *out)
{
    while (!at_end(c)) {
        size_t end = line_end(c->text, c->at);

        if (end > 0) {
            c->at += end;
            return;
        }
        if (skip_continuation(c) || skip_double_escape(c, out)) {
            if (!continue_line(c, out))
                return;
        } else if (is_escape(c, c->at)) {
            add_pair(c, out);
        } else {
            buf_add(out, c->text.p + c->at++, 1);
        }
    }
}

/* ---- here-documents ---------------------------------------------------- */

/* "<<EOF", "<<-EOF", "<<'EOF'": the name, and whether tabs are stripped. */
static bool
heredoc_name(const char *word, bool *tabs, struct bytes *name)
{
    struct bytes s = bytes_str(word);

    if (!bytes_starts(s, "<<") || bytes_starts(s, "<<<") || s.n == 2)
        return false;
    s = bytes_from(s, 2);
    *tabs = bytes_starts(s, "-");
    if (*tabs)
        s = bytes_from(s, 1);
    if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') &&
        s.p[s.n - 1] == s.p[0])
        s = bytes_of(s.p + 1, s.n - 2);
    else if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\''))
        return false; /* a name with a blank in it is none */
    *name = s;
    return true;
}

/* Up to the line that is the name, or to the end of all. */
static void
take_heredoc(struct cursor *c, struct bytes name, bool tabs, struct buf *out)
{
    while (!at_end(c)) {
        struct bytes line = take_line(c), inner = line;

        buf_add_char(out, '\n');
        buf_add_bytes(out, line);
        while (tabs && bytes_starts(inner, "\t"))
            inner = bytes_from(inner, 1);
        if (name.n > 0 && bytes_equal(inner, name))
            return;
    }
}

static bool
may_have_heredocs(const struct dock_line *line)
{
    static const char *const keywords[] = { "RUN", "COPY", "ADD" };
    const char *keyword = line->keyword;

    if (strcmp(keyword, "ONBUILD") == 0 && line->n > 0)
        keyword = line->words[0].text;
    for (size_t i = 0; i < N_ELEMENTS(keywords); i++) {
        if (str_ieq(keyword, keywords[i]))
            return true;
    }
    return false;
}

/* ---- words ------------------------------------------------------------- */

/* What an escape character does to what follows it; *at goes behind both. */
static bool
take_escaped(char escape, struct bytes rest, size_t *at, struct buf *raw,
             struct buf *text)
{
    struct cursor here = { rest, *at, escape };
    size_t next = skip_blanks(rest, *at + 1);

    /* Lines are continued in here-documents too. */
    if (skip_continuation(&here)) {
        skip_empty_lines(&here);
        *at = here.at;
        return true;
    }
    if (next > *at + 1) {
        *at = next;
        return false; /* before a blank it is one itself */
    }
    if (rest.p[next] == '$')
        buf_add_char(text, escape);
    buf_add(raw, rest.p + *at, 2);
    buf_add(text, rest.p + next, 1);
    *at = next + 1;
    return true;
}

static void
take_word(char escape, struct bytes rest, size_t *at, struct buf *raw,
          struct buf *text)
{
    while (*at < rest.n && !is_space(rest.p[*at])) {
        if (rest.p[*at] == (uint8_t)escape) {
            if (!take_escaped(escape, rest, at, raw, text))
                return;
            continue;
        }
        buf_add(raw, rest.p + *at, 1);
        buf_add(text, rest.p + *at, 1);
        ++*at;
    }
}

static void
clear_words(struct dock_line *line)
{
    for (size_t i = 0; i < line->n; i++) {
        free(line->words[i].raw);
        free(line->words[i].text);
    }
    free(line->words);
    line->words = NULL;
    line->n = 0;
}

static void
read_words(struct dock_line *line, char escape)
{
    struct bytes rest = bytes_str(line->rest);
    size_t at = 0, cap = 0;

    clear_words(line);
    while (at < rest.n) {
        auto_buf struct buf raw = BUF_INIT(SIZE_MAX / 4);
        auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

        if (is_space(rest.p[at])) {
            at++;
            continue;
        }
        take_word(escape, rest, &at, &raw, &text);
        if (raw.n == 0)
            continue;
        if (line->n == cap) {
            cap = cap > 0 ? 2 * cap : 8;
            line->words = xrealloc(line->words, cap * sizeof(*line->words));
        }
        line->words[line->n].raw = buf_steal(&raw);
        line->words[line->n++].text = buf_steal(&text);
    }
}

static void
read_heredocs(struct cursor *c, struct dock_line *line)
{
    auto_buf struct buf rest = BUF_INIT(SIZE_MAX / 4);
    size_t before;

    buf_add_str(&rest, line->rest);
    before = rest.n;
    for (size_t i = 0; i < line->n; i++) {
        struct bytes name;
        bool tabs;

        if (heredoc_name(line->words[i].raw, &tabs, &name))
            take_heredoc(c, name, tabs, &rest);
    }
    if (rest.n == before)
        return;
    free(line->rest);
    line->rest = buf_steal(&rest);
    read_words(line, c->escape);
}

static void
read_line(struct cursor *c, struct dock_line *line)
{
    auto_buf struct buf all = BUF_INIT(SIZE_MAX / 4);
    struct bytes s;
    size_t n = 0;

    take_logical_line(c, &all);
    s = bytes_trim(buf_bytes(&all));
    while (n < s.n && !is_space(s.p[n]))
        n++;
    line->keyword = bytes_dup(bytes_to(s, n));
    for (char *k = line->keyword; *k != '\0'; k++) {
        if (*k >= 'a' && *k <= 'z')
            *k = (char)(*k - 'a' + 'A');
    }
    line->rest = bytes_dup(bytes_trim(bytes_from(s, n)));
    read_words(line, c->escape);
    if (may_have_heredocs(line))
        read_heredocs(c, line);
}

struct docktext *
docktext_new(struct bytes text)
{
    struct docktext *d = xnew(struct docktext);
    auto_buf struct buf mended = BUF_INIT(SIZE_MAX / 4);
    struct cursor c = { .escape = '\\' };
    size_t cap = 0;

    utf8_add_lossy(&mended, text);
    c.text = buf_bytes(&mended);
    if (bytes_starts(c.text, "\xef\xbb\xbf"))
        c.text = bytes_from(c.text, 3);
    if (c.text.n == 0)
        c.text = bytes_str("");
    read_directives(&c);
    d->escape = c.escape;
    skip_empty_lines(&c);
    while (!at_end(&c)) {
        if (d->n == cap) {
            cap = cap > 0 ? 2 * cap : 16;
            d->lines = xrealloc(d->lines, cap * sizeof(*d->lines));
        }
        d->lines[d->n] = (struct dock_line){ .n = 0 };
        read_line(&c, &d->lines[d->n++]);
        skip_empty_lines(&c);
    }
    return d;
}

void
docktext_free(struct docktext *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->n; i++) {
        clear_words(&d->lines[i]);
        free(d->lines[i].keyword);
        free(d->lines[i].rest);
    }
    free(d->lines);
    free(d);
}

char *
dock_line_text(const struct dock_line *line)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    buf_add_str(&text, line->keyword);
    for (size_t i = 0; i < line->n; i++) {
        buf_add_char(&text, ' ');
        buf_add_str(&text, line->words[i].text);
    }
    return buf_steal(&text);
}
