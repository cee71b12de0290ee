#include <criterion/criterion.h>

#include "node-rig.h"

#define expect_data(text, want) \
    do { \
        auto_jx struct jx *line_ = \
            rig_one("app/yarn.lock", bytes_str(text), "yarnlock"); \
        rig_expect_json(jx_get(line_, "d"), want); \
    } while (0)

#define CLASSIC(pkgs) "{\"form\":\"classic\",\"pkgs\":[" pkgs "]}"
#define BERRY(pkgs) "{\"form\":\"berry\",\"pkgs\":[" pkgs "]}"

static void
expect_bad(const char *body, const char *why)
{
    rig_expect_bad("app/yarn.lock", bytes_str(body), "yarnlock", why);
}

static const char specimen[] =
    "# yarn lockfile v1\n\n\n"
    "\"@s/a@^1\", a@1, \"a@npm:x@^2 || 3\":\n"
    "  version \"1.0.\\u0030\"\n"
    "  resolved \"https://h/a.tgz#00\"\n"
    "  integrity sha512-AA==\n"
    "  dependencies:\n"
    "    \"@s/b\" \"^1.0.0\"\n"
    "    c \"2 - 3\"\n"
    "  optionalDependencies:\n"
    "    c \"4\"\n"
    "    \"7\" \"*\"\n"
    "\n"
    "c@4:\n"
    "  version \"4.5.6\"\n";

#define SPECIMEN_DATA \
    CLASSIC("[[\"@s/a@^1\",\"a@1\",\"a@npm:x@^2 || 3\"],\"1.0.0\"," \
            "[\"7\",\"*\",\"@s/b\",\"^1.0.0\",\"c\",\"4\"]]," \
            "[[\"c@4\"],\"4.5.6\",[]]")

Test(yarnlock, classic_entries_keep_keys_version_and_dependencies)
{
    expect_data(specimen, SPECIMEN_DATA);
}

Test(yarnlock, lines_may_end_as_on_windows)
{
    auto_buf struct buf crlf = RIG_BUF;

    for (const char *s = specimen; *s != '\0'; s++)
        buf_add_str(&crlf, *s == '\n' ? "\r\n" : (char[]){ *s, '\0' });
    expect_data(buf_cstr(&crlf), SPECIMEN_DATA);
}

Test(yarnlock, comments_and_a_byte_order_mark_mean_nothing)
{
    expect_data("\xef\xbb\xbf" "# x\na@1: # y\n  # z\n  version \"1\" # \"2\"\n",
                CLASSIC("[[\"a@1\"],\"1\",[]]"));
}

Test(yarnlock, values_may_be_words_and_numbers)
{
    expect_data("a@1:\n  version v1\nb@1:\n  version 2\nc@1:\n  version true\n",
                CLASSIC("[[\"a@1\"],\"v1\",[]],[[\"b@1\"],\"2\",[]],"
                        "[[\"c@1\"],\"true\",[]]"));
}

Test(yarnlock, a_dependency_that_is_no_text_has_no_range)
{
    expect_data("a@1:\n  dependencies:\n    b 5\n    c:\n      d \"1\"\n",
                CLASSIC("[[\"a@1\"],null,[\"b\",null,\"c\",null]]"));
}

Test(yarnlock, a_later_entry_of_a_key_replaces_the_first)
{
    expect_data("a@1:\n  version \"1\"\nb@1:\n  version \"2\"\na@1:\n"
                "  version \"3\"\n",
                CLASSIC("[[\"a@1\"],\"3\",[]],[[\"b@1\"],\"2\",[]]"));
}

Test(yarnlock, faults_of_grammar_are_named_with_their_line)
{
    expect_bad("a@1:\n   version \"1\"\n", "line 2: an odd number of spaces");
    expect_bad("a@1:\n  version\n", "line 3: a value expected");
    expect_bad("a@1:\n  version \"1\n", "line 2: a value expected");
    expect_bad("a@1:\n  version 1.2.3\n", "line 2: no name");
    expect_bad("a@1,\nb@1:\n", "line 2: a name expected");
    expect_bad("\"\":\n  version \"1\"\n", "line 1: an empty name");
    expect_bad("\ta@1:\n", "line 1: no name");
    expect_bad("# yarn lockfile v2\n", "line 1: written by a newer yarn");
}

