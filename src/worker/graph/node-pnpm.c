/*
 * Graphs of pnpm (scan-facts.md §11.7). The lock says which version each
 * importer (the root, "."; folders of a workspace) and each package gets;
 * how it spells them lives in pnpm-key.c.
 */
#include "worker/graph/node-lock.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/node-walk.h"
#include "worker/graph/pnpm-key.h"

/* What the peer calls a version it does not know. */
#define UNDEFINED "undefined"

/* The lock knows the name and says nothing of it. */
static const char no_version[] = "";

struct pkg {
    char *name, *version, *full; /* own; full: its key with peers */
    const struct jx *deps;       /* borrows */
};

struct importer {
    struct bytes path;     /* borrows */
    const struct jx *deps; /* borrows */
};

struct pnpm {
    bool compat;
    char lock_version;           /* '5', '6', '9' */
    struct pkg *pkgs;            /* own */
    size_t n_pkgs;
    struct map *by_version;      /* "name@version" to struct pkg: the last */
    struct map *by_key;          /* key without peers to struct pkg */
    struct map *by_full_key;     /* key as it stands to struct pkg */
    struct map *versions;        /* key to the version stated apart */
    struct importer *importers;  /* own; the last one is the root's without */
    size_t n_importers;
    bool workspace;              /* the lock lists importers */
    struct map *by_path;         /* path to struct importer */
    const struct importer *root; /* the project itself */
    struct map *wanted;          /* of the root: name to what the lock says,
                                    or to no_version */
    const char *root_version;    /* UNDEFINED when not stated */
};

static void
pnpm_clear(struct pnpm *p)
{
    for (size_t i = 0; i < p->n_pkgs; i++) {
        free(p->pkgs[i].name);
        free(p->pkgs[i].version);
        free(p->pkgs[i].full);
    }
    free(p->pkgs);
    free(p->importers);
    map_free(p->by_version);
    map_free(p->by_key);
    map_free(p->by_full_key);
    map_free(p->versions);
    map_free(p->by_path);
    map_free(p->wanted);
}

/* ---- the lock file ------------------------------------------------------ */

/* What the entry states counts before what its key says. */
static int
name_pkg(struct pnpm *p, struct pkg *pkg, const struct jx *line,
         struct bytes key, struct err *err)
{
    const char *name = jx_str_value(jx_at(line, 1));
    const char *version = jx_str_value(jx_at(line, 2));
    struct pnpm_name told = { NULL, NULL };

    if ((name == NULL || version == NULL) &&
        pnpm_parse_key(&told, key, p->lock_version, err) < 0)
        return -1;
    pkg->name = name != NULL ? xstrdup(name)
                : told.name != NULL ? xstrdup(told.name)
                                    : xstrdup(UNDEFINED);
    pkg->version = version != NULL ? xstrdup(version)
                   : told.version != NULL ? xstrdup(told.version)
                                          : bytes_dup(key);
    free(told.name);
    free(told.version);
    return 0;
}

static int
read_pkg(struct pnpm *p, const struct jx *line, struct err *err)
{
    const char *full = jx_str_value(jx_at(line, 0));
    const char *apart = jx_str_value(jx_at(line, 2));
    struct pkg *pkg = &p->pkgs[p->n_pkgs];
    auto_free char *id = NULL;
    struct bytes key;

    if (full == NULL)
        return 0;
    key = pnpm_without_peers(bytes_str(full), p->lock_version);
    if (name_pkg(p, pkg, line, key, err) < 0)
        return -1;
    p->n_pkgs++;
    pkg->full = xstrdup(full);
    pkg->deps = jx_at(line, 3);
    id = xasprintf("%s@%s", pkg->name, pkg->version);
    map_put_str(p->by_version, id, pkg);
    map_put(p->by_key, key, pkg);
    map_put_str(p->by_full_key, full, pkg);
    if (apart != NULL)
        map_put(p->versions, p->lock_version == '9' ? key : bytes_str(full),
                (void *)(uintptr_t)apart);
    return 0;
}

static int
read_pkgs(struct pnpm *p, const struct jx *lock, struct err *err)
{
    const struct jx *pkgs = jx_arr(lock, "pkgs");

    p->pkgs = xcalloc(jx_count(pkgs) + 1, sizeof(*p->pkgs));
    for (size_t i = 0; i < jx_count(pkgs); i++) {
        if (read_pkg(p, jx_at(pkgs, i), err) < 0 && p->compat)
            return -1;
    }
    return 0;
}

static void
add_importer(struct pnpm *p, struct bytes path, const struct jx *deps)
{
    struct importer *to = &p->importers[p->n_importers++];

    *to = (struct importer){ path, deps };
    if (map_get(p->by_path, path) == NULL)
        map_put(p->by_path, path, to);
}

