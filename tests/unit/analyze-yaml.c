#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/json/jw.h"
#include "base/str.h"
#include "worker/analyze/yaml.h"

static bool
all(size_t depth, struct bytes key)
{
    (void)depth;
    (void)key;
    return true;
}

/* Everything but members called "no", and outermost ones called "top". */
static bool
some(size_t depth, struct bytes key)
{
    return !bytes_is(key, "no") && (depth > 0 || !bytes_is(key, "top"));
}

static void
write_node(struct jw *jw, const struct tree_node *node)
{
    switch (node->kind) {
    case TREE_MAP:
        jw_obj(jw);
        for (size_t i = 0; i < node->n; i++) {
            jw_key_bytes(jw, node->members[i].key);
            write_node(jw, node->members[i].value);
        }
        jw_end(jw);
        break;
    case TREE_LIST:
        jw_arr(jw);
        for (size_t i = 0; i < node->n; i++)
            write_node(jw, node->items[i]);
        jw_end(jw);
        break;
    case TREE_NULL:
        jw_null(jw);
        break;
    default:
        jw_bytes(jw, tree_bytes(node));
        break;
    }
}

/* All documents as JSON, or the error's text. */
static void
expect_tree(tree_wants wants, const char *text, const char *want)
{
    auto_buf struct buf json = BUF_INIT(1u << 20);
    struct err err;
    struct jw jw;

    auto_tree struct tree *t = yaml_read(bytes_str(text), wants, &err);

    if (t == NULL) {
        cr_expect_str_eq(err.text, want, "%s: %s", text, err.text);
        return;
    }
    for (size_t i = 0; i < tree_count(t); i++) {
        jw_init(&jw, &json);
        write_node(&jw, tree_root(t, i));
    }
    cr_expect_str_eq(buf_cstr(&json), want, "%s: %s", text, buf_cstr(&json));
}

Test(yaml, every_scalar_is_text)
{
    expect_tree(all, "a: 1.10\nb: true\nc: ~\nd: '1'\ne: 0x10\n2: null\n",
                "{\"a\":\"1.10\",\"b\":\"true\",\"c\":\"~\",\"d\":\"1\","
                "\"e\":\"0x10\",\"2\":\"null\"}");
}

Test(yaml, what_is_not_written_is_null_and_an_empty_text_is_not)
{
    expect_tree(all, "a:\nb: ''\nc: [,x]\n",
                "line 3: did not find expected node content");
    expect_tree(all, "a:\nb: ''\n?\n: x\n",
                "{\"a\":null,\"b\":\"\",\"null\":\"x\"}");
}

Test(yaml, documents_are_told_apart)
{
    expect_tree(all, "---\na: 1\n---\nb: 2\n", "{\"a\":\"1\"}{\"b\":\"2\"}");
    expect_tree(all, "", "");
}

Test(yaml, aliases_stand_for_what_they_name)
{
    expect_tree(all, "a: &x {b: [c]}\nd: *x\ne: [*x, &y z, *y]\n",
                "{\"a\":{\"b\":[\"c\"]},\"d\":{\"b\":[\"c\"]},"
                "\"e\":[{\"b\":[\"c\"]},\"z\",\"z\"]}");
    expect_tree(all, "a: *x\n", "line 1: alias x names nothing");
    /* Names end with their document. */
    expect_tree(all, "a: &x 1\n---\nb: *x\n", "line 3: alias x names nothing");
}

Test(yaml, an_alias_inside_of_what_it_names_is_refused)
{
    expect_tree(all, "a: &x\n  b: *x\n",
                "line 2: alias x inside of what it names");
    expect_tree(all, "&x [*x]\n", "line 1: alias x inside of what it names");
}

Test(yaml, aliases_of_aliases_are_counted_as_if_written_out)
{
    auto_buf struct buf text = BUF_INIT(1u << 16);

    buf_add_str(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++)
        buf_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1);
    /* 11, 4 * 11 + 1, …: up to a8 they come to 990,315, a9 is too much. */
    expect_tree(all, buf_cstr(&text), "line 10: more than 1000000 values");
}

