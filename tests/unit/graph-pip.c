#include <criterion/criterion.h>

#include "app-rig.h"
#include "worker/graph/pymarker.h"

#define SITE(name) "usr/lib/python3.11/site-packages/" name ".dist-info/METADATA"
#define REQS       "app/requirements.txt"
#define META(name, version) "Name: " name "\nVersion: " version "\n"

Test(pip, requirements_lead_through_what_is_installed)
{
    const struct app_file files[] = {
        { REQS, "# top\nFlask >= 2\nabsent==1\n" },
        { SITE("Flask-2.2"), META("Flask", "2.2.1") "Requires-Dist: Jinja2 "
                             "(>=3.0)\nRequires-Dist: flask\n" },
        { SITE("Jinja2"), META("Jinja2", "3.1.2") },
    };

    expect_apps(files, true,
                "/app/requirements.txt: root-node>flask@2.2.1 "
                "flask@2.2.1>jinja2@3.1.2,flask@2.2.1 jinja2@3.1.2");
}

Test(pip, lines_go_on_but_comments_do_not)
{
    const struct app_file files[] = {
        { REQS, "# a \\\na\nb \\\n>= 1\nc==1 \\\n" },
        { SITE("a"), META("a", "1.0.0") }, { SITE("b"), META("b", "1.0.0") },
        { SITE("c"), META("c", "1.0.0") },
    };

    expect_apps(files, false,
                "/app/requirements.txt: "
                "root-node>a@1.0.0,b@1.0.0,c@1.0.0 a@1.0.0 b@1.0.0 c@1.0.0");
}

Test(pip, extras_are_followed_only_if_they_are_asked_for)
{
    static const char a[] =
        META("a", "1.0.0") "Provides-Extra: x\n"
        "Requires-Dist: b[q] ; extra == \"x\"\nRequires-Dist: c\n";
    const struct app_file without[] = {
        { REQS, "a" }, { SITE("a"), a },
        { SITE("b"), META("b", "1.0.0") }, { SITE("c"), META("c", "1.0.0") },
    };
    const struct app_file with[] = {
        { REQS, "a[x]" }, { SITE("a"), a },
        { SITE("b"), META("b", "1.0.0") }, { SITE("c"), META("c", "1.0.0") },
    };

    expect_apps(without, true,
                "/app/requirements.txt: root-node>a@1.0.0 a@1.0.0>c@1.0.0 "
                "c@1.0.0");
    for (int compat = 0; compat < 2; compat++)
        expect_apps(with, compat,
                    "/app/requirements.txt: root-node>a@1.0.0:x "
                    "a@1.0.0:x>b@1.0.0:q,c@1.0.0 b@1.0.0:q c@1.0.0");
}

Test(pip, the_peer_coerces_versions_and_we_do_not)
{
    const struct app_file files[] = {
        { REQS, "a\nb\nc\nd" },
        { SITE("a"), META("a", "2023.3.post1") },
        { SITE("b"), META("b", "6.0") },
        { SITE("c"), META("c", "1.2.3.4") },
        { SITE("d"), META("d", "abc") },
    };

    expect_apps(files, true,
                "/app/requirements.txt: root-node>a@2023.3.0,b@6.0.0,c@1.2.3.4 "
                "a@2023.3.0 b@6.0.0 c@1.2.3.4");
    expect_apps(files, false,
                "/app/requirements.txt: "
                "root-node>a@2023.3.post1,b@6.0,c@1.2.3.4,d@abc "
                "a@2023.3.post1 b@6.0 c@1.2.3.4 d@abc");
}

Test(pip, names_compare_without_regard_to_dashes_in_right_mode)
{
    const struct app_file files[] = { { REQS, "zope_interface" },
                                      { SITE("z"), META("Zope.Interface", "5.0.0") } };

    expect_apps(files, true, "/app/requirements.txt: root-node");
    expect_apps(files, false,
                "/app/requirements.txt: root-node>zope.interface@5.0.0 "
                "zope.interface@5.0.0");
}

