/* The credentials document. The base64 texts are what the classic client
 * really sends for given variables (captured). */
#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/registry/credentials.h"

static struct credentials *
parsed(const char *text)
{
    struct credentials *c = NULL;
    struct err err = { 0 };

    cr_assert_eq(credentials_parse(&c, text, &err), 0, "%s", err.text);
    return c;
}

static void
expect_error(const char *text, const char *code)
{
    struct credentials *c = NULL;
    struct err err = { 0 };

    cr_assert_eq(credentials_parse(&c, text, &err), -1, "%s", text);
    cr_expect_eq(err.kind, ERR_AUTH);
    cr_expect_str_eq(err_code(&err), code, "%s", text);
}

static struct secret *
document(struct conf conf)
{
    struct secret *s = credentials_document(&conf);

    cr_assert_not_null(s);
    return s;
}

static const char plain[] =
    "eyJ0eXBlIjoiaGFyYm9yLWNyIiwgInVzZXJuYW1lIjoidSIsICJwYXNzd29yZCI6InAiLCAi"
    "cmVnaXN0cnlCYXNlIjoiY3IuZXhhbXBsZS5jb20ifQo=";

static void
expect_plain(const char *text)
{
    auto_credentials struct credentials *c = parsed(text);

    cr_expect_str_eq(c->type, "harbor-cr");
    cr_expect_str_eq(c->username, "u");
    cr_expect_str_eq(secret_reveal(c->password), "p");
    cr_expect_str_eq(c->base, "cr.example.com");
}

Test(credentials, a_scheme_word_in_front_is_ignored)
{
    static const char *const words[] = { "", "Bearer ", "basic  ", "TOKEN\t",
                                         "  " };

    for (size_t i = 0; i < N_ELEMENTS(words); i++) {
        auto_free char *text = xasprintf("%s%s", words[i], plain);

        expect_plain(text);
    }
}

Test(credentials, the_json_itself_will_do)
{
    expect_plain("{\"type\":\"harbor-cr\",\"username\":\"u\",\"password\":"
                 "\"p\",\"registryBase\":\"cr.example.com\"}");
}

Test(credentials, quotes_and_backslashes_of_the_classic_client_are_recovered)
{
    auto_credentials struct credentials *c = parsed(
        "eyJ0eXBlIjoibmV4dXMtY3IiLCAidXNlcm5hbWUiOiJ1IiwgInBhc3N3b3JkIjoiYSJi"
        "XGMiLCAicmVnaXN0cnlCYXNlIjoibmV4dXMuZXhhbXBsZS5jb206ODA4MiJ9Cg==");

    cr_expect_str_eq(c->type, "nexus-cr");
    cr_expect_str_eq(c->username, "u");
    cr_expect_str_eq(secret_reveal(c->password), "a\"b\\c");
    cr_expect_str_eq(c->base, "nexus.example.com:8082");
}

Test(credentials, a_google_key_survives_being_pasted_in)
{
    auto_credentials struct credentials *c = parsed(
        "eyJ0eXBlIjoiZ2NyIiwgInVzZXJuYW1lIjoiX2pzb25fa2V5IiwgInBhc3N3b3JkIjoi"
        "eyAidHlwZSI6ICJzZXJ2aWNlX2FjY291bnQiLCAicHJvamVjdF9pZCI6ICJkZW1vIiwg"
        "InByaXZhdGVfa2V5X2lkIjogIjAxMjMiLCAicHJpdmF0ZV9rZXkiOiAiLS0tLS1CRUdJ"
        "TiBQUklWQVRFIEtFWS0tLS0tXG5NSUlFXG4tLS0tLUVORCBQUklWQVRFIEtFWS0tLS0t"
        "XG4iLCAiY2xpZW50X2VtYWlsIjogInNjYW5AZGVtby5pYW0uZ3NlcnZpY2VhY2NvdW50"
        "LmNvbSIsICJ0b2tlbl91cmkiOiAiaHR0cHM6Ly9vYXV0aDIuZ29vZ2xlYXBpcy5jb20v"
        "dG9rZW4iIH0iLCAicmVnaXN0cnlCYXNlIjoiZXUuZ2NyLmlvIn0K");
    const char *key = secret_reveal(c->password);

    cr_expect_str_eq(c->type, "gcr");
    cr_expect_str_eq(c->username, "_json_key");
    cr_expect_str_eq(c->base, "eu.gcr.io");
    cr_expect(str_starts(key, "{ \"type\": \"service_account\""));
    cr_expect(str_ends(key, "oauth2.googleapis.com/token\" }"));
    /* Still the JSON escape, not a line feed: the key is JSON itself. */
    cr_expect_not_null(strstr(key, "KEY-----\\nMIIE"));
}

