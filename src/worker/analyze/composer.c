/*
 * PHP projects: composer.json and composer.lock (scan-facts.md §14). Kept is
 * what decides: names, versions as the peer takes them, what is required.
 * Where the peer would stumble, the sentence of its error is kept too (`e`),
 * since it ends the peer's scan.
 */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/jserror.h"
#include "worker/analyze/jsobj.h"

/* What is held of a project when an image's results are made, stays small. */
#define MAX_PACKAGES     20000
#define MAX_REQUIREMENTS 60000

#define NO_PROPERTY_OF "Cannot read properties of "

/* A file, and what the peer says of it if it refuses it. */
struct source {
    struct js_value value;
    struct buf sentence; /* owns */
};

/* A version, or why the peer has none; neither: not stated. */
struct version {
    char *text;        /* owns */
    const char *error; /* static */
};

/* "dev-main" without its "dev-". */
static char *
without_dev(const char *version)
{
    const char *dev = strstr(version, "dev-");

    return dev == NULL ? xstrdup(version)
                       : xasprintf("%.*s%s", (int)(dev - version), version,
                                   dev + strlen("dev-"));
}

/* An alias as the name of a property: texts and what becomes one. */
static char *
alias_text(struct js_value alias)
{
    return alias.type == JR_STR ? js_text(alias) : bytes_dup(alias.text);
}

/* Whether some key stands for this alias. */
static bool
is_alias(const struct js_object *aliases, const char *text)
{
    for (size_t i = 0; i < aliases->n; i++) {
        auto_free char *alias = alias_text(aliases->at[i].value);

        if (strcmp(alias, text) == 0)
            return true;
    }
    return false;
}

/* The first alias; those that are numbers are first, the lowest first. */
static char *
first_alias(const struct js_object *aliases)
{
    char *first = NULL;
    uint32_t lowest = UINT32_MAX, index;

    for (size_t i = 0; i < aliases->n; i++) {
        auto_free char *alias = alias_text(aliases->at[i].value);
        bool number = js_is_index(bytes_str(alias), &index);

        if (number ? index >= lowest : first != NULL)
            continue;
        if (number)
            lowest = index;
        free(first);
        first = steal(alias);
    }
    return first;
}

/* What the peer calls the version of a package or of the project. */
static struct version
find_version(struct js_value of)
{
    auto_js_object struct js_object aliases = { 0 };
    struct js_value stated = js_member_of(of, "version"), exact;
    auto_free char *text = stated.type == JR_BAD ? xstrdup("")
                                                 : js_text(stated);
    auto_free char *plain = NULL;

    if (stated.type == JR_NULL)
        return (struct version){ NULL, NO_PROPERTY_OF
                                 "null (reading 'replace')" };
    if (stated.type != JR_STR && stated.type != JR_BAD)
        return (struct version){ NULL, "versionFound.replace is not a "
                                       "function" };
    js_object_read(&aliases, js_member_of(js_member_of(of, "extra"),
                                          "branch-alias"));
    exact = js_get(&aliases, text);
    if (js_truthy(exact) && exact.type != JR_STR)
        return (struct version){ NULL, "version.replace is not a function" };
    if (js_truthy(exact))
        return (struct version){ js_text(exact), NULL };
    plain = without_dev(text);
    if (*plain != '\0' && is_alias(&aliases, plain))
        return (struct version){ steal(plain), NULL };
    if (*text != '\0')
        return (struct version){ steal(text), NULL };
    return (struct version){ first_alias(&aliases), NULL };
}

/* "v1.2" is "1.2". */
static const char *
without_v(const char *version)
{
    return version[0] == 'v' && version[1] >= '0' && version[1] <= '9'
               ? version + 1
               : version;
}

/* ---- writing ----------------------------------------------------------- */

static void
write_sentence(struct jw *jw, const char *key, const struct source *from)
{
    if (from->sentence.n == 0)
        return;
    jw_key(jw, key);
    jw_bytes(jw, buf_bytes(&from->sentence));
}

static void
write_bad(struct jw *jw, void *arg)
{
    jw_obj(jw);
    jw_key_bool(jw, "bad", true);
    write_sentence(jw, "refused", arg);
    jw_end(jw);
}

/* Ranges that are no texts: null, or true for whatever else. */
static void
write_required(struct jw *jw, struct js_value of)
{
    auto_js_object struct js_object required = { 0 };

    js_object_read(&required, js_member_of(of, "require"));
    if (required.n == 0)
        return;
    jw_key(jw, "r");
    jw_obj(jw);
    for (size_t i = 0; i < required.n; i++) {
        struct js_value range = required.at[i].value;
        auto_free char *text = range.type == JR_STR ? js_text(range) : NULL;

        jw_key(jw, required.at[i].key);
        if (text != NULL)
            jw_str(jw, without_v(text));
        else if (range.type == JR_NULL)
            jw_null(jw);
        else
            jw_bool(jw, true);
    }
    jw_end(jw);
}

static void
write_version(struct jw *jw, struct js_value of, bool package)
{
    struct version v = find_version(of);

    if (v.text != NULL)
        jw_key_str(jw, "v", package ? without_v(v.text) : v.text);
    jw_key_opt(jw, "e", v.error);
    free(v.text);
}

