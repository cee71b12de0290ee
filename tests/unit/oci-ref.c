#include <criterion/criterion.h>
#include <string.h>

#include "base/oci/ref.h"
#include "base/str.h"

#define D64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* host|repo|tag|digest, "-" for what is absent. */
static char *
show(const struct ref *r)
{
    return xasprintf("%s|%s|%s|%s", r->host != NULL ? r->host : "-", r->repo,
                     r->tag != NULL ? r->tag : "-",
                     r->digest != NULL ? "D" : "-");
}

static void
expect_ref(const char *text, const char *want)
{
    auto_ref struct ref r = { 0 };
    struct err err;

    if (want == NULL) {
        cr_expect_eq(ref_parse(&r, text, &err), -1, "%s", text);
        cr_expect_eq(err.kind, ERR_INPUT, "%s", text);
        cr_expect_str_eq(err_code(&err), "INVALID_NAME");
        return;
    }
    cr_assert_eq(ref_parse(&r, text, &err), 0, "%s: %s", text, err.text);

    auto_free char *got = show(&r);
    cr_expect_str_eq(got, want, "%s: %s", text, got);
}

Test(ref, the_first_part_is_a_host_when_it_looks_like_one)
{
    expect_ref("app", "-|app|latest|-");
    expect_ref("team/app", "-|team/app|latest|-");
    expect_ref("localhost/app", "localhost|app|latest|-");
    expect_ref("reg.example/app", "reg.example|app|latest|-");
    expect_ref("reg:5000/team/app", "reg:5000|team/app|latest|-");
    expect_ref("[::1]:5000/app:1", "[::1]:5000|app|1|-");
}

Test(ref, tag_and_digest_are_split_off)
{
    expect_ref("team/app:1.0", "-|team/app|1.0|-");
    expect_ref("app@sha256:" D64, "-|app|-|D");
    expect_ref("reg:5000/a/b:t@sha256:" D64, "reg:5000|a/b|t|D");
}

Test(ref, separators_follow_the_name_rule)
{
    expect_ref("x/a__b-----c.d_e/F", "-|x/a__b-----c.d_e/F|latest|-");
    expect_ref("a___b", NULL);
    expect_ref("x/a..b/c", NULL);
    expect_ref("-a", NULL);
    expect_ref("a-", NULL);
    expect_ref("a//b", NULL);
    expect_ref("a/", NULL);
    expect_ref("/a", NULL);
    expect_ref("team/ap p", NULL);
    expect_ref("team/a;b", NULL);
    expect_ref("team/\xc3\xa4", NULL);
}

Test(ref, malformed_parts_are_refused)
{
    expect_ref("", NULL);
    expect_ref("app:", NULL);
    expect_ref("app:.hidden", NULL);
    expect_ref("app:a:b", NULL);
    expect_ref("app@sha256:12", NULL);
    expect_ref("app@sha512:" D64, NULL);
    expect_ref("reg:0/app", NULL);
    expect_ref("reg:65536/app", NULL);
    expect_ref("reg:x/app", NULL);
    expect_ref("http://reg.example/app", NULL);
    expect_ref("u@reg.example/app", NULL);
    expect_ref("[::1/app", NULL);
}

Test(ref, lengths_are_bounded)
{
    char name[2000];

    memset(name, 'a', sizeof(name));
    name[512] = '\0';
    cr_expect(ref_repo_valid(name));
    name[512] = 'a';
    name[513] = '\0';
    cr_expect_not(ref_repo_valid(name));
    name[513] = 'a';
    name[sizeof(name) - 1] = '\0';
    expect_ref(name, NULL);
    name[128] = '\0';
    cr_expect(ref_tag_valid(name));
    name[128] = 'a';
    name[129] = '\0';
    cr_expect_not(ref_tag_valid(name));
}

static void
expect_in(const char *text, const char *base, const char *want)
{
    auto_ref struct ref r = { 0 };
    struct err err;

    cr_assert_eq(ref_parse_in(&r, text, base, &err), want != NULL ? 0 : -1,
                 "%s in %s", text, base);
    if (want == NULL)
        return;

    auto_free char *got = show(&r);
    cr_expect_str_eq(got, want, "%s: %s", text, got);
}

Test(ref, the_agents_form_has_no_host_but_may_repeat_the_base)
{
    expect_in("reg.example/app:2", NULL, "-|reg.example/app|2|-");
    expect_in("reg.example/app:2", "reg.example", "-|app|2|-");
    expect_in("REG.example/app", "https://reg.example/", "-|app|latest|-");
    expect_in("reg:5000/a/b", "reg:5000", "-|a/b|latest|-");
    expect_in("h/artifactory/x/app", "h/artifactory", "-|x/app|latest|-");
    /* A base that only begins alike is no base. */
    expect_in("regx/app", "reg", "-|regx/app|latest|-");
    /* A port cannot occur, so this is a malformed tag. */
    expect_in("reg:5000/app", "other", NULL);
    expect_in("reg.example", "reg.example", "-|reg.example|latest|-");
    expect_in("reg.example/", "reg.example", NULL);
}

Test(ref, the_digest_wins_and_formatting_gives_the_text_back)
{
    static const char *const texts[] = {
        "reg:5000/a/b:t@sha256:" D64, "a/b:t", "localhost/a@sha256:" D64,
    };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        auto_ref struct ref r = { 0 };

        cr_assert_eq(ref_parse(&r, texts[i], NULL), 0);

        auto_free char *again = ref_format(&r);
        cr_expect_str_eq(again, texts[i]);
        cr_expect_str_eq(ref_selector(&r), i == 1 ? "t" : "sha256:" D64);
    }
}
