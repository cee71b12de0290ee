/* Layer records as the engine sees them: bytes, and what their first and last
 * line say. */
#include "base/json/jx.h"
#include "base/str.h"
#include "engine/scan/scan-private.h"

#define LINE_MAX_BYTES (64u << 10) /* of those two lines */

struct record *
record_new(void)
{
    struct record *r = xnew(struct record);

    r->n_refs = 1;
    buf_init(&r->bytes, RECORD_MAX_BYTES);
    return r;
}

struct record *
record_ref(struct record *r)
{
    r->n_refs++;
    return r;
}

void
record_unref(struct record *r)
{
    if (r == NULL || --r->n_refs > 0)
        return;
    buf_clear(&r->bytes);
    free(r);
}

static struct bytes
last_line(struct bytes record)
{
    size_t from;

    if (!bytes_ends(record, "\n"))
        return BYTES_NONE;
    record.n--;
    from = record.n;
    while (from > 0 && record.p[from - 1] != '\n')
        from--;
    return bytes_from(record, from);
}

int
record_read(struct record_facts *out, struct bytes record,
            const char *version, struct err *err)
{
    struct bytes first = bytes_to(record, bytes_find(record, '\n'));
    auto_jx struct jx *head = jx_parse(first, LINE_MAX_BYTES, NULL);
    auto_jx struct jx *tail = jx_parse(last_line(record), LINE_MAX_BYTES, NULL);

    *out = (struct record_facts){ 0 };
    if (jx_int(head, "record", 0) != 1 || !jx_bool(tail, "end", false))
        return err_set(err, ERR_INTERNAL, "the worker left no whole record");
    out->same_analyzer = str_eq(jx_str(head, "analyzer"), version);
    out->is_plain = str_eq(jx_str(tail, "coding"), "plain");
    if (jx_str(tail, "diffId") == NULL)
        return 0;
    return digest_parse(&out->diff_id, jx_str(tail, "diffId"), err);
}
