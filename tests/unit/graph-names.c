#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/names.h"

#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS "2222222222222222222222222222222222222222222222222222222222222222"
#define M "sha256:" ONES
#define I "sha256:" TWOS

static char *
joined(const struct names *names)
{
    struct buf out = BUF_INIT(1 << 16);

    for (size_t i = 0; i < names->n; i++)
        buf_addf(&out, "%s%s", i > 0 ? " " : "", names->at[i]);
    return buf_steal(&out);
}

static const struct {
    const char *reference, *manifest, *index, *want, *error;
} cases[] = {
    { "app", NULL, NULL, "app:latest", NULL },
    { "reg:5000/team/app:1.4", M, I,
      "reg:5000/team/app:1.4 reg:5000/team/app@" M " reg:5000/team/app@" I,
      NULL },
    { "app@" M, NULL, NULL, "app@" M, NULL },
    { "app:1@" M, M, NULL, "app:1 app@" M " app@" M, NULL },
    { "localhost:5000", NULL, NULL, "localhost:5000", NULL },
    { "Upper/Case:1", NULL, NULL, "Upper/Case:1", NULL },
    { "a__b/c--d.e:x", NULL, NULL, "a__b/c--d.e:x", NULL },
    { "a..b", NULL, NULL, NULL, "invalid image reference format" },
    { "a___b", NULL, NULL, NULL, "invalid image reference format" },
    { "-a", NULL, NULL, NULL, "invalid image reference format" },
    { "a/", NULL, NULL, NULL, "invalid image reference format" },
    { "a:", NULL, NULL, NULL, "invalid image reference format" },
    { "http://a", NULL, NULL, NULL, "invalid image reference format" },
    { "a@sha256:12", NULL, NULL, NULL, "invalid image reference format" },
    { "a@md5:11111111111111111111111111111111", NULL, NULL, NULL,
      "unsupported digest algorithm: md5" },
    { "a", "x", NULL, NULL, "invalid digest format" },
    { "a", "sha256:11", NULL, NULL,
      "digest algorithm sha256 suggested length 64, but got digest with "
      "length 2" },
    { "a@sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      NULL, NULL, NULL, "digest contains invalid characters" },
};

Test(names, are_tag_then_digests_or_the_peers_words)
{
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_names struct names names = { .n = 0 };
        struct err err;
        int rc = names_add(&names, cases[i].reference, cases[i].manifest,
                           cases[i].index, &err);
        auto_free char *got = joined(&names);

        if (cases[i].error != NULL) {
            cr_expect_eq(rc, -1, "%s", cases[i].reference);
            cr_expect_str_eq(err.text, cases[i].error);
        } else {
            cr_expect_eq(rc, 0, "%s", cases[i].reference);
            cr_expect_str_eq(got, cases[i].want);
        }
    }
}

Test(names, a_repository_has_at_most_255_characters)
{
    auto_names struct names names = { .n = 0 };
    char text[300];
    struct err err;

    memset(text, 'a', sizeof(text));
    text[256] = '\0';
    cr_expect_eq(names_add(&names, text, NULL, NULL, &err), -1);
    cr_expect_str_eq(err.text,
                     "image repository name is more than 255 characters");
    text[255] = '\0';
    cr_expect_eq(names_add(&names, text, NULL, NULL, &err), 0);
}

Test(names, distribution_is_dockers_normal_form)
{
    static const struct {
        const char *reference, *index, *want;
    } places[] = {
        { "ghcr.io/acme/all:9", I,
          "{\"registryHost\":\"ghcr.io\",\"repository\":\"acme/all\","
          "\"manifestDigest\":\"" M "\",\"indexDigest\":\"" I "\","
          "\"imageTag\":\"9\"}" },
        { "app", NULL,
          "{\"registryHost\":\"docker.io\",\"repository\":\"library/app\","
          "\"manifestDigest\":\"" M "\"}" },
        { "index.docker.io/app:1", NULL,
          "{\"registryHost\":\"docker.io\",\"repository\":\"library/app\","
          "\"manifestDigest\":\"" M "\",\"imageTag\":\"1\"}" },
        { "team/app", NULL,
          "{\"registryHost\":\"docker.io\",\"repository\":\"team/app\","
          "\"manifestDigest\":\"" M "\"}" },
        { "localhost/app", NULL,
          "{\"registryHost\":\"localhost\",\"repository\":\"app\","
          "\"manifestDigest\":\"" M "\"}" },
        { "ghcr.io/Acme/all", NULL, NULL },
        { "ghcr.io/acme/all", "sha256:12", NULL },
        { "ghcr.io/", NULL, NULL },
    };

    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        auto_buf struct buf out = BUF_INIT(1 << 16);
        bool ok = names_distribution_ok(places[i].reference, M,
                                        places[i].index);
        struct jw jw;

        cr_expect_eq(ok, places[i].want != NULL, "%s", places[i].reference);
        if (!ok)
            continue;
        jw_init(&jw, &out);
        names_write_distribution(&jw, places[i].reference, M, places[i].index);
        cr_expect_str_eq(buf_cstr(&out), places[i].want);
    }
}
