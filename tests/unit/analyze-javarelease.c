#include <criterion/criterion.h>

#include "layer-rig.h"

static const struct {
    const char *text, *want;
} cases[] = {
    { "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.8\"\n", "17.0.8" },
    { "  JAVA_VERSION = 1.8.0_392 # old\n", "1.8.0_392" },
    { "JAVA_VERSION='21+35-LTS'\r\n", "21+35-LTS" },
    { "JAVA_VERSION=\n 9\n", "9" },
    { "X_JAVA_VERSION=1\n", NULL },
    { "JAVA_VERSION=\"1\"\nJAVA_VERSION=\"2\"\n", NULL },
    { "JAVA_VERSION=\"1..2\"\n", NULL },
    { "JAVA_VERSION=\"1.\"\n", NULL },
    { "JAVA_VERSION=\"x1\"\n", NULL },
    { "JAVA_VERSION=\"1\n", NULL },
    { "JAVA_VERSION= # none\nJAVA_VERSION=7\n", NULL },
};

Test(javarelease, exactly_one_assignment_of_a_proper_version_counts)
{
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_jx struct jx *line = rig_one("opt/java/openjdk/release",
                                          bytes_str(cases[i].text),
                                          "javarelease");
        const char *got = jx_str(jx_get(line, "d"), "version");

        cr_expect(str_eq(got, cases[i].want), "%s: %s", cases[i].text,
                  got != NULL ? got : "(none)");
    }
}

/* Each start of a line looks past all blanks that follow it, but once. */
Test(javarelease, blank_lines_cost_linear_time)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX);
    auto_jx struct jx *line = NULL;

    for (size_t i = 0; i < 700000; i++)
        buf_add_str(&text, i % 3 == 0 ? " \n" : "\n");
    buf_add_str(&text, "JAVA_VERSION=17\n");
    line = rig_one("usr/lib/jvm/a/release", buf_bytes(&text), "javarelease");
    cr_expect_str_eq(jx_str(jx_get(line, "d"), "version"), "17");
}

Test(javarelease, only_the_places_of_runtimes_are_looked_at)
{
    static const char *const paths[] = {
        "usr/lib/jvm/a/release", "usr/local/openjdk-8/release",
        "usr/java/jdk/release",  "opt/release",
        "opt/java/openjdk/x/release", "usr/local/openjdk-8/release.txt",
    };
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL;

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        rig_file(&tar, paths[i], "JAVA_VERSION=1\n");
    rig_record(&tar, &record);
    lines = rig_lines(&record, "javarelease");
    cr_assert_eq(jx_count(lines), 3);
    cr_expect_str_eq(jx_str(jx_at(lines, 2), "p"), "/usr/java/jdk/release");
}
