/* Keys, versions and links of pnpm's lock file, as texts. */
#include "worker/graph/pnpm-key.h"

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/version/semver.h"

/* ---- peers -------------------------------------------------------------- */

static struct bytes
last_part(struct bytes text)
{
    size_t n = text.n;

    while (n > 0 && text.p[n - 1] != '/')
        n--;
    return bytes_from(text, n);
}

/*
 * Version 5: from the '_' in the last part on. The peer cuts behind the first
 * place where that part's own text occurs, be it in front of it:
 * "link:../l" becomes "l".
 */
static struct bytes
without_peers_5(struct bytes text)
{
    struct bytes part = last_part(text);
    bool parts = part.n < text.n;
    auto_free char *own = NULL;

    part = bytes_to(part, bytes_find(part, '_'));
    if (part.n == 0)
        return bytes_to(text, parts ? 1 : 0);
    own = bytes_dup(part);
    return bytes_to(text, bytes_find_str(text, own) + part.n);
}

struct bytes
pnpm_without_peers(struct bytes text, char lock_version)
{
    if (lock_version == '5')
        return without_peers_5(text);
    return bytes_to(text, bytes_find(text, '('));
}

/* ---- names -------------------------------------------------------------- */

static bool
eat_part(struct bytes *rest, struct bytes *part)
{
    if (rest->p == NULL)
        return false;
    *part = bytes_to(*rest, bytes_find(*rest, '/'));
    *rest = part->n < rest->n ? bytes_from(*rest, part->n + 1) : BYTES_NONE;
    return true;
}

static int
no_key(struct bytes key, struct err *err)
{
    return err_set(err, ERR_INPUT, "no package: %.*s", (int)(key.n % 100),
                   (const char *)key.p);
}

/* "/name/1.0.0" or "registry/name/1.0.0"; of another host nothing is known. */
static int
parse_5(struct pnpm_name *out, struct bytes key, struct err *err)
{
    struct bytes rest = key, host = BYTES_NONE, name, second, version;

    eat_part(&rest, &host);
    if (!eat_part(&rest, &name))
        return no_key(key, err);
    if (bytes_starts(name, "@") && eat_part(&rest, &second))
        name = bytes_of(name.p, name.n + 1 + second.n);
    if (eat_part(&rest, &version)) {
        version = bytes_to(version, bytes_find(version, '_'));
        if (semver_valid(version, SEMVER_STRICT)) {
            out->name = bytes_dup(name);
            out->version = bytes_dup(version);
            return 0;
        }
    }
    return host.n > 0 ? 0 : no_key(key, err);
}

/* Split at every '@': "name@1.0.0", "@s/name@1.0.0". */
static void
parse_at(struct pnpm_name *out, struct bytes key)
{
    size_t from = 0, at, end;

    if (bytes_starts(key, "/"))
        key = bytes_from(key, 1);
    if (bytes_starts(key, "@") &&
        bytes_find(bytes_from(key, 1), '@') + 1 < key.n)
        from = 1;
    at = from + bytes_find(bytes_from(key, from), '@');
    out->name = bytes_dup(bytes_to(key, at));
    if (at >= key.n)
        return;
    end = at + 1 + bytes_find(bytes_from(key, at + 1), '@');
    out->version = bytes_dup(bytes_of(key.p + at + 1, end - at - 1));
}

int
pnpm_parse_key(struct pnpm_name *out, struct bytes key, char lock_version,
               struct err *err)
{
    *out = (struct pnpm_name){ NULL, NULL };
    if (lock_version == '5')
        return parse_5(out, key, err);
    parse_at(out, key);
    return 0;
}

/* ---- links -------------------------------------------------------------- */

static void
drop_last(struct buf *path)
{
    struct bytes part = last_part(buf_bytes(path));

    path->n -= part.n < path->n ? part.n + 1 : part.n;
}

static void
add_part(struct buf *path, struct bytes part)
{
    bool up = bytes_is(part, "..");

    if (part.n == 0 || bytes_is(part, "."))
        return;
    if (up && path->n > 0 && !bytes_is(last_part(buf_bytes(path)), "..")) {
        drop_last(path);
        return;
    }
    if (path->n > 0)
        buf_add_char(path, '/');
    buf_add_bytes(path, part);
}

char *
pnpm_link_path(struct bytes from, struct bytes to)
{
    auto_buf struct buf path = BUF_INIT(SIZE_MAX / 4);
    struct bytes rest = from, part;

    while (eat_part(&rest, &part))
        add_part(&path, part);
    for (rest = to; eat_part(&rest, &part);)
        add_part(&path, part);
    if (path.n == 0)
        buf_add_char(&path, '.');
    if (bytes_ends(to, "/"))
        buf_add_char(&path, '/');
    return buf_steal(&path);
}
