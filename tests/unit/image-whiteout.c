#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/image/path.h"
#include "worker/image/whiteout.h"

static const struct {
    const char *path;
    const char *loose;  /* NULL: none for the peer */
    const char *marker; /* NULL: no marker */
} cases[] = {
    { "/app/.wh.gone", "/app/gone", "/app/gone" },
    { "/usr/bin/which", "/usr/binch", NULL },
    { "/app/.wh..wh..opq", "/app/.wh..opq", "/app" },
    { "/.wh..wh..opq", "/.wh..opq", "/" },
    { "/srv/why", "/srv", NULL },
    { "/a/xwhy/b", "/a//b", NULL },
    { "/whx", "", NULL },
    { "/a/wh", NULL, NULL },
    { "/a\nwhb", NULL, NULL },
    { "/a\xc3\xa9wh\xe2\x82\xac/b", "/a/b", NULL },
    { "/etc/passwd", NULL, NULL },
    { "/a/.wh.b/c", "/a/b/c", NULL },
};

Test(whiteout, as_meant_and_as_the_peer_reads_it)
{
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_buf struct buf loose = BUF_INIT(100), marker = BUF_INIT(100);
        struct bytes path = bytes_str(cases[i].path);

        cr_expect_eq(whiteout_is_loose(path), cases[i].loose != NULL, "%s",
                     cases[i].path);
        cr_expect_eq(whiteout_is_marker(path), cases[i].marker != NULL, "%s",
                     cases[i].path);
        if (cases[i].loose != NULL) {
            whiteout_loose_target(path, &loose);
            cr_expect_str_eq(buf_cstr(&loose), cases[i].loose);
        }
        if (cases[i].marker != NULL) {
            whiteout_marker_target(path, &marker);
            cr_expect_str_eq(buf_cstr(&marker), cases[i].marker);
        }
    }
}

Test(path, normalising_never_climbs_above_the_root)
{
    static const struct {
        const char *in, *out;
    } paths[] = {
        { "a/b", "/a/b" },        { "/a//b/./c/", "/a/b/c" },
        { "../../x", "/x" },      { "a/../b", "/b" },
        { "", "/" },              { "a/b/../..", "/" },
    };

    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        auto_buf struct buf out = BUF_INIT(100);

        path_normalise(bytes_str(paths[i].in), &out);
        cr_expect_str_eq(buf_cstr(&out), paths[i].out);
    }
}

Test(path, going_up_ends_at_the_root)
{
    struct bytes up = bytes_str("/a/bc");

    cr_assert(path_up(&up));
    cr_expect(bytes_is(up, "/a"));
    cr_assert(path_up(&up));
    cr_expect(bytes_is(up, "/"));
    cr_expect_not(path_up(&up));
}
