/* The set of prefixes. */
#include "worker/analyze/go-prefix.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"

struct go_prefixes {
    struct buf text;        /* owns: all keys */
    struct go_prefix *list; /* owns: sorted once sealed */
    size_t n;
    uint64_t work;
};

struct go_prefixes *
go_prefixes_new(void)
{
    struct go_prefixes *set = xnew(struct go_prefixes);

    buf_init(&set->text, SIZE_MAX / 4);
    return set;
}

void
go_prefixes_free(struct go_prefixes *set)
{
    if (set == NULL)
        return;
    buf_clear(&set->text);
    free(set->list);
    free(set);
}

void
go_prefixes_add(struct go_prefixes *set, struct bytes a, struct bytes b,
                const char *end, size_t owner)
{
    size_t start = set->text.n;

    buf_add_bytes(&set->text, a);
    if (b.n > 0) {
        buf_add_char(&set->text, '@');
        buf_add_bytes(&set->text, b);
    }
    buf_add_str(&set->text, end);
    set->list = xgrown(set->list, set->n, sizeof(*set->list));
    /* The text may still move: only its length is known. */
    set->list[set->n++] = (struct go_prefix){
        .key = bytes_of(NULL, set->text.n - start), .owner = owner
    };
}

static int
by_key(const void *a, const void *b)
{
    const struct go_prefix *x = a, *y = b;
    int r = bytes_cmp(x->key, y->key);

    /* The earlier owner last: the chain goes upwards in the list. */
    return r != 0 ? r : x->owner > y->owner ? -1 : x->owner < y->owner;
}

static bool
begins_with(struct bytes text, struct bytes key)
{
    return text.n >= key.n && memcmp(text.p, key.p, key.n) == 0;
}

void
go_prefixes_seal(struct go_prefixes *set)
{
    size_t at = 0;

    for (size_t i = 0; i < set->n; i++) {
        set->list[i].key.p = set->text.p + at;
        at += set->list[i].key.n;
    }
    if (set->n > 1)
        qsort(set->list, set->n, sizeof(*set->list), by_key);
    for (size_t i = 1; i < set->n; i++) {
        const struct go_prefix *p = &set->list[i - 1];

        while (p != NULL && !begins_with(set->list[i].key, p->key))
            p = p->next;
        set->list[i].next = p;
    }
}

/* Order of a and b; *same is how much of both is known to be equal before,
 * and afterwards. */
static int
compare(struct go_prefixes *set, struct bytes a, struct bytes b, size_t *same)
{
    size_t n = a.n < b.n ? a.n : b.n, i = *same;

    while (i < n && a.p[i] == b.p[i])
        i++;
    set->work += i - *same + 1;
    *same = i;
    if (i < n)
        return a.p[i] < b.p[i] ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

const struct go_prefix *
go_prefixes_find(struct go_prefixes *set, struct bytes text)
{
    size_t low = 0, high = set->n, same_low = 0, same_high = 0;
    const struct go_prefix *p;

    /* The last key that is not greater. What both ends share with the text,
     * everything between them shares too. */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        size_t same = same_low < same_high ? same_low : same_high;

        if (compare(set, set->list[mid].key, text, &same) <= 0) {
            low = mid + 1;
            same_low = same;
        } else {
            high = mid;
            same_high = same;
        }
    }
    if (low == 0)
        return NULL;
    for (p = &set->list[low - 1]; p != NULL; p = p->next) {
        set->work++;
        if (p->key.n <= same_low)
            return p;
    }
    return NULL;
}

uint64_t
go_prefixes_work(const struct go_prefixes *set)
{
    return set->work;
}
