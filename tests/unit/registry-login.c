/* The 401 dance: who gets which credentials, and how often. */
#include "base/clock.h"
#include "registry-rig.h"

#define MANIFEST \
    "{\"schemaVersion\":2,\"mediaType\":" \
    "\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":" \
    "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:" \
    "02d8e4f65c9e9a4432b925fc6f69df601c0016bd7556ee17d46c07fcef2c538d\"," \
    "\"size\":500},\"layers\":[]}"

static void
say_manifest(struct httpd_ex *ex)
{
    say(ex, 200, "Content-Type",
        "application/vnd.oci.image.manifest.v1+json", MANIFEST);
}

/* --- Basic --- */

static void
basic_registry(struct peer *p, struct httpd_ex *ex,
               const struct httpd_request *req)
{
    (void)p;
    if (!str_eq(login_of(req), BASIC_USER_SECRET))
        challenge(ex, "Basic realm=\"basic-realm\"");
    else
        say_manifest(ex);
}

Test(login, basic_comes_after_the_challenge_then_at_once)
{
    struct rig rig;
    struct peer *p;
    struct registry *r;

    rig_init(&rig);
    p = rig_peer(&rig, 0, basic_registry);
    r = rig_login(&rig, "harbor-cr", p->host, "user", "secret");
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_ok(&rig);
    cr_assert_eq(p->n, 2);
    cr_expect_null(p->login[0]);
    cr_expect_str_eq(p->login[1], BASIC_USER_SECRET);
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_ok(&rig);
    cr_assert_eq(p->n, 3);
    cr_expect_str_eq(p->login[2], BASIC_USER_SECRET);
    registry_unref(r);
    rig_clear(&rig);
}

Test(login, a_wrong_password_is_shown_once)
{
    struct rig rig;
    struct peer *p;
    struct registry *r;

    rig_init(&rig);
    p = rig_peer(&rig, 0, basic_registry);
    r = rig_login(&rig, "harbor-cr", p->host, "user", "wrong");
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "REGISTRY_UNAUTHORIZED");
    cr_expect_eq(rig.err.peer_status, 401);
    cr_expect_null(strstr(rig.err.text, "wrong"));
    cr_expect_eq(p->n, 2);
    registry_unref(r);
    rig_clear(&rig);
}

Test(login, an_anonymous_login_has_nothing_to_show)
{
    struct rig rig;
    struct peer *p;
    struct registry *r;

    rig_init(&rig);
    p = rig_peer(&rig, 0, basic_registry);
    p->no_login = true;
    r = rig_login(&rig, NULL, p->host, NULL, NULL);
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "REGISTRY_UNAUTHORIZED");
    cr_expect_eq(p->n, 1);
    registry_unref(r);
    rig_clear(&rig);
}

static void
digest_registry(struct peer *p, struct httpd_ex *ex,
                const struct httpd_request *req)
{
    (void)p;
    (void)req;
    challenge(ex, "Digest realm=\"d\",nonce=\"n\"");
}

Test(login, a_foreign_scheme_is_named_as_unsupported)
{
    struct rig rig;
    struct peer *p;
    struct registry *r;

    rig_init(&rig);
    p = rig_peer(&rig, 0, digest_registry);
    p->no_login = true;
    r = rig_login(&rig, NULL, p->host, "user", "secret");
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "UNSUPPORTED_AUTH");
    registry_unref(r);
    rig_clear(&rig);
}

/* --- Bearer --- */

/* What the token server of a test says, and what its registry wants. */
static struct {
    const char *answer; /* body of a 200 */
    int status;         /* unless 0 */
    const char *wanted; /* "Bearer t1" */
    const char *scope;  /* ",scope=..." of the challenge */
    const char *realm;  /* of the challenge; NULL: peer 1 */
} scene;

static void
token_server(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    if (scene.status != 0)
        say(ex, scene.status, "Retry-After", "120",
            "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"incorrect "
            "username or password\"}]}");
    else
        say(ex, 200, "Content-Type", "application/json", scene.answer);
}

static void
bearer_registry(struct peer *p, struct httpd_ex *ex,
                const struct httpd_request *req)
{
    auto_free char *text = NULL, *realm = NULL;

    if (str_eq(login_of(req), scene.wanted)) {
        say_manifest(ex);
        return;
    }
    realm = scene.realm != NULL
                ? xstrdup(scene.realm)
                : xasprintf("%s/token", p->rig->peers[1].origin);
    text = xasprintf("Bearer realm=\"%s\",service=\"test registry\"%s", realm,
                     scene.scope);
    challenge(ex, text);
}

