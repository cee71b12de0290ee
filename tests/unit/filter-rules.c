#include <criterion/criterion.h>
#include <stdio.h>

#include "base/str.h"
#include "engine/filter/filter.h"

static struct filter *
filter_of(const char *json)
{
    struct filter *f = NULL;
    struct err err = { 0 };

    cr_assert_eq(filter_parse(&f, bytes_str(json), &err), 0, "%s", err.text);
    return f;
}

static const struct filter_rule *
ask(const struct filter *f, enum filter_side side, const char *method,
    const char *target)
{
    struct filter_query q = { .method = method, .target = target };

    return filter_match(f, side, &q, NULL);
}

/* broker-protocol.md §g.5, as a table. */
Test(filter, the_registry_set_is_complete_and_in_order)
{
    static const char *const private[][2] = {
        { "GET", "/healthcheck" },          { "GET", "/validate-credentials" },
        { "GET", "/get-state-identifier" }, { "GET", "/list" },
        { "GET", "/list/a/b" },             { "GET", "/list-paginated/a" },
        { "GET", "/list-with-metadata/a" }, { "POST", "/discover" },
        { "POST", "/scan" },                { "GET", "/image-metadata/a:1" },
    };
    static const char *const public[] = {
        "/api/v2/import/done", "/api/v1/recurring-tests/dependencies",
        "/api/v2/import/result", "/v1/import/app", "/v2/import/done",
        "/v1/recurring-tests/dependencies", "/v2/import/result",
        "/rest/scan/result",
    };
    auto_filter struct filter *f = filter_of(filter_registry_rules);

    for (size_t i = 0; i < N_ELEMENTS(private); i++) {
        const struct filter_rule *r =
            ask(f, FILTER_PRIVATE, private[i][0], private[i][1]);

        cr_assert(r != NULL, "%s", private[i][1]);
        cr_expect_eq(filter_rule_index(r), i);
    }
    for (size_t i = 0; i < N_ELEMENTS(public); i++) {
        const struct filter_rule *r = ask(f, FILTER_PUBLIC, "POST", public[i]);

        cr_assert(r != NULL, "%s", public[i]);
        cr_expect_eq(filter_rule_index(r), i);
    }
    cr_expect_eq(jx_count(jx_arr(filter_rules(f), "private")), 10);
    cr_expect_eq(jx_count(jx_arr(filter_rules(f), "public")), 8);
}

Test(filter, what_no_rule_names_is_blocked)
{
    static const char *const asked[][2] = {
        { "GET", "/nothing" }, { "GET", "/" },       { "GET", "/systemcheck" },
        { "HEAD", "/list" },   { "PUT", "/list" },   { "GET", "/scan" },
        { "POST", "/list" },   { "GET", "/lists" },  { "DELETE", "/list/a" },
        { "POST", "/api/v2/import/done" },
    };
    auto_filter struct filter *f = filter_of(filter_registry_rules);

    for (size_t i = 0; i < N_ELEMENTS(asked); i++)
        cr_expect(ask(f, FILTER_PRIVATE, asked[i][0], asked[i][1]) == NULL,
                  "%s %s", asked[i][0], asked[i][1]);
    cr_expect(ask(f, FILTER_PUBLIC, "GET", "/api/v2/import/done") == NULL);
}

/* §g.1 item 2 and §n.9: the sender must send what the filter saw. */
Test(filter, paths_that_climb_or_are_not_normal_are_blocked)
{
    static const char *const targets[] = {
        "/list/%2e%2e/secret", "/list/%2E%2E/secret", "/list/.%2e/secret",
        "/list/a\\..\\b", "/list/../secret", "/list/a/../b", "/list/./a",
        "/list//a", "//list/a", "/list/a?u=http://x/y", "/list/a?q=a//b",
        "list/a", "", "/list/a b", "/list/a\tb", "/list/a\r\nX: y", "/list/\x7f",
        "/list/\xc3\xa9", "/list/..",
    };
    auto_filter struct filter *f = filter_of(filter_registry_rules);

    for (size_t i = 0; i < N_ELEMENTS(targets); i++) {
        struct filter_query q = { .method = "GET", .target = targets[i] };
        const char *why = NULL;

        cr_expect(filter_match(f, FILTER_PRIVATE, &q, &why) == NULL, "%s",
                  targets[i]);
        cr_expect(why != NULL);
    }
}

