/*
 * pnpm-lock.yaml of lockfile versions 5, 6 and 9. What builds the graph is
 * kept: importers, packages and their dependencies; how keys are written in
 * which version is the graph's business.
 */
#include "worker/analyze/analyzer.h"
#include "worker/analyze/locktree.h"
#include "worker/analyze/yaml.h"

#include "base/str.h"

static bool
is_one_of(struct bytes key, const char *const *names)
{
    while (*names != NULL && !bytes_is(key, *names))
        names++;
    return *names != NULL;
}

/*
 * 0: the file; 1: names of packages, importers, or the root's dependencies;
 * 2: of a package, an importer, or one of those; from 3 on dependencies, in
 * newer versions a map each.
 */
static bool
pnpmlock_wants(size_t depth, struct bytes key)
{
    static const char *const of_file[] = {
        "lockfileVersion", "dependencies", "optionalDependencies",
        "importers", "packages", "snapshots", NULL
    };
    static const char *const of_pkg[] = {
        "name", "version", "dependencies", "optionalDependencies", NULL
    };

    switch (depth) {
    case 0:
        return is_one_of(key, of_file);
    case 2:
        return is_one_of(key, of_pkg);
    case 4:
        return bytes_is(key, "version");
    default:
        return true;
    }
}

/* ---- what it holds ------------------------------------------------------ */

struct pnpmlock {
    const struct tree_node *root; /* borrows */
    struct map *importers;        /* own: name to node */
    struct map *pkgs, *snapshots;
    bool nine; /* snapshots tell of dependencies, packages of the rest */
};

static struct map *
members(const struct tree_node *root, const char *key)
{
    const struct tree_node *const list[] = { tree_get(root, key) };

    return lock_members(list, 1);
}

static bool
has_snapshots(const struct tree_node *root)
{
    return bytes_starts(tree_text(root, "lockfileVersion"), "9");
}

static void
open_lock(struct pnpmlock *lock, const struct tree_node *root)
{
    lock->root = root;
    lock->importers = members(root, "importers");
    lock->pkgs = members(root, "packages");
    lock->snapshots = members(root, "snapshots");
    lock->nine = has_snapshots(root);
}

static void
close_lock(struct pnpmlock *lock)
{
    map_free(lock->importers);
    map_free(lock->pkgs);
    map_free(lock->snapshots);
}

/* Those that are written: where there are snapshots, packages only add to
 * them. */
static const struct map *
written(const struct pnpmlock *lock)
{
    return lock->nine ? lock->snapshots : lock->pkgs;
}

/* "a@1.0.0(b@2.0.0)" is a way to install package "a@1.0.0". */
static struct bytes
without_peers(struct bytes key)
{
    return bytes_to(key, bytes_find(key, '('));
}

/* The package that adds to what is written of that key; NULL: none does. */
static const struct tree_node *
added_to(const struct pnpmlock *lock, struct bytes key)
{
    return lock->nine ? map_get(lock->pkgs, without_peers(key)) : NULL;
}

/* ---- writing ------------------------------------------------------------ */

/* What a snapshot states counts before what its package does. */
static const struct tree_node *
get(const struct tree_node *snapshot, const struct tree_node *pkg,
    const char *key)
{
    const struct tree_node *own = tree_get(snapshot, key);

    return own != NULL ? own : tree_get(pkg, key);
}

/* [key, name, version, [dependencies]]; name and version as far as stated. */
static void
write_pkg(struct jw *jw, struct bytes key, const struct tree_node *own,
          const struct tree_node *pkg)
{
    jw_arr(jw);
    jw_bytes(jw, key);
    lock_write_text(jw, tree_bytes(get(own, pkg, "name")));
    lock_write_text(jw, tree_bytes(get(own, pkg, "version")));
    lock_write_deps(jw, get(own, pkg, "dependencies"),
                    get(own, pkg, "optionalDependencies"));
    jw_end(jw);
}

static void
write_pkgs(struct jw *jw, const struct pnpmlock *lock)
{
    const struct map *of = written(lock);
    struct bytes key;
    size_t at = 0;
    void *node;

    jw_key(jw, "pkgs");
    jw_arr(jw);
    while (map_next(of, &at, &key, &node))
        write_pkg(jw, key, node, added_to(lock, key));
    jw_end(jw);
}

static void
write_importer(struct jw *jw, struct bytes path, const struct tree_node *node)
{
    jw_arr(jw);
    jw_bytes(jw, path);
    lock_write_deps(jw, tree_get(node, "dependencies"),
                    tree_get(node, "optionalDependencies"));
    jw_end(jw);
}

