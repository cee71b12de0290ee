#include <criterion/criterion.h>
#include <string.h>

#include "base/analyzer.h"
#include "engine/scan/scan-private.h"

#define HEAD "{\"record\":1,\"analyzer\":\"" ANALYZER_VERSION "\"}\n"
#define DIFF \
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int
read_text(struct record_facts *f, const char *text)
{
    return record_read(f, bytes_str(text), ANALYZER_VERSION,
                       NULL);
}

Test(record, first_and_last_line_say_what_it_is)
{
    struct record_facts f;

    cr_expect_eq(read_text(&f, HEAD "{\"i\":1}\n{\"end\":true,\"diffId\":\"" DIFF
                               "\",\"coding\":\"gzip\"}\n"),
                 0);
    cr_expect(f.same_analyzer);
    cr_expect_not(f.is_plain);
    cr_expect_str_eq(f.diff_id.text, DIFF);
    cr_expect_eq(read_text(&f, "{\"record\":1,\"analyzer\":\"other\"}\n"
                               "{\"end\":true,\"coding\":\"plain\"}\n"),
                 0);
    cr_expect_not(f.same_analyzer);
    cr_expect(f.is_plain);
    cr_expect_str_eq(f.diff_id.text, "");
}

Test(record, what_has_no_end_is_none)
{
    static const char *const bad[] = {
        "",
        "\n",
        HEAD,
        HEAD "{\"end\":true}",
        HEAD "{\"end\":false}\n",
        "{\"record\":2}\n{\"end\":true}\n",
        HEAD "nonsense\n",
        HEAD "{\"end\":true,\"diffId\":\"sha256:12\"}\n",
    };
    struct record_facts f;

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_expect_eq(read_text(&f, bad[i]), -1, "%s", bad[i]);
}
