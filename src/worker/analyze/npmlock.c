/*
 * package-lock.json and npm-shrinkwrap.json, reduced to what decides the
 * graph. Nothing of the text is built (base/json/jr.h): lock files are the
 * largest JSON an image has. Entries become flat arrays, since assembling
 * holds them all.
 */
#include "worker/analyze/analyzer.h"

#include <stdlib.h>

#include "base/json/jr.h"
#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/jspairs.h"
#include "worker/image/npmlock.h"

#define NPMLOCK_MAX_ENTRIES 40000
#define NPMLOCK_MAX_EDGES   400000
#define NPMLOCK_MAX_BYTES   (64u << 20)

struct npmlock {
    bool bom;
    double version;  /* as stated; 0: none, -1: not a number */
    struct bytes packages, dependencies; /* as written; p NULL: not there */
    struct bytes workspaces;             /* the root's, likewise */
    struct buf out;  /* owns: the data, ready-made */
    struct jw jw;
    struct buf text; /* owns: one name or string at a time */
    size_t n_entries, n_edges;
};

/* ---- pieces of text ---------------------------------------------------- */

/* Borrowed until the next call. No reader of records takes a NUL in a name,
 * so nothing is taken behind one. */
static struct bytes
plain(struct npmlock *l, struct bytes raw)
{
    struct bytes text;

    if (bytes_find(raw, '\\') == raw.n)
        return raw;
    buf_reset(&l->text);
    jr_text(raw, &l->text);
    text = buf_bytes(&l->text);
    return bytes_to(text, bytes_find(text, '\0'));
}

static void
put_text(struct npmlock *l, struct bytes raw)
{
    if (raw.p == NULL)
        jw_null(&l->jw);
    else
        jw_bytes(&l->jw, plain(l, raw));
}

/* The string at hand; of another type is none. */
static struct bytes
string_value(struct jr *r)
{
    if (r->token == JR_STR)
        return r->raw;
    jr_skip(r);
    return BYTES_NONE;
}

/* The container of that kind at hand, as written; another value is none. */
static struct bytes
span(struct jr *r, enum jr_token kind)
{
    const uint8_t *from = r->at - 1;
    bool is_it = r->token == kind;

    jr_skip(r);
    return is_it ? bytes_of(from, (size_t)(r->at - from)) : BYTES_NONE;
}

/* Of a member that is repeated the last one counts. */
static void
read_flag(unsigned *flags, struct jr *r, unsigned flag)
{
    *flags = (*flags & ~flag) | (r->token == JR_TRUE ? flag : 0);
    jr_skip(r);
}

/* "a\n^1\nb\n2" of {"a":"^1","b":"2"}; without `ranges` names alone. */
static void
put_map(struct npmlock *l, struct bytes as_written, bool ranges)
{
    if (as_written.p == NULL) {
        jw_null(&l->jw);
        return;
    }
    buf_reset(&l->text);
    l->n_edges += jspairs_add(&l->text, as_written, ranges);
    jw_bytes(&l->jw, buf_bytes(&l->text));
}

/* The texts in an array. */
static void
put_list(struct npmlock *l, struct bytes as_written)
{
    struct jr r;

    if (as_written.p == NULL) {
        jw_null(&l->jw);
        return;
    }
    jr_init(&r, as_written, JR_MAX_DEPTH);
    jr_next(&r);
    jw_arr(&l->jw);
    while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD) {
        struct bytes item = string_value(&r);

        l->n_edges++;
        if (item.p != NULL)
            put_text(l, item);
    }
    jw_end(&l->jw);
}

static bool
is_full(const struct npmlock *l)
{
    return l->n_entries > NPMLOCK_MAX_ENTRIES ||
           l->n_edges > NPMLOCK_MAX_EDGES || l->out.full;
}

/* ---- versions 2 and 3 -------------------------------------------------- */

/* Parts as written, by enum npm_package. */
struct package {
    struct bytes part[NPM_PACKAGE_PARTS];
    struct bytes workspaces;
    unsigned flags;
};

/* ["packages/x"], or {"packages":[…]} */
static struct bytes
globs_of(struct jr *r)
{
    struct bytes globs = BYTES_NONE;

    if (r->token != JR_OBJ)
        return span(r, JR_ARR);
    while (jr_next(r) != JR_CLOSE && r->token != JR_BAD) {
        if (jr_is(r->key, "packages"))
            globs = span(r, JR_ARR);
        else
            jr_skip(r);
    }
    return globs;
}