static struct registry *
bearer_scene(struct rig *rig, const char *answer)
{
    scene.answer = answer;
    scene.wanted = "Bearer t1";
    scene.scope = ",scope=\"repository:team/app:pull\"";
    rig_init(rig);
    rig_peer(rig, 0, bearer_registry);
    rig_peer(rig, 1, token_server);
    return rig_login(rig, "harbor-cr", rig->peers[0].host, "user", "secret");
}

static void
end_scene(struct rig *rig, struct registry *r)
{
    registry_unref(r);
    rig_clear(rig);
}

Test(login, the_token_is_asked_for_with_basic_and_the_challenges_scope)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"t1\"}");
    struct peer *registry = &rig.peers[0], *tokens = &rig.peers[1];

    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_ok(&rig);
    cr_assert_eq(tokens->n, 1);
    cr_expect_str_eq(tokens->asked[0],
                     "GET /token?service=test%20registry&scope=repository:team/"
                     "app:pull&client_id=crab&account=user");
    cr_expect_str_eq(tokens->login[0], BASIC_USER_SECRET);
    cr_assert_eq(registry->n, 2);
    cr_expect_null(registry->login[0]);
    cr_expect_str_eq(registry->login[1], "Bearer t1");
    end_scene(&rig, r);
}

Test(login, a_token_serves_the_next_request_at_once)
{
    struct rig rig;
    struct registry *r =
        bearer_scene(&rig, "{\"token\":\"t1\",\"expires_in\":300}");

    rig_manifest(&rig, r, "team/app", "1.0");
    rig_manifest(&rig, r, "team/app", "2.0");
    rig_expect_ok(&rig);
    cr_expect_eq(rig.peers[1].n, 1);
    cr_assert_eq(rig.peers[0].n, 3);
    cr_expect_str_eq(rig.peers[0].login[2], "Bearer t1");
    end_scene(&rig, r);
}

Test(login, two_logins_at_one_host_share_no_token)
{
    struct rig rig;
    struct registry *r =
        bearer_scene(&rig, "{\"token\":\"t1\",\"expires_in\":300}");
    struct registry *other =
        rig_login(&rig, "harbor-cr", rig.peers[0].host, "user", "other");

    rig_manifest(&rig, r, "team/app", "1.0");
    rig_manifest(&rig, other, "team/app", "1.0");
    rig_expect_ok(&rig);
    cr_assert_eq(rig.peers[1].n, 2);
    cr_expect_str_neq(rig.peers[1].login[1], BASIC_USER_SECRET);
    cr_expect_null(rig.peers[0].login[2], "no token before the challenge");
    cr_expect_str_neq(registry_fingerprint(r), registry_fingerprint(other));
    registry_unref(other);
    end_scene(&rig, r);
}

Test(login, an_anonymous_token_is_asked_for_without_login)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"t1\"}");
    struct registry *nobody =
        rig_login(&rig, NULL, rig.peers[0].host, NULL, NULL);

    rig.peers[1].no_login = true;
    rig_manifest(&rig, nobody, "team/app", "1.0");
    rig_expect_ok(&rig);
    cr_expect_null(strstr(rig.peers[1].asked[0], "account"));
    registry_unref(nobody);
    end_scene(&rig, r);
}

Test(login, the_first_token_that_is_not_empty_is_taken)
{
    static const char *const answers[] = {
        "{\"access_token\":\"t1\"}",
        "{\"token\":\"t1\",\"access_token\":\"\"}",
        "{\"token\":\"\",\"access_token\":\"t1\"}",
        "{\"token\":\"t1\",\"access_token\":\"t2\",\"issued_at\":\"rubbish\"}",
    };

    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        struct rig rig;
        struct registry *r = bearer_scene(&rig, answers[i]);

        rig_manifest(&rig, r, "team/app", "1.0");
        rig_expect_ok(&rig);
        end_scene(&rig, r);
    }
}

Test(login, a_token_answer_without_token_is_the_servers_fault)
{
    static const char *const answers[] = {
        "{}", "[]", "", "{\"token\":7}", "{\"token\":\"a b\"}",
        "{\"token\":\"a\\r\\nX: y\"}",
    };

    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        struct rig rig;
        struct registry *r = bearer_scene(&rig, answers[i]);

        rig_manifest(&rig, r, "team/app", "1.0");
        rig_expect_error(&rig, "REGISTRY_ERROR");
        end_scene(&rig, r);
    }
}