static void
read_importers(struct pnpm *p, const struct jx *lock)
{
    const struct jx *list = jx_arr(lock, "importers");

    p->workspace = list != NULL;
    p->importers = xcalloc(jx_count(list) + 1, sizeof(*p->importers));
    for (size_t i = 0; i < jx_count(list); i++) {
        const struct jx *line = jx_at(list, i);

        add_importer(p, jx_bytes_value(jx_at(line, 0)), jx_at(line, 1));
    }
    add_importer(p, bytes_str("."), jx_arr(lock, "deps"));
    p->root = map_get_str(p->by_path, ".");
    for (size_t i = 0; i + 1 < jx_count(p->root->deps); i += 2) {
        const char *name = jx_str_value(jx_at(p->root->deps, i));
        const char *says = jx_str_value(jx_at(p->root->deps, i + 1));

        if (name != NULL)
            map_put_str(p->wanted, name, says != NULL
                                             ? (void *)(uintptr_t)says
                                             : (void *)(uintptr_t)no_version);
    }
}

/* compat: what the peer stumbles over. */
static int
check_form(const struct pnpm *p, const struct jx *lock, struct err *err)
{
    const char *unknown = p->lock_version == '5' ? "maps" : "texts";

    if (strchr("569", p->lock_version) == NULL)
        return err_set(err, ERR_UNSUPPORTED, "lockfileVersion %.20s",
                       jx_str(lock, "v"));
    if (p->compat && jx_bool(lock, unknown, false))
        return err_set(err, ERR_INPUT, "dependencies are %s", unknown);
    return 0;
}

static int
read_lock(struct pnpm *p, const struct jx *lock, struct err *err)
{
    const char *version = jx_str(lock, "v");

    p->lock_version = version != NULL && *version != '\0' ? *version : '0';
    if (check_form(p, lock, err) < 0)
        return -1;
    p->by_version = map_new();
    p->by_key = map_new();
    p->by_full_key = map_new();
    p->versions = map_new();
    p->by_path = map_new();
    p->wanted = map_new();
    read_importers(p, lock);
    return read_pkgs(p, lock, err);
}

/* ---- the walk ----------------------------------------------------------- */

static void
found_pkg(const struct pkg *pkg, struct walk_pkg *out)
{
    out->id = xasprintf("%s@%s", pkg->name, pkg->version);
    out->name = xstrdup(pkg->name);
    out->version = xstrdup(pkg->version);
    out->deps = pkg->deps;
}

/* Folders have no version in the lock; the peer calls that "undefined". */
static int
resolve_link(const struct pnpm *p, const struct importer *from,
             const char *name, const char *text, struct walk_pkg *out)
{
    auto_free char *path = pnpm_link_path(from->path, bytes_str(text + 5));
    const struct importer *to = map_get_str(p->by_path, path);
    const struct pkg *pkg;

    out->name = xstrdup(name);
    out->deps = to != NULL ? to->deps : NULL;
    out->at = to != NULL ? (size_t)(to - p->importers) + 1 : 0;
    if (!p->compat) {
        out->id = xasprintf("%s@link:%s", name, path);
        return 0;
    }
    out->version = xstrdup(str_eq(path, ".") ? p->root_version : UNDEFINED);
    out->id = xasprintf("%s@%s", name, out->version);
    pkg = map_get_str(p->by_version, out->id);
    if (pkg != NULL) {
        out->deps = pkg->deps;
        out->at = 0;
    }
    return 0;
}

/* The version a package states apart from its key, or NULL. */
static const char *
version_apart(const struct pnpm *p, const char *id, const char *version)
{
    const char *apart = map_get_str(p->versions, version);

    return apart != NULL ? apart : map_get_str(p->versions, id);
}

/* Of several ways to install a version the peer knows the last one. */
static const struct pkg *
last_of(const struct pnpm *p, const struct pkg *pkg)
{
    auto_free char *id = NULL;

    if (pkg == NULL)
        return NULL;
    id = xasprintf("%s@%s", pkg->name, pkg->version);
    return map_get_str(p->by_version, id);
}

static const struct pkg *
find_pkg(const struct pnpm *p, const char *name, const char *version)
{
    auto_free char *id = xasprintf("%s@%s", name, version);
    const struct pkg *pkg = map_get_str(p->by_version, id);

    if (pkg == NULL)
        pkg = map_get_str(p->by_key, version);
    if (pkg == NULL)
        pkg = map_get_str(p->by_key, id);
    return last_of(p, pkg);
}

/* The lock knows no such package; the peer has a word for no version. */
static void
missing_pkg(const struct pnpm *p, const char *name, const char *version,
            struct walk_pkg *out)
{
    out->missing = true;
    out->name = xstrdup(name);
    if (*version != '\0')
        out->version = xstrdup(version);
    else if (p->compat)
        out->version = xstrdup(UNDEFINED);
    out->id = xasprintf("%s@%s", name, version);
}