static void
read_package_member(struct package *p, struct jr *r)
{
    static const struct {
        const char *key;
        enum npm_package part;
        enum jr_token type;
        unsigned flag;
    } members[] = {
        { "version", NPM_VERSION, JR_STR, 0 },
        { "name", NPM_NAME, JR_STR, 0 },
        { "dependencies", NPM_DEPENDENCIES, JR_OBJ, 0 },
        { "optionalDependencies", NPM_OPTIONAL, JR_OBJ, 0 },
        { "bundleDependencies", NPM_BUNDLE, JR_ARR, 0 },
        { "bundledDependencies", NPM_BUNDLE, JR_ARR, 0 },
        { "resolved", NPM_RESOLVED, JR_STR, 0 },
        { "license", NPM_LICENCE, JR_STR, 0 },
        { "dev", 0, JR_TRUE, NPM_DEV },
        { "inBundle", 0, JR_TRUE, NPM_IN_BUNDLE },
        { "link", 0, JR_TRUE, NPM_LINK },
        { "optional", 0, JR_TRUE, NPM_IS_OPTIONAL },
    };

    for (size_t i = 0; i < N_ELEMENTS(members); i++) {
        if (!jr_is(r->key, members[i].key))
            continue;
        if (members[i].flag != 0)
            read_flag(&p->flags, r, members[i].flag);
        else if (members[i].type == JR_STR)
            p->part[members[i].part] = string_value(r);
        else
            p->part[members[i].part] = span(r, members[i].type);
        return;
    }
    if (p->part[NPM_PATH].n == 0 && jr_is(r->key, "workspaces"))
        p->workspaces = globs_of(r);
    else
        jr_skip(r);
}

static void
put_part(struct npmlock *l, const struct package *p, int part)
{
    if (part == NPM_FLAGS)
        jw_int(&l->jw, p->flags);
    else if (part == NPM_DEPENDENCIES || part == NPM_OPTIONAL)
        put_map(l, p->part[part], true);
    else if (part == NPM_BUNDLE)
        put_list(l, p->part[part]);
    else
        put_text(l, p->part[part]);
}

static void
put_package(struct npmlock *l, struct package *p)
{
    int n = NPM_PACKAGE_PARTS;

    /* Where a package is from matters of links only, and costs the most. */
    if ((p->flags & NPM_LINK) == 0)
        p->part[NPM_RESOLVED] = BYTES_NONE;
    while (n > NPM_VERSION && p->part[n - 1].p == NULL)
        n--;
    jw_arr(&l->jw);
    for (int i = 0; i < n; i++)
        put_part(l, p, i);
    jw_end(&l->jw);
    l->n_entries++;
}

static void
put_packages(struct npmlock *l)
{
    struct jr r;

    jw_key(&l->jw, "packages");
    jw_arr(&l->jw);
    jr_init(&r, l->packages, JR_MAX_DEPTH);
    jr_next(&r);
    while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD && !is_full(l)) {
        struct package p = { .part[NPM_PATH] = r.key };

        if (r.token != JR_OBJ) {
            jr_skip(&r);
            continue;
        }
        while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD)
            read_package_member(&p, &r);
        put_package(l, &p);
        if (p.workspaces.p != NULL)
            l->workspaces = p.workspaces;
    }
    jw_end(&l->jw);
    if (l->workspaces.p != NULL) {
        jw_key(&l->jw, "workspaces");
        put_list(l, l->workspaces);
    }
}

/* ---- version 1 --------------------------------------------------------- */

struct entry {
    struct bytes name, version, requires; /* as written */
    ptrdiff_t parent;
    unsigned flags;
};

/* Entries in entries: which one we are in, and whether among its members or
 * among the entries it holds. */
struct nest {
    struct entry *at; /* owns */
    size_t n;
    ptrdiff_t in;     /* -1: none */
    bool holds;
};

static void
open_entry(struct nest *nest, struct jr *r)
{
    nest->at = xgrown(nest->at, nest->n, sizeof(*nest->at));
    nest->at[nest->n] = (struct entry){ .name = r->key, .parent = nest->in };
    nest->in = (ptrdiff_t)nest->n++;
    nest->holds = false;
}

/* What an entry holds in place of what it held before: that is all behind it.
 */
static void
open_held(struct nest *nest, struct jr *r)
{
    nest->n = (size_t)nest->in + 1;
    nest->holds = r->token == JR_OBJ;
    if (!nest->holds)
        jr_skip(r);
}

static void
read_entry_member(struct nest *nest, struct jr *r)
{
    struct entry *e = &nest->at[nest->in];

    if (jr_is(r->key, "version"))
        e->version = string_value(r);
    else if (jr_is(r->key, "requires"))
        e->requires = span(r, JR_OBJ);
    else if (jr_is(r->key, "dev"))
        read_flag(&e->flags, r, NPM_DEV);
    else if (jr_is(r->key, "optional"))
        read_flag(&e->flags, r, NPM_IS_OPTIONAL);
    else if (jr_is(r->key, "bundled"))
        read_flag(&e->flags, r, NPM_IN_BUNDLE);
    else if (jr_is(r->key, "dependencies"))
        open_held(nest, r);
    else
        jr_skip(r);
}

/* The end of what an entry holds, or of an entry. */
static void
close_level(struct nest *nest)
{
    if (nest->holds) {
        nest->holds = false;
    } else {
        nest->in = nest->at[nest->in].parent;
        nest->holds = true;
    }
}

