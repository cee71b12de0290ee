/* Manifests and images: verified, chosen, bounded. */
#include "registry-rig.h"

#define CONFIG "{\"architecture\":\"amd64\",\"os\":\"linux\"}"
#define OCI    "application/vnd.oci.image."

/* A small repository whose digests are computed, not written down. */
static struct {
    char *manifest, *index, *nested;
    struct digest config, manifest_digest, index_digest;
    bool spoil_manifest, spoil_config;
    unsigned depth;
} repo;

static void
make_repo(void)
{
    repo.config = digest_of(bytes_str(CONFIG));
    repo.manifest = xasprintf(
        "{\"schemaVersion\":2,\"mediaType\":\"" OCI "manifest.v1+json\","
        "\"config\":{\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"%s\","
        "\"size\":%zu},\"layers\":[]}", repo.config.text, strlen(CONFIG));
    repo.manifest_digest = digest_of(bytes_str(repo.manifest));
    repo.index = xasprintf(
        "{\"schemaVersion\":2,\"mediaType\":\"" OCI "index.v1+json\","
        "\"manifests\":[{\"mediaType\":\"" OCI "manifest.v1+json\",\"digest\":"
        "\"sha256:%064d\",\"size\":7,\"platform\":{\"os\":\"linux\","
        "\"architecture\":\"arm64\"}},{\"mediaType\":\"" OCI
        "manifest.v1+json\",\"digest\":\"%s\",\"size\":%zu,\"platform\":{"
        "\"os\":\"linux\",\"architecture\":\"amd64\"}}]}",
        0, repo.manifest_digest.text, strlen(repo.manifest));
    repo.index_digest = digest_of(bytes_str(repo.index));
}

static void
say_manifest(struct httpd_ex *ex, const char *what)
{
    const char *type = strstr(what, "index.v1") != NULL
                           ? OCI "index.v1+json"
                           : OCI "manifest.v1+json";

    say(ex, 200, "Content-Type", type, what);
}

static void
serve(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    auto_free char *by_digest = xasprintf("/v2/team/app/manifests/%s",
                                          repo.manifest_digest.text);
    auto_free char *config = xasprintf("/v2/team/app/blobs/%s",
                                       repo.config.text);

    (void)p;
    if (str_eq(req->target, by_digest))
        say_manifest(ex, repo.spoil_manifest ? repo.index : repo.manifest);
    else if (str_eq(req->target, "/v2/team/app/manifests/multi"))
        say_manifest(ex, repo.index);
    else if (str_eq(req->target, "/v2/team/app/manifests/single"))
        say_manifest(ex, repo.manifest);
    else if (str_eq(req->target, config))
        say(ex, 200, NULL, NULL,
            repo.spoil_config ? "{\"architecture\":\"amd64\",\"os\":\"linus\"}"
                              : CONFIG);
    else
        say(ex, 404, NULL, NULL,
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":"
            "\"manifest unknown\"}]}");
}

static struct registry *
scene(struct rig *rig)
{
    make_repo();
    rig_init(rig);
    rig_peer(rig, 0, serve);
    return rig_login(rig, NULL, rig->peers[0].host, NULL, NULL);
}

static void
end(struct rig *rig, struct registry *r)
{
    free(repo.manifest);
    free(repo.index);
    registry_unref(r);
    rig_clear(rig);
}

Test(image, the_bytes_of_a_manifest_are_kept_and_hashed)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    rig_manifest(&rig, r, "team/app", "single");
    rig_expect_ok(&rig);
    cr_expect(bytes_is(buf_bytes(&rig.bytes), repo.manifest));
    cr_expect(digest_eq(&rig.digest, &repo.manifest_digest));
    end(&rig, r);
}

Test(image, an_index_leads_to_the_platforms_config)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    rig_image(&rig, r, "team/app", "multi");
    rig_expect_ok(&rig);
    cr_expect(bytes_is(buf_bytes(&rig.bytes), CONFIG));
    cr_expect_str_eq(rig.digest.text, repo.manifest_digest.text);
    cr_expect_str_eq(rig.index_digest.text, repo.index_digest.text);
    end(&rig, r);
}

Test(image, without_an_index_there_is_no_index_digest)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    rig_image(&rig, r, "team/app", "single");
    rig_expect_ok(&rig);
    cr_expect(bytes_is(buf_bytes(&rig.bytes), CONFIG));
    cr_expect_str_eq(rig.index_digest.text, "");
    end(&rig, r);
}

Test(image, a_manifest_that_is_not_what_its_digest_says_is_refused)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    repo.spoil_manifest = true;
    rig_image(&rig, r, "team/app", "multi");
    rig_expect_error(&rig, "DIGEST_MISMATCH");
    end(&rig, r);
}

Test(image, a_config_that_is_not_what_its_digest_says_is_refused)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    repo.spoil_config = true;
    rig_image(&rig, r, "team/app", "single");
    rig_expect_error(&rig, "DIGEST_MISMATCH");
    end(&rig, r);
}

