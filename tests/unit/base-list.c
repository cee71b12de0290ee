#include <criterion/criterion.h>

#include "base/list.h"

struct item {
    int v;
    struct link link;
};

static int
sum_in_order(struct list *l)
{
    int all = 0;

    list_each(struct item, i, link, l)
        all = all * 10 + i->v;
    return all;
}

Test(list, keeps_order_and_lets_members_go_while_walking)
{
    struct list l = LIST_INIT(l);
    struct item a = { .v = 1 }, b = { .v = 2 }, c = { .v = 3 };

    cr_expect(list_is_empty(&l));
    cr_expect_null(list_first(struct item, link, &l));
    list_append(&l, &b.link);
    list_append(&l, &c.link);
    list_prepend(&l, &a.link);
    cr_expect_eq(sum_in_order(&l), 123);
    cr_expect_eq(list_first(struct item, link, &l)->v, 1);
    list_each(struct item, i, link, &l) {
        if (i->v != 3)
            list_remove(&i->link);
    }
    cr_expect_eq(sum_in_order(&l), 3);
    cr_expect_not(list_linked(&a.link));
    list_remove(&a.link);
    cr_expect_eq(sum_in_order(&l), 3);
}
