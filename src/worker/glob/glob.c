/* Whole patterns: braces, negation, components, and "**" between them. */
#include "worker/glob/glob.h"

#include <stdlib.h>
#include <string.h>

#include "base/analyzer.h"
#include "base/buf.h"
#include "base/str.h"
#include "worker/glob/brace.h"
#include "worker/glob/prog.h"

/* Of all patterns of a set, unfolded. */
#define MAX_TEXTS  4096
#define MAX_STATES 65536

/* One component of a pattern. */
struct component {
    enum {
        PLAIN,  /* this text */
        SUFFIX, /* no leading dot, some length, and this at its end */
        ACROSS, /* "**" */
        WILD
    } kind;
    struct bytes text;      /* borrows from the glob's text */
    struct glob_prog *prog; /* owns; WILD */
    struct bytes head, tail; /* WILD: what each name begins and ends with */
    size_t leaves;          /* ACROSS: names that must be left behind it */
};

/* A pattern without braces. */
struct glob {
    char *text; /* owns */
    struct component *parts; /* owns */
    size_t n;
    size_t across;     /* the last "**" */
    size_t n_tail;     /* components behind it; 0 without one */
    bool plain_tail;   /* those take no leading dot */
};

/* Those of one pattern as it was given. */
struct pattern {
    bool negated;
    struct glob *globs; /* owns */
    size_t n;
};

struct globs {
    struct pattern *at; /* owns */
    size_t n, n_texts, n_states;
};

/* ---- names as the peer sees them --------------------------------------- */

/* A path cut into its components, each valid UTF-8. */
struct names {
    struct buf text;   /* owns: the path if it had to be mended */
    struct bytes *at;  /* owns */
    size_t n;
};

static void
cut(struct names *out, struct bytes path)
{
    *out = (struct names){ .text = BUF_INIT(SIZE_MAX / 4), .n = 1 };
    path = utf8_mended(path, &out->text);
    for (size_t i = 0; i < path.n; i++)
        out->n += path.p[i] == '/';
    out->at = xcalloc(out->n, sizeof(*out->at));
    for (size_t i = 0; i < out->n; i++) {
        size_t k = bytes_find(path, '/');

        out->at[i] = bytes_to(path, k);
        path = bytes_from(path, k + 1);
    }
}

static void
names_clear(struct names *names)
{
    buf_clear(&names->text);
    free(names->at);
}

/* UTF-16 of valid UTF-8; the caller frees it. */
static struct units
to_units(struct bytes s)
{
    uint16_t *out = xcalloc(s.n + 1, sizeof(*out));
    size_t n = 0;

    for (size_t i = 0; i < s.n;) {
        uint8_t c = s.p[i];
        size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        uint32_t v = more == 0 ? c : c & (0x3fu >> more);

        for (i++; more > 0 && i < s.n; more--, i++)
            v = v << 6 | (s.p[i] & 0x3fu);
        if (v >= 0x10000) {
            out[n++] = (uint16_t)(0xd800 + ((v - 0x10000) >> 10));
            v = 0xdc00 + ((v - 0x10000) & 0x3ff);
        }
        out[n++] = (uint16_t)v;
    }
    return (struct units){ out, n };
}

/* ---- making ------------------------------------------------------------ */

static bool
is_plain_text(struct bytes s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (strchr("*?[(", s.p[i]) != NULL)
            return false;
    }
    return true;
}

/* With "*" and "?" alone, what is around them is a quick test. */
static void
read_ends(struct component *c)
{
    size_t n = 0, end = c->text.n;

    if (bytes_find(c->text, '[') < end || bytes_find(c->text, '(') < end)
        return;
    while (c->text.p[n] != '*' && c->text.p[n] != '?')
        n++;
    while (c->text.p[end - 1] != '*' && c->text.p[end - 1] != '?')
        end--;
    c->head = bytes_to(c->text, n);
    c->tail = bytes_from(c->text, end);
}

static int
read_component(struct globs *set, struct component *out, struct bytes text,
               struct err *err)
{
    size_t stars = 0;
    struct units units;

    while (stars < text.n && text.p[stars] == '*')
        stars++;
    *out = (struct component){ .text = text };
    if (bytes_is(text, "**")) {
        out->kind = ACROSS;
    } else if (is_plain_text(bytes_from(text, stars))) {
        out->kind = stars > 0 ? SUFFIX : PLAIN;
        out->text = bytes_from(text, stars);
    } else {
        out->kind = WILD;
        units = to_units(text);
        out->prog = glob_prog_new(units, err);
        free((void *)(uintptr_t)units.p);
        if (out->prog == NULL)
            return -1;
        set->n_states += glob_prog_states(out->prog);
        read_ends(out);
    }
    return set->n_states <= MAX_STATES
               ? 0
               : err_set(err, ERR_LIMIT, "the patterns are too complex");
}

