#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "worker/graph/ostree.h"

#define MAX_PKGS 400

static struct pkg pkgs[MAX_PKGS];
static struct ospkgs list = { "deb", pkgs, 0 };

/* "source/name", dependencies and provided names split at blanks. */
static struct pkg *
add(const char *full_name, const char *deps, const char *provides)
{
    struct pkg *p = &pkgs[list.n++];
    struct bytes rest = bytes_str(deps), word;

    p->full_name = xstrdup(full_name);
    p->name = strchr(full_name, '/') != NULL ? strchr(full_name, '/') + 1
                                             : full_name;
    p->version = "1";
    p->purl = xasprintf("purl:%s", p->name);
    p->deps = xcalloc(strlen(deps) + 1, sizeof(char *));
    while (bytes_next(&rest, ' ', &word))
        p->deps[p->n_deps++] = bytes_dup(word);
    p->provides = xcalloc(strlen(provides) + 1, sizeof(char *));
    rest = bytes_str(provides);
    while (bytes_next(&rest, ' ', &word))
        p->provides[p->n_provides++] = bytes_dup(word);
    return p;
}

static void
show(const struct deptree *t, struct buf *out)
{
    buf_add_str(out, t->name);
    if (t->n_kids == 0)
        return;
    buf_add_char(out, '(');
    for (size_t i = 0; i < t->n_kids; i++) {
        buf_add_str(out, i > 0 ? " " : "");
        show(t->kids[i], out);
    }
    buf_add_char(out, ')');
}

/* The tree as "root(a(b) c)". */
static const char *
tree_of(bool compat)
{
    static struct buf out = BUF_INIT(1 << 20);
    auto_ostree struct ostree *t = ostree_new("x:1", compat, &list);
    const struct deptree *root = ostree_root(t);

    buf_reset(&out);
    for (size_t i = 0; i < root->n_kids; i++) {
        buf_add_str(&out, i > 0 ? " " : "");
        show(root->kids[i], &out);
    }
    return buf_cstr(&out);
}

static const char *
tree(void)
{
    return tree_of(false);
}

Test(ostree, a_package_is_expanded_where_it_is_met_first)
{
    add("a", "b", "");
    add("b", "c", "");
    add("c", "", "");
    cr_expect_str_eq(tree(), "a(b(c)) b c");
}

Test(ostree, marked_packages_hang_below_those_who_need_them)
{
    add("b", "c", "")->auto_installed = true;
    add("a", "b", "");
    add("c", "", "")->auto_installed = true;
    add("lost", "", "")->auto_installed = true;
    cr_expect_str_eq(tree(), "a(b(c)) lost");
}

Test(ostree, a_cycle_ends_at_the_ancestor)
{
    add("s/a", "b", "");
    add("s/b", "a", "");
    cr_expect_str_eq(tree(), "s/a(s/b) s/b");
}

Test(ostree, provided_names_resolve_unless_a_package_has_them)
{
    add("a", "mta b", "");
    add("exim", "", "mta b");
    add("postfix", "", "mta");
    add("b", "", "");
    cr_expect_str_eq(tree(), "a(postfix b) exim postfix b");
}

Test(ostree, an_architecture_or_a_constraint_is_no_part_of_a_name)
{
    add("a", "b:any so:c>1.2 d~3 e:amd64 f:x>=1", "");
    add("b", "", "");
    add("c", "", "so:c");
    add("d", "", "");
    add("e:amd64", "", "");
    cr_expect_str_eq(tree(), "a(b c d e:amd64) b c d e:amd64");
}

Test(ostree, compat_they_do_not_resolve)
{
    auto_ostree struct ostree *t = NULL;

    add("a", "b:any b>1 b~3", "");
    add("b", "", "");
    t = ostree_new("x:1", true, &list);
    cr_expect_eq(ostree_root(t)->kids[0]->n_kids, 0);
}

Test(ostree, the_last_record_of_a_name_is_the_package)
{
    add("old/a", "b", "");
    add("b", "", "");
    add("new/a", "", "");
    cr_expect_str_eq(tree_of(true), "new/a b");
}

/* Names and versions of the root's children, "a@1 a@2". */
static const char *
versions(bool compat)
{
    static struct buf out = BUF_INIT(1 << 20);
    auto_ostree struct ostree *t = ostree_new("x:1", compat, &list);
    const struct deptree *root = ostree_root(t);

    buf_reset(&out);
    for (size_t i = 0; i < root->n_kids; i++)
        buf_addf(&out, "%s%s@%s", i > 0 ? " " : "", root->kids[i]->name,
                 root->kids[i]->version);
    return buf_cstr(&out);
}

Test(ostree, a_second_record_of_a_name_costs_no_edges)
{
    add("kernel", "", "")->version = "1";
    add("b", "", "");
    add("kernel", "b", "")->version = "2";
    cr_expect_str_eq(tree(), "b kernel(b) kernel");
    cr_expect_str_eq(tree_of(true), "kernel b");
}

Test(ostree, all_packages_of_one_name_are_there_each_version_once)
{
    add("kernel", "", "")->version = "3";
    add("bash", "", "")->version = "5";
    add("kernel", "", "")->version = "1";
    add("kernel", "", "")->version = "3";
    add("kernel", "", "")->version = "2";
    cr_expect_str_eq(versions(false), "bash@5 kernel@2 kernel@3 kernel@1");
    cr_expect_str_eq(versions(true), "kernel@2 bash@5");
}

