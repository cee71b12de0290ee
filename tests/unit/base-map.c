#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/str.h"

static int values[1000];

Test(map, keeps_insertion_order_and_places)
{
    auto_map struct map *m = map_new();
    struct bytes key;
    void *value;
    size_t at = 0;

    cr_expect_null(map_put_str(m, "a", &values[1]));
    cr_expect_null(map_put_str(m, "b", &values[2]));
    cr_expect_eq(map_put_str(m, "a", &values[3]), &values[1]);
    cr_expect(map_next(m, &at, &key, &value) && bytes_is(key, "a") &&
              value == &values[3]);
    cr_expect(map_next(m, &at, &key, &value) && bytes_is(key, "b"));
    cr_expect_not(map_next(m, &at, &key, &value));
    cr_expect_eq(map_remove(m, bytes_str("a")), &values[3]);
    cr_expect_null(map_remove(m, bytes_str("a")));
    map_put_str(m, "a", &values[1]);
    at = 0;
    map_next(m, &at, &key, NULL);
    cr_expect(bytes_is(key, "b"));
}

Test(map, any_bytes_are_a_key)
{
    auto_map struct map *m = map_new();

    map_put(m, bytes_of("a\0b", 3), &values[1]);
    map_put(m, bytes_of("a", 1), &values[2]);
    map_put(m, BYTES_NONE, &values[3]);
    cr_expect_eq(map_get(m, bytes_of("a\0b", 3)), &values[1]);
    cr_expect_eq(map_get_str(m, "a"), &values[2]);
    cr_expect_eq(map_get_str(m, ""), &values[3]);
    cr_expect_null(map_get_str(m, "ab"));
}

/* A model: an array of what should be there, in order of insertion. */
struct model {
    int keys[1000];
    int n;
    void *value[1000];
};

static void
model_remove(struct model *o, int key)
{
    int to = 0;

    for (int i = 0; i < o->n; i++) {
        if (o->keys[i] != key)
            o->keys[to++] = o->keys[i];
    }
    o->n = to;
    o->value[key] = NULL;
}

static void
expect_like_model(const struct map *m, const struct model *o)
{
    size_t at = 0;
    struct bytes key;
    void *value;
    int i = 0;

    cr_assert_eq(map_count(m), (size_t)o->n);
    for (; map_next(m, &at, &key, &value); i++) {
        cr_assert_lt(i, o->n);
        cr_assert_eq(atoi((const char *)key.p), o->keys[i]);
        cr_assert_eq(value, o->value[o->keys[i]]);
    }
    cr_assert_eq(i, o->n);
}

Test(map, behaves_like_a_model_through_a_long_life)
{
    auto_map struct map *m = map_new();
    static struct model o;
    unsigned seed = 7;

    for (int step = 0; step < 20000; step++) {
        int key = rand_r(&seed) % 1000;
        auto_free char *name = xasprintf("%d", key);

        cr_assert_eq(map_get_str(m, name), o.value[key]);
        /* Phases of growing and of shrinking. */
        if (rand_r(&seed) % 10 < (step / 2000 % 2 == 0 ? 7 : 2)) {
            cr_assert_eq(map_put_str(m, name, &values[key]), o.value[key]);
            if (o.value[key] == NULL)
                o.keys[o.n++] = key;
            o.value[key] = &values[key];
        } else {
            cr_assert_eq(map_remove(m, bytes_str(name)), o.value[key]);
            model_remove(&o, key);
        }
        if (step % 500 == 0)
            expect_like_model(m, &o);
    }
}

Test(map, walking_on_meets_what_is_put_meanwhile_and_nothing_twice)
{
    auto_map struct map *m = map_new();
    size_t at = 0;
    struct bytes key;
    int n = 0, last = -1;

    map_put_str(m, "0", &values[0]);
    while (map_next(m, &at, &key, NULL)) {
        int i = atoi((const char *)key.p);

        cr_assert_eq(i, last + 1);
        last = i;
        n++;
        map_remove(m, key);
        if (i + 1 < 500) {
            auto_free char *next = xasprintf("%d", i + 1);

            map_put_str(m, next, &values[i]);
        }
    }
    cr_expect_eq(n, 500);
    cr_expect_eq(map_count(m), 0);
}
