#include <criterion/criterion.h>

#include "layer-rig.h"
#include "worker/analyze/manifestmf.h"

/* Fed in pieces, until it says enough. */
static void
read_manifest(struct bytes text, size_t piece, struct buf *out)
{
    auto_buf struct buf fed = BUF_INIT(MANIFESTMF_MAX_BYTES);
    struct jw jw;

    while (text.n > 0 && !manifestmf_feed(&fed, bytes_to(text, piece)))
        text = bytes_from(text, piece);
    jw_init(&jw, out);
    manifestmf_write(&fed, &jw);
}

#define expect_manifest(text, want) \
    do { \
        for (size_t piece_ = 1; piece_ < sizeof(text) + 1; piece_++) { \
            auto_buf struct buf got_ = RIG_BUF; \
            read_manifest(bytes_str(text), piece_, &got_); \
            cr_expect_str_eq(buf_cstr(&got_), want, "%zu: %s", piece_, \
                             buf_cstr(&got_)); \
        } \
    } while (0)

Test(manifestmf, names_are_of_any_case_and_values_trimmed)
{
    expect_manifest("Manifest-Version: 1.0\r\nimplementation-TITLE:  a b \r\n"
                    "Implementation-Vendor-Id: org.g\r\n\r\n",
                    "{\"title\":\"a b\",\"vendorId\":\"org.g\"}");
}

Test(manifestmf, a_blank_continues_the_line_before_even_in_a_character)
{
    expect_manifest("Automatic-Module-Name: caf\xc3\n \xa9.s\r\n ub\n"
                    "Bundle-License: MIT\n",
                    "{\"module\":\"caf\xc3\xa9.sub\",\"l\":\"MIT\"}");
}

Test(manifestmf, what_follows_the_main_section_is_about_classes)
{
    expect_manifest("Bundle-License: MIT\n\nName: a.class\n"
                    "Implementation-Title: a\n",
                    "{\"l\":\"MIT\"}");
    expect_manifest("Bundle-License: MIT\r\n\r\nImplementation-Title: a\n",
                    "{\"l\":\"MIT\"}");
    expect_manifest("Bundle-License: MIT\r\rImplementation-Title: a\n",
                    "{\"l\":\"MIT\"}");
}

Test(manifestmf, directives_are_no_part_of_a_symbolic_name)
{
    expect_manifest("Bundle-SymbolicName: org.g.a ;singleton:=true\n",
                    "{\"symbol\":\"org.g.a\"}");
}

Test(manifestmf, the_implementations_version_comes_before_the_bundles)
{
    expect_manifest("Bundle-Version: 2\nImplementation-Version: 1\n",
                    "{\"version\":\"1\"}");
    expect_manifest("Bundle-Version: 2\n", "{\"version\":\"2\"}");
}

Test(manifestmf, nothing_says_nothing)
{
    expect_manifest("", "{}");
    expect_manifest(" ", "{}");
    expect_manifest("\n\n", "{}");
    expect_manifest("Bundle-License\nBundle-License:", "{}");
}

Test(manifestmf, long_ones_are_read_no_further)
{
    auto_buf struct buf text = RIG_BUF, got = RIG_BUF;

    for (int i = 0; i < 10000; i++)
        buf_addf(&text, "Export-%d: x\n", i);
    buf_add_str(&text, "Bundle-License: MIT\n");
    cr_assert_gt(text.n, MANIFESTMF_MAX_BYTES);
    read_manifest(buf_bytes(&text), 8192, &got);
    cr_expect_str_eq(buf_cstr(&got), "{}");
}
