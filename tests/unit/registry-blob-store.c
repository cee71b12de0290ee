/* Blobs that lie in object stores, behind redirects and short-lived tokens. */
#include "registry-blob-rig.h"

static void
redirecting(struct peer *p, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    auto_free char *to = xasprintf("%s/bucket/data?X-Amz-Signature=%u",
                                   p->rig->peers[1].origin, p->count++);

    if (login_of(req)[0] == '\0')
        challenge(ex, "Basic realm=\"r\"");
    else
        say(ex, 307, "Location", to, "");
}

static void
store(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    say_blob(ex, req);
}

Test(blob_store, no_login_follows_to_the_object_store)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_str_eq(rig.peers[0].login[1], BASIC_USER_SECRET);
    cr_assert_eq(rig.peers[1].n, 1);
    cr_expect_str_eq(rig.peers[1].asked[0],
                     "GET /bucket/data?X-Amz-Signature=1");
    end(&rig, r);
}

static void
store_cut(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ == 0)
        say_some(ex, req, 123456);
    else
        say_blob(ex, req);
}

Test(blob_store, a_resume_asks_the_registry_again_and_passes_the_range_on)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store_cut);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 0);
    cr_assert_eq(rig.peers[1].n, 2);
    cr_expect_str_eq(rig.peers[1].range[1], "bytes=123456-");
    cr_expect_str_neq(rig.peers[1].asked[0], rig.peers[1].asked[1],
                      "an old signed address was used again");
    end(&rig, r);
}

static void
store_expired(struct peer *p, struct httpd_ex *ex,
              const struct httpd_request *req)
{
    if (p->count++ == 0)
        say(ex, 403, "Content-Type", "application/xml",
            "<Error><Code>AccessDenied</Code><Message>Request has expired"
            "</Message></Error>");
    else
        say_blob(ex, req);
}

Test(blob_store, an_expired_signature_is_renewed_at_the_registry)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store_expired);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.peers[1].n, 2);
    cr_expect_eq(rig.restarts, 0);
    end(&rig, r);
}

static void
store_absent(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 404, NULL, NULL, "<Error><Code>NoSuchKey</Code></Error>");
}

Test(blob_store, what_the_store_does_not_have_is_unknown)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store_absent);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "IMAGE_UNKNOWN");
    end(&rig, r);
}

static void
circle(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    auto_free char *to = xasprintf("/v2/hop/%u", p->count++);

    (void)req;
    say(ex, 302, "Location", to, "");
}

Test(blob_store, more_than_five_redirects_are_too_many)
{
    struct rig rig;
    struct registry *r = scene(&rig, circle, NULL);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "REGISTRY_ERROR");
    cr_expect_eq(rig.peers[0].n, 6);
    end(&rig, r);
}

static void
within(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    if (login_of(req)[0] == '\0')
        challenge(ex, "Basic realm=\"r\"");
    else if (asks(req, "/v2/"))
        say(ex, 307, "Location", "../../../../moved", "");
    else
        say_blob(ex, req);
}

Test(blob_store, a_redirect_within_the_registry_keeps_the_login)
{
    struct rig rig;
    struct registry *r = scene(&rig, within, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_assert_eq(rig.peers[0].n, 3);
    cr_expect_str_eq(rig.peers[0].asked[2], "GET /moved");
    cr_expect_str_eq(rig.peers[0].login[2], BASIC_USER_SECRET);
    end(&rig, r);
}

static const char *elsewhere;

static void
to_elsewhere(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 307, "Location", elsewhere, "");
}

Test(blob_store, dangerous_places_are_not_visited)
{
    static const char *const places[] = {
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
        "http://[fe80::1]/", "gopher://127.0.0.1/", "http://",
    };

    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        struct rig rig;
        struct registry *r = scene(&rig, to_elsewhere, NULL);

        elsewhere = places[i];
        rig_blob(&rig, r, blob());
        rig_expect_error(&rig, "REGISTRY_ERROR");
        cr_expect_eq(rig.peers[0].n, 1);
        end(&rig, r);
    }
}

/* --- tokens --- */

static void
short_lived(struct peer *p, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    auto_free char *want = xasprintf("Bearer t%u", p->count);
    auto_free char *text = NULL;

    if (asks(req, "/token")) {
        text = xasprintf("{\"token\":\"t%u\",\"expires_in\":300}", ++p->count);
        say(ex, 200, NULL, NULL, text);
    } else if (!str_eq(login_of(req), want)) {
        text = xasprintf("Bearer realm=\"%s/token\",service=\"s\",scope="
                         "\"repository:team/app:pull\"", p->origin);
        challenge(ex, text);
    } else if (p->count == 1) {
        p->count = 7; /* from now on t1 is no good */
        say_some(ex, req, 100000);
    } else {
        say_blob(ex, req);
    }
}

Test(blob_store, a_token_that_dies_in_mid_pull_is_renewed)
{
    struct rig rig;
    struct registry *r = scene(&rig, short_lived, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 0);
    /* challenge, token, part; refused, token, rest */
    cr_assert_eq(rig.peers[0].n, 6);
    cr_expect_str_eq(rig.peers[0].login[5], "Bearer t8");
    cr_expect_str_eq(rig.peers[0].range[5], "bytes=100000-");
    end(&rig, r);
}
