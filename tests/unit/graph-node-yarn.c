#include "node-rig.h"

extern const struct node_lock node_lock_yarn;

#define COMPAT true
#define RIGHT  false

static void
expect_graph(bool compat, const char *manifest, const char *lock,
             const char *want)
{
    rig_expect_graph(&node_lock_yarn, compat, manifest, lock, want);
}

static void
expect_failure(bool compat, const char *manifest, const char *lock,
               const char *want)
{
    auto_buf struct buf text = RIG_BUF;
    struct err err;

    cr_assert_eq(rig_build(&node_lock_yarn, compat, manifest, lock, &text,
                           &err), -1, "%s", buf_cstr(&text));
    cr_expect_str_eq(err.text, want);
}

#define A_AND_B "{\"name\":\"r\",\"version\":\"1\",\"dependencies\":{" \
                "\"a\":\"^1\",\"b\":\"^1\"}}"

/* ---- the first generation ----------------------------------------------- */

Test(node_yarn1, what_was_met_below_a_top_level_dependency_is_a_leaf)
{
    /* Both are expanded once for each of the two, so each has both forms. */
    expect_graph(COMPAT, A_AND_B,
                 "a@^1:\n  version \"1.0.0\"\n  dependencies:\n    b \"^1\"\n"
                 "    c \"^1\"\nb@^1:\n  version \"1.1.0\"\n  dependencies:\n"
                 "    a \"^1\"\nc@^1:\n  version \"1.2.0\"\n  dependencies:\n"
                 "    c \"^1\"\n",
                 "root-node (r 1): a@1.0.0 b@1.1.0\n"
                 "a@1.0.0: b@1.1.0 c@1.2.0 b@1.1.0:pruned\n"
                 "b@1.1.0: a@1.0.0:pruned a@1.0.0\n"
                 "a@1.0.0:pruned {pruned=true}:\n"
                 "c@1.2.0: c@1.2.0:pruned\n"
                 "c@1.2.0:pruned {pruned=true}:\n"
                 "b@1.1.0:pruned {pruned=true}:\n");
}

Test(node_yarn1, what_is_missing_keeps_its_range)
{
    const char *lock = "a@^1:\n  version \"1.0.0\"\n  dependencies:\n"
                       "    z \"^9\"\n";

    expect_graph(COMPAT, A_AND_B, lock,
                 "root-node (r 1): a@1.0.0 b@^1\na@1.0.0: z@^9\nz@^9:\n"
                 "b@^1:\n");
    expect_graph(RIGHT, A_AND_B, lock,
                 "root-node (r 1): a@1.0.0 b@^1\na@1.0.0: z@^9\n"
                 "z@^9 {missingLockFileEntry=true}:\n"
                 "b@^1 {missingLockFileEntry=true}:\n");
}

Test(node_yarn1, an_alias_has_the_name_of_its_package)
{
    expect_graph(COMPAT,
                 "{\"dependencies\":{\"a\":\"npm:@s/real@^1\",\"b\":\"^2\","
                 "\"c\":\"npm:x\"}}",
                 "\"a@npm:@s/real@^1\":\n  version \"1.0.0\"\n"
                 "\"b@npm:one@2\", b@^2:\n  version \"2.0.0\"\n"
                 "\"b@npm:two@2\":\n  version \"2.0.0\"\n",
                 "root-node (package.json -): a@1.0.0 b@2.0.0 c@npm:x\n"
                 "a@1.0.0 (@s/real 1.0.0) {alias=a=>@s/real@1.0.0}:\n"
                 "b@2.0.0 (one 2.0.0) {alias=b=>one@2.0.0}:\n"
                 "c@npm:x (x npm:x) {alias=c=>x@npm:x}:\n");
}

Test(node_yarn1, optional_dependencies_of_the_project_count)
{
    expect_graph(COMPAT,
                 "{\"name\":\"r\",\"dependencies\":{\"a\":\"^1\"},"
                 "\"optionalDependencies\":{\"o\":\"1\"},"
                 "\"peerDependencies\":{\"p\":\"1\"}}",
                 "a@^1, o@1:\n  version \"1.0.0\"\n",
                 "root-node (r -): a@1.0.0 o@1.0.0\na@1.0.0:\no@1.0.0:\n");
}

Test(node_yarn1, a_package_without_a_version_has_none)
{
    expect_graph(COMPAT, A_AND_B, "a@^1:\n  resolved \"x\"\n",
                 "root-node (r 1): a@undefined b@^1\n"
                 "a@undefined (a -):\nb@^1:\n");
}

Test(node_yarn1, a_dependency_without_a_range_costs_the_peer_the_project)
{
    const char *lock = "a@^1:\n  version \"1.0.0\"\n  dependencies:\n"
                       "    c true\n    d \"1\"\n";

    expect_failure(COMPAT, A_AND_B, lock, "a@1.0.0: c has no version");
    expect_graph(RIGHT, A_AND_B, lock,
                 "root-node (r 1): a@1.0.0 b@^1\na@1.0.0: d@1\n"
                 "d@1 {missingLockFileEntry=true}:\n"
                 "b@^1 {missingLockFileEntry=true}:\n");
}

