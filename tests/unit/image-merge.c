#include <criterion/criterion.h>

#include <malloc.h>

#include "layer-rig.h"

#define MAX_LAYERS 4

static struct buf tars[MAX_LAYERS];

static struct buf *
layer(size_t i)
{
    tars[i].limit = 1 << 20;
    return &tars[i];
}

/* "path@layer path@layer ...", of every product of a kind, in order. */
static const char *
visible(bool compat, size_t n, const char *kind)
{
    static struct buf out;
    auto_merge struct merge *m = rig_merge(compat, tars, n);
    struct merged file;
    size_t at = 0;

    out.limit = 1 << 20;
    buf_reset(&out);
    while (merge_next(m, kind, &at, &file))
        buf_addf(&out, "%s%.*s@%zu", out.n > 0 ? " " : "",
                 BYTES_FMT(file.path), file.layer);
    return buf_cstr(&out);
}

enum { RIGHT = false, COMPAT = true };

Test(merge, the_top_layer_comes_first_then_the_order_of_the_tar)
{
    rig_file(layer(0), "b/node", "1");
    rig_file(layer(0), "a/node", "2");
    rig_file(layer(1), "z/node", "3");
    rig_file(layer(1), "b/node", "4");
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"),
                     "/z/node@1 /b/node@1 /a/node@0");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"),
                     "/z/node@1 /b/node@1 /a/node@0");
}

Test(merge, a_marker_hides_the_file_and_what_is_below_only_in_lower_layers)
{
    rig_file(layer(0), "a/node", "1");
    rig_file(layer(0), "b/c/node", "1");
    rig_file(layer(0), "bc/node", "1");
    rig_file(layer(1), "a/node", "2");
    rig_file(layer(1), "a/.wh.node", "");
    rig_file(layer(1), ".wh.b", "");
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"), "/a/node@1 /bc/node@0");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"), "/a/node@1 /bc/node@0");
}

Test(merge, the_peer_hides_a_later_file_of_the_same_layer_too)
{
    rig_file(layer(0), "etc/.wh.node", "");
    rig_file(layer(0), "etc/node", "1");
    cr_expect_str_eq(visible(RIGHT, 1, "keybinary"), "/etc/node@0");
    cr_expect_str_eq(visible(COMPAT, 1, "keybinary"), "");
}

Test(merge, an_opaque_folder_hides_lower_content_but_not_for_the_peer)
{
    rig_file(layer(0), "opt/a/node", "1");
    rig_file(layer(0), "opt2/node", "1");
    rig_file(layer(1), "opt/b/node", "2");
    rig_file(layer(1), "opt/.wh..wh..opq", "");
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"),
                     "/opt/b/node@1 /opt2/node@0");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"),
                     "/opt/b/node@1 /opt/a/node@0 /opt2/node@0");
}

Test(merge, paths_with_wh_are_files_to_us_and_whiteouts_to_the_peer)
{
    rig_file(layer(0), "srv/x/node", "1");
    rig_file(layer(0), "tmp/node", "1");
    rig_file(layer(1), "srv/whale/node", "2"); /* the peer: "/srvle/node" */
    rig_file(layer(1), "srv/why", "2");        /* the peer: "/srv" is gone */
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"),
                     "/srv/whale/node@1 /srv/x/node@0 /tmp/node@0");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"), "/tmp/node@0");
}

Test(merge, an_empty_text_hides_the_lower_file_but_not_for_the_peer)
{
    rig_file(layer(0), "var/lib/dpkg/status", "Package: a\n");
    rig_file(layer(1), "var/lib/dpkg/status", "");
    cr_expect_str_eq(visible(RIGHT, 2, "dpkg"), "/var/lib/dpkg/status@1");
    cr_expect_str_eq(visible(COMPAT, 2, "dpkg"), "/var/lib/dpkg/status@0");
}

Test(merge, a_link_or_a_folder_takes_the_place_of_a_file)
{
    rig_file(layer(0), "a/node", "1");
    rig_file(layer(0), "b/node", "1");
    rig_symlink(layer(1), "a/node", "elsewhere");
    rig_folder(layer(1), "b/node/");
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"), "");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"), "/a/node@0 /b/node@0");
}

