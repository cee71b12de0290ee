#include "node-rig.h"

#include "worker/graph/pnpm-key.h"

extern const struct node_lock node_lock_pnpm;

#define COMPAT true
#define RIGHT  false

static void
expect_graph(bool compat, const char *manifest, const char *lock,
             const char *want)
{
    rig_expect_graph(&node_lock_pnpm, compat, manifest, lock, want);
}

static void
expect_failure(bool compat, const char *manifest, const char *lock,
               const char *want)
{
    auto_buf struct buf text = RIG_BUF;
    struct err err;

    cr_assert_eq(rig_build(&node_lock_pnpm, compat, manifest, lock, &text,
                           &err), -1, "%s", buf_cstr(&text));
    cr_expect_str_eq(err.text, want);
}

#define PROJECT "{\"name\":\"r\",\"version\":\"1.0.0\",\"dependencies\":{" \
                "\"a\":\"^1\",\"al\":\"npm:b@^1\",\"m\":\"^9\"}}"
#define ONLY_A "{\"name\":\"r\",\"version\":\"1.0.0\",\"dependencies\":{" \
               "\"a\":\"^1\"}}"

#define SAME_GRAPH \
    "root-node (r 1.0.0): a@1.0.0 b@1.2.0 m@^9\n" \
    "a@1.0.0: b@1.2.0 g@3.0.0 b@1.2.0:pruned\n" \
    "b@1.2.0: a@1.0.0:pruned a@1.0.0\n" \
    "a@1.0.0:pruned {pruned=true}:\n" \
    "g@3.0.0:\n" \
    "b@1.2.0:pruned {pruned=true}:\n" \
    "m@^9:\n"

Test(node_pnpm, version_5_writes_slashes_and_underscores)
{
    expect_graph(COMPAT, PROJECT,
                 "lockfileVersion: 5.4\ndependencies:\n  a: 1.0.0_x@1\n"
                 "  al: /b/1.2.0\npackages:\n  /a/1.0.0_x@1:\n"
                 "    dependencies: {b: 1.2.0, g: github.com/u/g/abc}\n"
                 "  registry.x/b/1.2.0: {dependencies: {a: 1.0.0_x@1}}\n"
                 "  /b/1.2.0: {dependencies: {a: 1.0.0_x@1}}\n"
                 "  github.com/u/g/abc: {name: g, version: 3.0.0}\n",
                 SAME_GRAPH);
}

Test(node_pnpm, version_6_writes_at_signs_and_brackets)
{
    expect_graph(COMPAT, PROJECT,
                 "lockfileVersion: '6.0'\ndependencies:\n"
                 "  a: {specifier: ^1, version: 1.0.0(x@1)(@s/y@2)}\n"
                 "  al: {specifier: npm:b@^1, version: /b@1.2.0}\n"
                 "packages:\n  /a@1.0.0(x@1)(@s/y@2):\n"
                 "    dependencies: {b: 1.2.0, g: github.com/u/g/abc}\n"
                 "  /b@1.2.0: {dependencies: {a: 1.0.0(x@1)(@s/y@2)}}\n"
                 "  github.com/u/g/abc: {name: g, version: 3.0.0}\n",
                 SAME_GRAPH);
}

Test(node_pnpm, version_9_has_snapshots_of_packages)
{
    expect_graph(COMPAT, PROJECT,
                 "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n"
                 "      a: {specifier: ^1, version: 1.0.0(x@1)}\n"
                 "      al: {specifier: npm:b@^1, version: b@1.2.0}\n"
                 "packages:\n  a@1.0.0: {}\n  b@1.2.0: {}\n"
                 "  g@https://h/g/abc: {version: 3.0.0}\n"
                 "snapshots:\n  a@1.0.0(x@1):\n"
                 "    dependencies: {b: 1.2.0, g: https://h/g/abc}\n"
                 "  b@1.2.0: {dependencies: {a: 1.0.0(x@1)}}\n"
                 "  g@https://h/g/abc: {}\n",
                 SAME_GRAPH);
}

