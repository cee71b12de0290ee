/*
 * Which of the packages of a name is meant is found as the peer finds it, by
 * the names on the way from the root; node's own rule would need the place in
 * the tree of folders, which the peer does not follow.
 */
#include "worker/graph/node-choose.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "worker/analyze/version/semver.h"

#define FOLDER "node_modules/"

/* ---- candidates -------------------------------------------------------- */

/* What a package is called where the peer compares names. */
static const char *
installed_name(const struct npm_pkg *pkg, const struct npm_search *s)
{
    return pkg->name != NULL ? pkg->name : s->name;
}

static bool
is_above(const struct npm_walk *w, const char *name)
{
    return map_get_str(w->above, name) != NULL;
}

/* What going through a path or a name costs: nothing as they are. */
static size_t
text_steps(const char *text)
{
    return strlen(text) / 64;
}

/* The names on its path; false: that is too much. */
static bool
know_way(struct npm_walk *w, struct npm_pkg *c)
{
    if (c->n_way == 0)
        w->n_steps += c->n_segments * text_steps(c->path);
    if (w->n_steps > NPM_MAX_STEPS)
        return false;
    npm_lock_way(w->lock, c);
    return true;
}

/* Every package it lies in is on our way, and so is its owner. */
static bool
is_on_way(struct npm_walk *w, struct npm_pkg *c, const struct npm_search *s)
{
    const char *own = installed_name(c, s);
    bool owned = s->owner == NULL;

    if (!know_way(w, c))
        return false;
    for (size_t i = 0; i < c->n_way; i++) {
        const char *name = c->way[i].name;

        w->n_steps += 1 + text_steps(name);
        owned = owned || strcmp(name, s->owner) == 0;
        if (strcmp(name, own) != 0 && !is_above(w, name))
            return false;
    }
    return owned;
}

/* A range as people write them is in the step that its candidate costs. */
static size_t
more_steps(const struct npm_search *s)
{
    return semver_range_steps(bytes_str(s->range)) - 1;
}

static bool
fits(struct npm_walk *w, const struct npm_pkg *c, const struct npm_search *s)
{
    if (s->any_version)
        return true;
    w->n_steps += more_steps(s);
    return semver_satisfies(bytes_str(c->version), bytes_str(s->range),
                            SEMVER_STRICT);
}

/* Those that may be meant; the caller frees the array. */
static struct npm_same
filter(struct npm_walk *w, const struct npm_same *all,
       const struct npm_search *s)
{
    struct npm_same left = { xcalloc(all->n, sizeof(*left.at)), 0 };

    for (size_t i = 0; i < all->n && w->n_steps <= NPM_MAX_STEPS; i++) {
        w->n_steps++;
        if (is_on_way(w, all->at[i], s) && fits(w, all->at[i], s))
            left.at[left.n++] = all->at[i];
    }
    return left;
}

/* ---- one of several ---------------------------------------------------- */

/* Behind "node_modules/NAME"; NULL: it does not begin so. */
static const char *
behind_folder(const char *path, const char *name)
{
    size_t n = strlen(FOLDER), n_name = strlen(name);

    if (strncmp(path, FOLDER, n) != 0 || strncmp(path + n, name, n_name) != 0)
        return NULL;
    return path + n + n_name;
}

/* Whether each package above has the next one in its folder, as far as the
 * path is long. */
static bool
is_whole_path(const struct npm_walk *w, const struct npm_pkg *c,
              const char *name)
{
    const char *rest = c->path;

    if (c->n_segments == 0 || c->n_segments > w->depth + 1)
        return false;
    for (size_t i = w->depth + 1 - c->n_segments; i < w->depth; i++) {
        rest = behind_folder(rest, w->frames[i].name);
        if (rest == NULL || *rest++ != '/')
            return false;
    }
    rest = behind_folder(rest, name);
    return rest != NULL && *rest == '\0';
}

/* The longest such path. */
static struct npm_pkg *
by_whole_path(struct npm_walk *w, const struct npm_same *left, const char *name)
{
    struct npm_pkg *found = NULL;

    for (size_t i = 0; i < left->n; i++) {
        struct npm_pkg *c = left->at[i];

        w->n_steps += c->n_segments;
        if (is_whole_path(w, c, name) &&
            (found == NULL || c->n_segments > found->n_segments))
            found = c;
    }
    return found;
}

/* Only those whose path contains the name. */
static struct npm_same
containing(struct npm_walk *w, const struct npm_same *left, const char *name)
{
    struct npm_same some = { xcalloc(left->n + 1, sizeof(*some.at)), 0 };

    for (size_t i = 0; i < left->n; i++) {
        w->n_steps += 1 + text_steps(left->at[i]->path);
        if (strstr(left->at[i]->path, name) != NULL)
            some.at[some.n++] = left->at[i];
    }
    return some;
}

static struct npm_pkg *
deepest(const struct npm_same *left)
{
    struct npm_pkg *best = left->at[0];

    for (size_t i = 1; i < left->n; i++) {
        if (left->at[i]->n_segments > best->n_segments)
            best = left->at[i];
    }
    return best;
}

/* By the nearest package above whose name singles one out. Takes `left`. */
static struct npm_pkg *
by_names_above(struct npm_walk *w, struct npm_same left)
{
    struct npm_pkg *found = NULL;

    for (size_t i = w->depth; found == NULL && i-- > 0 &&
                              w->n_steps <= NPM_MAX_STEPS;) {
        struct npm_same some = containing(w, &left, w->frames[i].name);

        w->n_steps++;
        if (some.n == 0) {
            free(some.at);
            continue;
        }
        free(left.at);
        left = some;
        if (left.n == 1)
            found = left.at[0];
    }
    if (found == NULL)
        found = deepest(&left);
    free(left.at);
    return found;
}

struct npm_pkg *
npm_choose(struct npm_walk *w, const struct npm_same *all, struct npm_search *s)
{
    struct npm_same left;
    struct npm_pkg *found;

    if (all->n == 1)
        return all->at[0];
    w->n_steps += more_steps(s);
    s->any_version = !semver_range_valid(bytes_str(s->range), SEMVER_STRICT);
    left = filter(w, all, s);
    if (left.n <= 1) {
        found = left.n == 1 ? left.at[0] : NULL;
        free(left.at);
        return found;
    }
    found = by_whole_path(w, &left, s->name);
    if (found == NULL)
        return by_names_above(w, left);
    free(left.at);
    return found;
}
