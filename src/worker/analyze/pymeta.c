/*
 * METADATA of an installed Python distribution (scan-facts.md §13.1). The peer
 * takes lines anywhere, so the description overrides the headers; we keep
 * both readings where they differ.
 */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/pyreq.h"
#include "worker/analyze/version/semver.h"

#define MAX_REQUIREMENTS 20000
#define MAX_EXTRAS       500
#define MAX_EXTRA_BYTES  256

struct extra {
    struct bytes name;
    bool in_body;
};

/* Texts are borrowed from the body. */
struct distribution {
    struct bytes name, version;           /* of the headers */
    struct bytes peer_name, peer_version; /* the last lines that look so */
    struct bytes licence, expression;
    struct pyreq *requirements; /* owns */
    size_t n_requirements;
    struct extra *extras;       /* owns */
    size_t n_extras;
    struct buf coerced;         /* owns: what the peer makes of its version */
    bool too_many;
};

static void
add_requirement(struct distribution *d, struct bytes text, enum pyreq_for mode)
{
    struct pyreq r;

    if (!pyreq_parse(&r, text, PYREQ_METADATA, mode))
        return;
    if (d->n_requirements == MAX_REQUIREMENTS) {
        d->too_many = true;
        return;
    }
    d->too_many = d->too_many || r.cut;
    d->requirements = xgrown(d->requirements, d->n_requirements, sizeof(r));
    d->requirements[d->n_requirements++] = r;
}

static void
add_extra(struct distribution *d, struct bytes name, bool in_body)
{
    if (d->n_extras == MAX_EXTRAS || name.n > MAX_EXTRA_BYTES) {
        d->too_many = true;
        return;
    }
    d->extras = xgrown(d->extras, d->n_extras, sizeof(*d->extras));
    d->extras[d->n_extras++] = (struct extra){ name, in_body };
}

/* ---- lines ------------------------------------------------------------- */

/* "Name: x": the value if the line has that key. */
static bool
has_key(struct bytes line, const char *key, struct bytes *value)
{
    if (!bytes_starts(line, key))
        return false;
    *value = bytes_from(line, strlen(key));
    return true;
}

static bool
has_header(struct bytes line, const char *key, struct bytes *value)
{
    size_t n = strlen(key);

    if (line.n <= n || line.p[n] != ':' ||
        strncasecmp((const char *)line.p, key, n) != 0)
        return false;
    *value = bytes_trim(bytes_from(line, n + 1));
    return true;
}

/* The first of each counts. */
static void
read_header(struct distribution *d, struct bytes line)
{
    struct {
        const char *key;
        struct bytes *to;
    } keys[] = {
        { "Name", &d->name },
        { "Version", &d->version },
        { "License", &d->licence },
        { "License-Expression", &d->expression },
    };
    struct bytes value;

    for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
        if (has_header(line, keys[i].key, &value) && keys[i].to->p == NULL)
            *keys[i].to = value;
    }
}

static void
read_line(struct distribution *d, struct bytes line, bool in_header)
{
    struct bytes trimmed = js_trim(line), value, right;
    bool header = in_header && js_space(line) == 0;
    bool required = has_key(trimmed, "Requires-Dist: ", &value);

    if (header)
        read_header(d, line);
    has_key(trimmed, "Name: ", &d->peer_name);
    has_key(trimmed, "Version: ", &d->peer_version);
    if (header && has_header(line, "Requires-Dist", &right))
        add_requirement(d, required ? value : right,
                        required ? PYREQ_BOTH : PYREQ_RIGHT);
    else if (required)
        add_requirement(d, value, PYREQ_PEER);
    if (has_key(trimmed, "Provides-Extra:", &value))
        add_extra(d, js_trim(value), !header);
}

static void
read_lines(struct distribution *d, struct bytes body)
{
    struct js_split it = { .rest = body };
    struct bytes line;
    bool in_header = true;

    while (js_split_next(&it, "\n", &line)) {
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (line.n == 0)
            in_header = false;
        read_line(d, line, in_header);
    }
}

/* ---- the peer's version ------------------------------------------------ */

/* Digits with dots between them, and at least one dot. */
static bool
is_dotted(struct bytes v)
{
    bool dot = false;

    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] >= '0' && v.p[i] <= '9')
            continue;
        if (v.p[i] != '.' || i == 0 || v.p[i - 1] == '.' || i + 1 == v.n)
            return false;
        dot = true;
    }
    return dot;
}

/* "6.0" is "6.0.0", "1.2.3.4" stays, "abc" is none. */
static void
coerce(struct distribution *d)
{
    if (!semver_coerce(d->peer_version, &d->coerced))
        return;
    if (is_dotted(d->peer_version) &&
        bytes_starts(d->peer_version, buf_cstr(&d->coerced))) {
        buf_reset(&d->coerced);
        buf_add_bytes(&d->coerced, d->peer_version);
    }
}

/* ---- writing ----------------------------------------------------------- */

static void
write_extras(struct jw *jw, const struct distribution *d, const char *key,
             bool in_body)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_extras; i++) {
        if (d->extras[i].in_body != in_body)
            continue;
        if (n++ == 0) {
            jw_key(jw, key);
            jw_arr(jw);
        }
        jw_bytes(jw, d->extras[i].name);
    }
    if (n > 0)
        jw_end(jw);
}

static void
write_distribution(struct jw *jw, void *arg)
{
    struct distribution *d = arg;

    jw_obj(jw);
    jw_key_opt_bytes(jw, "n", d->name);
    jw_key_opt_bytes(jw, "v", d->version);
    if (!bytes_equal(d->name, d->peer_name)) {
        jw_key(jw, "pn");
        jw_bytes(jw, d->peer_name);
    }
    if (!bytes_equal(d->version, buf_bytes(&d->coerced))) {
        jw_key(jw, "pv");
        jw_bytes(jw, buf_bytes(&d->coerced));
    }
    jw_key_opt_bytes(jw, "l", d->expression.n > 0 ? d->expression : d->licence);
    write_extras(jw, d, "x", false);
    write_extras(jw, d, "bx", true);
    if (d->n_requirements > 0) {
        jw_key(jw, "r");
        jw_arr(jw);
        for (size_t i = 0; i < d->n_requirements; i++)
            pyreq_write(&d->requirements[i], jw);
        jw_end(jw);
    }
    jw_end(jw);
}

static int
pymeta_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct distribution d = { .coerced = BUF_INIT(SEMVER_MAX_BYTES * 8) };
    int rc;

    body = utf8_mended(body, &text);
    read_lines(&d, body);
    coerce(&d);
    rc = an_item(out, "pymeta", write_distribution, &d, err);
    free(d.requirements);
    free(d.extras);
    buf_clear(&d.coerced);
    if (rc == 0 && d.too_many)
        rc = an_warn(out, err, "pymeta: only the first %d requirements and "
                     "%d extras count, and no extra or marker that is too long",
                     MAX_REQUIREMENTS, MAX_EXTRAS);
    return rc;
}

/* …/NAME-VERSION.dist-info/METADATA */
static bool
pymeta_also(struct bytes path)
{
    return bytes_ends(path, ".dist-info/METADATA");
}

const struct analyzer analyzer_pymeta = {
    .name = "pymeta",
    .wants = (const char *const[]){ "METADATA", NULL },
    .also = pymeta_also,
    .read = pymeta_read,
};