Test(login, a_realm_with_a_query_keeps_it)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"t1\"}");
    auto_free char *realm = xasprintf("%s/token?tenant=a", rig.peers[1].origin);

    scene.realm = realm;
    rig_manifest(&rig, r, "team/app", "1.0");
    scene.realm = NULL;
    rig_expect_ok(&rig);
    cr_expect(str_starts(rig.peers[1].asked[0],
                         "GET /token?tenant=a&service=test%20registry&"));
    end_scene(&rig, r);
}

Test(login, a_foreign_realm_never_hears_of_us)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"t1\"}");
    auto_free char *realm =
        xasprintf("http://localhost:%u/token", httpd_port(rig.peers[1].httpd));

    scene.realm = realm;
    rig_manifest(&rig, r, "team/app", "1.0");
    scene.realm = NULL;
    rig_expect_error(&rig, "REALM_REFUSED");
    cr_expect_not_null(strstr(rig.err.text, "localhost"));
    cr_expect_eq(rig.peers[1].n, 0);
    end_scene(&rig, r);
}

Test(login, a_refused_password_at_the_token_server_is_final)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "");

    scene.status = 401;
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "REGISTRY_UNAUTHORIZED");
    cr_expect_not_null(strstr(rig.err.text, "incorrect username or password"));
    cr_expect_eq(rig.peers[1].n, 1);
    end_scene(&rig, r);
}

Test(login, a_token_server_that_wants_long_rest_gets_it)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "");

    scene.status = 429;
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "REGISTRY_RATE_LIMITED");
    cr_expect_eq(rig.err.retry_after_s, 120);
    cr_expect_eq(rig.peers[1].n, 1);
    end_scene(&rig, r);
}

Test(login, a_refused_cached_token_is_renewed_once)
{
    struct rig rig;
    struct registry *r =
        bearer_scene(&rig, "{\"token\":\"t1\",\"expires_in\":300}");

    rig_manifest(&rig, r, "team/app", "1.0");
    scene.answer = "{\"token\":\"t2\",\"expires_in\":300}";
    scene.wanted = "Bearer t2";
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_ok(&rig);
    cr_expect_eq(rig.peers[1].n, 2);
    cr_expect_eq(rig.peers[0].n, 4);
    end_scene(&rig, r);
}

Test(login, a_refused_new_token_is_final)
{
    struct rig rig;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"other\"}");

    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "REGISTRY_UNAUTHORIZED");
    cr_expect_eq(rig.peers[1].n, 1);
    cr_expect_eq(rig.peers[0].n, 2);
    end_scene(&rig, r);
}

Test(login, a_token_is_used_no_longer_than_it_lives)
{
    static const struct {
        const char *answer;
        unsigned use_s, not_s; /* still used, no longer used after so long */
    } lives[] = {
        { "{\"token\":\"t1\"}", 25, 35 },                       /* 60: half */
        { "{\"token\":\"t1\",\"expires_in\":300}", 265, 275 },  /* minus 30 */
        { "{\"token\":\"t1\",\"expires_in\":300,\"issued_at\":"
          "\"2026-11-24T00:16:57Z\"}", 145, 155 }, /* two minutes old */
    };

    for (size_t i = 0; i < N_ELEMENTS(lives); i++) {
        struct rig rig;
        struct registry *r;

        clock_freeze(1795479537000); /* 2026-11-24T00:18:57Z */
        r = bearer_scene(&rig, lives[i].answer);
        rig.frozen = true;
        rig_manifest(&rig, r, "team/app", "1.0");
        clock_advance(lives[i].use_s * 1000);
        rig_manifest(&rig, r, "team/app", "1.0");
        cr_expect_eq(rig.peers[1].n, 1, "%zu: fetched again too early", i);
        clock_advance((lives[i].not_s - lives[i].use_s) * 1000);
        rig_manifest(&rig, r, "team/app", "1.0");
        cr_expect_eq(rig.peers[1].n, 2, "%zu: used for too long", i);
        end_scene(&rig, r);
    }
}

Test(login, who_waits_for_the_same_token_shares_one_request)
{
    struct rig rig, second;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"t1\"}");

    memset(&second, 0, sizeof(second));
    buf_init(&second.bytes, 1 << 20);
    registry_manifest(r, "team/app", "1.0", rig_on_manifest, &second);
    rig_manifest(&rig, r, "team/app", "2.0");
    while (!second.done)
        rig_turn(&rig);
    rig_expect_ok(&rig);
    rig_expect_ok(&second);
    cr_expect_eq(rig.peers[1].n, 1);
    buf_clear(&second.bytes);
    end_scene(&rig, r);
}

