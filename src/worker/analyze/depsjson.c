/*
 * What a .NET program was built from: NAME.deps.json beside it
 * (scan-facts.md §15). Kept is the target that runs: its project and its
 * packages with what they ask for.
 */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/jsobj.h"

/* What is held of a program when an image's results are made, stays small. */
#define MAX_PACKAGES     30000
#define MAX_REQUIREMENTS 60000

#define RUNTIME_PACK "runtimepack."

struct program {
    const struct js_object *packages; /* borrows: of the target */
    const struct js_member *root;     /* borrows: the project; NULL: none */
    bool bom;
};

static bool
depsjson_also(struct bytes path)
{
    return bytes_find_str(path, "/dotnet/shared/") == path.n &&
           bytes_find_str(path, "/dotnet/packs/") == path.n;
}

/* "Serilog/2.12.0" */
static void
write_name(struct jw *jw, const char *key, bool package)
{
    const char *name = key;
    size_t n = strcspn(key, "/");

    if (package && str_starts(key, RUNTIME_PACK)) {
        name += strlen(RUNTIME_PACK);
        n -= strlen(RUNTIME_PACK);
    }
    jw_key(jw, "n");
    jw_bytes(jw, bytes_of(name, n));
    jw_key_opt(jw, "v", key[strcspn(key, "/")] == '/'
                            ? key + strcspn(key, "/") + 1
                            : NULL);
}

/* What a package asks for; the versions it would like do not count. */
static void
write_wanted(struct jw *jw, struct js_value package, bool root)
{
    auto_js_object struct js_object wanted = { 0 };

    js_object_read(&wanted, js_member_of(package, "dependencies"));
    if (wanted.n == 0 && !root)
        return;
    jw_key(jw, "d");
    jw_arr(jw);
    for (size_t i = 0; i < wanted.n; i++) {
        const char *name = wanted.at[i].key;

        jw_str(jw, str_starts(name, RUNTIME_PACK)
                       ? name + strlen(RUNTIME_PACK)
                       : name);
    }
    jw_end(jw);
}

static void
write_package(struct jw *jw, const struct js_member *m)
{
    jw_obj(jw);
    write_name(jw, m->key, true);
    write_wanted(jw, m->value, false);
    jw_end(jw);
}

static void
write_program(struct jw *jw, void *arg)
{
    const struct program *p = arg;

    jw_obj(jw);
    if (p->root != NULL) {
        write_name(jw, p->root->key, false);
        write_wanted(jw, p->root->value, true);
    }
    if (p->bom)
        jw_key_bool(jw, "bom", true);
    jw_key(jw, "pkgs");
    jw_arr(jw);
    for (size_t i = 0; p->root != NULL && i < p->packages->n; i++) {
        /* Nothing can ask for what has no version. */
        if (strchr(p->packages->at[i].key, '/') != NULL)
            write_package(jw, &p->packages->at[i]);
    }
    jw_end(jw);
    jw_end(jw);
}

/* ---- which target, which project --------------------------------------- */

static struct js_value
running_target(struct js_value top)
{
    struct js_value named = js_member_of(js_member_of(top, "runtimeTarget"),
                                         "name");
    auto_free char *name = js_text(named);

    if (name == NULL)
        return (struct js_value){ .type = JR_BAD };
    return js_member_of(js_member_of(top, "targets"), name);
}

static bool
is_project(const struct js_object *libraries, const char *key)
{
    auto_free char *type = js_text(js_member_of(js_get(libraries, key),
                                                "type"));

    return str_eq(type, "project");
}

/* The first project counts, and only if it asks for anything. */
static const struct js_member *
find_root(const struct js_object *packages, const struct js_object *libraries)
{
    for (size_t i = 0; i < packages->n; i++) {
        const struct js_member *m = &packages->at[i];

        if (!is_project(libraries, m->key))
            continue;
        return *m->key != '\0' &&
                       js_truthy(js_member_of(m->value, "dependencies"))
                   ? m
                   : NULL;
    }
    return NULL;
}

static int
check_size(const struct js_object *packages, struct err *err)
{
    size_t n = 0;

    if (packages->n > MAX_PACKAGES)
        return err_set(err, ERR_LIMIT, "more than %d packages", MAX_PACKAGES);
    for (size_t i = 0; i < packages->n; i++)
        n += js_count(js_member_of(packages->at[i].value, "dependencies"));
    if (n > MAX_REQUIREMENTS)
        return err_set(err, ERR_LIMIT, "more than %d dependencies",
                       MAX_REQUIREMENTS);
    return 0;
}

static int
read_program(struct bytes text, struct an_out *out, struct err *err)
{
    auto_js_object struct js_object packages = { 0 }, libraries = { 0 };
    struct program p = { .packages = &packages };
    struct js_value top;

    if (js_value_read(&top, text, err) < 0)
        return -1;
    js_object_read(&packages, running_target(top));
    if (check_size(&packages, err) < 0)
        return -1;
    js_object_read(&libraries, js_member_of(top, "libraries"));
    p.root = find_root(&packages, &libraries);
    p.bom = bytes_starts(text, "\xef\xbb\xbf");
    return an_item(out, "depsjson", write_program, &p, err);
}

static int
depsjson_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct err why;

    body = utf8_mended(body, &text);
    if (read_program(body, out, &why) == 0)
        return 0;
    if (an_bad(out, "depsjson", err) < 0)
        return -1;
    return an_warn(out, err, "depsjson: %s", why.text);
}

const struct analyzer analyzer_depsjson = {
    .name = "depsjson",
    .wants = (const char *const[]){ "*.deps.json", NULL },
    .also = depsjson_also,
    .read = depsjson_read,
};