static void
write_licences(struct jw *jw, struct js_value licences)
{
    struct js_items it = { .begun = false };
    struct js_value item;

    if (licences.type != JR_ARR)
        return;
    jw_key(jw, "l");
    jw_arr(jw);
    while (js_items_next(&it, licences, &item)) {
        auto_free char *text = js_text(item);

        if (text != NULL)
            jw_str(jw, text);
    }
    jw_end(jw);
}

static void
write_manifest(struct jw *jw, void *arg)
{
    struct js_value manifest = ((const struct source *)arg)->value;
    auto_free char *name = NULL;
    struct js_value named = js_member_of(manifest, "name");

    jw_obj(jw);
    write_sentence(jw, "refused", arg);
    if (manifest.type == JR_NULL)
        jw_key_str(jw, "e", NO_PROPERTY_OF "null (reading 'name')");
    if (js_truthy(named))
        name = js_text(named);
    jw_key_opt(jw, "n", name);
    write_version(jw, manifest, false);
    write_required(jw, manifest);
    jw_end(jw);
}

/* In a package's place: where the peer's search for one stumbles. */
static void
write_error(struct jw *jw, const char *sentence)
{
    jw_obj(jw);
    jw_key_str(jw, "e", sentence);
    jw_end(jw);
}

/* What is no package, the peer passes over, but for a null. */
static void
write_package(struct jw *jw, struct js_value package)
{
    struct js_value named = js_member_of(package, "name");
    auto_free char *name = named.type == JR_STR ? js_text(named) : NULL;

    if (name == NULL && package.type != JR_NULL)
        return;
    if (name == NULL) {
        write_error(jw, NO_PROPERTY_OF "null (reading 'name')");
        return;
    }
    jw_obj(jw);
    jw_key_str(jw, "n", name);
    write_version(jw, package, true);
    write_required(jw, package);
    write_licences(jw, js_member_of(package, "license"));
    jw_end(jw);
}

static void
write_lock(struct jw *jw, void *arg)
{
    struct js_value lock = ((const struct source *)arg)->value;
    struct js_value packages = js_member_of(lock, "packages"), item;
    struct js_items it = { .begun = false };

    jw_obj(jw);
    write_sentence(jw, "refused", arg);
    if (lock.type == JR_NULL)
        jw_key_str(jw, "e", NO_PROPERTY_OF "null (reading 'packages')");
    if (js_truthy(packages)) {
        jw_key(jw, "pkgs");
        jw_arr(jw);
        if (packages.type != JR_ARR && packages.type != JR_STR)
            write_error(jw, "packages is not iterable");
        while (js_items_next(&it, packages, &item))
            write_package(jw, item);
        jw_end(jw);
    }
    jw_end(jw);
}

/* ---- reading ----------------------------------------------------------- */

static int
check_size(struct js_value file, struct err *err)
{
    struct js_value packages = js_member_of(file, "packages"), item;
    struct js_items it = { .begun = false };
    size_t n = js_count(js_member_of(file, "require")), n_packages = 0;

    for (; js_items_next(&it, packages, &item); n_packages++)
        n += js_count(js_member_of(item, "require"));
    if (n_packages > MAX_PACKAGES)
        return err_set(err, ERR_LIMIT, "more than %d packages", MAX_PACKAGES);
    if (n > MAX_REQUIREMENTS)
        return err_set(err, ERR_LIMIT, "more than %d requirements",
                       MAX_REQUIREMENTS);
    return 0;
}

/* The peer takes a byte order mark for a fault. */
static bool
is_refused(struct bytes text, int rc)
{
    return rc < 0 || bytes_starts(text, "\xef\xbb\xbf");
}

static int
read_json(struct bytes body, const char *kind,
          void (*write)(struct jw *jw, void *arg), struct an_out *out,
          struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct source from = { .sentence = BUF_INIT(SIZE_MAX / 4) };
    struct err why;
    int rc, written;

    body = utf8_mended(body, &text);
    rc = js_value_read(&from.value, body, &why);
    if (rc == 0)
        rc = check_size(from.value, &why);
    if (is_refused(body, rc))
        js_error(body, &from.sentence);
    written = an_item(out, kind, rc == 0 ? write : write_bad, &from, err);
    buf_clear(&from.sentence);
    if (written < 0)
        return -1;
    return rc == 0 ? 0 : an_warn(out, err, "%s: %s", kind, why.text);
}

static int
composer_read(struct bytes body, struct an_out *out, struct err *err)
{
    return read_json(body, "composer", write_manifest, out, err);
}

static int
composerlock_read(struct bytes body, struct an_out *out, struct err *err)
{
    return read_json(body, "composerlock", write_lock, out, err);
}

const struct analyzer analyzer_composer = {
    .name = "composer",
    .wants = (const char *const[]){ "composer.json", NULL },
    .read = composer_read,
};

const struct analyzer analyzer_composerlock = {
    .name = "composerlock",
    .wants = (const char *const[]){ "composer.lock", NULL },
    .read = composerlock_read,
};
