/*
 * yarn.lock of both generations. What builds the graph is kept: which
 * descriptors a package answers to, its version, its dependencies.
 */
#include "worker/analyze/analyzer.h"
#include "worker/analyze/locktree.h"
#include "worker/analyze/yaml.h"
#include "worker/analyze/yarn1.h"

#include "base/str.h"

/* The text by which the second generation is told. */
#define BERRY_MARK "__metadata"

/* Two levels down everything counts: those are the dependencies. */
static bool
yarnlock_wants(size_t depth, struct bytes key)
{
    return depth != 1 || bytes_is(key, "version") ||
           bytes_is(key, "dependencies") ||
           bytes_is(key, "optionalDependencies");
}

struct yarnlock {
    bool berry, torn;
    struct map *pkgs; /* owns: descriptor to node */
};

/* The descriptors of one package stand together. */
static void
write_keys(struct jw *jw, const struct map *pkgs, size_t *at,
           const struct tree_node *pkg)
{
    struct bytes key;
    size_t next = *at;
    void *node;

    jw_arr(jw);
    while (map_next(pkgs, &next, &key, &node) && node == pkg) {
        jw_bytes(jw, key);
        *at = next;
    }
    jw_end(jw);
}

/* [[descriptors], version, [dependencies]] of each. */
static void
write_pkgs(struct jw *jw, const struct map *pkgs)
{
    size_t at = 0, next = 0;
    void *pkg;

    jw_arr(jw);
    while (map_next(pkgs, &next, NULL, &pkg)) {
        jw_arr(jw);
        write_keys(jw, pkgs, &at, pkg);
        lock_write_text(jw, tree_text(pkg, "version"));
        lock_write_deps(jw, tree_get(pkg, "dependencies"),
                        tree_get(pkg, "optionalDependencies"));
        jw_end(jw);
        next = at;
    }
    jw_end(jw);
}

static void
write_lock(struct jw *jw, void *arg)
{
    const struct yarnlock *lock = arg;

    jw_obj(jw);
    jw_key_str(jw, "form", lock->berry ? "berry" : "classic");
    if (lock->torn)
        jw_key_bool(jw, "torn", true);
    jw_key(jw, "pkgs");
    write_pkgs(jw, lock->pkgs);
    jw_end(jw);
}

static int
check_size(const struct map *pkgs, struct err *err)
{
    struct lock_count count = { 0 };
    const void *last = NULL;
    size_t at = 0;
    void *pkg;

    while (map_next(pkgs, &at, NULL, &pkg)) {
        if (pkg != last && lock_count_pkg(&count, pkg, err) < 0)
            return -1;
        last = pkg;
    }
    return 0;
}

static int
check_form(const struct tree *t, bool berry, struct err *err)
{
    if (berry && tree_count(t) != 1)
        return err_set(err, ERR_INPUT, "%zu documents", tree_count(t));
    if (tree_count(t) > 0 && tree_root(t, 0)->kind != TREE_MAP)
        return err_set(err, ERR_INPUT, "no packages");
    return 0;
}

/* An unfinished merge has two sides; theirs counts where both speak. */
static int
convert(struct bytes body, struct an_out *out, struct err *err)
{
    bool berry = bytes_find_str(body, BERRY_MARK) < body.n, torn = false;
    auto_tree struct tree *t =
        berry ? yaml_read(body, yarnlock_wants, err)
              : yarn1_read(body, yarnlock_wants, &torn, err);
    const struct tree_node *roots[2];
    struct yarnlock lock = { berry, torn, NULL };
    int rc;

    if (t == NULL || check_form(t, berry, err) < 0)
        return -1;
    roots[0] = tree_root(t, 0);
    roots[1] = berry ? NULL : tree_root(t, 1);
    lock.pkgs = lock_members(roots, 2);
    rc = check_size(lock.pkgs, err);
    if (rc == 0)
        rc = an_item(out, "yarnlock", write_lock, &lock, err);
    map_free(lock.pkgs);
    return rc;
}

static int
yarnlock_read(struct bytes body, struct an_out *out, struct err *err)
{
    struct err ignored;

    if (convert(body, out, err) == 0)
        return 0;
    /* Its being there tells that the folder is a project. */
    an_bad(out, "yarnlock", &ignored);
    return -1;
}

const struct analyzer analyzer_yarnlock = {
    .name = "yarnlock",
    .wants = (const char *const[]){ "yarn.lock", NULL },
    .also = lock_is_of_a_project,
    .read = yarnlock_read,
};
