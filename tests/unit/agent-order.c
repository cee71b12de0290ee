/* Scan requests, callback addresses, options: what is understood. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/str.h"
#include "role/agent/address.h"
#include "role/agent/order.h"

static struct conf conf;

static int
parse(struct orders *out, const char *body, struct err *err)
{
    auto_jx struct jx *doc = jx_parse(bytes_str(body), 1 << 20, err);

    cr_assert_not_null(doc, "%s: %s", body, err->text);
    err_clear(err);
    return orders_parse(out, doc, &conf, "cr.example.com:5000", err);
}

static struct orders
parsed(const char *body)
{
    struct orders orders;
    struct err err = { 0 };

    cr_assert_eq(parse(&orders, body, &err), 0, "%s: %s", body, err.text);
    return orders;
}

#define CB "\"callbackUrl\":\"http://b:8000/api/v2/import\""

static void
expect_image(const char *members, const char *want)
{
    auto_free char *body = xasprintf("{%s," CB "}", members);
    auto_orders struct orders orders = parsed(body);

    cr_expect_str_eq(orders.at[0].image, want, "%s", members);
}

Test(order, an_image_has_several_spellings)
{
    static const char hex[] =
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    auto_free char *by_digest =
        xasprintf("\"repo\":\"team/app\",\"digest\":\"%s\"", hex);
    auto_free char *as_tag =
        xasprintf("\"repo\":\"team/app\",\"reference\":\"%s\"", hex);
    auto_free char *want = xasprintf("team/app@%s", hex);

    expect_image("\"image\":\"team/app:1.0\"", "team/app:1.0");
    expect_image("\"repository\":\"team/app\",\"tag\":\"1.0\"",
                 "team/app:1.0");
    expect_image("\"imageName\":\"team/app\"", "team/app:latest");
    expect_image("\"image\":\"cr.example.com:5000/team/app\",\"tag\":\"2\"",
                 "team/app:2");
    expect_image("\"image\":\"team/app:1.0\",\"tag\":\"2\"", "team/app:1.0");
    expect_image(by_digest, want);
    expect_image(as_tag, want);
}

Test(order, the_scanner_is_told_the_full_name)
{
    auto_orders struct orders orders =
        parsed("{\"image\":\"team/app:1.0\"," CB "}");

    cr_expect_str_eq(
        orders.at[0].options,
        "{\"imageNameAndTag\":\"cr.example.com:5000/team/app:1.0\"}");
}

Test(order, options_have_two_spellings_and_numbers_become_text)
{
    auto_orders struct orders orders = parsed(
        "{\"image\":\"a\"," CB ",\"options\":{\"excludeAppVulns\":true,"
        "\"nested-jars-depth\":2,\"globsToFind\":{\"include\":[\"**/x\"]},"
        "\"file\":\"/etc/passwd\",\"password\":\"p\"}}");
    auto_jx struct jx *o =
        jx_parse(bytes_str(orders.at[0].options), 4096, NULL);

    cr_expect(jx_bool(o, "exclude-app-vulns", false));
    cr_expect_str_eq(jx_str(o, "nested-jars-depth"), "2");
    cr_expect_str_eq(
        jx_str_value(jx_at(jx_arr(jx_obj(o, "globsToFind"), "include"), 0)),
        "**/x");
    cr_expect_not(jx_has(o, "file"), "a request names no file of ours");
    cr_expect_not(jx_has(o, "password"));
}

Test(order, addresses_are_named_or_below_a_common_one)
{
    auto_orders struct orders a =
        parsed("{\"image\":\"a\",\"callbackUrl\":\"http://b/x/\"}");
    auto_orders struct orders b =
        parsed("{\"image\":\"a\",\"callback\":{\"url\":\"http://b/y\"},"
               "\"doneUrl\":\"http://c/d\"}");
    auto_orders struct orders c = { 0 };

    cr_expect_str_eq(a.at[0].result_url, "http://b/x/result");
    cr_expect_str_eq(a.at[0].done_url, "http://b/x/done");
    cr_expect_str_eq(b.at[0].result_url, "http://b/y/result");
    cr_expect_str_eq(b.at[0].done_url, "http://c/d");
    conf.broker_client_url = "http://broker:8000/";
    c = parsed("{\"image\":\"a\"}");
    cr_expect_str_eq(c.at[0].result_url,
                     "http://broker:8000/api/v2/import/result");
    cr_expect_str_eq(c.at[0].done_url,
                     "http://broker:8000/api/v2/import/done");
}

