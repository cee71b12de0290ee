/* Objects of texts, flattened as they are read. */
#include "worker/analyze/jspairs.h"

#include "base/json/jr.h"

/* One line; false, and nothing is added, for a text that is none. */
static bool
add_line(struct buf *out, struct bytes raw)
{
    size_t from = out->n;

    if (from > 0)
        buf_add_char(out, '\n');
    from = out->n;
    jr_text(raw, out);
    return memchr(out->p + from, '\n', out->n - from) == NULL &&
           memchr(out->p + from, '\0', out->n - from) == NULL;
}

static void
add_pair(struct buf *out, const struct jr *r, bool values)
{
    size_t from = out->n;

    if (values && r->token != JR_STR)
        return;
    /* An empty name in front would look like nothing at all. */
    if (r->key.n == 0 || !add_line(out, r->key) ||
        (values && !add_line(out, r->raw)))
        out->n = from;
}

size_t
jspairs_add(struct buf *out, struct bytes object, bool values)
{
    struct jr r;
    size_t n = 0;

    jr_init(&r, object, JR_MAX_DEPTH);
    jr_next(&r);
    while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD) {
        add_pair(out, &r, values);
        jr_skip(&r);
        n++;
    }
    return n;
}
