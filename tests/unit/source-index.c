#include "source-index.h"

#include <string.h>

static const char lines[] =
    INDEX_HEAD
    "{\"n\":\"./manifest.json\",\"t\":\"file\",\"o\":512,\"s\":2,\"b\":\"[]\"}\n"
    "{\"n\":\"a.tar\",\"t\":\"file\",\"o\":1024,\"s\":7}\n"
    "{\"n\":\"x/layer.tar\",\"t\":\"symlink\",\"l\":\"../a.tar\"}\n"
    "{\"n\":\"hard.tar\",\"t\":\"hardlink\",\"l\":\"x/layer.tar\"}\n"
    "{\"n\":\"loop\",\"t\":\"symlink\",\"l\":\"loop\"}\n"
    "{\"n\":\"gone\",\"t\":\"symlink\",\"l\":\"nowhere\"}\n"
    "{\"n\":\"../evil\",\"t\":\"file\",\"o\":1,\"s\":1}\n"
    "{\"n\":\"dir\",\"t\":\"dir\"}\n" INDEX_END;

static struct archive_index *
read_in_two(size_t cut, struct err *err)
{
    auto_index_reader struct index_reader *r = index_reader_new();
    struct bytes all = bytes_str(lines);

    if (index_reader_feed(r, bytes_to(all, cut), err) < 0 ||
        index_reader_feed(r, bytes_from(all, cut), err) < 0)
        return NULL;
    return index_reader_finish(r, err);
}

Test(archive_index, any_split_of_the_lines_gives_the_same_members)
{
    for (size_t cut = 0; cut <= strlen(lines); cut++) {
        struct err err = { 0 };
        auto_archive_index struct archive_index *x = read_in_two(cut, &err);

        cr_assert_not_null(x, "%zu: %s", cut, err.text);
        cr_assert(x->is_plain);
        cr_assert_eq(x->n_members, 7);
        cr_assert_str_eq(x->members[0].body, "[]");
    }
}

Test(archive_index, links_lead_to_files_and_never_for_ever)
{
    auto_archive_index struct archive_index *x = read_in_two(0, NULL);

    cr_expect_eq(archive_find(x, "manifest.json")->offset, 512);
    cr_expect_eq(archive_resolve(x, "x/layer.tar")->offset, 1024);
    cr_expect_eq(archive_resolve(x, "hard.tar")->size, 7);
    cr_expect_null(archive_resolve(x, "loop"));
    cr_expect_null(archive_resolve(x, "gone"));
    cr_expect_null(archive_resolve(x, "dir"));
    cr_expect_null(archive_find(x, "evil"));
    cr_expect_eq(archive_find(x, "x/layer.tar")->type, MEMBER_SYMLINK);
}

Test(archive_index, the_last_member_of_a_name_counts)
{
    auto_archive_index struct archive_index *x =
        index_of("{\"n\":\"a\",\"t\":\"file\",\"o\":1,\"s\":1}\n"
                 "{\"n\":\"a\",\"t\":\"file\",\"o\":2,\"s\":1}\n");

    cr_expect_eq(archive_find(x, "a")->offset, 2);
}

static void
expect_broken(const char *text)
{
    auto_index_reader struct index_reader *r = index_reader_new();
    struct err err;

    cr_expect(index_reader_feed(r, bytes_str(text), &err) < 0 ||
                  index_reader_finish(r, &err) == NULL,
              "%s", text);
}

Test(archive_index, an_index_that_is_cut_or_garbled_is_none)
{
    expect_broken("");
    expect_broken(INDEX_HEAD);
    expect_broken(INDEX_HEAD "{\"end\":true}");
    expect_broken("{\"index\":2}\n" INDEX_END);
    expect_broken(INDEX_HEAD "nonsense\n" INDEX_END);
    expect_broken(INDEX_HEAD INDEX_END INDEX_END);
    expect_broken("{\"n\":\"a\"}\n" INDEX_END);
}