/* What json-c needs for a line alone is more than that. */
Test(merge, a_symlink_costs_its_path_and_little_more)
{
    enum { N_LINKS = 20000, BYTES_EACH = 600 };
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_merge struct merge *m = merge_new(RIGHT);
    auto_record_reader struct record_reader *r =
        record_reader_new(RECORD_LINE_MAX_BYTES);
    struct record_line line;
    struct err err;
    size_t before;

    for (int i = 0; i < N_LINKS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "store/%d", i);
        rig_symlink(&tar, name, "elsewhere");
    }
    rig_record(&tar, &record);
    record_feed(r, buf_bytes(&record));
    before = mallinfo2().uordblks; /* 0 under sanitizers */
    merge_begin_layer(m);
    while (record_step(r, &line, &err) == RECORD_BEGIN || line.path.n > 0)
        if (line.path.n > 0)
            merge_add(m, r, &line);
    cr_expect_lt(mallinfo2().uordblks - before, N_LINKS * BYTES_EACH);
    merge_forget_layer(m);
    merge_end_layer(m);
    merge_finish(m);
}

Test(merge, a_link_in_place_of_a_folder_hides_all_below)
{
    rig_file(layer(0), "app/x/node", "1");
    rig_symlink(layer(1), "app", "/srv/app");
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"), "");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"), "/app/x/node@0");
}

Test(merge, a_hard_link_is_its_target_under_another_name)
{
    rig_file(layer(0), "usr/bin/node", "1");
    rig_hardlink(layer(0), "opt/node", "usr/bin/node");
    rig_hardlink(layer(1), "srv/node", "./opt/node");
    rig_hardlink(layer(1), "dead/node", "no/such/node");
    cr_expect_str_eq(visible(RIGHT, 2, "keybinary"),
                     "/srv/node@1 /usr/bin/node@0 /opt/node@0");
    cr_expect_str_eq(visible(COMPAT, 2, "keybinary"), "/usr/bin/node@0");
}

Test(merge, of_two_entries_with_one_name_the_last_counts_at_the_first_place)
{
    auto_merge struct merge *m = NULL;
    struct merged file;

    rig_file(layer(0), "etc/debian_version", "11.1\n");
    rig_file(layer(0), "etc/alpine-release", "3.18\n");
    rig_file(layer(0), "etc/debian_version", "12.1\n");
    cr_expect_str_eq(visible(RIGHT, 1, "osrelease"),
                     "/etc/debian_version@0 /etc/alpine-release@0");
    m = merge_new(RIGHT);
    auto_buf struct buf record = RIG_BUF;
    rig_record(layer(0), &record);
    rig_merge_record(m, &record);
    merge_finish(m);
    cr_assert(merge_find(m, "/etc/debian_version", "osrelease", &file));
    cr_expect_str_eq(jx_str(file.data, "version"), "12");
}

Test(merge, what_a_middle_layer_removed_and_the_top_brought_back_is_there)
{
    rig_file(layer(0), "a/node", "1");
    rig_file(layer(1), ".wh.a", "");
    rig_file(layer(2), "a/node", "2");
    cr_expect_str_eq(visible(RIGHT, 3, "keybinary"), "/a/node@2");
    cr_expect_str_eq(visible(COMPAT, 3, "keybinary"), "/a/node@2");
}

/* A layer that changes nothing asks for all the folders above each path. */
Test(merge, deep_paths_below_many_layers_cost_linear_time, .timeout = 20)
{
    static const char head[] = "{\"record\":1,\"analyzer\":\"0\"}\n";
    static const char end[] = "{\"end\":true,\"entries\":0}\n";
    enum { N_FILES = 200, N_PARTS = 1900, N_LAYERS = 200 };
    auto_buf struct buf low = BUF_INIT(4 << 20), top = BUF_INIT(4096);
    auto_merge struct merge *m = merge_new(RIGHT);
    struct merged file;
    size_t at = 0, n = 0;

    buf_add_str(&low, head);
    for (int i = 0; i < N_FILES; i++) {
        buf_addf(&low, "{\"i\":%d,\"p\":\"/%d/", i, i);
        for (int k = 0; k < N_PARTS; k++)
            buf_add_str(&low, "a/");
        buf_add_str(&low, "node\",\"k\":\"keybinary\",\"d\":{}}\n");
    }
    buf_add_str(&low, end);
    buf_addf(&top, "%s{\"i\":0,\"p\":\"/x\",\"k\":\"link\"}\n%s", head, end);
    rig_merge_record(m, &low);
    for (int i = 0; i < N_LAYERS; i++)
        rig_merge_record(m, &top);
    merge_finish(m);
    while (merge_next(m, "keybinary", &at, &file))
        n++;
    cr_expect_eq(n, N_FILES);
}
