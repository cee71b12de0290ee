#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/json/jx.h"
#include "base/str.h"

static struct jx *
parse(const char *text)
{
    return jx_parse(bytes_str(text), 1 << 20, NULL);
}

static void
expect_refused(struct bytes text, const char *says)
{
    struct err err = { 0 };
    struct jx *doc = jx_parse(text, 1 << 20, &err);

    cr_expect_null(doc, "%.*s", BYTES_FMT(text));
    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect_not_null(strstr(err.text, says), "%.*s: %s", BYTES_FMT(text),
                       err.text);
}

static void
expect_same(const char *text)
{
    auto_jx struct jx *doc = parse(text);
    auto_buf struct buf out = BUF_INIT(1000);

    cr_assert_not_null(doc, "%s", text);
    jx_write(doc, &out);
    cr_expect_str_eq(buf_cstr(&out), text);
}

Test(jx, any_value_may_be_the_whole)
{
    expect_same("true");
    expect_same("false");
    expect_same("12");
    expect_same("-1.5e3");
    expect_same("\"a/b\"");
    expect_same("[]");
    expect_same("{\"b\":1,\"a\":[null,{}]}");
}

/* RFC 8259, by the letter: each of these has a reader that takes it. */
Test(jx, the_grammar_is_strict)
{
    static const char *const bad[] = {
        "NaN", "[NaN]", "[Infinity]", "[-Infinity]", "01", "[00]", "[1.]",
        "[.5]", "+1", "1e", "[1e+]", "[1,]", "{\"a\":1,}", "'a'", "{'a':1}",
        "/**/1", "\"a\tb\"", "\"\\x\"", "\"\\u12\"", "TRUE", "nulL", "[1 2]",
        "{\"a\" 1}", "-", "1 2", "{a:1}", "[0x10]", "\"abc", "[1", "{", "[",
        "tru", "\v1", "1\f", "\"\\", "]", "[}", "{\"a\"}", "{,}", "[,1]",
        "{\"a\":}", "{}{}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        expect_refused(bytes_str(bad[i]), "malformed JSON near byte");
    expect_refused(bytes_str(" \n"), "nothing there");
    expect_refused(bytes_str(""), "nothing there");
    expect_refused(bytes_str("null"), "null");
    expect_refused(bytes_of("1\0", 2), "malformed");
    expect_refused(bytes_of("{\"a\0\":1}", 8), "control character");
}

Test(jx, names_cannot_be_shortened_by_a_nul)
{
    expect_refused(bytes_str("{\"a\\u0000b\":1}"), "a NUL in a member's name");

    auto_jx struct jx *doc = parse("[\"a\\u0000b\"]");
    cr_expect_eq(jx_bytes_value(jx_at(doc, 0)).n, 3);
}

Test(jx, size_and_depth_have_ceilings)
{
    char deep[2 * JX_MAX_DEPTH + 4];
    struct err err;

    memset(deep, '[', JX_MAX_DEPTH);
    deep[JX_MAX_DEPTH] = '1';
    memset(deep + JX_MAX_DEPTH + 1, ']', JX_MAX_DEPTH);
    deep[2 * JX_MAX_DEPTH + 1] = '\0';

    auto_jx struct jx *doc = parse(deep);
    cr_expect_not_null(doc);
    memset(deep, '[', JX_MAX_DEPTH + 1);
    memset(deep + JX_MAX_DEPTH + 1, ']', JX_MAX_DEPTH + 1);
    deep[2 * JX_MAX_DEPTH + 2] = '\0';
    expect_refused(bytes_str(deep), "nested too deeply");
    cr_expect_null(jx_parse(bytes_str("[1,2]"), 4, &err));
    cr_expect_eq(err.kind, ERR_LIMIT);
}

Test(jx, of_equal_names_the_last_counts_at_the_first_place)
{
    auto_jx struct jx *doc = parse("{\"a\":1,\"b\":2,\"a\":3}");
    auto_buf struct buf out = BUF_INIT(100);

    cr_expect_eq(jx_count(doc), 2);
    jx_write(doc, &out);
    cr_expect_str_eq(buf_cstr(&out), "{\"a\":3,\"b\":2}");
}

Test(jx, utf8_is_checked_or_replaced)
{
    struct bytes bad = bytes_str("\"a\xff\"");

    auto_jx struct jx *lossy = jx_parse_lossy(bad, 100, NULL);
    auto_jx struct jx *bom = parse("\xef\xbb\xbf[1]");
    expect_refused(bad, "malformed");
    cr_expect_str_eq(jx_str_value(lossy), "a\xef\xbf\xbd");
    cr_expect_eq(jx_count(bom), 1);
}

Test(jx, what_is_missing_or_of_another_type_is_absent)
{
    auto_jx struct jx *doc =
        parse("{\"s\":\"x\",\"n\":5,\"d\":1.5,\"t\":true,\"z\":null,\"o\":{},"
              "\"a\":[1]}");

    cr_expect_str_eq(jx_str(doc, "s"), "x");
    cr_expect_null(jx_str(doc, "n"));
    cr_expect_null(jx_str(doc, "nothing"));
    cr_expect_null(jx_str(NULL, "s"));
    cr_expect_eq(jx_int(doc, "n", -1), 5);
    cr_expect_eq(jx_int(doc, "d", -1), -1);
    cr_expect_eq(jx_int(doc, "s", -1), -1);
    cr_expect(jx_bool(doc, "t", false));
    cr_expect(jx_bool(doc, "s", true));
    cr_expect(jx_has(doc, "z"));
    cr_expect_null(jx_get(doc, "z"));
    cr_expect_null(jx_obj(doc, "a"));
    cr_expect_null(jx_arr(doc, "o"));
    cr_expect_null(jx_at(jx_arr(doc, "a"), 1));
    cr_expect_null(jx_at(doc, 0));
    cr_expect_eq(jx_type(NULL), JX_NULL);
    cr_expect_eq(jx_count(NULL), 0);
}

Test(jx, members_come_in_order)
{
    auto_jx struct jx *doc = parse("{\"b\":1,\"a\":null,\"c\":3}");
    void *at = NULL;
    const char *key;
    struct jx *value;
    char got[8] = "";

    while (jx_next(doc, &at, &key, &value))
        strcat(got, key);
    cr_expect_str_eq(got, "bac");
    at = NULL;
    cr_expect_not(jx_next(NULL, &at, &key, &value));
}

Test(jx, documents_can_be_built_and_copied)
{
    auto_jx struct jx *doc = jx_new_obj();
    auto_buf struct buf out = BUF_INIT(200);
    struct jx *list = jx_new_arr();

    jx_set_str(doc, "s", "a/b");
    jx_set_str(doc, "none", NULL);
    jx_set_int(doc, "n", -3);
    jx_append(list, jx_new_bool(true));
    jx_append(list, NULL);
    jx_put_at(list, 0, jx_new_int(1));
    jx_set(doc, "list", list);
    jx_set(doc, "gone", jx_new_str(BYTES_NONE));
    jx_unset(doc, "gone");

    auto_jx struct jx *copy = jx_copy(doc);
    jx_unset(doc, "s");
    jx_write(copy, &out);
    cr_expect_str_eq(buf_cstr(&out),
                     "{\"s\":\"a/b\",\"none\":null,\"n\":-3,\"list\":[1,null]}");
}

/* ---- memory -------------------------------------------------------------- */

/* The sanitizers keep terabytes of address space for themselves. */
#ifndef WITH_SANITIZERS

/* 100000 times `item`, in which # is the number. */
static void
many(struct buf *text, char open, const char *item, char close)
{
    buf_add_char(text, open);
    for (size_t i = 0; i < 100000; i++) {
        buf_add_str(text, i > 0 ? "," : "");
        for (const char *p = item; *p != '\0'; p++) {
            if (*p == '#')
                buf_addf(text, "%zu", i);
            else
                buf_add_char(text, *p);
        }
    }
    buf_add_char(text, close);
}

/* Of address space, in bytes. */
static size_t
in_use(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    size_t n_pages = 0;

    cr_assert_not_null(f);
    cr_assert_eq(fscanf(f, "%zu", &n_pages), 1);
    fclose(f);
    return n_pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Whatever fits or does not: there is no third answer. */
static void
expect_all_or_limit(struct bytes text, size_t more_bytes, size_t *n_limited)
{
    struct rlimit old, tight;
    struct err err = { 0 };
    struct jx *doc;

    cr_assert_eq(getrlimit(RLIMIT_AS, &old), 0);
    tight = old;
    tight.rlim_cur = in_use() + more_bytes;
    cr_assert_eq(setrlimit(RLIMIT_AS, &tight), 0);
    doc = jx_parse(text, SIZE_MAX, &err);
    cr_assert_eq(setrlimit(RLIMIT_AS, &old), 0);
    *n_limited += doc == NULL;
    if (doc == NULL)
        cr_expect_eq(err.kind, ERR_LIMIT, "%zu: %s", more_bytes, err.text);
    else
        cr_expect_eq(jx_count(doc), 100000, "%zu: %zu", more_bytes,
                     jx_count(doc));
    jx_free(doc);
}

Test(jx, a_document_without_memory_is_refused_and_never_a_part_of_it)
{
    auto_buf struct buf arrays = BUF_INIT(8u << 20);
    auto_buf struct buf members = BUF_INIT(8u << 20);
    size_t n_limited = 0, n = 0;

    if (getenv("VALGRIND") != NULL)
        cr_skip("valgrind's own memory would count");
    many(&arrays, '[', "[1]", ']');
    many(&members, '{', "\"a#\":\"x\"", '}');
    for (size_t mib = 1; mib <= 64; mib *= 2, n += 2) {
        expect_all_or_limit(buf_bytes(&arrays), mib << 20, &n_limited);
        expect_all_or_limit(buf_bytes(&members), mib << 20, &n_limited);
    }
    cr_expect_gt(n_limited, 1);
    cr_expect_lt(n_limited, n);
}

#endif
