/* Path patterns and globs, said as regular expressions. */
#include "engine/filter/path.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

static void
add_literal(struct buf *out, char c)
{
    if (strchr(".+*?=^!:${}()[]|/\\", c) != NULL)
        buf_add_char(out, '\\');
    buf_add_char(out, c);
}

/* ":name", ":name(re)", "(re)" or "*", maybe with "/" or "." in front and a
 * modifier behind. */
struct param {
    char prefix;          /* 0: none */
    struct bytes custom;  /* without its parentheses; none: the usual */
    bool asterisk;
    char modifier;        /* * + ? or 0 */
    const char *end;
};

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The end of "(re)" at s, or s when there is none. Nested ones are none. */
static const char *
custom_end(const char *s)
{
    const char *p = s;

    if (*p++ != '(')
        return s;
    while (*p != '\0' && *p != '(' && *p != ')') {
        if (*p == '\\' && p[1] != '\0')
            p++;
        p++;
    }
    return *p == ')' && p > s + 1 ? p + 1 : s;
}

static bool
read_param(const char *s, struct param *out)
{
    const char *custom, *end;

    *out = (struct param){ 0 };
    if (*s == '/' || *s == '.')
        out->prefix = *s++;
    out->asterisk = *s == '*';
    if (out->asterisk) {
        out->end = s + 1;
        return true;
    }
    if (*s != ':' && *s != '(')
        return false;
    custom = s;
    if (*s == ':') {
        custom++;
        while (is_word(*custom))
            custom++;
        if (custom == s + 1)
            return false;
    }
    end = custom_end(custom);
    if (end > custom)
        out->custom = bytes_of(custom + 1, (size_t)(end - custom) - 2);
    else if (*s == '(')
        return false;
    if (*end != '\0' && strchr("*+?", *end) != NULL)
        out->modifier = *end++;
    out->end = end;
    return true;
}

static void
add_prefix(struct buf *out, char prefix)
{
    if (prefix != 0)
        add_literal(out, prefix);
}

/* X, or X(?:/X)* when it may be repeated. */
static void
add_capture(struct buf *out, const struct param *p)
{
    bool repeat = p->modifier == '*' || p->modifier == '+';

    for (int i = 0; i < 1 + repeat; i++) {
        if (i > 0) {
            buf_add_str(out, "(?:");
            add_prefix(out, p->prefix);
        }
        buf_add_str(out, "(?:");
        if (p->asterisk)
            buf_add_str(out, ".*");
        else if (p->custom.n > 0)
            buf_add_bytes(out, p->custom);
        else
            buf_addf(out, "[^%s]+", p->prefix == '.' ? "." : "/");
        buf_add_char(out, ')');
        if (i > 0)
            buf_add_str(out, ")*");
    }
}

static void
add_param(struct buf *out, const struct param *p)
{
    bool optional = p->modifier == '*' || p->modifier == '?',
         partial = p->prefix != 0 && *p->end != '\0' && *p->end != p->prefix;

    if (optional && !partial)
        buf_add_str(out, "(?:");
    add_prefix(out, p->prefix);
    buf_add_char(out, '(');
    add_capture(out, p);
    buf_add_char(out, ')');
    if (optional)
        buf_add_str(out, partial ? "?" : ")?");
}

int
path_to_re(const char *pattern, struct buf *out, struct err *err)
{
    const char *s = pattern;
    bool slash = true; /* the last thing written was a literal "/" */

    buf_add_str(out, "^");
    if (*s != '/')
        buf_add_str(out, "\\/");
    while (*s != '\0') {
        struct param p;

        slash = false;
        if (*s == '\\' && s[1] != '\0') {
            add_literal(out, s[1]);
            s += 2;
        } else if (read_param(s, &p)) {
            add_param(out, &p);
            s = p.end;
        } else if (*s == '(' || *s == ')') {
            return err_set(err, ERR_UNSUPPORTED,
                           "path %s: parentheses within parentheses", pattern);
        } else {
            slash = *s == '/';
            add_literal(out, *s++);
        }
    }
    if (slash)
        out->n -= 2;
    buf_add_str(out, "\\/?$");
    return buf_check(out, "path pattern", err);
}

/* "**" as a whole segment spans slashes; elsewhere it is a "*". */
static const char *
add_stars(struct buf *out, const char *glob, const char *s)
{
    size_t n = strspn(s, "*");
    bool whole = n == 2 && (s == glob || s[-1] == '/') &&
                 (s[2] == '\0' || s[2] == '/');

    if (!whole)
        buf_add_str(out, "[^/]*");
    else if (s[2] == '/')
        buf_add_str(out, "(?:.*\\/)?");
    else
        buf_add_str(out, ".*");
    return s + n + (whole && s[2] == '/');
}

/* "[a-z]" or "[!a-z]"; NULL when it has no end. */
static const char *
add_glob_class(struct buf *out, const char *s)
{
    const char *end = strchr(s + 1, ']');

    if (end == NULL || end == s + 1)
        return NULL;
    buf_add_char(out, '[');
    s++;
    if (*s == '!' || *s == '^') {
        buf_add_char(out, '^');
        s++;
    }
    for (; s < end; s++) {
        if (*s == '\\' || *s == '[')
            buf_add_char(out, '\\');
        buf_add_char(out, *s);
    }
    buf_add_char(out, ']');
    return end + 1;
}

static int
refuse_glob(const char *glob, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED, "glob \"%s\" is not supported", glob);
}

int
glob_to_re(const char *glob, struct buf *out, struct err *err)
{
    unsigned braces = 0;

    if (*glob == '!' || *glob == '#')
        return refuse_glob(glob, err);
    buf_add_str(out, "^");
    for (const char *s = glob; *s != '\0';) {
        if (s[1] == '(' && strchr("!?+*@", *s) != NULL)
            return refuse_glob(glob, err);
        if (*s == '*') {
            s = add_stars(out, glob, s);
            continue;
        }
        if (*s == '[') {
            s = add_glob_class(out, s);
            if (s == NULL)
                return refuse_glob(glob, err);
            continue;
        }
        if (*s == '{') {
            braces++;
            buf_add_str(out, "(?:");
        } else if (*s == '}' && braces > 0) {
            braces--;
            buf_add_char(out, ')');
        } else if (*s == ',' && braces > 0) {
            buf_add_char(out, '|');
        } else if (*s == '?') {
            buf_add_str(out, "[^/]");
        } else {
            s += *s == '\\' && s[1] != '\0';
            add_literal(out, *s);
        }
        s++;
    }
    if (braces > 0)
        return refuse_glob(glob, err);
    buf_add_char(out, '$');
    return buf_check(out, "glob", err);
}