Test(order, several_images_inherit_and_override)
{
    auto_orders struct orders orders = parsed(
        "{" CB ",\"context\":{\"n\":1},\"platform\":\"linux/arm64\","
        "\"image\":\"not:this\",\"images\":[\"a:1\",{\"image\":\"b:2\","
        "\"context\":[2],\"platform\":\"linux/amd64\"}]}");

    cr_assert_eq(orders.n, 2);
    cr_expect_str_eq(orders.at[0].image, "a:1");
    cr_expect_str_eq(orders.at[0].context, "{\"n\":1}");
    cr_expect_str_eq(orders.at[0].platform, "linux/arm64");
    cr_expect_str_eq(orders.at[1].image, "b:2");
    cr_expect_str_eq(orders.at[1].context, "[2]");
    cr_expect_str_eq(orders.at[1].platform, "linux/amd64");
}

Test(order, what_makes_no_sense_is_refused)
{
    static const char *const bodies[] = {
        "[]",
        "\"text\"",
        "{" CB "}",
        "{\"image\":\"\"," CB "}",
        "{\"image\":\"a//b\"," CB "}",
        "{\"image\":\"../a\"," CB "}",
        "{\"image\":\"a b\"," CB "}",
        "{\"image\":\"a\",\"platform\":\"linux\"," CB "}",
        "{\"image\":\"a\"}",
        "{\"image\":\"a\",\"callbackUrl\":\"ftp://b/x\"}",
        "{\"image\":\"a\",\"callbackUrl\":\"/api/v2/import\"}",
        "{\"image\":\"a\",\"callbackUrl\":\"${BROKER_CLIENT_URL}/x\"}",
        "{\"images\":[]," CB "}",
        "{\"images\":[\"a\",{}]," CB "}",
        "{\"images\":[1]," CB "}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
        auto_orders struct orders orders = { 0 };
        struct err err = { 0 };

        cr_expect_eq(parse(&orders, bodies[i], &err), -1, "%s", bodies[i]);
        cr_expect_eq(err.kind, ERR_INPUT, "%s: %s", bodies[i], err.text);
    }
}

Test(order, a_large_context_is_not_inherited_without_end)
{
    auto_buf struct buf body = BUF_INIT(1 << 20);
    auto_orders struct orders orders = { 0 };
    struct err err = { 0 };

    buf_add_str(&body, "{" CB ",\"context\":\"");
    for (int i = 0; i < 500000; i++)
        buf_add_char(&body, 'x');
    buf_add_str(&body, "\",\"images\":[\"a\"");
    for (int i = 0; i < 500; i++)
        buf_add_str(&body, ",\"a\"");
    buf_add_str(&body, "]}");
    cr_expect_eq(parse(&orders, buf_cstr(&body), &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

Test(order, is_read_as_it_was_written)
{
    auto_orders struct orders orders =
        parsed("{\"image\":\"a:1\"," CB ",\"platform\":\"linux/arm64\","
               "\"context\":{\"quote\":\"\\\"\",\"null\":null}}");
    auto_buf struct buf text = BUF_INIT(4096);
    auto_order struct order back = { 0 };

    order_write(&orders.at[0], &text);
    cr_assert_eq(order_read(&back, buf_bytes(&text), NULL), 0);
    cr_expect_str_eq(back.image, "a:1");
    cr_expect_str_eq(back.platform, "linux/arm64");
    cr_expect_str_eq(back.result_url, orders.at[0].result_url);
    cr_expect_str_eq(back.done_url, orders.at[0].done_url);
    cr_expect_str_eq(back.context, "{\"quote\":\"\\\"\",\"null\":null}");
    cr_expect_str_eq(back.options, orders.at[0].options);
}

static bool
allowed(const char *url)
{
    return address_check(&conf, url, NULL) == 0;
}

Test(address, without_settings_any_host_but_link_local)
{
    cr_expect(allowed("http://anything:1234/x"));
    cr_expect(allowed("https://10.0.0.1/x"));
    cr_expect_not(allowed("http://169.254.169.254/latest/meta-data"));
    cr_expect_not(allowed("http://[fe80::1]/x"));
}

Test(address, the_brokers_host_alone_when_it_is_set)
{
    conf.broker_client_url = "http://broker:8000";
    cr_expect(allowed("http://broker:8000/api/v2/import/done"));
    cr_expect(allowed("https://BROKER/x"));
    cr_expect_not(allowed("http://broker.evil:8000/x"));
    cr_expect_not(allowed("http://broker@evil:8000/x"));
}

Test(address, listed_hosts_and_the_brokers)
{
    struct err err = { 0 };

    conf.broker_client_url = "http://broker:8000";
    conf.callback_hosts = "hooks.example:9000,other";
    cr_expect(allowed("http://hooks.example:9000/x"));
    cr_expect_not(allowed("http://hooks.example:9001/x"));
    cr_expect(allowed("http://other:1/x"));
    cr_expect(allowed("http://broker:8000/x"));
    cr_expect_eq(address_check(&conf, "http://evil/x", &err), -1);
    cr_expect_str_eq(err.code, "CALLBACK_REFUSED");
}

Test(address, no_password_in_it)
{
    cr_expect_not(allowed("http://user:pass@host/x"));
}
