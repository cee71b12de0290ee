/* What a login's type and base mean, before anything is asked. */
#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/registry/registry-private.h"

struct door {
    struct conf conf;
    struct loop *loop;
    struct reg_hub *hub;
};

static void
open_door(struct door *d, const char *allow_http)
{
    d->conf = (struct conf){ .allow_http = (char *)allow_http };
    d->loop = loop_new(NULL);
    d->hub = reg_hub_new(d->loop, &d->conf, NULL, NULL);
}

static void
close_door(struct door *d)
{
    reg_hub_free(d->hub);
    loop_free(d->loop);
}

static struct registry *
enter(struct door *d, const char *type, const char *base, struct err *err)
{
    struct reg_login login = { .type = type, .base = base };

    return registry_new(d->hub, &login, err);
}

static void
expect(const char *type, const char *base, const char *allow_http,
       const char *canonical, const char *shown, const char *ping)
{
    struct door d;
    struct err err = { 0 };
    struct registry *r;
    auto_free char *url = NULL;

    open_door(&d, allow_http);
    r = enter(&d, type, base, &err);
    cr_assert_not_null(r, "%s: %s", base, err.text);
    url = reg_url(r, "%s", "");
    cr_expect_str_eq(registry_type(r), canonical);
    cr_expect_str_eq(registry_base(r), shown);
    cr_expect_str_eq(url, ping);
    registry_unref(r);
    close_door(&d);
}

static void
expect_refused(const char *type, const char *base, enum err_kind kind,
               const char *text)
{
    struct door d;
    struct err err = { 0 };

    open_door(&d, NULL);
    cr_assert_null(enter(&d, type, base, &err), "%s", base);
    cr_expect_eq(err.kind, kind, "%s: %s", base, err_kind_name(err.kind));
    cr_expect_not_null(strstr(err.text, text), "%s", err.text);
    close_door(&d);
}

Test(door, the_base_is_read_in_every_spelling)
{
    expect("harbor-cr", "cr.example.com", NULL, "harbor-cr", "cr.example.com",
           "https://cr.example.com/v2/");
    expect("HarborCR", "https://CR.example.com:8443//", NULL, "harbor-cr",
           "cr.example.com:8443", "https://cr.example.com:8443/v2/");
    expect("nexus-cr", "nexus.example.com/repository/docker/", NULL, "nexus-cr",
           "nexus.example.com/repository/docker",
           "https://nexus.example.com/repository/docker/v2/");
    expect(NULL, "localhost:5000", NULL, "generic", "localhost:5000",
           "https://localhost:5000/v2/");
}

Test(door, plain_http_is_used_where_it_is_allowed)
{
    expect(NULL, "127.0.0.1:5000", "127.0.0.1:5000", "generic",
           "127.0.0.1:5000", "http://127.0.0.1:5000/v2/");
    expect(NULL, "http://127.0.0.1:5000", "127.0.0.1", "generic",
           "127.0.0.1:5000", "http://127.0.0.1:5000/v2/");
    expect(NULL, "https://127.0.0.1:5000", "127.0.0.1", "generic",
           "127.0.0.1:5000", "https://127.0.0.1:5000/v2/");
    expect(NULL, "registry", "registry", "generic", "registry",
           "http://registry/v2/");
    expect(NULL, "other:5000", "127.0.0.1", "generic", "other:5000",
           "https://other:5000/v2/");
    expect_refused(NULL, "http://cr.example.com", ERR_INPUT, "CRAB_ALLOW_HTTP");
}

Test(door, docker_hub_has_many_names_and_one_host)
{
    static const char *const bases[] = {
        "docker.io", "index.docker.io", "registry-1.docker.io",
        "registry.hub.docker.com", "hub.docker.com",
        "https://index.docker.io/v1/", "", NULL,
    };

    for (size_t i = 0; i < N_ELEMENTS(bases); i++)
        expect("docker-hub", bases[i], NULL, "docker-hub",
               "registry-1.docker.io", "https://registry-1.docker.io/v2/");
    expect(NULL, "docker.io", NULL, "docker-hub", "registry-1.docker.io",
           "https://registry-1.docker.io/v2/");
}

Test(door, a_well_known_host_tells_its_type)
{
    expect(NULL, "acme.azurecr.io", NULL, "acr", "acme.azurecr.io",
           "https://acme.azurecr.io/v2/");
    expect(NULL, "ghcr.io", NULL, "github-cr", "ghcr.io",
           "https://ghcr.io/v2/");
    expect(NULL, "eu.gcr.io", NULL, "gcr", "eu.gcr.io",
           "https://eu.gcr.io/v2/");
    expect("generic", "ghcr.io", NULL, "generic", "ghcr.io",
           "https://ghcr.io/v2/");
}

static void
expect_name(const char *type, const char *base, const char *repo,
            const char *full)
{
    struct door d;
    struct registry *r;
    auto_free char *name = NULL;

    open_door(&d, NULL);
    r = enter(&d, type, base, NULL);
    name = registry_repo_name(r, repo);
    cr_expect_str_eq(name, full, "%s %s %s: %s", type, base, repo, name);
    registry_unref(r);
    close_door(&d);
}

Test(door, names_are_completed_as_the_type_wants)
{
    expect_name("docker-hub", "docker.io", "alpine", "library/alpine");
    expect_name("docker-hub", "docker.io", "acme/app", "acme/app");
    expect_name("docker-hub", "own.example.com", "alpine", "alpine");
    expect_name("digitalocean-cr", "registry.digitalocean.com/acme", "app",
                "acme/app");
    expect_name("digitalocean-cr", "registry.digitalocean.com/acme",
                "acme/app", "acme/app");
    expect_name("google-artifact-cr", "us-docker.pkg.dev/proj/repo", "img/x",
                "proj/repo/img/x");
    expect_name("github-cr", "ghcr.io/acme", "app", "acme/app");
    expect_name("harbor-cr", "cr.example.com/path", "app", "app");
}

Test(door, a_name_path_is_no_part_of_the_address)
{
    expect("google-artifact-cr", "us-docker.pkg.dev/proj/repo", NULL,
           "google-artifact-cr", "us-docker.pkg.dev/proj/repo",
           "https://us-docker.pkg.dev/v2/");
}

Test(door, an_unknown_type_is_told_the_twelve)
{
    static const char *const names[] = {
        "artifactory-cr", "harbor-cr", "acr", "gcr", "ecr",
        "google-artifact-cr", "docker-hub", "quay-cr", "nexus-cr", "github-cr",
        "digitalocean-cr", "gitlab-cr",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        expect_refused("zot", "cr.example.com", ERR_INPUT, names[i]);
}

Test(door, ecr_is_refused_in_plain_words)
{
    expect_refused("ecr", NULL, ERR_UNSUPPORTED,
                   "ecr: not supported by this version yet");
    expect_refused("ElasticCR", NULL, ERR_UNSUPPORTED, "not supported");
}

Test(door, a_base_that_is_none_is_refused)
{
    static const char *const bases[] = {
        "", "https://", "user:pass@host", "host/a?b=c", "host#x", "ho st",
        "host:port", "host/../x", "host//x", "ftp://host", "/path",
        "host/%2e%2e", "host\\x",
    };

    for (size_t i = 0; i < N_ELEMENTS(bases); i++)
        expect_refused("harbor-cr", bases[i], ERR_INPUT, "base");
}