static struct component *
last_of(struct glob *g)
{
    return g->n > 0 ? &g->parts[g->n - 1] : NULL;
}

/* "a/../b" is "b" and "** / **" is "**", as far as that needs no thought. */
static bool
is_folded(struct glob *g, struct bytes part)
{
    struct component *last = last_of(g);

    if (last == NULL)
        return false;
    if (bytes_is(part, "**") && last->kind == ACROSS)
        return true;
    if (!bytes_is(part, "..") || last->kind == ACROSS ||
        (last->kind == PLAIN && (last->text.n == 0 ||
                                 bytes_is(last->text, ".") ||
                                 bytes_is(last->text, ".."))))
        return false;
    glob_prog_free(last->prog);
    *last = (struct component){ 0 };
    g->n--;
    return true;
}

/* The next component; slashes in a row count once. */
static bool
next_component(struct bytes *rest, bool *done, struct bytes *part)
{
    size_t n;

    if (*done)
        return false;
    n = bytes_find(*rest, '/');
    *part = bytes_to(*rest, n);
    *done = n == rest->n;
    while (n < rest->n && rest->p[n] == '/')
        n++;
    *rest = bytes_from(*rest, n);
    return true;
}

/*
 * Two habits of minimatch 9, of patterns with more than one "**". What follows
 * the last one takes no name with a leading dot, even where one is written.
 * And each section between two of them must leave so many names for those
 * that follow; the peer counts the sections from the wrong end.
 */
static void
set_habits(struct glob *g)
{
    auto_free size_t *before = xcalloc(g->n + 1, sizeof(*before));
    size_t n_across = 0, n_before = 0, section = 0;

    for (size_t i = 0; i < g->n; i++) {
        if (g->parts[i].kind == ACROSS) {
            before[n_across++] = n_before;
            g->across = i;
        } else if (n_across > 0) {
            n_before++;
        }
    }
    g->n_tail = n_across > 0 ? g->n - 1 - g->across : 0;
    g->plain_tail = n_across > 1;
    for (size_t i = 0; i < g->n && section + 1 < n_across; i++) {
        if (g->parts[i].kind != ACROSS)
            continue;
        g->parts[i].leaves = before[section + 1] - before[section] +
                             before[n_across - 2 - section];
        section++;
    }
}

static int
read_glob(struct globs *set, struct glob *g, struct err *err)
{
    struct bytes rest = bytes_str(g->text), part;
    bool done = false;

    g->parts = xcalloc(rest.n + 1, sizeof(*g->parts));
    while (next_component(&rest, &done, &part)) {
        if (is_folded(g, part))
            continue;
        /* Counted first: what it has when it fails is freed with the rest. */
        if (read_component(set, &g->parts[g->n++], part, err) < 0)
            return -1;
    }
    if (g->n == 0)
        g->n = 1; /* nothing is left: the empty text, parts are zero */
    set_habits(g);
    return 0;
}

static int
read_texts(struct globs *set, struct pattern *p, struct bytes text,
           struct err *err)
{
    auto_brace struct brace_texts texts = { 0 };

    if (brace_expand(&texts, text, err) < 0)
        return -1;
    set->n_texts += texts.n;
    if (set->n_texts > MAX_TEXTS)
        return err_set(err, ERR_LIMIT, "the patterns unfold to more than %d",
                       MAX_TEXTS);
    p->globs = xcalloc(texts.n, sizeof(*p->globs));
    for (; p->n < texts.n; p->n++) {
        p->globs[p->n].text = steal(texts.at[p->n]);
        if (read_glob(set, &p->globs[p->n], err) < 0) {
            p->n++;
            return -1;
        }
    }
    return 0;
}

static int
read_pattern(struct globs *set, struct pattern *p, const char *pattern,
             struct err *err)
{
    auto_buf struct buf mended = BUF_INIT(SIZE_MAX / 4);
    auto_free char *text = NULL;
    char *s;

    utf8_add_lossy(&mended, bytes_str(pattern));
    s = text = buf_steal(&mended);
    for (char *c = s; *c != '\0'; c++) {
        if (*c == '\\')
            *c = '/';
    }
    for (; *s == '!'; s++)
        p->negated = !p->negated;
    return read_texts(set, p, bytes_str(s), err);
}

static void
pattern_clear(struct pattern *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct glob *g = &p->globs[i];

        for (size_t k = 0; k < g->n; k++)
            glob_prog_free(g->parts[k].prog);
        free(g->parts);
        free(g->text);
    }
    free(p->globs);
}