/* "a: &x <anchored>", then *x as often as told; the value is of line 1. */
static void
expect_weight(const char *anchored, size_t n_aliases, const char *want)
{
    auto_buf struct buf text = BUF_INIT(1u << 20);

    buf_addf(&text, "a: &x %s\nb: [", anchored);
    for (size_t i = 0; i < n_aliases; i++)
        buf_addf(&text, "%s*x", i > 0 ? ", " : "");
    buf_add_str(&text, "]\n");
    auto_tree struct tree *t = yaml_read(buf_bytes(&text), all, NULL);

    cr_expect_eq(t != NULL, want == NULL, "%zu aliases", n_aliases);
    if (want != NULL)
        expect_tree(all, buf_cstr(&text), want);
}

Test(yaml, aliases_of_long_texts_weigh_what_they_are_long)
{
    auto_buf struct buf text = BUF_INIT(1u << 16), key = BUF_INIT(1u << 16);
    const size_t n_fit = 990, n_too_many = 999;

    for (size_t i = 0; i < 16000; i++)
        buf_add_char(&text, 'v');
    buf_addf(&key, "{? %s : k}", buf_cstr(&text));
    expect_weight("v", n_too_many, NULL);
    /* 1001 values each, and of the map with its own value 1002. */
    expect_weight(buf_cstr(&text), n_fit, NULL);
    expect_weight(buf_cstr(&text), n_too_many,
                  "line 2: more than 1000000 values");
    expect_weight(buf_cstr(&key), n_fit, NULL);
    expect_weight(buf_cstr(&key), n_too_many,
                  "line 2: more than 1000000 values");
}

Test(yaml, depth_has_a_ceiling)
{
    auto_buf struct buf text = BUF_INIT(1u << 16);

    for (int i = 0; i < 10000; i++)
        buf_add_char(&text, '[');
    expect_tree(all, buf_cstr(&text), "line 1: nested more than 100 deep");
}

Test(yaml, members_nobody_wants_are_parsed_and_not_kept)
{
    expect_tree(some, "a: {no: {b: [c]}, d: e}\ntop: 1\nf: {top: 2}\n",
                "{\"a\":{\"d\":\"e\"},\"f\":{\"top\":\"2\"}}");
    expect_tree(some, "a: {no: {b: [c}, d: e}\n",
                "line 1: did not find expected ',' or ']'");
    expect_tree(some, "no: &x [a]\nb: *x\n",
                "line 2: alias x to what is not read");
    expect_tree(some, "a: &x [b]\nno: *x\n", "{\"a\":[\"b\"]}");
}

Test(yaml, plain_tags_may_stand_and_others_are_refused)
{
    expect_tree(all, "a: !!str 1\nb: !!map {}\nc: !!seq []\nd: ! 2\n",
                "{\"a\":\"1\",\"b\":{},\"c\":[],\"d\":\"2\"}");
    expect_tree(all, "a: !!int 1\n",
                "line 1: unknown tag tag:yaml.org,2002:int");
    expect_tree(all, "a: !x {}\n", "line 1: unknown tag !x");
}

Test(yaml, keys_are_texts)
{
    expect_tree(all, "[a]: b\n", "line 1: a key that is no text");
    expect_tree(all, "x: &k a\n*k : b\n", "line 2: a key that is no text");
}

Test(yaml, bytes_that_are_no_utf8_are_replaced)
{
    expect_tree(all, "a: x\xff\n", "{\"a\":\"x\xef\xbf\xbd\"}");
    expect_tree(all, "\xef\xbb\xbf" "a: x\n", "{\"a\":\"x\"}");
}

Test(yaml, the_last_of_equal_members_counts)
{
    struct err err;
    auto_tree struct tree *t = yaml_read(bytes_str("a: 1\nb: 2\na: 3\n"), all,
                                         &err);

    cr_expect(bytes_is(tree_text(tree_root(t, 0), "a"), "3"));
    cr_expect_null(tree_get(tree_root(t, 0), "c"));
}