static void
write_importers(struct jw *jw, const struct pnpmlock *lock)
{
    struct bytes path;
    size_t at = 0;
    void *node;

    jw_key(jw, "importers");
    jw_arr(jw);
    while (map_next(lock->importers, &at, &path, &node))
        write_importer(jw, path, node);
    jw_end(jw);
}

/* Dependencies of the root and of importers: of which form are some? */
static bool
any_of(const struct pnpmlock *lock, enum tree_kind kind)
{
    static const char *const lists[] = { "dependencies",
                                         "optionalDependencies" };
    size_t at = 0;
    void *node = (void *)(uintptr_t)lock->root;

    do {
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
            const struct tree_node *deps = tree_get(node, lists[i]);

            for (size_t k = 0; deps != NULL && deps->kind == TREE_MAP &&
                               k < deps->n; k++) {
                if (deps->members[k].value->kind == kind)
                    return true;
            }
        }
    } while (map_next(lock->importers, &at, NULL, &node));
    return false;
}

static void
write_lock(struct jw *jw, void *arg)
{
    const struct pnpmlock *lock = arg;

    jw_obj(jw);
    jw_key(jw, "v");
    jw_bytes(jw, tree_text(lock->root, "lockfileVersion"));
    if (any_of(lock, TREE_TEXT))
        jw_key_bool(jw, "texts", true);
    if (any_of(lock, TREE_MAP))
        jw_key_bool(jw, "maps", true);
    if (map_count(lock->importers) > 0)
        write_importers(jw, lock);
    jw_key(jw, "deps");
    lock_write_deps(jw, tree_get(lock->root, "dependencies"),
                    tree_get(lock->root, "optionalDependencies"));
    write_pkgs(jw, lock);
    jw_end(jw);
}

/* ---- reading ------------------------------------------------------------ */

static int
count_importers(const struct pnpmlock *lock, struct lock_count *count,
                struct err *err)
{
    size_t at = 0;
    void *node;

    while (map_next(lock->importers, &at, NULL, &node)) {
        if (lock_count_pkg(count, node, err) < 0)
            return -1;
    }
    return 0;
}

/* What a package states may be written for each of its snapshots. */
static int
count_pkgs(const struct pnpmlock *lock, struct lock_count *count,
           struct err *err)
{
    struct bytes key;
    size_t at = 0;
    void *node;

    while (map_next(written(lock), &at, &key, &node)) {
        if (lock_count_pkg(count, node, err) < 0 ||
            lock_count_deps(count, added_to(lock, key), err) < 0)
            return -1;
    }
    return 0;
}

static int
check_size(const struct pnpmlock *lock, struct err *err)
{
    struct lock_count count = { 0 };

    if (lock_count_deps(&count, lock->root, err) < 0 ||
        count_importers(lock, &count, err) < 0)
        return -1;
    return count_pkgs(lock, &count, err);
}

/* Newer ones begin with a document about pnpm itself. */
static const struct tree_node *
choose_document(const struct tree *t, struct bytes body, struct err *err)
{
    const struct tree_node *root = tree_root(t, 0);

    if (tree_count(t) > 1) {
        if (tree_count(t) > 2 || !bytes_starts(body, "---")) {
            err_set(err, ERR_INPUT, "%zu documents", tree_count(t));
            return NULL;
        }
        root = tree_root(t, 1);
    }
    if (tree_text(root, "lockfileVersion").p == NULL) {
        err_set(err, ERR_INPUT, "no lockfileVersion");
        return NULL;
    }
    return root;
}

static int
convert(struct bytes body, struct an_out *out, struct err *err)
{
    auto_tree struct tree *t = yaml_read(body, pnpmlock_wants, err);
    const struct tree_node *root;
    struct pnpmlock lock;
    int rc;

    if (t == NULL || (root = choose_document(t, body, err)) == NULL)
        return -1;
    open_lock(&lock, root);
    rc = check_size(&lock, err);
    if (rc == 0)
        rc = an_item(out, "pnpmlock", write_lock, &lock, err);
    close_lock(&lock);
    return rc;
}

static int
pnpmlock_read(struct bytes body, struct an_out *out, struct err *err)
{
    struct err ignored;

    if (convert(body, out, err) == 0)
        return 0;
    /* Its being there tells that the folder is a project. */
    an_bad(out, "pnpmlock", &ignored);
    return -1;
}

const struct analyzer analyzer_pnpmlock = {
    .name = "pnpmlock",
    .wants = (const char *const[]){ "pnpm-lock.yaml", NULL },
    .also = lock_is_of_a_project,
    .read = pnpmlock_read,
};
