/* Coordinates in a pom.properties. */
#include "worker/analyze/pomprops.h"

#include "base/buf.h"
#include "base/jstext.h"

/* Between the first "=" and the second one. */
static struct bytes
value_of(struct bytes line)
{
    struct bytes value = bytes_from(line, bytes_find(line, '=') + 1);

    return js_trim(bytes_to(value, bytes_find(value, '=')));
}

/* Of equal keys the last one counts, be it empty. */
bool
pomprops_read(struct pomprops *out, struct bytes text)
{
    struct bytes line;

    *out = (struct pomprops){ BYTES_NONE, BYTES_NONE, BYTES_NONE };
    while (bytes_next(&text, '\n', &line)) {
        if (bytes_starts(line, "groupId="))
            out->group = value_of(line);
        else if (bytes_starts(line, "artifactId="))
            out->artifact = value_of(line);
        else if (bytes_starts(line, "version="))
            out->version = value_of(line);
    }
    return out->group.n > 0 && out->artifact.n > 0 && out->version.n > 0;
}

bool
pomprops_is_home(const struct pomprops *p, struct bytes name)
{
    auto_buf struct buf home = BUF_INIT(SIZE_MAX / 4);

    buf_addf(&home, "META-INF/maven/");
    buf_add_bytes(&home, p->group);
    buf_add_char(&home, '/');
    buf_add_bytes(&home, p->artifact);
    buf_addf(&home, "/pom.properties");
    return bytes_equal(buf_bytes(&home), name);
}
