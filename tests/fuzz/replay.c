/*
 * A main for fuzz targets without a fuzzer: feeds every file below the named
 * folders (or the named files) to LLVMFuzzerTestOneInput() and prints TAP. So
 * a crash once found stays found, with any compiler.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/str.h"

#define SPECIMEN_MAX_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct paths {
    char **p; /* owns, and each */
    size_t n;
};

static void
paths_add(struct paths *list, char *path)
{
    list->p = xrealloc(list->p, (list->n + 1) * sizeof(*list->p));
    list->p[list->n++] = path;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One level: a corpus folder has no folders in it. */
static int
collect(struct paths *list, const char *path)
{
    struct stat st;
    struct dirent *d;
    DIR *dir;

    if (stat(path, &st) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode)) {
        paths_add(list, xstrdup(path));
        return 0;
    }
    if ((dir = opendir(path)) == NULL)
        return -1;
    while ((d = readdir(dir)) != NULL) {
        if (d->d_name[0] != '.')
            paths_add(list, xasprintf("%s/%s", path, d->d_name));
    }
    closedir(dir);
    return 0;
}

/* Read into memory of exactly its size: a read beyond the end is seen. */
static int
replay(const char *path)
{
    struct buf b = BUF_INIT(SPECIMEN_MAX_BYTES);
    FILE *f = fopen(path, "rb");
    uint8_t *exact, *room;
    size_t n = 1;

    if (f == NULL)
        return -1;
    while (n > 0 && (room = buf_room(&b, 65536)) != NULL)
        b.n += n = fread(room, 1, 65536, f);
    fclose(f);
    exact = xalloc(b.n > 0 ? b.n : 1);
    if (b.n > 0)
        memcpy(exact, b.p, b.n);
    LLVMFuzzerTestOneInput(exact, b.n);
    free(exact);
    n = b.full;
    buf_clear(&b);
    return n ? -1 : 0;
}

int
main(int argc, char **argv)
{
    struct paths list = { 0 };
    int n_bad = 0;

    for (int i = 1; i < argc; i++) {
        if (collect(&list, argv[i]) < 0) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 2;
        }
    }
    if (list.n > 0)
        qsort(list.p, list.n, sizeof(*list.p), by_name);
    printf("1..%zu\n", list.n);
    for (size_t i = 0; i < list.n; i++) {
        const char *name = strrchr(list.p[i], '/');
        bool bad;

        name = name != NULL ? name + 1 : list.p[i];
        printf("# %s\n", name); /* whoever dies now is known by name */
        fflush(stdout);
        bad = replay(list.p[i]) < 0;
        n_bad += bad;
        printf("%s %zu - %s\n", bad ? "not ok" : "ok", i + 1, name);
        free(list.p[i]);
    }
    free(list.p);
    return n_bad > 0 || list.n == 0;
}
