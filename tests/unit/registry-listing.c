/* Listings and checks of a login over the wire. The pager's rules are tested
 * one by one in registry-page.c. */
#include "registry-rig.h"

static struct registry *
scene(struct rig *rig, const char *type, peer_answer answer)
{
    rig_init(rig);
    rig_peer(rig, 0, answer);
    return rig_login(rig, type, rig->peers[0].host, "user", "secret");
}

static void
end(struct rig *rig, struct registry *r)
{
    registry_unref(r);
    rig_clear(rig);
}

static void
three_pages(struct peer *p, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    (void)p;
    if (str_eq(req->target, "/v2/_catalog?n=100"))
        say(ex, 200, "Link", "</v2/_catalog?last=b&n=2>; rel=\"next\"",
            "{\"repositories\":[\"a\",\"b\"]}");
    else if (str_eq(req->target, "/v2/_catalog?last=b&n=2"))
        say(ex, 200, "Link", "</v2/_catalog?last=c&n=2>; rel=\"next\"",
            "{\"repositories\":[\"c\"]}");
    else if (str_eq(req->target, "/v2/_catalog?last=c&n=2") && p->count == 0)
        say(ex, 200, NULL, NULL, "{\"repositories\":[\"d\"]}");
    else
        say(ex, 404, NULL, NULL, "");
}

Test(listing, pages_become_one_list)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", three_pages);

    rig_catalog(&rig, r);
    rig_expect_ok(&rig);
    cr_expect_str_eq(rig.names, "a,b,c,d");
    end(&rig, r);
}

Test(listing, an_error_on_a_later_page_fails_it_all)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", three_pages);

    rig.peers[0].count = 1;
    rig_catalog(&rig, r);
    rig_expect_error(&rig, "NOT_FOUND");
    cr_expect_str_eq(rig.names, "");
    end(&rig, r);
}

static void
no_n(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    if (req->query[0] != '\0')
        say(ex, 400, NULL, NULL,
            "{\"errors\":[{\"code\":\"PAGINATION_NUMBER_INVALID\"}]}");
    else
        say(ex, 200, "Content-Type", "text/plain",
            "{\"name\":\"team/app\",\"tags\":[\"1.0\",\"latest\"]}");
}

Test(listing, a_registry_that_refuses_n_is_asked_without)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", no_n);

    rig_tags(&rig, r, "team/app");
    rig_expect_ok(&rig);
    cr_expect_str_eq(rig.names, "1.0,latest");
    cr_assert_eq(rig.peers[0].n, 2);
    cr_expect_str_eq(rig.peers[0].asked[0], "GET /v2/team/app/tags/list?n=1000");
    cr_expect_str_eq(rig.peers[0].asked[1], "GET /v2/team/app/tags/list");
    end(&rig, r);
}

static void
empty_tags(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 200, NULL, NULL, "{\"name\":\"team/app\",\"tags\":null}");
}

Test(listing, null_tags_are_none)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", empty_tags);

    rig_tags(&rig, r, "team/app");
    rig_expect_ok(&rig);
    cr_expect_str_eq(rig.names, "");
    end(&rig, r);
}

static void
to_landing(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 302, "Location", "https://landing.jfrog.com/reactivate", "");
}

Test(listing, a_redirect_to_a_landing_page_is_an_error_that_says_so)
{
    struct rig rig;
    struct registry *r = scene(&rig, "artifactory-cr", to_landing);

    rig_catalog(&rig, r);
    rig_expect_error(&rig, "REGISTRY_ERROR");
    cr_expect_not_null(strstr(rig.err.text, "deactivated"));
    end(&rig, r);
}

Test(listing, types_without_a_catalog_have_an_empty_one)
{
    static const char *const types[] = { "github-cr", "gitlab-cr" };

    for (size_t i = 0; i < N_ELEMENTS(types); i++) {
        struct rig rig;
        struct registry *r = scene(&rig, types[i], three_pages);

        rig_catalog(&rig, r);
        rig_expect_ok(&rig);
        cr_expect_str_eq(rig.names, "");
        cr_expect_eq(rig.peers[0].n, 0);
        end(&rig, r);
    }
}

static void
acme_catalog(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    if (asks(req, "/v2/_catalog"))
        say(ex, 200, NULL, NULL,
            "{\"repositories\":[\"acme/app\",\"other/app\"]}");
    else if (asks(req, "/v2/acme/app/tags/list"))
        say(ex, 200, NULL, NULL, "{\"tags\":[\"1\"]}");
    else
        say(ex, 404, NULL, NULL, "");
}

Test(listing, a_path_that_is_a_name_filters_and_completes)
{
    struct rig rig;
    struct registry *r;
    auto_free char *base = NULL;

    rig_init(&rig);
    rig_peer(&rig, 0, acme_catalog);
    base = xasprintf("%s/acme/", rig.peers[0].host);
    r = rig_login(&rig, "digitalocean-cr", base, "t", "t");
    rig_catalog(&rig, r);
    rig_expect_ok(&rig);
    cr_expect_str_eq(rig.names, "acme/app");
    rig_tags(&rig, r, "app");
    rig_expect_ok(&rig);
    rig_tags(&rig, r, "acme/app");
    rig_expect_ok(&rig);
    cr_expect_str_eq(rig.names, "1");
    end(&rig, r);
}

