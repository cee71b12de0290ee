/* Dates: RFC 3339 as image tools write it, and the shorter forms of
 * ISO 8601. Times without a zone count as UTC. */
#include "worker/graph/jsdate.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"

static bool
all_match(const char *s, const char *form)
{
    for (; *form != '\0'; s++, form++) {
        if (*form == '0' ? *s < '0' || *s > '9' : *s != *form)
            return false;
    }
    return *s == '\0';
}

/* Completes a shorter form to one clock_parse() knows. */
static char *
completed(const char *s)
{
    if (all_match(s, "0000"))
        return xasprintf("%s-01-01T00:00:00Z", s);
    if (all_match(s, "0000-00"))
        return xasprintf("%s-01T00:00:00Z", s);
    if (all_match(s, "0000-00-00"))
        return xasprintf("%sT00:00:00Z", s);
    if (all_match(s, "0000-00-00T00:00"))
        return xasprintf("%s:00Z", s);
    if (all_match(s, "0000-00-00T00:00Z"))
        return xasprintf("%.16s:00Z", s);
    if (strlen(s) >= 19 && strpbrk(s + 19, "Zz+-") == NULL)
        return xasprintf("%sZ", s);
    return xstrdup(s);
}

bool
js_date(const struct jx *v, bool present, int64_t *out_ms)
{
    const char *s = jx_str_value(v);

    if (!present)
        return false;
    if (s == NULL) {
        *out_ms = jx_int_value(v, 0);
        return jx_type(v) == JX_NULL || jx_type(v) == JX_INT;
    }
    auto_free char *text = completed(s);

    return clock_parse(text, out_ms);
}
