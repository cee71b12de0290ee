/* apk's database of installed packages, split as the peer splits it
 * (scan-facts.md §7.1): one letter, a colon, a value. */
#include "worker/analyze/analyzer.h"
#include "worker/analyze/pkglist.h"

#include "base/jstext.h"

static struct bytes
before_equals(struct bytes word)
{
    return bytes_to(word, bytes_find(word, '='));
}

static void
read_provides(struct pkg_entry *p, struct bytes value)
{
    struct js_split it = { .rest = value };
    struct bytes word;

    while (js_split_next(&it, " ", &word))
        pkg_add_provide(p, before_equals(word));
}

/* "!name" is a conflict. "r:" (replaces) counts as a dependency too. */
static void
read_depends(struct pkg_entry *p, struct bytes value)
{
    struct js_split it = { .rest = value };
    struct bytes word;

    while (js_split_next(&it, " ", &word)) {
        if (!bytes_starts(word, "!"))
            pkg_add_dep(p, before_equals(word));
    }
}

static struct bytes
stated(struct bytes b)
{
    return b.n > 0 ? b : bytes_str("");
}

static void
read_field(struct pkg_entry *p, char key, struct bytes value)
{
    switch (key) {
    case 'V':
        p->version = value;
        break;
    case 'o':
        p->source = stated(value);
        break;
    case 'p':
        read_provides(p, value);
        break;
    case 'D':
    case 'r':
        read_depends(p, value);
        break;
    case 'A':
        p->arch = stated(value);
        break;
    case 'L':
        p->licence = stated(value);
        break;
    default:
        break;
    }
}

static int
apk_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_pkg_list struct pkg_list list = { 0 };
    struct js_split it = { .rest = body };
    struct pkg_entry *p = NULL;
    struct bytes line;

    while (js_split_next(&it, "\n", &line)) {
        if (line.n < 2)
            continue;
        if (line.p[0] == 'P') {
            p = pkg_list_add(&list);
            p->name = stated(js_trim(bytes_from(line, 2)));
        } else if (p != NULL) {
            read_field(p, (char)line.p[0], js_trim(bytes_from(line, 2)));
        }
    }
    return pkg_list_write(&list, out, "apk", err);
}

const struct analyzer analyzer_apk = {
    .name = "apk",
    .wants = (const char *const[]){ "/lib/apk/db/installed",
                                    "/usr/lib/apk/db/installed", NULL },
    .read = apk_read,
};
