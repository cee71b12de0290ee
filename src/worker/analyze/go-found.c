/* Packages, each one once. */
#include "worker/analyze/go-found.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/str.h"

struct go_found {
    struct go_packages *lists; /* owns, with their arrays */
    struct map **seen;         /* owns: the packages of each module */
    size_t n_modules, n, n_bytes;
};

struct go_found *
go_found_new(size_t n_modules)
{
    struct go_found *f = xnew(struct go_found);

    f->n_modules = n_modules;
    f->lists = xcalloc(n_modules + 1, sizeof(*f->lists));
    f->seen = xcalloc(n_modules + 1, sizeof(*f->seen));
    return f;
}

void
go_packages_free(struct go_packages *packages, size_t n_modules)
{
    if (packages == NULL)
        return;
    for (size_t i = 0; i < n_modules; i++)
        free(packages[i].list);
    free(packages);
}

void
go_found_free(struct go_found *f)
{
    if (f == NULL)
        return;
    go_packages_free(f->lists, f->n_modules);
    for (size_t i = 0; i < f->n_modules; i++)
        map_free(f->seen[i]);
    free(f->seen);
    free(f);
}

struct go_packages *
go_found_finish(struct go_found *f)
{
    struct go_packages *lists = steal(f->lists);

    go_found_free(f);
    return lists;
}

/* As node's path.parse().dir, but "/" counts as none. */
static struct bytes
folder_of(struct bytes path)
{
    size_t n = path.n;

    while (n > 0 && path.p[n - 1] == '/')
        n--;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return bytes_to(path, n > 0 ? n - 1 : 0);
}

int
go_found_add(struct go_found *f, size_t module, struct bytes rest,
             struct err *err)
{
    struct go_packages *to = &f->lists[module];
    struct bytes folder = folder_of(rest);

    /* Files of one package stand together. */
    if (to->n > 0 && bytes_equal(to->list[to->n - 1], folder))
        return 0;
    if (f->seen[module] == NULL)
        f->seen[module] = map_new();
    if (map_put(f->seen[module], folder, f) != NULL)
        return 0;
    f->n_bytes += folder.n;
    if (++f->n > GO_PACKAGES_MAX || f->n_bytes > GO_PACKAGES_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "more than %u packages in one program",
                       GO_PACKAGES_MAX);
    to->list = xgrown(to->list, to->n, sizeof(*to->list));
    to->list[to->n++] = folder;
    return 0;
}

int
go_check_work(uint64_t work, struct err *err)
{
    return work <= GO_WORK_MAX
               ? 0
               : err_set(err, ERR_LIMIT, "names of modules and files made to "
                         "be hard to match");
}