static void
read_entries(struct nest *nest, struct bytes as_written)
{
    struct jr r;

    *nest = (struct nest){ .in = -1, .holds = true };
    if (as_written.p == NULL)
        return;
    jr_init(&r, as_written, JR_MAX_DEPTH);
    jr_next(&r);
    while (r.depth > 0 && nest->n <= NPMLOCK_MAX_ENTRIES) {
        if (jr_next(&r) == JR_BAD)
            break;
        if (r.token == JR_CLOSE && r.depth > 0)
            close_level(nest);
        else if (r.token != JR_CLOSE && !nest->holds)
            read_entry_member(nest, &r);
        else if (r.token == JR_OBJ)
            open_entry(nest, &r);
        else if (r.token != JR_CLOSE)
            jr_skip(&r);
    }
}

static void
put_entry(struct npmlock *l, const struct entry *e)
{
    jw_arr(&l->jw);
    jw_int(&l->jw, e->parent);
    jw_int(&l->jw, e->flags);
    put_text(l, e->name);
    if (e->version.p != NULL || e->requires.p != NULL)
        put_text(l, e->version);
    if (e->requires.p != NULL)
        put_map(l, e->requires, false);
    jw_end(&l->jw);
    l->n_entries++;
}

static void
put_entries(struct npmlock *l)
{
    struct nest nest;

    read_entries(&nest, l->dependencies);
    jw_key(&l->jw, "entries");
    jw_arr(&l->jw);
    for (size_t i = 0; i < nest.n && !is_full(l); i++)
        put_entry(l, &nest.at[i]);
    jw_end(&l->jw);
    free(nest.at);
}

/* ---- the file ---------------------------------------------------------- */

static void
read_version(struct npmlock *l, struct jr *r)
{
    l->version = -1;
    if (r->token == JR_NULL || r->token == JR_FALSE ||
        (r->token == JR_STR && r->raw.n == 0))
        l->version = 0;
    else if (r->token == JR_NUM)
        js_number(r->raw, &l->version);
    jr_skip(r);
}

static int
read_members(struct npmlock *l, struct bytes body, struct err *err)
{
    struct jr r;

    jr_init(&r, body, JR_MAX_DEPTH);
    if (jr_next(&r) != JR_OBJ)
        return jr_error(&r, err);
    while (jr_next(&r) != JR_CLOSE) {
        if (r.token == JR_BAD)
            return jr_error(&r, err);
        if (jr_is(r.key, "lockfileVersion"))
            read_version(l, &r);
        else if (jr_is(r.key, "packages"))
            l->packages = span(&r, JR_OBJ);
        else if (jr_is(r.key, "dependencies"))
            l->dependencies = span(&r, JR_OBJ);
        else
            jr_skip(&r);
    }
    return jr_next(&r) == JR_END ? 0 : jr_error(&r, err);
}

static int
reduce(struct npmlock *l, struct err *err)
{
    jw_init(&l->jw, &l->out);
    jw_obj(&l->jw);
    if (l->bom)
        jw_key_bool(&l->jw, "bom", true);
    if (l->version == 0 || l->version == 1) {
        jw_key_int(&l->jw, "version", (int64_t)l->version);
        put_entries(l);
    } else if (l->version == 2 || l->version == 3) {
        if (l->packages.p == NULL)
            return err_set(err, ERR_INPUT, "no packages");
        jw_key_int(&l->jw, "version", 3);
        put_packages(l);
    } else {
        return err_set(err, ERR_UNSUPPORTED, "lockfileVersion not known");
    }
    jw_end(&l->jw);
    return is_full(l) ? err_set(err, ERR_LIMIT,
                                "more than %d packages or %d dependencies",
                                NPMLOCK_MAX_ENTRIES, NPMLOCK_MAX_EDGES)
                      : 0;
}

static void
write_npmlock(struct jw *jw, void *arg)
{
    const struct npmlock *l = arg;

    jw_raw(jw, buf_bytes(&l->out));
}

static int
npmlock_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf fixed = BUF_INIT(SIZE_MAX / 4);
    struct npmlock l = { .out = BUF_INIT(NPMLOCK_MAX_BYTES),
                         .text = BUF_INIT(SIZE_MAX / 4),
                         .bom = bytes_starts(body, "\xef\xbb\xbf") };
    struct err why;
    int rc = 0;

    body = utf8_mended(body, &fixed);
    if (read_members(&l, body, &why) == 0 && reduce(&l, &why) == 0) {
        rc = an_item(out, "npmlock", write_npmlock, &l, err);
    } else {
        rc = an_warn(out, err, "npmlock: %s", why.text);
        if (rc == 0)
            rc = an_bad(out, "npmlock", err);
    }
    buf_clear(&l.out);
    buf_clear(&l.text);
    return rc;
}

const struct analyzer analyzer_npmlock = {
    .name = "npmlock",
    .wants = (const char *const[]){ "package-lock.json",
                                    "npm-shrinkwrap.json", NULL },
    .read = npmlock_read,
};
