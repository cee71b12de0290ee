/* WWW-Authenticate: every form that was seen in the field, and some that
 * strangers may send. */
#include <criterion/criterion.h>

#include "engine/registry/challenge.h"

/* One header value; a NULL member must be absent. */
static void
expect(const char *value, enum challenge_scheme scheme, const char *realm,
       const char *service, const char *scope)
{
    auto_challenge struct challenge c = CHALLENGE_INIT;
    const char *got[] = { c.realm, c.service, c.scope };
    const char *want[] = { realm, service, scope };

    challenge_read(&c, bytes_str(value));
    got[0] = c.realm;
    got[1] = c.service;
    got[2] = c.scope;
    cr_expect_eq(c.scheme, scheme, "%s: scheme %d", value, c.scheme);
    for (size_t i = 0; i < N_ELEMENTS(got); i++) {
        if (want[i] == NULL)
            cr_expect_null(got[i], "%s: %s", value, got[i]);
        else
            cr_expect(got[i] != NULL && strcmp(got[i], want[i]) == 0,
                      "%s: %s instead of %s", value, got[i], want[i]);
    }
}

Test(challenge, commas_and_blanks_inside_quotes_are_data)
{
    expect("Bearer realm=\"http://127.0.0.1:15014/token\",service="
           "\"test-registry\",scope=\"repository:x:pull,push registry:catalog:*\"",
           CHALLENGE_BEARER, "http://127.0.0.1:15014/token", "test-registry",
           "repository:x:pull,push registry:catalog:*");
}

Test(challenge, scheme_and_parameter_names_ignore_case)
{
    expect("BASIC realm=\"Sonatype Nexus Repository Manager\"",
           CHALLENGE_BASIC, "Sonatype Nexus Repository Manager", NULL, NULL);
    expect("bEARER Realm=\"https://r/t\",SERVICE=\"s\"", CHALLENGE_BEARER,
           "https://r/t", "s", NULL);
}

Test(challenge, a_backslash_takes_the_next_character_as_it_is)
{
    expect("Bearer realm=\"https://r/\\\"a\\\\b\\\",c\",service=\"s\"",
           CHALLENGE_BEARER, "https://r/\"a\\b\",c", "s", NULL);
}

Test(challenge, bearer_wins_over_basic_in_either_order)
{
    expect("Basic realm=\"b\", Bearer realm=\"https://t\",service=\"s\"",
           CHALLENGE_BEARER, "https://t", "s", NULL);
    expect("Bearer realm=\"https://t\",service=\"s\", Basic realm=\"b\"",
           CHALLENGE_BEARER, "https://t", "s", NULL);
    expect("Negotiate, Basic realm=\"b\"", CHALLENGE_BASIC, "b", NULL, NULL);
    expect("NTLM TlRMTVNTUAAB/+==, Basic realm=\"b\"", CHALLENGE_BASIC, "b",
           NULL, NULL);
}

Test(challenge, values_may_lack_quotes_and_blanks_may_surround_the_sign)
{
    expect("Bearer realm=https://auth.example/token?a=b,service=reg , "
           "scope = repository:a/b:pull",
           CHALLENGE_BEARER, "https://auth.example/token?a=b", "reg",
           "repository:a/b:pull");
    expect("Bearer realm=\"https://t\" service=\"s\"", CHALLENGE_BEARER,
           "https://t", "s", NULL);
}

Test(challenge, a_bearer_without_realm_cannot_be_used)
{
    expect("Bearer service=\"s\"", CHALLENGE_OTHER, NULL, "s", NULL);
    expect("Bearer service=\"s\", Basic realm=\"b\"", CHALLENGE_BASIC, "b",
           NULL, NULL);
    expect("Digest realm=\"d\",nonce=\"n\"", CHALLENGE_OTHER, "d", NULL, NULL);
}

Test(challenge, of_a_parameter_given_twice_the_first_counts)
{
    expect("Bearer realm=\"https://one\",realm=\"https://two\"",
           CHALLENGE_BEARER, "https://one", NULL, NULL);
}

Test(challenge, rubbish_is_no_challenge)
{
    static const char *const rubbish[] = { "", ",,, ,", "=", "\"", "\"\\",
                                           "=\"a\"", "/ / /" };

    for (size_t i = 0; i < N_ELEMENTS(rubbish); i++)
        expect(rubbish[i], CHALLENGE_NONE, NULL, NULL, NULL);
    expect("Basic realm=\"not closed", CHALLENGE_BASIC, "not closed", NULL,
           NULL);
}

Test(challenge, several_headers_are_read_as_one)
{
    auto_challenge struct challenge c = CHALLENGE_INIT;
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "WWW-Authenticate", "Basic realm=\"b\"");
    headers_add(&h, "Content-Type", "Bearer realm=\"https://not-me\"");
    headers_add(&h, "www-authenticate",
                "Bearer realm=\"https://t\",error=\"insufficient_scope\"");
    challenge_choose(&c, &h);
    cr_assert_eq(c.scheme, CHALLENGE_BEARER);
    cr_expect_str_eq(c.realm, "https://t");
    cr_expect_str_eq(c.error, "insufficient_scope");
}

Test(challenge, no_header_is_no_challenge)
{
    auto_challenge struct challenge c = CHALLENGE_INIT;
    auto_headers struct headers h = HEADERS_INIT;

    challenge_choose(&c, &h);
    cr_expect_eq(c.scheme, CHALLENGE_NONE);
}
