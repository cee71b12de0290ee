/*
 * package.json: the members that decide what a node project depends on, as
 * they stand in the file. Of an installed package only those that count there
 * and as flat as can be: a large image has tens of thousands of them.
 */
#include "worker/analyze/analyzer.h"

#include "base/json/jr.h"
#include "base/str.h"
#include "worker/analyze/jspairs.h"

/* Values in the members kept, and levels: what assembling has to build. */
#define NODEPKG_MAX_VALUES 50000
#define NODEPKG_MAX_DEPTH  40

static const char *const members[] = {
    /* In the order of an installed package's data. */
    "name",
    "version",
    "dependencies",
    "optionalDependencies",
    "license",
    "devDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "overrides",
    "resolutions",
    "bundleDependencies",
    "bundledDependencies",
    "workspaces",
};

#define N_INSTALLED 5

struct nodepkg {
    struct bytes found[N_ELEMENTS(members)]; /* p NULL: not there */
    size_t n_values;
    bool bad, bom;
    bool installed; /* lies in a node_modules */
};

/* Which of them it is; N_ELEMENTS(members): none that is kept. */
static size_t
member_at(const struct nodepkg *pkg, struct bytes key)
{
    size_t n = pkg->installed ? N_INSTALLED : N_ELEMENTS(members);

    for (size_t i = 0; i < n; i++) {
        if (jr_is(key, members[i]))
            return i;
    }
    return N_ELEMENTS(members);
}

/* The value at hand as written; *n_values counts what is in it. */
static struct bytes
span(struct jr *r, size_t *n_values)
{
    const uint8_t *from = r->at - 1;
    unsigned outside = r->depth - 1;

    (*n_values)++;
    if (r->token == JR_STR)
        from = r->raw.p - 1;
    else if (r->token == JR_NUM)
        from = r->raw.p;
    else if (r->token == JR_TRUE || r->token == JR_NULL)
        from = r->at - 4;
    else if (r->token == JR_FALSE)
        from = r->at - 5;
    else
        while (jr_next(r) != JR_BAD && r->depth > outside)
            (*n_values)++;
    return bytes_of(from, (size_t)(r->at - from));
}

/* ---- reading ----------------------------------------------------------- */

static int
read_members(struct nodepkg *pkg, struct jr *r, struct err *err)
{
    while (jr_next(r) != JR_CLOSE) {
        size_t i;

        if (r->token == JR_BAD)
            return jr_error(r, err);
        i = member_at(pkg, r->key);
        if (i < N_ELEMENTS(members))
            pkg->found[i] = span(r, &pkg->n_values);
        else
            jr_skip(r);
    }
    if (jr_next(r) != JR_END)
        return jr_error(r, err);
    if (pkg->n_values > NODEPKG_MAX_VALUES)
        return err_set(err, ERR_LIMIT, "%zu values, at most %d are accepted",
                       pkg->n_values, NODEPKG_MAX_VALUES);
    return 0;
}

static int
read_text(struct nodepkg *pkg, struct bytes text, struct err *err)
{
    struct jr r;

    jr_init(&r, text, JR_MAX_DEPTH);
    if (jr_next(&r) == JR_OBJ)
        return read_members(pkg, &r, err);
    return r.token == JR_BAD ? jr_error(&r, err)
                             : err_set(err, ERR_INPUT, "no JSON object");
}

/* ---- writing ----------------------------------------------------------- */

static void
put_scalar(struct jw *jw, const struct jr *r, struct buf *text)
{
    switch (r->token) {
    case JR_STR:
        buf_reset(text);
        jr_text(r->raw, text);
        jw_bytes(jw, buf_bytes(text));
        break;
    case JR_NUM:
        jw_raw(jw, r->raw);
        break;
    case JR_NULL:
        jw_null(jw);
        break;
    default:
        jw_bool(jw, r->token == JR_TRUE);
        break;
    }
}

/* The same value without its blanks. Too deep: its levels are empty. */
static void
put_value(struct jw *jw, struct bytes as_written)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct jr r;

    jr_init(&r, as_written, JR_MAX_DEPTH);
    while (jr_next(&r) != JR_END) {
        if (r.token == JR_CLOSE) {
            jw_end(jw);
            continue;
        }
        if (r.key.p != NULL) {
            buf_reset(&text);
            jr_text(r.key, &text);
            if (bytes_find(buf_bytes(&text), '\0') < text.n) {
                jr_skip(&r); /* no reader of records would take that name */
                continue;
            }
            jw_key_bytes(jw, buf_bytes(&text));
        }
        if (r.token != JR_OBJ && r.token != JR_ARR) {
            put_scalar(jw, &r, &text);
            continue;
        }
        if (r.token == JR_OBJ)
            jw_obj(jw);
        else
            jw_arr(jw);
        if (r.depth == NODEPKG_MAX_DEPTH) {
            jr_skip(&r);
            jw_end(jw);
        }
    }
}

static void
write_nodepkg(struct jw *jw, void *arg)
{
    const struct nodepkg *pkg = arg;

    jw_obj(jw);
    if (pkg->bad)
        jw_key_bool(jw, "bad", true);
    if (pkg->bom)
        jw_key_bool(jw, "bom", true);
    for (size_t i = 0; !pkg->bad && i < N_ELEMENTS(members); i++) {
        if (pkg->found[i].p == NULL)
            continue;
        jw_key(jw, members[i]);
        put_value(jw, pkg->found[i]);
    }
    jw_end(jw);
}

/* A text as it is, an object of texts flattened, anything else null. */
static void
put_flat(struct jw *jw, struct bytes as_written)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    bool wanted = as_written.n > 0 &&
                  (*as_written.p == '"' || *as_written.p == '{');

    if (!wanted) {
        jw_null(jw);
    } else if (*as_written.p == '{') {
        jspairs_add(&text, as_written, true);
        jw_bytes(jw, buf_bytes(&text));
    } else {
        put_value(jw, as_written);
    }
}

static void
write_installed(struct jw *jw, void *arg)
{
    const struct nodepkg *pkg = arg;
    size_t n = N_INSTALLED;

    if (pkg->bad) {
        write_nodepkg(jw, arg);
        return;
    }
    while (n > 0 && pkg->found[n - 1].p == NULL)
        n--;
    jw_arr(jw);
    for (size_t i = 0; i < n; i++)
        put_flat(jw, pkg->found[i]);
    jw_end(jw);
}

static int
nodepkg_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf fixed = BUF_INIT(SIZE_MAX / 4);
    struct bytes path = an_entry(out)->path;
    struct nodepkg pkg = {
        .bom = bytes_starts(body, "\xef\xbb\xbf"),
        .installed = bytes_find_str(path, "/node_modules/") < path.n,
    };
    struct err why;

    body = utf8_mended(body, &fixed);
    if (read_text(&pkg, body, &why) < 0) {
        pkg.bad = true;
        if (an_warn(out, err, "nodepkg: %s", why.text) < 0)
            return -1;
    }
    return pkg.installed ? an_item(out, "nodemod", write_installed, &pkg, err)
                         : an_item(out, "nodepkg", write_nodepkg, &pkg, err);
}

const struct analyzer analyzer_nodepkg = {
    .name = "nodepkg",
    .wants = (const char *const[]){ "package.json", NULL },
    .read = nodepkg_read,
};
