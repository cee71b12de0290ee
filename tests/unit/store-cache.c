/* Layer records and the inbox: what is kept, what goes first. */
#include "store-rig.h"

static struct rig r;
static char got[64];
static struct inbox_item list[8];
static size_t n_list;
static int64_t got_id;

static void
start(void)
{
    rig_start(&r);
}

static void
end(void)
{
    rig_end(&r);
}

TestSuite(layer, .init = start, .fini = end, .timeout = 60);
TestSuite(inbox, .init = start, .fini = end, .timeout = 60);

static void
on_record(struct bytes record, const struct err *err, void *arg)
{
    snprintf(got, sizeof(got), "%.*s", BYTES_FMT(record));
    rig_answer(arg, err);
}

static const char *
get(const char *digest, const char *version)
{
    layer_get(r.store, digest, version, on_record, &r);
    cr_assert_eq(rig_wait(&r), ERR_NONE);
    return got;
}

static void
put(const char *digest, const char *version, const char *record,
    uint64_t limit)
{
    layer_put(r.store, digest, version, bytes_str(record), limit, rig_on_done,
              &r);
    cr_assert_eq(rig_wait(&r), ERR_NONE);
}

Test(layer, is_known_by_digest_and_version)
{
    put("sha256:a", "1", "record", 0);
    cr_expect_str_eq(get("sha256:a", "1"), "record");
    cr_expect_str_eq(get("sha256:a", "2"), "");
    cr_expect_str_eq(get("sha256:b", "1"), "");
}

Test(layer, survives_a_restart_and_is_replaced)
{
    put("sha256:a", "1", "old", 0);
    put("sha256:a", "1", "new", 0);
    rig_reopen(&r);
    cr_expect_str_eq(get("sha256:a", "1"), "new");
}

Test(layer, least_recently_used_go_first)
{
    put("sha256:a", "1", "aaaa", 12);
    put("sha256:b", "1", "bbbb", 12);
    put("sha256:c", "1", "cccc", 12);
    get("sha256:a", "1");
    put("sha256:d", "1", "dddd", 12);
    cr_expect_str_eq(get("sha256:b", "1"), "", "its use was the oldest");
    cr_expect_str_eq(get("sha256:a", "1"), "aaaa");
    cr_expect_str_eq(get("sha256:c", "1"), "cccc");
    cr_expect_str_eq(get("sha256:d", "1"), "dddd");
}

Test(layer, one_above_the_ceiling_costs_no_other)
{
    put("sha256:a", "1", "aaaa", 8);
    put("sha256:b", "1", "too large for it", 8);
    cr_expect_str_eq(get("sha256:a", "1"), "aaaa");
    cr_expect_str_eq(get("sha256:b", "1"), "");
}

static void
on_id(int64_t id, const struct err *err, void *arg)
{
    got_id = id;
    rig_answer(arg, err);
}

static enum err_kind
receive(const char *path, const char *body, uint64_t limit)
{
    inbox_add(r.store, path, "{\"h\":\"v\"}", bytes_str(body), limit, on_id,
              &r);
    return rig_wait(&r);
}

static void
on_list(const struct inbox_item *items, size_t n, const struct err *err,
        void *arg)
{
    n_list = n;
    for (size_t i = 0; i < n; i++)
        list[i] = items[i]; /* numbers only: texts are borrowed */
    rig_answer(arg, err);
}

static void
on_item(const struct inbox_item *item, const struct err *err, void *arg)
{
    if (item != NULL)
        snprintf(got, sizeof(got), "%s %s %.*s", item->path, item->headers,
                 BYTES_FMT(item->body));
    rig_answer(arg, err);
}

Test(inbox, gives_back_what_came)
{
    receive("/v2/import/done", "hello", 0);
    inbox_get(r.store, got_id, on_item, &r);
    cr_expect_eq(rig_wait(&r), ERR_NONE);
    cr_expect_str_eq(got, "/v2/import/done {\"h\":\"v\"} hello");
    inbox_get(r.store, got_id + 1, on_item, &r);
    cr_expect_eq(rig_wait(&r), ERR_ABSENT);
}

Test(inbox, lists_newest_first_page_by_page)
{
    int64_t ids[3];

    for (int i = 0; i < 3; i++) {
        receive("/p", "abc", 0);
        ids[i] = got_id;
    }
    inbox_list(r.store, 2, 0, on_list, &r);
    rig_wait(&r);
    cr_assert_eq(n_list, 2);
    cr_expect_eq(list[0].id, ids[2]);
    cr_expect_eq(list[1].id, ids[1]);
    cr_expect_eq(list[0].size, 3);
    cr_expect_eq(list[0].received_wall_ms, clock_wall_ms());
    inbox_list(r.store, 2, ids[1], on_list, &r);
    rig_wait(&r);
    cr_assert_eq(n_list, 1);
    cr_expect_eq(list[0].id, ids[0]);
}

Test(inbox, ceiling_drops_the_oldest)
{
    int64_t first;

    receive("/p", "aaaa", 10);
    first = got_id;
    receive("/p", "bbbb", 10);
    receive("/p", "cccc", 10);
    inbox_get(r.store, first, on_item, &r);
    cr_expect_eq(rig_wait(&r), ERR_ABSENT);
    inbox_list(r.store, 8, 0, on_list, &r);
    rig_wait(&r);
    cr_expect_eq(n_list, 2);
}

Test(inbox, one_body_above_the_ceiling_is_refused)
{
    receive("/p", "aaaa", 8);
    cr_expect_eq(receive("/p", "larger than that", 8), ERR_LIMIT);
    inbox_list(r.store, 8, 0, on_list, &r);
    rig_wait(&r);
    cr_expect_eq(n_list, 1, "and costs no other");
}