Test(pip, the_description_is_no_header)
{
    const struct app_file files[] = {
        { REQS, "a\nb" },
        { SITE("a"), META("a", "1.0.0") "\nUse it so:\n  Version: 9.9.9\n"
                     "Requires-Dist: b\n" },
        { SITE("b"), META("b", "1.0.0") },
    };

    expect_apps(files, true,
                "/app/requirements.txt: root-node>a@9.9.9,b@1.0.0 "
                "a@9.9.9>b@1.0.0 b@1.0.0");
    expect_apps(files, false,
                "/app/requirements.txt: root-node>a@1.0.0,b@1.0.0 a@1.0.0 "
                "b@1.0.0");
}

Test(pip, among_several_the_one_that_is_asked_for_is_meant)
{
    static const struct {
        const char *req, *peer, *ours;
    } cases[] = {
        { "a", "2.0.0", "2.0.0" },
        { "a==1.5.0", "1.5.0", "1.5.0" },
        { "a<2", "1.5.0", "1.5.0" },
        { "a<=1.5.0", "2.0.0", "1.5.0" }, /* "<" is seen, no version */
        { "a >= 1, < 1.5", "2.0.0", "1.0.0" },
        { "a~=1.0.0", "1.0.0", "1.0.0" },
        { "a~=1.0", "1.5.0", "1.5.0" },
        { "a==9", "2.0.0", "2.0.0" },
        { "a \\\n==1.0.0", "2.0.0", "1.0.0" },
        { "a==1.5.0 # ==1.0.0", "1.5.0", "1.5.0" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        const struct app_file files[] = {
            { REQS, cases[i].req },
            { SITE("a-1"), META("a", "1.0.0") },
            { SITE("a-2"), META("a", "2.0.0") },
            { SITE("a-3"), META("a", "1.5.0") },
        };

        for (int compat = 0; compat < 2; compat++) {
            struct err err;
            auto_buf struct buf text = RIG_BUF;
            auto_jx struct jx *results = app_results(files, 4, compat, &err);
            auto_free char *want =
                xasprintf("/app/requirements.txt: root-node>a@%s a@%s",
                          compat ? cases[i].peer : cases[i].ours,
                          compat ? cases[i].peer : cases[i].ours);

            cr_expect(str_starts(app_graphs(results, &text), want), "%s: %s",
                      cases[i].req, buf_cstr(&text));
        }
    }
}

Test(pip, addresses_and_options_are_no_names_in_right_mode)
{
    const struct app_file files[] = {
        { REQS, "git+https://x/y\n-r git\n--hash=git\n./git.whl\na @ https://z" },
        { SITE("git"), META("git", "1.0.0") },
        { SITE("a"), META("a", "1.0.0") },
    };

    expect_apps(files, true,
                "/app/requirements.txt: root-node>git@1.0.0,a@1.0.0 git@1.0.0 "
                "a@1.0.0");
    expect_apps(files, false,
                "/app/requirements.txt: root-node>a@1.0.0 a@1.0.0; "
                "/usr/lib/python3.11/site-packages: root-node>git@1.0.0 "
                "git@1.0.0");
}

Test(pip, what_no_file_leads_to_is_reported_by_its_folder_in_right_mode)
{
    const struct app_file files[] = {
        { SITE("a"), META("a", "1.0") "Requires-Dist: b\n" },
        { SITE("b"), META("b", "2.0") "Requires-Dist: c\n" },
        { SITE("c"), META("c", "3.0") "Requires-Dist: b\n" },
        { "task/x-1.dist-info/METADATA", META("x", "1.0") "Requires-Dist: y" },
    };

    expect_apps(files, true, "");
    expect_apps(files, false,
                "/usr/lib/python3.11/site-packages: root-node>a@1.0 a@1.0>b@2.0 "
                "b@2.0>c@3.0 c@3.0>b@2.0; /task: root-node>x@1.0 x@1.0");
}

Test(pip, a_circle_nobody_leads_into_is_reported_too)
{
    const struct app_file files[] = {
        { SITE("b"), META("b", "2.0") "Requires-Dist: c\n" },
        { SITE("c"), META("c", "3.0") "Requires-Dist: b\n" },
    };

    expect_apps(files, false,
                "/usr/lib/python3.11/site-packages: root-node>b@2.0 "
                "b@2.0>c@3.0 c@3.0>b@2.0");
}

Test(pip, a_requirement_is_looked_for_in_its_own_folder_first)
{
    const struct app_file files[] = {
        { SITE("a"), META("a", "1.0") "Requires-Dist: b\n" },
        { SITE("b"), META("b", "1.0") },
        { "opt/v/lib/python3/site-packages/b.dist-info/METADATA",
          META("b", "2.0") },
    };

    expect_apps(files, false,
                "/usr/lib/python3.11/site-packages: root-node>a@1.0 a@1.0>b@1.0 "
                "b@1.0; /opt/v/lib/python3/site-packages: root-node>b@2.0 "
                "b@2.0");
}

Test(pip, without_a_distribution_the_peer_says_nothing)
{
    const struct app_file files[] = { { REQS, "a" } };

    expect_apps(files, true, "");
}

Test(pip, markers_hold_for_extras_and_for_linux)
{
    auto_jx struct jx *asked = jx_parse(bytes_str("[\"x\",\"Foo.bar\"]"), 99,
                                        NULL);
    static const struct {
        const char *marker;
        bool holds;
    } cases[] = {
        { "", true },
        { "extra == 'x'", true },
        { "extra == 'y'", false },
        { "'y' == extra", false },
        { "extra == \"foo-bar\"", true },
        { "extra == 'y' or extra == 'x'", true },
        { "extra == 'y' and extra == 'x'", false },
        { "(extra == 'y' or os_name == 'posix') and extra == 'x'", true },
        { "sys_platform == 'win32'", false },
        { "platform_system != 'Windows' and extra != 'y'", true },
        { "python_version < '3'", true }, /* not known: taken to hold */
        { "extra == 'y' or nonsense", true },
        { "extra not in 'y'", true },
        { "((((", true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        cr_expect_eq(pymarker_holds(bytes_str(cases[i].marker), asked),
                     cases[i].holds, "%s", cases[i].marker);
}

Test(pip, the_peer_glances_at_markers)
{
    static const struct {
        const char *marker, *extra;
        bool names;
    } cases[] = {
        { "extra == \"x\"", "x", true },  { "extra == 'x\"", "x", true },
        { "extra != 'x'", "x", true },    { "\"x\" == extra", "x", false },
        { "extra == 'xx'", "x", false },  { "extra == 'X'", "x", false },
        { "extraaa 'x'", "x", true },     { "EXTRA == 'x'", "x", false },
        { "extra == 'a-b'", "a.b", true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        cr_expect_eq(pymarker_names(bytes_str(cases[i].marker),
                                    cases[i].extra),
                     cases[i].names, "%s", cases[i].marker);
}

Test(pip, truncated_anywhere_nothing_breaks)
{
    const struct app_file files[] = {
        { REQS, "a[x] >= 1.0, < 2 ; extra == 'x' # c\n-r b\n" },
        { SITE("a"), META("a", "1.0") "Requires-Dist: b[q] (>=1) ; extra == "
                     "'x'\nProvides-Extra: x\n\nbody\n" },
    };

    app_cut_everywhere(files, 2, 0);
    app_cut_everywhere(files, 2, 1);
}

Test(pip, a_million_requirements_end_with_a_warning)
{
    auto_buf struct buf text = BUF_INIT(64 << 20);
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    buf_add_str(&text, META("a", "1"));
    for (int i = 0; i < 1000000; i++)
        buf_addf(&text, "Requires-Dist: b%d\n", i);
    rig_bytes(&tar, SITE("a"), buf_bytes(&text));
    rig_end(&tar);
    rig_record_with(&tar, 0, 64 << 20, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "pymeta: only the first 20000 requirements and 500 extras "
                     "count, and no extra or marker that is too long");
}

Test(pip, a_long_extra_counts_for_nothing_but_a_warning)
{
    auto_free char *name = xalloc(258);
    auto_free char *text = NULL;
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    memset(name, 'x', 257);
    name[257] = '\0';
    text = xasprintf(META("a", "1") "Provides-Extra: %s\n", name);
    rig_bytes(&tar, SITE("a"), bytes_str(text));
    rig_end(&tar);
    rig_record_with(&tar, 0, 1 << 20, &record);
    warnings = rig_lines(&record, NULL);
    cr_expect_eq(jx_count(warnings), 1);
    cr_expect_null(strstr(buf_cstr(&record), "xxx"));
}

Test(pip, markers_and_extras_beyond_sense_are_ignored)
{
    auto_free char *extra = xasprintf("%01025d", 0);
    auto_free char *wanted = xasprintf("a[%s]", extra);
    auto_free char *marker =
        xasprintf(META("a", "1.0.0") "Requires-Dist: b ; extra == '%04096d'\n",
                  0);
    const struct app_file files[] = {
        { REQS, wanted }, { SITE("a"), marker },
        { SITE("b"), META("b", "1.0.0") },
    };
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    expect_apps(files, false,
                "/app/requirements.txt: root-node>a@1.0.0 a@1.0.0>b@1.0.0 "
                "b@1.0.0");
    for (size_t i = 0; i < N_ELEMENTS(files); i++)
        rig_bytes(&tar, files[i].path, bytes_str(files[i].text));
    rig_end(&tar);
    rig_record_with(&tar, 0, 1 << 20, &record);
    warnings = rig_lines(&record, NULL);
    cr_expect_eq(jx_count(warnings), 2);
}

/* 400 nodes for one package, one an extra, with 3000 requirements each. */
Test(pip, requirements_followed_have_a_ceiling)
{
    auto_buf struct buf wanted = BUF_INIT(1 << 20), meta = BUF_INIT(1 << 20);
    struct app_file files[2];
    const struct jx *warnings;
    struct err err = { 0 };
    auto_jx struct jx *results = NULL;

    buf_add_str(&meta, META("a", "1.0.0"));
    for (int i = 0; i < 400; i++) {
        buf_addf(&wanted, "a[x%d]\n", i);
        buf_addf(&meta, "Provides-Extra: x%d\n", i);
    }
    for (int i = 0; i < 3000; i++)
        buf_addf(&meta, "Requires-Dist: b%d\n", i);
    files[0] = (struct app_file){ REQS, buf_cstr(&wanted) };
    files[1] = (struct app_file){ SITE("a"), buf_cstr(&meta) };
    results = app_results(files, 2, false, &err);
    cr_assert_not_null(results);
    warnings = jx_arr(app_fact(jx_at(results, 0), "pluginWarnings"),
                      "fileWarnings");
    cr_expect_eq(jx_count(warnings), 1);
    cr_expect_not_null(strstr(jx_str_value(jx_at(warnings, 0)),
                              "pip: more than 1048576 requirements"));
}

/* Each asks for the same name, which all of them have. */
Test(pip, thousands_of_namesakes_are_compared_once_for_each_constraint)
{
    auto_buf struct buf tar = RIG_BUF;
    struct image_options options = { .nested_jars_depth = 1 };
    auto_jx struct jx *config = jx_parse(bytes_str("{\"rootfs\":{}}"), 99, NULL);
    auto_jx struct jx *results = jx_new_arr();
    auto_merge struct merge *files = NULL;
    struct image image = { .options = &options, .config = config,
                           .target = "x" };
    struct err err;

    for (int i = 0; i < 3000; i++) {
        auto_free char *path =
            xasprintf("v%d/d.dist-info/METADATA", i);
        auto_free char *text =
            xasprintf(META("d", "1.%d") "Requires-Dist: d<1\n", i);

        rig_bytes(&tar, path, bytes_str(text));
    }
    files = rig_merge(false, &tar, 1);
    image.files = files;
    auto_facts struct facts *facts = facts_new(&image, &err);
    cr_assert_eq(facts_write(facts, app_collect, results, &err), 0);
    /* None satisfies it, so the highest is meant; it is reported below the
     * first, and its folder has nothing left to say. */
    cr_expect_eq(jx_count(results), 1 + 2999);
}