Test(credentials, the_last_registry_base_ends_the_password)
{
    auto_credentials struct credentials *c = parsed(
        "{\"type\":\"t\", \"username\":\"u\", \"password\":\"a\\\", "
        "\"registryBase\":\"x\"y\", \"registryBase\":\"host\"}");

    cr_expect_str_eq(secret_reveal(c->password),
                     "a\\\", \"registryBase\":\"x\"y");
    cr_expect_str_eq(c->base, "host");
}

Test(credentials, what_is_valid_json_is_read_as_json)
{
    auto_credentials struct credentials *c =
        parsed("{\"type\":\"acr\", \"username\":\"u\", \"password\":\"a\\nb\", "
               "\"registryBase\":\"r\"}");

    cr_expect_str_eq(secret_reveal(c->password), "a\nb");
}

Test(credentials, empty_and_undefined_mean_absent)
{
    auto_credentials struct credentials *c =
        parsed("{\"type\":\"acr\",\"username\":\"\",\"password\":\"undefined\","
               "\"registryBase\":\"undefined\"}");

    cr_expect_null(c->username);
    cr_expect_null(c->password);
    cr_expect_null(c->base);
    cr_expect_null(c->role_arn);
}

Test(credentials, the_external_id_of_ecr_is_optional)
{
    auto_credentials struct credentials *c = parsed(
        "eyJ0eXBlIjoiZWNyIiwicm9sZUFybiI6ImFybjphd3M6aWFtOjoxMjM0NTY3ODkwMTI6"
        "cm9sZS9TbnlrRWNyU2VydmljZVJvbGUiLCJleHRyYSI6eyJyZWdpb24iOiJldS13ZXN0"
        "LTMiLCJleHRlcm5hbElkIjoiIn19Cg==");

    cr_expect_str_eq(c->type, "ecr");
    cr_expect_str_eq(c->role_arn,
                     "arn:aws:iam::123456789012:role/SnykEcrServiceRole");
    cr_expect_str_eq(c->region, "eu-west-3");
    cr_expect_null(c->external_id);
}

Test(credentials, a_placeholder_tells_that_the_client_has_no_such_variable)
{
    struct credentials *c = NULL;
    struct err err = { 0 };

    expect_error("${CR_CREDENTIALS}", "CREDENTIALS_MISSING");
    expect_error("Bearer ${CR_CREDENTIALS}", "CREDENTIALS_MISSING");
    credentials_parse(&c, "${CR_CREDENTIALS}", &err);
    cr_expect_not_null(strstr(err.text, "broker client has no such variable"));
}

Test(credentials, nothing_at_all_is_missing_not_malformed)
{
    expect_error("", "CREDENTIALS_MISSING");
    expect_error("  \t", "CREDENTIALS_MISSING");
    expect_error(NULL, "CREDENTIALS_MISSING");
}

Test(credentials, what_cannot_be_read_is_malformed)
{
    expect_error("!!!", "CREDENTIALS_MALFORMED");
    expect_error("Basic dXNlcjpwYXNz", "CREDENTIALS_MALFORMED"); /* user:pass */
    expect_error("[]", "CREDENTIALS_MALFORMED");
    expect_error("{\"username\":\"u\"}", "CREDENTIALS_MALFORMED");
    expect_error("{\"type\":7}", "CREDENTIALS_MALFORMED");
    expect_error("{\"type\":\"a\", \"username\":\"u\"\"}",
                 "CREDENTIALS_MALFORMED");
}

Test(credentials, the_error_never_quotes_the_document)
{
    struct credentials *c = NULL;
    struct err err = { 0 };

    credentials_parse(&c, "{\"type\":\"a\",\"password\":\"hunter2\"x}", &err);
    cr_expect_null(strstr(err.text, "hunter2"));
}

Test(credentials, more_than_64_KiB_is_refused)
{
    auto_free char *text = xalloc(70001);

    memset(text, 'A', 70000);
    text[70000] = '\0';
    expect_error(text, "CREDENTIALS_MALFORMED");
}

Test(credentials, every_alias_has_its_canonical_name)
{
    static const char *const pairs[][2] = {
        { "DockerHub", "docker-hub" },     { "GoogleCR", "gcr" },
        { "artifactorycr", "artifactory-cr" }, { "HarborCR", "harbor-cr" },
        { "AzureCR", "acr" },              { "QUAYCR", "quay-cr" },
        { "ElasticCR", "ecr" },            { "Nexus-CR", "nexus-cr" },
        { "google-artifact-cr", "google-artifact-cr" },
        { "github-cr", "github-cr" },      { "gitlab-cr", "gitlab-cr" },
        { "digitalocean-cr", "digitalocean-cr" }, { "generic", "generic" },
    };

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++)
        cr_expect(str_eq(reg_type_canonical(pairs[i][0]), pairs[i][1]), "%s",
                  pairs[i][0]);
    cr_expect_null(reg_type_canonical("registry-2"));
    cr_expect_null(reg_type_canonical(NULL));
}