Test(node_yarn1, a_torn_merge_is_an_empty_lock_to_the_peer_alone)
{
    const char *lock = "<<<<<<< HEAD\na@1:\n  version\n=======\n>>>>>>> x\n";

    expect_graph(COMPAT, A_AND_B, lock,
                 "root-node (r 1): a@^1 b@^1\na@^1:\nb@^1:\n");
    expect_failure(RIGHT, A_AND_B, lock,
                   "an unfinished merge of which one side cannot be read");
}

Test(node_yarn1, a_long_chain_is_walked_without_recursion)
{
    auto_buf struct buf lock = RIG_BUF, text = RIG_BUF;
    struct err err;

    for (int i = 0; i < 12000; i++)
        buf_addf(&lock, "p%d@1:\n  version \"1\"\n  dependencies:\n"
                 "    p%d \"1\"\n", i, i + 1);
    cr_expect_eq(rig_build(&node_lock_yarn, COMPAT,
                           "{\"dependencies\":{\"p0\":\"1\"}}",
                           buf_cstr(&lock), &text, &err), 0);
}

/* ---- later generations -------------------------------------------------- */

#define META "__metadata:\n  version: 6\n\n"

Test(node_berry, ranges_are_found_without_their_protocol)
{
    expect_graph(COMPAT, A_AND_B,
                 META "\"a@npm:^1, a@npm:^1.0\":\n  version: 1.0.0\n"
                 "  dependencies:\n    c: ^1\n    d: \"npm:^2\"\n"
                 "\"b@workspace:*, b@^1\":\n  version: 0.0.0-use.local\n"
                 "\"d@npm:^2\":\n  version: 2.0.0\n",
                 "root-node (r 1): a@1.0.0 b@0.0.0-use.local\n"
                 "a@1.0.0: c@^1 d@2.0.0\nc@^1:\nd@2.0.0:\n"
                 "b@0.0.0-use.local:\n");
}

Test(node_berry, a_folder_has_a_version_for_the_peer_alone)
{
    const char *manifest = "{\"name\":\"r\",\"dependencies\":{"
                           "\"a\":\"workspace:*\"}}";
    const char *lock = META "\"a@workspace:*, a@workspace:p/a\":\n"
                       "  version: 0.0.0-use.local\n";

    expect_graph(COMPAT, manifest, lock,
                 "root-node (r -): a@0.0.0-use.local\na@0.0.0-use.local:\n");
    expect_graph(RIGHT, manifest, lock,
                 "root-node (r -): a@0.0.0-use.local\n"
                 "a@0.0.0-use.local (a -):\n");
}

Test(node_berry, an_alias_keeps_its_own_name_for_the_peer_alone)
{
    const char *manifest = "{\"name\":\"r\",\"dependencies\":{"
                           "\"a\":\"npm:@s/real@^1\",\"b\":\"npm:^2\"}}";
    const char *lock = META "\"a@npm:@s/real@^1\":\n  version: 1.0.0\n"
                       "\"b@npm:^2\":\n  version: 2.0.0\n";

    expect_graph(COMPAT, manifest, lock,
                 "root-node (r -): a@1.0.0 b@2.0.0\n"
                 "a@1.0.0 {alias=a=>@s/real@1.0.0}:\nb@2.0.0:\n");
    expect_graph(RIGHT, manifest, lock,
                 "root-node (r -): a@1.0.0 b@2.0.0\n"
                 "a@1.0.0 (@s/real 1.0.0) {alias=a=>@s/real@1.0.0}:\n"
                 "b@2.0.0:\n");
}

Test(node_berry, the_peer_forgets_optional_dependencies_of_the_project)
{
    const char *manifest = "{\"name\":\"r\",\"optionalDependencies\":{"
                           "\"o\":\"1\"}}";
    const char *lock = META "\"o@npm:1\":\n  version: 1.0.0\n";

    expect_graph(COMPAT, manifest, lock, "root-node (r -):\n");
    expect_graph(RIGHT, manifest, lock,
                 "root-node (r -): o@1.0.0\no@1.0.0:\n");
}

Test(node_berry, a_resolution_comes_before_the_range)
{
    expect_graph(COMPAT,
                 "{\"name\":\"r\",\"dependencies\":{\"a\":\"^1\",\"b\":\"^1\"},"
                 "\"resolutions\":{\"b\":\"patch:b@npm%3A1.0.0#./x\","
                 "\"a/b\":\"2.0.0\"}}",
                 META "\"a@npm:^1\":\n  version: 1.0.0\n  dependencies:\n"
                 "    b: ^1\n\"b@npm:^1\":\n  version: 1.0.1\n"
                 "\"b@patch:b@npm%3A1.0.0#./x::version=1.0.0\":\n"
                 "  version: 1.0.0\n",
                 "root-node (r -): a@1.0.0 b@1.0.0\na@1.0.0: b@2.0.0\n"
                 "b@2.0.0:\nb@1.0.0:\n");
}

Test(node_berry, a_key_that_is_no_descriptor_costs_the_peer_the_project)
{
    const char *lock = META "\"a@npm:^1\":\n  version: 1.0.0\n"
                       "\"x@npm:%zz\":\n  version: 1.0.0\n";

    expect_failure(COMPAT, A_AND_B, lock, "no descriptor: x@npm:%zz");
    expect_graph(RIGHT, A_AND_B, lock,
                 "root-node (r 1): a@1.0.0 b@^1\na@1.0.0:\n"
                 "b@^1 {missingLockFileEntry=true}:\n");
}
