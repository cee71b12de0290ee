/* Where a password may go. */
#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/registry/realm.h"

static int
check(const char *registry, const char *realm, const char *const *pairs,
      const char *listed, struct err *err)
{
    auto_url struct url a = { 0 }, b = { 0 };

    cr_assert_eq(url_parse(&a, registry, NULL), 0);
    cr_assert_eq(url_parse(&b, realm, NULL), 0);
    return realm_check(&a, &b, pairs, listed, err);
}

static void
expect_allowed(const char *registry, const char *realm)
{
    struct err err = { 0 };

    cr_expect_eq(check(registry, realm, NULL, NULL, &err), 0, "%s", err.text);
}

static void
expect_refused(const char *registry, const char *realm)
{
    struct err err = { 0 };

    cr_expect_eq(check(registry, realm, NULL, NULL, &err), -1, "%s -> %s",
                 registry, realm);
    cr_expect_eq(err.kind, ERR_DENIED);
    cr_expect_str_eq(err_code(&err), "REALM_REFUSED");
}

Test(realm, the_same_host_is_fine_whatever_the_port)
{
    expect_allowed("https://harbor.example.com", "https://harbor.example.com/t");
    expect_allowed("http://127.0.0.1:5004", "http://127.0.0.1:5014/token");
    expect_allowed("https://registry:5000", "https://registry/token");
    expect_allowed("https://[::1]:5000", "https://[::1]/token");
}

Test(realm, hosts_of_one_owner_are_fine)
{
    expect_allowed("https://registry-1.docker.io", "https://auth.docker.io/token");
    expect_allowed("https://registry.digitalocean.com",
                   "https://api.digitalocean.com/v2/registry/auth");
    expect_allowed("https://registry.gitlab.example.co.uk",
                   "https://gitlab.example.co.uk/jwt/auth");
    expect_allowed("https://example.com", "https://auth.example.com/");
    expect_allowed("https://a.b.example.com", "https://example.com/");
}

Test(realm, a_foreign_host_is_refused)
{
    expect_refused("https://registry.example.com", "https://evil.test/token");
    expect_refused("https://registry.example.com",
                   "https://example.com.evil.test/token");
    expect_refused("https://registry.example.com",
                   "https://notexample.com/token");
}

Test(realm, a_public_suffix_makes_no_family)
{
    expect_refused("https://a.co.uk", "https://b.co.uk/token");
    expect_refused("https://a.example.com", "https://com/token");
    expect_refused("https://a.co.uk", "https://co.uk/token");
    expect_refused("https://one.azurecr.io", "https://two.azurecr.io/token");
    expect_refused("https://a.github.io", "https://b.github.io/token");
    expect_refused("https://1.dkr.ecr.eu-west-1.amazonaws.com",
                   "https://evil.s3.amazonaws.com/");
}

Test(realm, addresses_and_single_labels_must_be_equal)
{
    expect_refused("http://127.0.0.1:5000", "http://127.0.0.2/token");
    expect_refused("http://10.1.2.3", "http://9.1.2.3/token");
    expect_refused("http://registry", "http://auth/token");
    expect_refused("http://[fd00::1]", "http://[fd00::2]/token");
    expect_refused("https://registry.example.com",
                   "https://169.254.169.254/latest");
}

Test(realm, tls_is_not_given_up)
{
    expect_refused("https://nexus.example.com", "http://nexus.example.com/t");
    expect_allowed("http://nexus.example.com", "http://nexus.example.com/t");
    expect_allowed("http://nexus.example.com", "https://nexus.example.com/t");
}

Test(realm, the_types_own_pairs_are_fine)
{
    static const char *const pairs[] = { "oauth2.googleapis.com", NULL };

    cr_expect_eq(check("https://us-docker.pkg.dev",
                       "https://oauth2.googleapis.com/token", pairs, NULL,
                       NULL), 0);
    cr_expect_eq(check("https://us-docker.pkg.dev",
                       "https://sts.googleapis.com/token", pairs, NULL, NULL),
                 -1);
}

Test(realm, the_operator_may_name_more_hosts)
{
    cr_expect_eq(check("https://registry.example.com",
                       "https://sso.corp.test/token", NULL,
                       "other.test,sso.corp.test", NULL), 0);
    cr_expect_eq(check("https://registry.example.com",
                       "http://sso.corp.test/token", NULL, "sso.corp.test",
                       NULL), -1);
}

Test(realm, the_refusal_names_both_and_the_header)
{
    struct err err = { 0 };

    check("https://registry.example.com", "https://evil.test/token", NULL, NULL,
          &err);
    cr_expect_not_null(strstr(err.text, "registry.example.com"));
    cr_expect_not_null(strstr(err.text, "https://evil.test/token"));
    cr_expect_not_null(strstr(err.text, "WWW-Authenticate"));
}

Test(realm, what_is_registered_is_one_label_more_than_the_suffix)
{
    static const char *const pairs[][2] = {
        { "a.b.example.com", "example.com" }, { "example.com", "example.com" },
        { "x.example.co.uk", "example.co.uk" }, { "com", NULL },
        { "co.uk", NULL }, { "localhost", NULL }, { "10.0.0.1", NULL },
        { "a.b.run.app", "b.run.app" }, { "run.app", NULL },
        { "x.ns.svc.cluster.local", "ns.svc.cluster.local" }, { ".com", NULL },
        { "example.com.", NULL },
    };

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        const char *got = realm_registrable(pairs[i][0]);

        cr_expect(str_eq(got, pairs[i][1]), "%s: %s", pairs[i][0], got);
    }
}