Test(image, an_unknown_tag_is_an_unknown_image)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    rig_image(&rig, r, "team/app", "nope");
    rig_expect_error(&rig, "IMAGE_UNKNOWN");
    cr_expect_eq(rig.err.kind, ERR_ABSENT);
    cr_expect_eq(rig.peers[0].n, 1);
    end(&rig, r);
}

Test(image, all_four_types_are_asked_for_in_one_line)
{
    static const char *const types[] = {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    };

    for (size_t i = 0; i < N_ELEMENTS(types); i++)
        cr_expect_not_null(strstr(MANIFEST_ACCEPT, types[i]));
}

static const char *body;

static void
say_body(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 200, "Content-Type", OCI "manifest.v1+json", body);
}

static void
expect_refused(const char *text, const char *code)
{
    struct rig rig;
    struct registry *r;

    rig_init(&rig);
    rig_peer(&rig, 0, say_body);
    r = rig_login(&rig, NULL, rig.peers[0].host, NULL, NULL);
    body = text;
    rig_manifest(&rig, r, "team/app", "1.0");
    rig_expect_error(&rig, code);
    registry_unref(r);
    rig_clear(&rig);
}

Test(image, nonsense_is_the_registrys_error_not_the_callers)
{
    expect_refused("", "REGISTRY_ERROR");
    expect_refused("<html>", "REGISTRY_ERROR");
    expect_refused("{\"schemaVersion\":2", "REGISTRY_ERROR");
}

Test(image, a_manifest_above_its_ceiling_is_not_read)
{
    auto_free char *huge = xalloc(MANIFEST_MAX_BYTES + 2);

    memset(huge, ' ', MANIFEST_MAX_BYTES + 1);
    huge[MANIFEST_MAX_BYTES + 1] = '\0';
    expect_refused(huge, "REGISTRY_ERROR");
}

Test(image, names_that_are_none_are_not_sent)
{
    static const char *const pairs[][2] = {
        { "../x", "latest" }, { "team/app", "a/b" }, { "team/app", "" },
        { "team/app", "sha256:abc" }, { "", "latest" }, { "a?b", "latest" },
    };

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        struct rig rig;
        struct registry *r = scene(&rig);

        rig_manifest(&rig, r, pairs[i][0], pairs[i][1]);
        rig_expect_error(&rig, "INVALID_NAME");
        cr_expect_eq(rig.peers[0].n, 0);
        end(&rig, r);
    }
}

/* --- retries --- */

static unsigned fail_times;
static int fail_status;
static const char *fail_header;

static void
failing(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ < fail_times)
        say(ex, fail_status, "Retry-After", fail_header, "sorry");
    else
        serve(p, ex, req);
}

static void
expect_tries(int status, const char *retry_after, unsigned times,
             const char *code, unsigned n)
{
    struct rig rig;
    struct registry *r = scene(&rig);

    rig.peers[0].answer = failing;
    fail_times = times;
    fail_status = status;
    fail_header = retry_after;
    rig_manifest(&rig, r, "team/app", "single");
    if (code == NULL)
        rig_expect_ok(&rig);
    else
        rig_expect_error(&rig, code);
    cr_expect_eq(rig.peers[0].n, n, "%d: %u requests", status, rig.peers[0].n);
    end(&rig, r);
}

Test(retry, passing_trouble_is_waited_out)
{
    static const int statuses[] = { 408, 425, 429, 500, 502, 503, 504 };

    for (size_t i = 0; i < N_ELEMENTS(statuses); i++)
        expect_tries(statuses[i], "0", 2, NULL, 3);
}

Test(retry, four_times_and_no_more)
{
    expect_tries(503, "0", 99, "REGISTRY_ERROR", 5);
    expect_tries(429, "0", 99, "REGISTRY_RATE_LIMITED", 5);
}

Test(retry, lasting_trouble_is_not)
{
    expect_tries(400, "0", 99, "REGISTRY_ERROR", 1);
    expect_tries(403, "0", 99, "REGISTRY_DENIED", 1);
    expect_tries(404, "0", 99, "IMAGE_UNKNOWN", 1);
    expect_tries(501, "0", 99, "REGISTRY_ERROR", 1);
}

Test(retry, a_long_retry_after_is_handed_to_the_caller)
{
    expect_tries(429, "61", 99, "REGISTRY_RATE_LIMITED", 1);
}

Test(retry, a_closed_port_is_unreachable)
{
    struct rig rig;
    struct registry *r = scene(&rig);
    struct registry *gone;
    auto_free char *host = xstrdup(rig.peers[0].host);

    httpd_free(rig.peers[0].httpd);
    rig.peers[0].httpd = NULL;
    rig.conf.registry_retries = 1;
    gone = rig_login(&rig, NULL, host, NULL, NULL);
    rig_manifest(&rig, gone, "team/app", "single");
    rig_expect_error(&rig, "REGISTRY_UNREACHABLE");
    cr_expect_eq(rig.err.kind, ERR_NET);
    registry_unref(gone);
    free(rig.peers[0].host);
    free(rig.peers[0].origin);
    end(&rig, r);
}