Test(ostree, a_shadowed_record_lives_on_by_what_it_provides)
{
    add("a", "virtual", "");
    add("b", "c", "virtual");
    add("c", "", "");
    add("b", "", "");
    cr_expect_str_eq(tree_of(true), "a(b(c)) b c");
    cr_expect_str_eq(tree(), "a(b(c)) c b");
}

/* n packages need libz, which needs libc. */
static void
add_users_of_libz(int n)
{
    static char names[100][16];

    add("libz", "libc", "");
    for (int i = 0; i < n; i++) {
        snprintf(names[i], sizeof(names[i]), "p%d", i);
        add(names[i], "libz", "");
    }
    add("libc", "", "");
}

Test(ostree, what_many_need_is_like_any_other)
{
    auto_ostree struct ostree *t = NULL;

    add_users_of_libz(100);
    t = ostree_new("x", false, &list);
    cr_assert_eq(ostree_root(t)->n_kids, 102);
    cr_expect_str_eq(ostree_root(t)->kids[0]->name, "libz");
    cr_expect_not_null(ostree_root(t)->kids[0]->purl);
    for (size_t i = 0; i <= 100; i++)
        cr_expect_eq(ostree_root(t)->kids[i]->n_kids, 1, "%zu", i);
}

Test(ostree, compat_what_too_many_paths_lead_to_hangs_at_the_root_without_purl)
{
    auto_ostree struct ostree *t = NULL;
    const struct deptree *last;

    add_users_of_libz(100);
    t = ostree_new("x", true, &list);
    /* libz: itself and 100; libc: those and itself. Both go over. */
    cr_assert_eq(ostree_root(t)->n_kids, 102);
    last = ostree_root(t)->kids[100];
    cr_expect_str_eq(last->name, "libz");
    cr_expect_null(last->purl);
    cr_expect_eq(ostree_root(t)->kids[0]->n_kids, 0);
}

Test(ostree, compat_a_hundred_paths_are_not_too_many)
{
    auto_ostree struct ostree *t = NULL;

    add_users_of_libz(99);
    t = ostree_new("x", true, &list);
    cr_expect_not_null(ostree_root(t)->kids[0]->purl);
    cr_expect_eq(ostree_root(t)->kids[1]->n_kids, 1);
}

Test(ostree, the_root_is_split_at_the_tag)
{
    static const struct {
        const char *target;
        bool compat;
        const char *name, *version;
    } cases[] = {
        { "reg:5000/app:1.4", false, "docker-image|reg:5000/app", "1.4" },
        { "reg:5000/app", false, "docker-image|reg:5000/app", "latest" },
        { "reg:5000/app", true, "docker-image|reg", "5000/app" },
        { "app", true, "docker-image|app", "latest" },
        { "image.tar", true, "docker-image|image.tar", NULL },
        { "a.tar:1", true, "docker-image|a.tar", NULL },
        { "app@sha256:12", true, "docker-image|app", NULL },
        { "a/b@sha256:12", false, "docker-image|a/b", NULL },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_ostree struct ostree *t = ostree_new(cases[i].target,
                                                  cases[i].compat, &list);

        cr_expect_str_eq(ostree_root(t)->name, cases[i].name);
        cr_expect(str_eq(ostree_root(t)->version, cases[i].version), "%s",
                  cases[i].target);
    }
}

/* ---- with history ------------------------------------------------------ */

static struct instructions *
installed(const char *what)
{
    auto_free char *text = xasprintf(
        "{\"history\":[{\"created\":\"2024-01-01T00:00:00Z\"},{\"created\":"
        "\"2024-05-01T00:00:00Z\",\"created_by\":\"apk add %s\"}]}", what);
    auto_jx struct jx *config = jx_parse(bytes_str(text), SIZE_MAX, NULL);

    return instructions_new(config);
}

Test(ostree, what_a_named_package_pulls_in_came_with_it)
{
    auto_instructions struct instructions *by = installed("bash");
    auto_ostree struct ostree *t = NULL;

    add("bash/bash", "libc", "");
    add("glibc/libc", "", "");
    add("other", "", "");
    t = ostree_new("x", false, &list);
    ostree_expand(t, by);
    cr_expect_not_null(instructions_find(by, "glibc"));
    ostree_label(t, by);
    cr_expect_str_eq(ostree_root(t)->kids[0]->labels[0].key, "dockerLayerId");
    cr_expect_str_eq(ostree_root(t)->kids[0]->kids[0]->labels[0].value,
                     "YXBrIGFkZCBiYXNo");
    cr_expect_null(ostree_root(t)->kids[2]->labels);
    ostree_exclude_base(t, by);
    cr_expect_eq(ostree_root(t)->n_kids, 2);
}

Test(ostree, of_two_sources_of_one_name_the_named_one_is_expanded)
{
    auto_instructions struct instructions *by = installed("aaa bbb");
    auto_ostree struct ostree *t = NULL;

    add("aaa/foo", "libc", "");
    add("bbb/foo", "libz", "")->version = "2";
    add("glibc/libc", "", "");
    add("zlib/libz", "", "");
    t = ostree_new("x", false, &list);
    cr_assert_eq(ostree_root(t)->n_kids, 4);
    /* The last of a name is known; the other is a leaf beside the tree. */
    ostree_expand(t, by);
    cr_expect_not_null(instructions_find(by, "zlib"));
    cr_expect_null(instructions_find(by, "glibc"));
}

Test(ostree, without_instructions_excluding_the_base_leaves_nothing)
{
    auto_instructions struct instructions *by = instructions_new(NULL);
    auto_ostree struct ostree *t = NULL;

    add("a", "", "");
    t = ostree_new("x", false, &list);
    ostree_exclude_base(t, by);
    cr_expect_eq(ostree_root(t)->n_kids, 0);
}