int
globs_add(struct globs *g, const char *pattern, struct err *err)
{
    struct pattern p = { .negated = false };

    if (g->n >= GLOBS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d patterns", GLOBS_MAX);
    if (strlen(pattern) > GLOB_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "pattern %.60s...: more than %d bytes",
                       pattern, GLOB_MAX_BYTES);
    g->at = xrealloc(g->at, (g->n + 1) * sizeof(*g->at));
    /* Comments and the empty text take no path. */
    if (*pattern != '#' && *pattern != '\0' &&
        read_pattern(g, &p, pattern, err) < 0) {
        pattern_clear(&p);
        return err_wrap(err, "pattern %s", pattern);
    }
    g->at[g->n++] = p;
    return 0;
}

struct globs *
globs_new(void)
{
    return xnew(struct globs);
}

void
globs_free(struct globs *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->n; i++)
        pattern_clear(&g->at[i]);
    free(g->at);
    free(g);
}

size_t
globs_count(const struct globs *g)
{
    return g->n;
}

/* ---- matching ---------------------------------------------------------- */

static bool
wild_takes(const struct component *c, struct bytes name)
{
    struct units units;
    bool yes;

    if (name.n < c->head.n + c->tail.n ||
        !bytes_equal(bytes_to(name, c->head.n), c->head) ||
        !bytes_equal(bytes_from(name, name.n - c->tail.n), c->tail))
        return false;
    units = to_units(name);
    yes = glob_prog_match(c->prog, units);

    free((void *)(uintptr_t)units.p);
    return yes;
}

static bool
takes(const struct glob *g, size_t k, struct bytes name)
{
    const struct component *c = &g->parts[k];

    if (g->plain_tail && k > g->across && bytes_starts(name, "."))
        return false;
    switch (c->kind) {
    case PLAIN:
        return bytes_equal(c->text, name);
    case SUFFIX:
        return name.n > 0 && name.p[0] != '.' && name.n >= c->text.n &&
               bytes_equal(bytes_from(name, name.n - c->text.n), c->text);
    case WILD:
        return wild_takes(c, name);
    default:
        return !bytes_starts(name, ".");
    }
}

/*
 * reach[k]: the first k components have taken the names so far. "**" stays
 * where it is for the next name; as the last component it has to take one.
 */
static bool
step(const struct glob *g, bool *reach, struct bytes name)
{
    bool any = false;

    reach[g->n] = false;
    for (size_t k = g->n; k-- > 0;) {
        bool across = g->parts[k].kind == ACROSS;
        bool yes = reach[k] && takes(g, k, name);

        reach[k] = across && yes;
        if (yes && (!across || k + 1 == g->n))
            reach[k + 1] = true;
        any |= yes;
    }
    return any;
}

/* Where "**" has been reached, what follows it has been too. */
static void
skip_across(const struct glob *g, bool *reach, size_t n_left)
{
    for (size_t k = 0; k + 1 < g->n; k++) {
        if (reach[k] && g->parts[k].kind == ACROSS &&
            n_left >= g->parts[k].leaves + g->n_tail)
            reach[k + 1] = true;
    }
}

static bool
glob_takes(const struct glob *g, const struct names *names)
{
    auto_free bool *reach = NULL;
    bool any = true;

    /* Most paths differ from most patterns in their last component. */
    if (g->parts[g->n - 1].kind != ACROSS &&
        !takes(g, g->n - 1, names->at[names->n - 1]))
        return false;
    reach = xcalloc(g->n + 1, sizeof(*reach));
    reach[0] = true;
    for (size_t i = 0; i < names->n && any; i++) {
        skip_across(g, reach, names->n - i);
        any = step(g, reach, names->at[i]);
    }
    return any && reach[g->n];
}

static bool
pattern_takes(const struct pattern *p, const struct names *names)
{
    for (size_t i = 0; i < p->n; i++) {
        if (glob_takes(&p->globs[i], names))
            return !p->negated;
    }
    return p->negated;
}

struct globs *
globs_of(const char *const *patterns, size_t n, struct err *err)
{
    auto_globs struct globs *g = globs_new();

    for (size_t i = 0; i < n; i++) {
        if (globs_add(g, patterns[i], err) < 0)
            return NULL;
    }
    return steal(g);
}

bool
globs_match(const struct globs *g, struct bytes path)
{
    struct names names;
    bool yes = false;

    if (g->n == 0)
        return false;
    cut(&names, path);
    for (size_t i = 0; i < g->n && !yes; i++)
        yes = pattern_takes(&g->at[i], &names);
    names_clear(&names);
    return yes;
}