Test(login, a_cancelled_request_calls_nobody)
{
    struct rig rig, gone;
    struct registry *r = bearer_scene(&rig, "{\"token\":\"t1\"}");
    struct reg_op *op;

    memset(&gone, 0, sizeof(gone));
    op = registry_manifest(r, "team/app", "1.0", rig_on_manifest, &gone);
    while (rig.peers[1].n == 0)
        rig_turn(&rig);
    reg_op_cancel(op);
    rig_manifest(&rig, r, "team/app", "2.0");
    rig_expect_ok(&rig);
    cr_expect_not(gone.done);
    end_scene(&rig, r);
}

/* --- flavours --- */

/* Gives tokens, and then wants Basic. */
static void
fickle_registry(struct peer *p, struct httpd_ex *ex,
                const struct httpd_request *req)
{
    auto_free char *text = NULL;

    if (asks(req, "/v2/token")) {
        say(ex, 200, NULL, NULL, "{\"token\":\"t1\"}");
    } else if (str_eq(login_of(req), BASIC_USER_SECRET)) {
        say_manifest(ex);
    } else {
        text = xasprintf("Bearer realm=\"%s/v2/token\",service=\"s\"",
                         p->origin);
        challenge(ex, text);
    }
}

Test(login, artifactory_and_nexus_try_basic_after_a_refused_token)
{
    static const char *const types[] = { "artifactory-cr", "nexus-cr" };

    for (size_t i = 0; i < N_ELEMENTS(types); i++) {
        struct rig rig;
        struct peer *p;
        struct registry *r;

        rig_init(&rig);
        p = rig_peer(&rig, 0, fickle_registry);
        r = rig_login(&rig, types[i], p->host, "user", "secret");
        rig_manifest(&rig, r, "team/app", "1.0");
        rig_expect_ok(&rig);
        cr_assert_eq(p->n, 4);
        /* No scope in the challenge: ours is sent. */
        cr_expect_not_null(strstr(p->asked[1], "scope=repository:team/app:pull"));
        cr_expect_str_eq(p->login[2], "Bearer t1");
        cr_expect_str_eq(p->login[3], BASIC_USER_SECRET);
        rig_manifest(&rig, r, "team/app", "1.0");
        cr_expect_eq(p->n, 5, "the second time Basic goes first");
        registry_unref(r);
        rig_clear(&rig);
    }
}

Test(login, others_do_not_show_the_password_after_a_refused_token)
{
    struct rig rig;
    struct peer *p;
    struct registry *r;

    rig_init(&rig);
    p = rig_peer(&rig, 0, fickle_registry);
    r = rig_login(&rig, "harbor-cr", p->host, "user", "secret");
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, "REGISTRY_UNAUTHORIZED");
    cr_expect_eq(p->n, 3);
    cr_expect_null(strstr(p->asked[1], "scope="));
    registry_unref(r);
    rig_clear(&rig);
}

static void
refresh_realm(struct peer *p, struct httpd_ex *ex,
              const struct httpd_request *req);

static void
on_refresh_body(struct bytes body, void *arg)
{
    struct httpd_ex *ex = arg;
    auto_free char *text = bytes_dup(body);

    cr_expect_str_eq(text, "grant_type=refresh_token&service=s&client_id=crab&"
                           "scope=repository:team/app:pull&refresh_token=a%2Bb");
    say(ex, 200, NULL, NULL, "{\"access_token\":\"t1\"}");
}

static void
refresh_realm(struct peer *p, struct httpd_ex *ex,
              const struct httpd_request *req)
{
    auto_free char *text = NULL;

    if (asks(req, "/oauth2/token")) {
        cr_expect_str_eq(req->method, "POST");
        cr_expect_str_eq(login_of(req), "");
        httpd_read_body(ex, 0, false, on_refresh_body, ex);
    } else if (str_eq(login_of(req), "Bearer t1")) {
        say_manifest(ex);
    } else {
        text = xasprintf("Bearer realm=\"%s/oauth2/token\",service=\"s\","
                         "scope=\"repository:team/app:pull\"", p->origin);
        challenge(ex, text);
    }
}

Test(login, the_null_guid_of_acr_posts_its_refresh_token)
{
    struct rig rig;
    struct peer *p;
    struct registry *r;

    rig_init(&rig);
    p = rig_peer(&rig, 0, refresh_realm);
    r = rig_login(&rig, "acr", p->host, "00000000-0000-0000-0000-000000000000",
                  "a+b");
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_ok(&rig);
    registry_unref(r);
    rig_clear(&rig);
}
