#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/truncate.h"

static struct jx *
text_of(size_t n, const char *unit)
{
    auto_buf struct buf out = BUF_INIT(1 << 20);

    for (size_t i = 0; i < n; i++)
        buf_add_str(&out, unit);
    return jx_new_str(buf_bytes(&out));
}

static void
expect_json(const struct jx *v, const char *want)
{
    auto_buf struct buf out = BUF_INIT(1 << 20);

    jx_write(v, &out);
    cr_expect_str_eq(buf_cstr(&out), want);
}

Test(truncate, what_fits_stays_and_is_not_told)
{
    auto_jx struct jx *told = jx_new_obj();
    struct jx *data = jx_new_obj();

    jx_set(data, "user", text_of(1024, "x"));
    jx_set(data, "env", NULL);
    data = truncate_fact("containerConfig", data, told);
    cr_expect_eq(jx_bytes_value(jx_get(data, "user")).n, 1024);
    expect_json(told, "{}");
    jx_free(data);
}

Test(truncate, texts_are_measured_in_utf16_units)
{
    auto_jx struct jx *told = jx_new_obj();
    struct jx *data = jx_new_obj();

    jx_set(data, "user", text_of(600, "\xf0\x9f\x98\x80")); /* 1200 units */
    jx_set(data, "workingDir", text_of(1024, "\xc3\xa9"));  /* 1024 units */
    data = truncate_fact("containerConfig", data, told);
    cr_expect_eq(jx_bytes_value(jx_get(data, "user")).n, 512 * 4);
    cr_expect_eq(jx_bytes_value(jx_get(data, "workingDir")).n, 2048);
    expect_json(told, "{\"containerConfig.data.user\":{\"type\":\"string\","
                      "\"countAboveLimit\":176}}");
    jx_free(data);
}

Test(truncate, items_are_cut_only_among_those_that_stay)
{
    auto_jx struct jx *told = jx_new_obj();
    struct jx *data = jx_new_obj(), *env = jx_new_arr();

    jx_append(env, text_of(1030, "x"));
    jx_append(env, text_of(1025, "x"));
    for (size_t i = 2; i < 502; i++)
        jx_append(env, text_of(i < 500 ? 1 : 5000, "x"));
    jx_set(data, "env", env);
    data = truncate_fact("containerConfig", data, told);
    cr_expect_eq(jx_count(jx_get(data, "env")), 500);
    cr_expect_eq(jx_bytes_value(jx_at(jx_get(data, "env"), 0)).n, 1024);
    /* The largest excess is told, of the array the number of items. */
    expect_json(told,
                "{\"containerConfig.data.env\":{\"type\":\"array\","
                "\"countAboveLimit\":2},\"containerConfig.data.env[*]\":{"
                "\"type\":\"string\",\"countAboveLimit\":6}}");
    jx_free(data);
}

Test(truncate, history_keeps_its_first_thousand)
{
    auto_jx struct jx *told = jx_new_obj();
    struct jx *data = jx_new_arr();

    for (size_t i = 0; i < 1001; i++) {
        struct jx *entry = jx_new_obj();

        jx_set(entry, "author", text_of(i == 0 ? 130 : 1, "x"));
        jx_append(data, entry);
    }
    data = truncate_fact("history", data, told);
    cr_expect_eq(jx_count(data), 1000);
    cr_expect_eq(jx_bytes_value(jx_get(jx_at(data, 0), "author")).n, 128);
    expect_json(told, "{\"history.data\":{\"type\":\"array\","
                      "\"countAboveLimit\":1},\"history.data[*].author\":{"
                      "\"type\":\"string\",\"countAboveLimit\":2}}");
    jx_free(data);
}

Test(truncate, other_facts_are_left_alone)
{
    auto_jx struct jx *told = jx_new_obj();
    struct jx *data = jx_new_obj();

    jx_set(data, "user", text_of(2000, "x"));
    data = truncate_fact("imageLabels", data, told);
    cr_expect_eq(jx_bytes_value(jx_get(data, "user")).n, 2000);
    cr_expect_eq(jx_count(told), 0);
    jx_free(data);
}