Test(credentials, the_document_is_byte_for_byte_the_classic_one)
{
    auto_secret struct secret *password = secret_new("p");
    auto_secret struct secret *s = document((struct conf){
        .cr_type = "harbor-cr", .cr_username = "u", .cr_password = password,
        .cr_base = "cr.example.com" });

    cr_expect_str_eq(secret_reveal(s), plain);
}

Test(credentials, the_document_of_ecr_is_the_classic_one)
{
    auto_secret struct secret *s = document((struct conf){
        .cr_type = "ecr",
        .cr_role_arn = "arn:aws:iam::123456789012:role/SnykEcrServiceRole",
        .cr_region = "eu-west-3", .cr_external_id = "1234567890" });

    cr_expect_str_eq(
        secret_reveal(s),
        "eyJ0eXBlIjoiZWNyIiwicm9sZUFybiI6ImFybjphd3M6aWFtOjoxMjM0NTY3ODkwMTI6"
        "cm9sZS9TbnlrRWNyU2VydmljZVJvbGUiLCJleHRyYSI6eyJyZWdpb24iOiJldS13ZXN0"
        "LTMiLCJleHRlcm5hbElkIjoiMTIzNDU2Nzg5MCJ9fQo=");
}

Test(credentials, the_document_of_digitalocean_has_the_token_twice)
{
    auto_secret struct secret *token = secret_new("dop_v1_abc");
    auto_secret struct secret *s = document((struct conf){
        .cr_type = "digitalocean-cr", .cr_token = token,
        .cr_base = "registry.digitalocean.com" });

    cr_expect_str_eq(
        secret_reveal(s),
        "eyJ0eXBlIjoiZGlnaXRhbG9jZWFuLWNyIiwgInVzZXJuYW1lIjoiZG9wX3YxX2FiYyIs"
        "ICJwYXNzd29yZCI6ImRvcF92MV9hYmMiLCAicmVnaXN0cnlCYXNlIjoicmVnaXN0cnku"
        "ZGlnaXRhbG9jZWFuLmNvbSJ9Cg==");
}

Test(credentials, any_password_survives_writing_and_reading)
{
    static const char nasty[] = "a\"b\\c  d\n\", \"registryBase\":\"x\" \xc3\xa4";
    auto_secret struct secret *password = secret_new(nasty);
    auto_secret struct secret *s = document((struct conf){
        .cr_type = "nexus-cr", .cr_username = "u", .cr_password = password,
        .cr_base = "host" });
    auto_credentials struct credentials *c = parsed(secret_reveal(s));

    cr_expect_str_eq(secret_reveal(c->password), nasty);
    cr_expect_str_eq(c->base, "host");
}

Test(credentials, a_ready_made_document_is_used_unchanged)
{
    auto_secret struct secret *ready = secret_new("eyJ0eXBlIjoiYWNyIn0K");
    auto_secret struct secret *s = document((struct conf){
        .cr_type = "harbor-cr", .cr_credentials = ready });

    cr_expect_str_eq(secret_reveal(s), "eyJ0eXBlIjoiYWNyIn0K");
}

Test(credentials, without_a_type_there_is_no_document)
{
    struct conf conf = { .cr_base = "host" };
    struct credentials *c = NULL;
    struct err err = { 0 };

    cr_expect_null(credentials_document(&conf));
    cr_expect_eq(credentials_from_conf(&c, &conf, &err), -1);
    cr_expect_str_eq(err_code(&err), "CREDENTIALS_MISSING");
}

Test(credentials, settings_give_what_the_document_would_give)
{
    auto_secret struct secret *password = secret_new("p");
    struct conf conf = { .cr_type = "harbor-cr", .cr_username = "u",
                         .cr_password = password, .cr_base = "cr.example.com" };
    auto_credentials struct credentials *c = NULL;

    cr_assert_eq(credentials_from_conf(&c, &conf, NULL), 0);
    cr_expect_str_eq(c->type, "harbor-cr");
    cr_expect_str_eq(c->username, "u");
    cr_expect_str_eq(secret_reveal(c->password), "p");
    cr_expect_str_eq(c->base, "cr.example.com");
}