Test(filter, queries_and_fragments_do_not_count)
{
    auto_filter struct filter *f = filter_of(filter_registry_rules);

    cr_expect(ask(f, FILTER_PRIVATE, "GET", "/list?x=1&y=%2F") != NULL);
    cr_expect(ask(f, FILTER_PRIVATE, "GET", "/list#f") != NULL);
    cr_expect(ask(f, FILTER_PRIVATE, "get", "/list/a?b=..") != NULL);
    cr_expect(ask(f, FILTER_PRIVATE, "GET", "/list/a%2Fb") != NULL);
}

Test(filter, the_first_rule_wins_and_any_means_every_method)
{
    auto_filter struct filter *f = filter_of(
        "{\"private\":[{\"path\":\"/a\",\"origin\":\"http://one\"},"
        "{\"method\":\"any\",\"path\":\"/*\",\"origin\":\"http://two\"}]}");

    cr_expect_eq(filter_rule_index(ask(f, FILTER_PRIVATE, "GET", "/a")), 0);
    cr_expect_eq(filter_rule_index(ask(f, FILTER_PRIVATE, "POST", "/a")), 1);
    cr_expect(ask(f, FILTER_PUBLIC, "GET", "/a") == NULL);
}

Test(filter, rules_that_are_not_understood_are_refused_at_loading)
{
    static const char *const bad[] = {
        "", "[]", "{}", "not json", "{\"private\":{}}", "{\"private\":[1]}",
        "{\"private\":[{\"method\":7}]}", "{\"private\":[{\"path\":[]}]}",
        "{\"private\":[{\"path\":\"/a\",\"auth\":\"x\"}]}",
        "{\"private\":[{\"path\":\"/:a((b))\"}]}",
        "{\"private\":[{\"path\":\"/:a(?=x)\"}]}",
        "{\"private\":[{\"path\":\"/a\",\"valid\":{}}]}",
        "{\"private\":[{\"path\":\"/a\",\"valid\":[{\"cookie\":\"x\"}]}]}",
        "{\"private\":[{\"path\":\"/a\",\"valid\":[{\"path\":\"b\",\"regex\":"
        "\"(\"}]}]}",
        "{\"private\":[{\"path\":\"/a\",\"valid\":[{\"header\":\"b\","
        "\"values\":[1]}]}]}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct filter *f = NULL;
        struct err err = { 0 };

        cr_expect_eq(filter_parse(&f, bytes_str(bad[i]), &err), -1, "%s",
                     bad[i]);
        cr_expect_neq(err.kind, ERR_NONE);
    }
}

Test(filter, accept_names_a_file_and_the_preset_name_falls_back)
{
    char path[] = "/tmp/crab-rules-XXXXXX";
    int fd = mkstemp(path);
    struct filter *f = NULL;
    struct err err;

    cr_assert(fd >= 0);
    cr_assert(dprintf(fd, "{\"public\":[{\"path\":\"/only\"}]}") > 0);
    close(fd);
    cr_assert_eq(filter_load(&f, path, NULL), 0);
    cr_expect(ask(f, FILTER_PUBLIC, "GET", "/only") != NULL);
    filter_free(f);
    unlink(path);
    cr_expect_eq(filter_load(&f, path, &err), -1);
    cr_expect_eq(err.kind, ERR_ABSENT);
    cr_expect_eq(filter_load(&f, "http://host/rules.json", &err), -1);
    cr_assert_eq(filter_load(&f, "accept.json", NULL), 0);
    cr_expect(ask(f, FILTER_PRIVATE, "GET", "/list") != NULL);
    filter_free(f);
}

/* --- conditions --- */

struct condition {
    const char *valid; /* the list */
    const char *target, *body;
    const char *header[2];
    bool want;
};

static void
expect_condition(const struct condition *c)
{
    auto_free char *json = xasprintf("{\"private\":[{\"method\":\"any\","
                                     "\"path\":\"/a\",\"valid\":%s}]}",
                                     c->valid);
    auto_filter struct filter *f = filter_of(json);
    auto_headers struct headers h = HEADERS_INIT;
    struct filter_query q = { .method = "POST", .target = c->target,
                              .headers = &h, .body = bytes_str(c->body) };

    if (c->header[0] != NULL)
        headers_add(&h, c->header[0], c->header[1]);
    cr_expect_eq(filter_match(f, FILTER_PRIVATE, &q, NULL) != NULL, c->want,
                 "%s on %s %s", c->valid, c->target, c->body);
}