static void
prefixed(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    if (str_eq(req->target, "/artifactory/api/docker/d/v2/_catalog?n=100"))
        say(ex, 200, "Link", "</v2/_catalog?last=a&n=1>; rel=\"next\"",
            "{\"repositories\":[\"a\"]}");
    else if (str_eq(req->target,
                    "/artifactory/api/docker/d/v2/_catalog?last=a&n=1"))
        say(ex, 200, NULL, NULL, "{\"repositories\":[\"b\"]}");
    else
        say(ex, 404, NULL, NULL, "");
}

Test(listing, a_path_in_the_address_stays_in_front)
{
    struct rig rig;
    struct registry *r;
    auto_free char *base = NULL;

    rig_init(&rig);
    rig_peer(&rig, 0, prefixed);
    base = xasprintf("%s/artifactory/api/docker/d", rig.peers[0].host);
    r = rig_login(&rig, "artifactory-cr", base, "u", "p");
    rig_catalog(&rig, r);
    rig_expect_ok(&rig);
    cr_expect_str_eq(rig.names, "a,b");
    end(&rig, r);
}

Test(listing, an_unknown_repository_is_told_as_one)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", three_pages);

    rig_tags(&rig, r, "no/such");
    rig_expect_error(&rig, "REPOSITORY_UNKNOWN");
    end(&rig, r);
}

/* --- is this login good? --- */

static struct {
    int anonymous;  /* what a ping without login gets */
    int basic;      /* with the right Basic */
    int wrong;      /* with another Basic */
    int catalog;    /* the catalog with the right Basic */
    bool not_found; /* nothing is here */
} door;

static void
doorkeeper(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    const char *login = login_of(req);
    int status = login[0] == '\0' ? door.anonymous : door.wrong;

    (void)p;
    if (str_eq(login, BASIC_USER_SECRET))
        status = asks(req, "/v2/_catalog") ? door.catalog : door.basic;
    if (status == 401)
        challenge(ex, "Basic realm=\"r\"");
    else
        say(ex, status, NULL, NULL, "{\"repositories\":[]}");
}

static void
check(const char *password, const char *code, unsigned n)
{
    struct rig rig;
    struct registry *r;

    rig_init(&rig);
    rig_peer(&rig, 0, doorkeeper);
    r = rig_login(&rig, "harbor-cr", rig.peers[0].host,
                  password != NULL ? "user" : NULL, password);
    rig_validate(&rig, r);
    if (code == NULL)
        rig_expect_ok(&rig);
    else
        rig_expect_error(&rig, code);
    cr_expect_eq(rig.peers[0].n, n, "%u requests", rig.peers[0].n);
    end(&rig, r);
}

Test(validate, a_challenged_ping_tests_the_password)
{
    door.anonymous = 401;
    door.basic = 200;
    door.wrong = 401;
    check("secret", NULL, 3);
    check("wrong", "REGISTRY_UNAUTHORIZED", 3);
    check(NULL, "REGISTRY_UNAUTHORIZED", 2);
}

Test(validate, an_open_ping_proves_nothing)
{
    door.anonymous = 200;
    door.basic = 200;
    door.wrong = 401;
    door.catalog = 200;
    check("secret", NULL, 3);
    check("wrong", "REGISTRY_UNAUTHORIZED", 2);
    check(NULL, NULL, 1);
}

/* The ping never looks at the password, the catalog does. */
static void
careless(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    if (!asks(req, "/v2/_catalog"))
        say(ex, 200, NULL, NULL, "{}");
    else if (str_eq(login_of(req), BASIC_USER_SECRET))
        say(ex, 200, NULL, NULL, "{\"repositories\":[]}");
    else
        challenge(ex, "Basic realm=\"r\"");
}

Test(validate, a_careless_ping_is_checked_at_the_catalog)
{
    struct rig rig;
    struct registry *r = scene(&rig, "nexus-cr", careless);
    struct registry *wrong =
        rig_login(&rig, "nexus-cr", rig.peers[0].host, "user", "wrong");

    rig_validate(&rig, r);
    rig_expect_ok(&rig);
    rig_validate(&rig, wrong);
    rig_expect_error(&rig, "REGISTRY_UNAUTHORIZED");
    registry_unref(wrong);
    end(&rig, r);
}

Test(validate, a_login_that_may_not_list_is_good)
{
    static const int statuses[] = { 403, 404, 405 };

    for (size_t i = 0; i < N_ELEMENTS(statuses); i++) {
        door.anonymous = door.basic = 200;
        door.catalog = statuses[i];
        check("secret", NULL, 3);
    }
    door.catalog = 401;
    check("secret", "REGISTRY_UNAUTHORIZED", 3);
}

Test(validate, what_is_no_registry_is_told)
{
    door.anonymous = 404;
    check("secret", "REGISTRY_ERROR", 1);
}

static void
silent(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)req;
    p->held = ex;
}

static void
on_validated(const struct err *err, void *arg)
{
    struct rig *rig = arg;

    rig->done = true;
    rig->err = *err;
}

Test(validate, a_silent_registry_is_given_up_in_time)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", silent);

    registry_validate(r, 20, on_validated, &rig);
    while (!rig.done)
        rig_turn(&rig);
    rig_expect_error(&rig, "REGISTRY_TIMEOUT");
    end(&rig, r);
}

Test(validate, a_ping_only_looks_for_a_registry)
{
    struct rig rig;
    struct registry *r = scene(&rig, "harbor-cr", doorkeeper);

    rig.peers[0].no_login = true;
    door.anonymous = 401;
    rig_ping(&rig, r);
    rig_expect_ok(&rig);
    door.anonymous = 404;
    rig_ping(&rig, r);
    rig_expect_error(&rig, "REGISTRY_ERROR");
    cr_expect_eq(rig.peers[0].n, 2);
    end(&rig, r);
}
