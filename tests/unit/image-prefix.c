#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/image/prefix.h"

/* Another one may tell more: answers are the same in each run with it. */
#define SEED 1

/* "folder folder ...", of those above the path. */
static const char *
above(const struct prefix *p, const char *path)
{
    static struct buf out = BUF_INIT(4096);
    struct prefix_walk w = { .path = bytes_str(path) };
    struct bytes folder;

    buf_reset(&out);
    while (prefix_next(p, &w, &folder))
        buf_addf(&out, "%s%.*s", out.n > 0 ? " " : "", BYTES_FMT(folder));
    return buf_cstr(&out);
}

Test(prefix, every_folder_of_the_set_above_a_path_is_told_from_the_root_down)
{
    static const char *const folders[] = { "/", "/a", "/a/b/c", "/a/bc" };
    struct prefix p;

    prefix_init(&p, N_ELEMENTS(folders), SEED);
    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        prefix_add(&p, bytes_str(folders[i]));
    cr_expect_str_eq(above(&p, "/a/b/c/d"), "/ /a /a/b/c");
    cr_expect_str_eq(above(&p, "/a/b/c"), "/ /a");
    cr_expect_str_eq(above(&p, "/a"), "/");
    cr_expect_str_eq(above(&p, "/"), "");
    prefix_clear(&p);
    cr_expect_str_eq(above(&p, "/a/b/c/d"), "");
}

Test(prefix, what_is_not_in_the_set_is_seldom_told)
{
    enum { N = 10000 };
    struct prefix p;
    size_t n_told = 0;

    prefix_init(&p, N, SEED);
    for (size_t i = 0; i < N; i++) {
        auto_free char *in = xasprintf("/in/%zu", i);

        prefix_add(&p, bytes_str(in));
    }
    for (size_t i = 0; i < N; i++) {
        auto_free char *out = xasprintf("/out/%zu/x", i);

        n_told += *above(&p, out) != '\0';
    }
    cr_expect_lt(n_told, N / 5);
    prefix_clear(&p);
}