Test(yarnlock, blocks_have_a_ceiling_of_depth)
{
    auto_buf struct buf text = RIG_BUF;

    for (int i = 0; i < 400; i++)
        buf_addf(&text, "%*sa:\n", 2 * i, "");
    expect_bad(buf_cstr(&text), "nested more than 100 deep");
}

Test(yarnlock, an_unfinished_merge_counts_both_sides_theirs_last)
{
    expect_data("z@1:\n  version \"0\"\n<<<<<<< HEAD\na@1:\n  version \"1\"\n"
                "||||||| base\na@1:\n  version \"9\"\n=======\n"
                "b@1:\n  version \"2\"\na@1:\n  version \"3\"\n>>>>>>> x\n",
                CLASSIC("[[\"z@1\"],\"0\",[]],[[\"a@1\"],\"3\",[]],"
                        "[[\"b@1\"],\"2\",[]]"));
}

Test(yarnlock, a_side_that_cannot_be_read_tears_the_merge)
{
    expect_data("<<<<<<< HEAD\na@1:\n  version\n=======\n>>>>>>> x\n",
                "{\"form\":\"classic\",\"torn\":true,\"pkgs\":[]}");
    expect_bad("<<<<<<< HEAD\na@1:\n   version \"1\"\n=======\n>>>>>>> x\n",
               "an odd number of spaces");
}

Test(yarnlock, berry_is_yaml_and_keeps_keys_as_they_stand)
{
    expect_data("__metadata:\n  version: 6\n\n"
                "\"a@npm:^1, a@npm:^1.2\":\n  version: 1.20\n"
                "  resolution: \"a@npm:1.20\"\n  dependencies:\n    b: ^1\n"
                "  languageName: node\n",
                BERRY("[[\"__metadata\"],\"6\",[]],"
                      "[[\"a@npm:^1, a@npm:^1.2\"],\"1.20\",[\"b\",\"^1\"]]"));
}

Test(yarnlock, a_berry_entry_without_content_is_none)
{
    expect_data("__metadata: {}\n\"a@npm:1\":\n",
                BERRY("[[\"__metadata\"],null,[]]"));
}

Test(yarnlock, berry_is_one_document_of_entries)
{
    expect_bad("__metadata: {}\n---\na: {}\n", "2 documents");
    expect_bad("- __metadata\n", "no packages");
    expect_bad("__metadata: [\n", "line 2: ");
}

Test(yarnlock, of_installed_packages_nobody_reads_it)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_file(&tar, "app/node_modules/x/yarn.lock", specimen);
    rig_record(&tar, &record);
    auto_jx struct jx *lines = rig_lines(&record, "yarnlock");

    cr_expect_eq(jx_count(lines), 0);
}

Test(yarnlock, more_dependencies_than_a_graph_can_hold_are_refused)
{
    auto_buf struct buf text = RIG_BUF;

    for (int i = 0; i < 7; i++) {
        buf_addf(&text, "a@%d:\n  dependencies:\n", i);
        for (int k = 0; k < 20000; k++)
            buf_addf(&text, "    b%d \"1\"\n", k);
    }
    buf_add_str(&text, "#");
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_bytes(&tar, "app/yarn.lock", buf_bytes(&text));
    rig_end(&tar);
    rig_record_with(&tar, 0, 8u << 20, &record);
    auto_jx struct jx *warnings = rig_lines(&record, NULL);

    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "yarnlock: more than 120000 dependencies");
}

Test(yarnlock, a_file_that_breaks_off_is_read_or_named)
{
    rig_expect_truncation_is_survived("app/yarn.lock", specimen, "yarnlock");
    rig_expect_truncation_is_survived(
        "app/yarn.lock",
        "__metadata:\n  version: 6\n\"a@npm:^1\":\n  version: 1.0.0\n"
        "  dependencies: {b: \"^1\"}\n", "yarnlock");
}
