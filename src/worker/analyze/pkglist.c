/* Package lists: gathered while a database is read, written at its end. */
#include "worker/analyze/pkglist.h"

#include "base/str.h"

#define MANY_DEPS 32

static void
entry_clear(struct pkg_entry *p)
{
    free(p->provides);
    free(p->deps);
    map_free(p->deps_seen);
    free(p->cleaned);
}

void
pkg_list_clear(struct pkg_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        entry_clear(&l->at[i]);
    entry_clear(&l->beyond);
    free(l->at);
    *l = (struct pkg_list){ 0 };
}

struct pkg_entry *
pkg_list_add(struct pkg_list *l)
{
    if (l->n == PKG_LIST_MAX_PACKAGES && !l->own_ceilings) {
        entry_clear(&l->beyond);
        l->beyond = (struct pkg_entry){ .list = l };
        l->full = true;
        return &l->beyond;
    }
    l->at = xgrown(l->at, l->n, sizeof(*l->at));
    l->at[l->n] = (struct pkg_entry){ .list = l };
    return &l->at[l->n++];
}

/* One more name, as long as there is room. */
static bool
has_room(struct pkg_entry *p, struct bytes name)
{
    struct pkg_list *l = p->list;

    if (l->own_ceilings)
        return true;
    if (p == &l->beyond || l->n_names == PKG_LIST_MAX_NAMES ||
        name.n > PKG_LIST_MAX_TEXT_BYTES - l->n_text_bytes) {
        l->full = true;
        return false;
    }
    l->n_names++;
    l->n_text_bytes += name.n;
    return true;
}

void
pkg_add_provide(struct pkg_entry *p, struct bytes name)
{
    if (!has_room(p, name))
        return;
    p->provides = xgrown(p->provides, p->n_provides, sizeof(*p->provides));
    p->provides[p->n_provides++] = name;
}

/* Whether the name is new. A handful is compared, more are hashed. */
static bool
is_new_dep(struct pkg_entry *p, struct bytes name)
{
    if (p->n_deps < MANY_DEPS) {
        for (size_t i = 0; i < p->n_deps; i++) {
            if (bytes_equal(p->deps[i], name))
                return false;
        }
        return true;
    }
    if (p->deps_seen == NULL) {
        p->deps_seen = map_new();
        for (size_t i = 0; i < p->n_deps; i++)
            map_put(p->deps_seen, p->deps[i], p);
    }
    return map_put(p->deps_seen, name, p) == NULL;
}

void
pkg_add_dep(struct pkg_entry *p, struct bytes name)
{
    if (!has_room(p, name) || !is_new_dep(p, name))
        return;
    p->deps = xgrown(p->deps, p->n_deps, sizeof(*p->deps));
    p->deps[p->n_deps++] = name;
}

static void
write_text(struct jw *jw, const char *key, struct bytes text)
{
    if (text.p == NULL)
        return;
    jw_key(jw, key);
    jw_bytes(jw, text);
}

static void
write_names(struct jw *jw, const char *key, const struct bytes *names,
            size_t n)
{
    if (n == 0)
        return;
    jw_key(jw, key);
    jw_arr(jw);
    for (size_t i = 0; i < n; i++)
        jw_bytes(jw, names[i]);
    jw_end(jw);
}

static void
write_entry(struct jw *jw, const struct pkg_entry *p)
{
    jw_obj(jw);
    if (!p->no_name) {
        jw_key(jw, "n");
        jw_bytes(jw, p->name);
    }
    if (p->version.n > 0)
        write_text(jw, "v", p->version);
    write_text(jw, "s", p->source);
    write_text(jw, "sv", p->source_version);
    write_names(jw, "p", p->provides, p->n_provides);
    write_names(jw, "d", p->deps, p->n_deps);
    write_text(jw, "a", p->arch);
    write_text(jw, "l", p->licence);
    write_text(jw, "st", p->status);
    if (p->no_version)
        jw_key_bool(jw, "nv", true);
    if (p->has_epoch)
        jw_key_int(jw, "e", p->epoch);
    write_text(jw, "sr", p->source_rpm);
    write_text(jw, "m", p->module);
    jw_key_opt(jw, "only", p->only);
    jw_end(jw);
}

static bool
is_too_long(const struct pkg_entry *p)
{
    return !p->list->own_ceilings &&
           (p->name.n > PKG_MAX_TEXT_BYTES ||
            p->version.n > PKG_MAX_TEXT_BYTES ||
            p->source.n > PKG_MAX_TEXT_BYTES ||
            p->source_version.n > PKG_MAX_TEXT_BYTES);
}

/* Whether its own texts still fit; they are counted. */
static bool
fits(struct pkg_list *l, const struct pkg_entry *p)
{
    size_t n = p->name.n + p->version.n + p->source.n + p->source_version.n +
               p->arch.n + p->licence.n + p->status.n;

    if (l->own_ceilings)
        return true;
    if (n > PKG_LIST_MAX_TEXT_BYTES - l->n_text_bytes)
        return false;
    l->n_text_bytes += n;
    return true;
}

static void
write_list(struct jw *jw, void *arg)
{
    struct pkg_list *l = arg;

    jw_obj(jw);
    jw_key(jw, "pkgs");
    jw_arr(jw);
    for (size_t i = 0; i < l->n; i++) {
        if (!is_too_long(&l->at[i]) && fits(l, &l->at[i]))
            write_entry(jw, &l->at[i]);
        else
            l->full = true;
    }
    jw_end(jw);
    if (l->broken)
        jw_key_bool(jw, "broken", true);
    if (l->lost)
        jw_key_bool(jw, "lost", true);
    jw_end(jw);
}

int
pkg_list_write(struct pkg_list *l, struct an_out *out, const char *kind,
               struct err *err)
{
    if (an_item(out, kind, write_list, l, err) < 0)
        return -1;
    return !l->full ? 0
                    : an_warn(out, err, "%s: too many packages or names, or "
                                        "too long ones: some are left out",
                              kind);
}