#define TWO_WAYS \
    "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n" \
    "      a: {specifier: ^1, version: 1.0.0(x@1)}\n" \
    "packages:\n  a@1.0.0: {}\n  c@1.0.0: {}\n  d@1.0.0: {}\n" \
    "snapshots:\n  a@1.0.0(x@1): {dependencies: {c: 1.0.0}}\n" \
    "  a@1.0.0(x@2): {dependencies: {d: 1.0.0}}\n" \
    "  c@1.0.0: {dependencies: {a: 1.0.0(x@2)}}\n  d@1.0.0: {}\n"

Test(node_pnpm, of_installations_with_other_peers_the_peer_knows_the_last)
{
    expect_graph(COMPAT, ONLY_A, TWO_WAYS,
                 "root-node (r 1.0.0): a@1.0.0\na@1.0.0: d@1.0.0\nd@1.0.0:\n");
    expect_graph(RIGHT, ONLY_A, TWO_WAYS,
                 "root-node (r 1.0.0): a@1.0.0(x@1)\n"
                 "a@1.0.0(x@1): c@1.0.0\nc@1.0.0: a@1.0.0(x@2)\n"
                 "a@1.0.0(x@2): d@1.0.0\nd@1.0.0:\n");
}

#define WORKSPACE \
    "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n" \
    "      a: {specifier: x, version: link:p/a}\n" \
    "  p/a:\n    dependencies:\n" \
    "      b: {specifier: x, version: link:../b}\n" \
    "      c: {specifier: x, version: link:../../gone}\n" \
    "  p/b:\n    dependencies:\n      d: {specifier: x, version: 1.0.0}\n" \
    "packages:\n  d@1.0.0: {}\nsnapshots:\n  d@1.0.0: {}\n"

Test(node_pnpm, links_lead_to_importers)
{
    expect_graph(COMPAT, ONLY_A, WORKSPACE,
                 "root-node (r 1.0.0): a@undefined\n"
                 "a@undefined: b@undefined c@undefined\n"
                 "b@undefined: d@1.0.0\nd@1.0.0:\nc@undefined:\n");
    expect_graph(RIGHT, ONLY_A, WORKSPACE,
                 "root-node (r 1.0.0): a@link:p/a\n"
                 "a@link:p/a (a -): b@link:p/b c@link:gone\n"
                 "b@link:p/b (b -): d@1.0.0\nd@1.0.0:\n"
                 "c@link:gone (c -):\n");
}

Test(node_pnpm, a_link_out_of_a_lone_project_is_a_version_to_the_peer)
{
    const char *lock = "lockfileVersion: 5.4\ndependencies:\n"
                       "  a: link:../l\n";

    expect_graph(COMPAT, ONLY_A, lock,
                 "root-node (r 1.0.0): a@l\na@l:\n");
    expect_graph(RIGHT, ONLY_A, lock,
                 "root-node (r 1.0.0): a@link:../l\na@link:../l (a -):\n");
}

Test(node_pnpm, the_peer_prunes_what_has_the_name_and_version_of_the_project)
{
    const char *lock = "lockfileVersion: 5.4\ndependencies:\n  a: 1.0.0\n"
                       "packages:\n  /a/1.0.0: {dependencies: {r: 1.0.0}}\n"
                       "  /r/1.0.0: {}\n";

    expect_graph(COMPAT, ONLY_A, lock,
                 "root-node (r 1.0.0): a@1.0.0\na@1.0.0: r@1.0.0:pruned\n"
                 "r@1.0.0:pruned {pruned=true}:\n");
    expect_graph(RIGHT, ONLY_A, lock,
                 "root-node (r 1.0.0): a@1.0.0\na@1.0.0: r@1.0.0\nr@1.0.0:\n");
}

Test(node_pnpm, a_project_without_a_version_is_undefined_to_the_peer)
{
    const char *manifest = "{\"name\":\"r\",\"dependencies\":{\"a\":\"\"}}";
    const char *lock = "lockfileVersion: 5.4\n";

    expect_graph(COMPAT, manifest, lock,
                 "root-node (r undefined): a@\na@ (a undefined):\n");
    expect_graph(RIGHT, manifest, lock,
                 "root-node (r -): a@\n"
                 "a@ (a -) {missingLockFileEntry=true}:\n");
}