#define VALUE "{\"path\":\"a.b\",\"value\":\"x\"}"
#define WILD  "{\"path\":\"l.*.n\",\"value\":\"x\"}"
#define REGEX "{\"path\":\"r\",\"regex\":\"^v\\\\d\"}"
#define QUERY "{\"queryParam\":\"q\",\"values\":[\"a*\",\"**/b\"]}"
#define HEAD  "{\"header\":\"x-h\",\"values\":[\"one\",\"two\"]}"

Test(valid, conditions_hold_as_the_rules_say)
{
    static const struct condition cases[] = {
        { "[" VALUE "]", "/a", "{\"a\":{\"b\":\"x\"}}", { 0 }, true },
        { "[" VALUE "]", "/a", "{\"a\":{\"b\":\"y\"}}", { 0 }, false },
        { "[" VALUE "]", "/a", "{\"a\":{}}", { 0 }, false },
        { "[" VALUE "]", "/a", "no json", { 0 }, false },
        { "[" WILD "]", "/a", "{\"l\":[{\"n\":1},{\"n\":\"x\"}]}", { 0 }, true },
        { "[" WILD "]", "/a", "{\"l\":{\"k\":{\"n\":\"x\"}}}", { 0 }, true },
        { "[" WILD "]", "/a", "{\"l\":[]}", { 0 }, false },
        { "[" REGEX "]", "/a", "{\"r\":\"v1\"}", { 0 }, true },
        { "[" REGEX "]", "/a", "{\"r\":\"xv1\"}", { 0 }, false },
        { "[{\"path\":\"r\",\"regex\":\"undef\"}]", "/a", "{}", { 0 }, true },
        { "[" QUERY "]", "/a?q=abc", "", { 0 }, true },
        { "[" QUERY "]", "/a?q=x%2Fb", "", { 0 }, true },
        { "[" QUERY "]", "/a?q=b%61", "", { 0 }, false },
        { "[" QUERY "]", "/a", "", { 0 }, false },
        { "[" QUERY "]", "/a?q=a&q=z", "", { 0 }, false },
        { "[" QUERY "]", "/a?%71=abc", "", { 0 }, true },
        { "[{\"queryParam\":\"q\",\"values\":[\"\"]}]", "/a", "", { 0 }, true },
        { "[" HEAD "]", "/a", "", { "X-H", "two" }, true },
        { "[" HEAD "]", "/a", "", { "x-h", "twofold" }, false },
        { "[" HEAD "]", "/a", "", { 0 }, false },
        /* headers are compulsory, the rest are alternatives */
        { "[" HEAD "," QUERY "]", "/a?q=abc", "", { "x-h", "one" }, true },
        { "[" HEAD "," QUERY "]", "/a?q=abc", "", { 0 }, false },
        { "[" VALUE "," QUERY "]", "/a?q=abc", "{}", { 0 }, true },
        { "[" VALUE "," QUERY "]", "/a?q=zzz", "{\"a\":{\"b\":\"x\"}}", { 0 },
          true },
        { "[" VALUE "," QUERY "]", "/a?q=zzz", "{}", { 0 }, false },
        { "[" VALUE "," REGEX "]", "/a", "{}", { 0 }, false },
        { "[]", "/a", "", { 0 }, true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        expect_condition(&cases[i]);
}

/* --- where to --- */

static const char *
setting(const char *name, void *arg)
{
    static const char *const pairs[][2] = {
        { "CR_AGENT_URL", "http://127.0.0.1:17500" },
        { "CR_CREDENTIALS", "eyJ0eXBl" },
        { "CR_TYPE", "harbor-cr" },
        { "X_POOL", "aa, bb" },
        { "WITH_SLASH", "http://agent:1/" },
        { "PAIR", "https://us%40er:p%3Aw@host:8443/base" },
        { "LONE", "tok@host" },
        { "SPLIT", "a\r\nX-Evil: 1" },
        { "QUOTED", "a\"b\\c" },
    };

    (void)arg;
    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        if (strcmp(name, pairs[i][0]) == 0)
            return pairs[i][1];
    }
    return NULL;
}

static char *
resolve(const char *rule, const char *target, struct headers *h)
{
    auto_free char *json = xasprintf("{\"private\":[{\"path\":\"/*\",%s}]}",
                                     rule);
    auto_filter struct filter *f = filter_of(json);
    auto_vars struct vars *vars = vars_new(setting, NULL);
    auto_buf struct buf url = BUF_INIT(4096);
    const struct filter_rule *r = ask(f, FILTER_PRIVATE, "GET", target);
    struct err err;

    cr_assert(r != NULL);
    if (filter_resolve(r, vars, target, h, &url, &err) < 0)
        return NULL;
    return buf_steal(&url);
}

Test(resolve, origin_and_target_make_the_url)
{
    static const char *const cases[][3] = {
        { "\"origin\":\"${CR_AGENT_URL}\"", "/list?x=1",
          "http://127.0.0.1:17500/list?x=1" },
        { "\"origin\":\"${crAgentUrl}\"", "/list",
          "http://127.0.0.1:17500/list" },
        { "\"origin\":\"${WITH_SLASH}\"", "/list", "http://agent:1/list" },
        { "\"origin\":\"host:8080/x\"", "/a#f", "https://host:8080/x/a" },
        { "\"origin\":\"${PAIR}\"", "/a", "https://host:8443/base/a" },
        { "\"origin\":\"${NOPE}\"", "/a", NULL },
        { "\"origin\":\"http://h?q=\"", "/a", NULL },
        { "\"origin\":\"$CR_AGENT_URL\"", "/a", NULL },
        { "\"//\":\"no origin\"", "/a", NULL },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_headers struct headers h = HEADERS_INIT;
        auto_free char *url = resolve(cases[i][0], cases[i][1], &h);

        cr_expect(str_eq(url, cases[i][2]), "%s: %s", cases[i][0], url);
    }
}

Test(resolve, credentials_come_from_auth_or_user_info)
{
    static const char *const cases[][2] = {
        { "\"auth\":{\"scheme\":\"token\",\"token\":\"${CR_TYPE}\"}",
          "Token harbor-cr" },
        { "\"auth\":{\"scheme\":\"bearer\",\"token\":\"x\"}", "Bearer x" },
        { "\"auth\":{\"scheme\":\"raw\",\"token\":\"x y\"}", "x y" },
        { "\"auth\":{\"scheme\":\"basic\",\"username\":\"u\",\"password\":"
          "\"p\"}", "Basic dTpw" },
        { "\"auth\":{\"scheme\":\"basic\",\"token\":\"u:p\"}", "Basic dTpw" },
        { "\"auth\":{\"scheme\":\"digest\"}", "before" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_headers struct headers h = HEADERS_INIT;
        auto_free char *rule = xasprintf("\"origin\":\"http://h\",%s",
                                         cases[i][0]);
        auto_free char *url = NULL;

        headers_add(&h, "authorization", "before");
        url = resolve(rule, "/a", &h);
        cr_expect_str_eq(url, "http://h/a");
        cr_expect_str_eq(headers_get(&h, "authorization"), cases[i][1]);
    }
}

Test(resolve, user_info_of_the_origin_is_credentials)
{
    auto_headers struct headers h = HEADERS_INIT;
    auto_free char *a = NULL, *b = NULL;

    headers_add(&h, "authorization", "before");
    a = resolve("\"origin\":\"${PAIR}\"", "/a", &h);
    /* base64 of us@er:p:w */
    cr_expect_str_eq(headers_get(&h, "authorization"), "Basic dXNAZXI6cDp3");
    b = resolve("\"origin\":\"${LONE}\"", "/a", &h);
    cr_expect_str_eq(b, "https://host/a");
    cr_expect_str_eq(headers_get(&h, "authorization"), "token tok");
}

Test(resolve, a_value_cannot_split_the_request)
{
    auto_headers struct headers h = HEADERS_INIT;

    cr_expect(resolve("\"origin\":\"http://h\",\"auth\":{\"scheme\":\"raw\","
                      "\"token\":\"${SPLIT}\"}", "/a", &h) == NULL);
    cr_expect_eq(h.n, 0);
}

/* --- variables --- */

static char *
expand(struct vars *vars, const char *text)
{
    struct buf out = BUF_INIT(4096);

    cr_assert_eq(vars_expand(vars, bytes_str(text), &out), 0);
    return buf_steal(&out);
}

Test(vars, names_are_replaced_and_unknown_ones_vanish)
{
    static const char *const cases[][2] = {
        { "${CR_TYPE}/${NOPE}", "harbor-cr/" },
        { "$CR_TYPE", "$CR_TYPE" },
        { "${CR_TYPE", "${CR_TYPE" },
        { "a${}b", "ab" },
        { "", "" },
        { "}${CR_TYPE}{", "}harbor-cr{" },
    };
    auto_vars struct vars *vars = vars_new(setting, NULL);

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_free char *got = expand(vars, cases[i][0]);

        cr_expect_str_eq(got, cases[i][1]);
    }
}

/* Captured at the peer: aa, bb, aa. */
Test(vars, pools_take_turns)
{
    auto_vars struct vars *vars = vars_new(setting, NULL);
    auto_free char *got = expand(vars, "${X} ${X} ${X}");

    cr_expect_str_eq(got, "aa bb aa");
}

/* The body of captures/06, and what the agent was seen to get. */
Test(vars, a_body_that_asks_for_it_is_rewritten)
{
    static const struct {
        const char *body, *want; /* NULL: left as it is */
    } cases[] = {
        { "{\"BROKER_VAR_SUB\":[\"credentials\",\"nested.cb\"],"
          "\"credentials\":\"${CR_CREDENTIALS}\",\"nested\":{\"cb\":"
          "\"${CR_AGENT_URL}/api\"},\"untouched\":\"${CR_PASSWORD}\"}",
          "{\"credentials\":\"eyJ0eXBl\",\"nested\":{\"cb\":"
          "\"http://127.0.0.1:17500/api\"},\"untouched\":\"${CR_PASSWORD}\"}" },
        { "{\"BROKER_VAR_SUB\":[\"a.1\"],\"a\":[\"${CR_TYPE}\",\"${CR_TYPE}\"]}",
          "{\"a\":[\"${CR_TYPE}\",\"harbor-cr\"]}" },
        { "{\"BROKER_VAR_SUB\":[\"a\",\"b.c\",\"\",7,\"x.y.z\"],\"a\":{\"k\":1},"
          "\"b\":5}", "{\"a\":{\"k\":1},\"b\":5}" },
        { "{\"BROKER_VAR_SUB\":[\"q\"],\"q\":\"${QUOTED}\"}",
          "{\"q\":\"a\\\"b\\\\c\"}" },
        { "{\"a\":\"${CR_TYPE}\"}", NULL },
        { "{\"BROKER_VAR_SUB\":\"a\",\"a\":\"${CR_TYPE}\"}", NULL },
        { "not json BROKER_VAR_SUB", NULL },
        { "", NULL },
    };
    auto_vars struct vars *vars = vars_new(setting, NULL);

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_buf struct buf out = BUF_INIT(4096);
        bool changed = vars_body(vars, bytes_str(cases[i].body), &out);

        cr_expect_eq(changed, cases[i].want != NULL, "%s", cases[i].body);
        if (changed)
            cr_expect_str_eq(buf_cstr(&out), cases[i].want);
    }
}

Test(vars, named_headers_are_expanded_and_the_list_stays)
{
    auto_vars struct vars *vars = vars_new(setting, NULL);
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "x-broker-var-sub", "authorization, x-other,x-none, x-bad");
    headers_add(&h, "Authorization", "${CR_CREDENTIALS}");
    headers_add(&h, "x-other", "${CR_TYPE}/${NOPE}");
    headers_add(&h, "x-not-named", "${CR_TYPE}");
    headers_add(&h, "x-bad", "${SPLIT}");
    vars_headers(vars, &h);
    cr_expect_str_eq(headers_get(&h, "authorization"), "eyJ0eXBl");
    cr_expect_str_eq(headers_get(&h, "x-other"), "harbor-cr/");
    cr_expect_str_eq(headers_get(&h, "x-not-named"), "${CR_TYPE}");
    cr_expect_str_eq(headers_get(&h, "x-bad"), "${SPLIT}");
    cr_expect(headers_has(&h, "x-broker-var-sub"));
}