static int
resolve_compat(const struct pnpm *p, bool of_importer,
               const struct node_wanted *wanted, struct walk_pkg *out)
{
    auto_free char *version = bytes_dup(
        pnpm_without_peers(bytes_str(wanted->range), p->lock_version));
    auto_free char *id = xasprintf("%s@%s", wanted->name, version);
    const char *apart = of_importer ? version_apart(p, id, version) : NULL;
    const struct pkg *pkg = find_pkg(p, wanted->name,
                                     apart != NULL ? apart : version);

    if (pkg == NULL)
        pkg = last_of(p, map_get_str(p->by_key, id));
    if (pkg != NULL)
        found_pkg(pkg, out);
    else
        missing_pkg(p, wanted->name, apart != NULL ? apart : version, out);
    return 0;
}

/* With its peers: of one version there may be several installations. */
static const struct pkg *
find_exactly(const struct pnpm *p, const char *name, const char *text)
{
    auto_free char *key = xasprintf("%s%s%c%s",
                                    p->lock_version == '9' ? "" : "/", name,
                                    p->lock_version == '5' ? '/' : '@', text);
    const struct pkg *pkg = map_get_str(p->by_full_key, key);

    return pkg != NULL ? pkg : map_get_str(p->by_full_key, text);
}

static int
resolve_right(const struct pnpm *p, const struct node_wanted *wanted,
              struct walk_pkg *out)
{
    const struct pkg *pkg = find_exactly(p, wanted->name, wanted->range);
    struct bytes peers;

    if (pkg == NULL)
        return resolve_compat(p, true, wanted, out);
    found_pkg(pkg, out);
    peers = bytes_from(bytes_str(pkg->full),
                       pnpm_without_peers(bytes_str(pkg->full),
                                          p->lock_version).n);
    if (peers.n > 0) {
        char *id = xasprintf("%s%s", out->id, (const char *)peers.p);

        free(out->id);
        out->id = id;
    }
    return 0;
}

/* What the lock says of a name the manifest wants; else the range stays. */
static int
wanted_by_root(const struct pnpm *p, struct node_wanted *wanted,
               bool *in_lock, struct err *err)
{
    const char *says = map_get_str(p->wanted, wanted->name);

    *in_lock = says != NULL && says != no_version;
    if (*in_lock)
        wanted->range = says;
    else if (says != NULL && p->compat)
        return err_set(err, ERR_INPUT, "%s has no version", wanted->name);
    return 0;
}

static int
resolve(void *arg, const struct walk_pkg *parent,
        const struct node_wanted *asked, struct walk_pkg *out, struct err *err)
{
    const struct pnpm *p = arg;
    const struct importer *from = NULL;
    struct node_wanted wanted = *asked;
    bool in_lock = true;

    if (parent == NULL)
        from = p->root;
    else if (parent->at > 0)
        from = &p->importers[parent->at - 1];
    if (parent == NULL && wanted_by_root(p, &wanted, &in_lock, err) < 0)
        return -1;
    if (in_lock && str_starts(wanted.range, "link:") &&
        (!p->compat || (p->workspace && from != NULL)))
        return resolve_link(p, from != NULL ? from : p->root, wanted.name,
                            wanted.range, out);
    if (p->compat)
        return resolve_compat(p, from != NULL, &wanted, out);
    return resolve_right(p, &wanted, out);
}

static int
build(const struct node_project *project, struct depgraph **out,
      struct err *err)
{
    struct depgraph_pkg root = node_root(project->manifest);
    auto_free struct node_wanted *top = NULL;
    size_t n_top = node_wanted_top(project->manifest, NODE_OPTIONAL, &top);
    auto_free char *root_id = NULL;
    auto_depgraph struct depgraph *g = NULL;
    struct pnpm p = { .compat = project->compat };
    struct node_walk walk = { .compat = project->compat, .resolve = resolve,
                              .arg = &p };
    int rc;

    p.root_version = root.version != NULL ? root.version : UNDEFINED;
    if (p.compat) {
        root.version = p.root_version;
        walk.root_id = root_id = xasprintf("%s@%s", root.name, root.version);
    }
    walk.graph = g = depgraph_new("pnpm", NULL, &root);
    rc = read_lock(&p, project->lock, err);
    if (rc == 0)
        rc = node_walk(&walk, top, n_top, err);
    pnpm_clear(&p);
    if (rc == 0)
        *out = steal(g);
    return rc;
}

const struct node_lock node_lock_pnpm = {
    .base = "pnpm-lock.yaml",
    .kind = "pnpmlock",
    .type = "pnpm",
    .build = build,
};
