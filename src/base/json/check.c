/*
 * json-c's strict mode still takes NaN, 'single quotes', raw line feeds in
 * strings and numbers such as "1." and "00"; those who send them to us have
 * other readers that do not, and two readings of one text are one too many.
 */
#include "base/json/check.h"

#include "base/json/jr.h"
#include "base/json/jx.h"

/* Written out, for names are C strings to json-c. */
static bool
has_nul(struct bytes name)
{
    auto_buf struct buf plain = BUF_INIT(SIZE_MAX / 4);

    if (bytes_find_str(name, "\\u0000") == name.n)
        return false;
    jr_text(name, &plain);
    return bytes_find(buf_bytes(&plain), '\0') < plain.n;
}

int
json_check(struct bytes text, struct err *err)
{
    struct jr r;

    jr_init(&r, text, JX_MAX_DEPTH);
    while (jr_next(&r) != JR_END) {
        if (r.token != JR_BAD && has_nul(r.key))
            r.why = "a NUL in a member's name";
        if (r.why != NULL)
            return jr_error(&r, err);
    }
    return 0;
}