Test(node_pnpm, versions_of_the_wrong_form_cost_the_peer_the_project)
{
    const char *lock = "lockfileVersion: 5.4\ndependencies:\n"
                       "  a: {specifier: ^1, version: 1.0.0}\n"
                       "packages:\n  /a/1.0.0: {}\n";

    expect_failure(COMPAT, ONLY_A, lock, "dependencies are maps");
    expect_graph(RIGHT, ONLY_A, lock,
                 "root-node (r 1.0.0): a@1.0.0\na@1.0.0:\n");
    expect_failure(COMPAT, ONLY_A,
                   "lockfileVersion: '6.0'\ndependencies:\n"
                   "  a: {specifier: ^1}\n", "a has no version");
}

Test(node_pnpm, a_key_that_is_no_package_costs_the_peer_the_project)
{
    const char *lock = "lockfileVersion: 5.4\ndependencies:\n  a: 1.0.0\n"
                       "packages:\n  /b/c/d: {}\n  /a/1.0.0: {}\n";

    expect_failure(COMPAT, ONLY_A, lock, "no package: /b/c/d");
    expect_graph(RIGHT, ONLY_A, lock,
                 "root-node (r 1.0.0): a@1.0.0\na@1.0.0:\n");
}

Test(node_pnpm, other_lock_versions_are_refused)
{
    expect_failure(RIGHT, ONLY_A, "lockfileVersion: 4\n", "lockfileVersion 4");
    expect_failure(COMPAT, ONLY_A, "lockfileVersion: '7.0'\n",
                   "lockfileVersion 7.0");
}

/* ---- keys --------------------------------------------------------------- */

static void
expect_plain(char version, const char *text, const char *want)
{
    auto_free char *plain = bytes_dup(pnpm_without_peers(bytes_str(text),
                                                         version));

    cr_expect_str_eq(plain, want, "%s", text);
}

Test(pnpm_key, peers_are_cut_off)
{
    expect_plain('5', "/@s/a_b/1.0.0_@t+c@1.0.0+d@2", "/@s/a_b/1.0.0");
    expect_plain('5', "1.0.0", "1.0.0");
    expect_plain('6', "/@s/a_b@1.0.0(@t/c@1)(d@2)", "/@s/a_b@1.0.0");
    expect_plain('9', "1.0.0_x", "1.0.0_x");
}

Test(pnpm_key, a_link_of_version_5_loses_its_way_as_the_peer_loses_it)
{
    expect_plain('5', "link:../l", "l");
    expect_plain('5', "link:../x_y", "link:../x");
    expect_plain('5', "ab/", "a");
    expect_plain('5', "_x", "");
}

static void
expect_name(char lock_version, const char *key, const char *name,
            const char *version)
{
    struct pnpm_name told;
    struct err err;

    cr_assert_eq(pnpm_parse_key(&told, bytes_str(key), lock_version, &err), 0,
                 "%s", err.text);
    cr_expect(str_eq(told.name, name), "%s: %s", key, told.name);
    cr_expect(str_eq(told.version, version), "%s: %s", key, told.version);
    free(told.name);
    free(told.version);
}

Test(pnpm_key, keys_tell_name_and_version)
{
    expect_name('5', "/a_b/1.0.0", "a_b", "1.0.0");
    expect_name('5', "h.x/@s/a/1.0.0-b.1", "@s/a", "1.0.0-b.1");
    expect_name('5', "github.com/u/g/abc", NULL, NULL);
    expect_name('6', "/@s/a@1.0.0", "@s/a", "1.0.0");
    expect_name('9', "a@https://h/x", "a", "https://h/x");
    expect_name('9', "a@git+ssh://git@h/x", "a", "git+ssh://git");
    expect_name('6', "file:f", "file:f", NULL);
}

static void
expect_path(const char *from, const char *to, const char *want)
{
    auto_free char *path = pnpm_link_path(bytes_str(from), bytes_str(to));

    cr_expect_str_eq(path, want, "%s, %s", from, to);
}

Test(pnpm_key, links_are_relative_to_their_importer)
{
    expect_path(".", "p/a", "p/a");
    expect_path("p/a", "../b", "p/b");
    expect_path("p/a", "../..", ".");
    expect_path("p/a", "../../../x", "../x");
    expect_path("..", "../x", "../../x");
    expect_path("p/a", ".", "p/a");
    expect_path(".", "", ".");
    expect_path("p", "a/", "p/a/");
}
