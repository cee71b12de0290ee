/* Chisel's manifest: JSON lines, compressed with zstd, one of whose kinds is
 * a package (scan-facts.md §7.4). */
#include "worker/analyze/analyzer.h"
#include "worker/analyze/pkglist.h"

#include "base/buf.h"
#include "base/json/jx.h"

#define PLAIN_MAX_BYTES (64u << 20)
#define LINE_MAX_BYTES  (1u << 20)

/* The body as a source of compressed bytes. */
static int
pull_body(struct bytes *chunk, void *arg, struct err *err)
{
    struct bytes *left = arg;

    (void)err;
    *chunk = *left;
    *left = BYTES_NONE;
    return chunk->n > 0 ? 1 : 0;
}

static int
unpack(struct bytes body, struct buf *plain, struct err *err)
{
    struct ar_limits limits = { .plain_bytes = PLAIN_MAX_BYTES };
    auto_inflate struct inflate *z = inflate_new(pull_body, &body, &limits,
                                                 false);
    struct bytes chunk;
    int rc;

    if (z == NULL)
        return err_set(err, ERR_INTERNAL, "no decompressor");
    while ((rc = inflate_pull(&chunk, z, err)) == 1) {
        if (buf_add_bytes(plain, chunk) < 0)
            return buf_check(plain, "manifest", err);
    }
    if (rc == 0 && inflate_coding(z) != AR_ZSTD)
        return err_set(err, ERR_INPUT, "not compressed with zstd");
    return rc;
}

static const char *
full_text(const struct jx *o, const char *key)
{
    const char *s = jx_str(o, key);

    return s != NULL && *s != '\0' ? s : NULL;
}

/* The text alone is kept, whatever else stands in the line. */
static struct bytes
kept(struct jx *keep, const struct jx *line, const char *key)
{
    jx_append(keep, jx_new_str(jx_bytes_value(jx_get(line, key))));
    return jx_bytes_value(jx_at(keep, jx_count(keep) - 1));
}

static void
read_package(struct pkg_list *list, const struct jx *line, struct jx *keep)
{
    const char *kind = full_text(line, "kind");
    struct pkg_entry *p;

    if (kind == NULL || strcmp(kind, "package") != 0 ||
        full_text(line, "name") == NULL || full_text(line, "version") == NULL ||
        full_text(line, "sha256") == NULL || full_text(line, "arch") == NULL)
        return;
    p = pkg_list_add(list);
    p->name = kept(keep, line, "name");
    p->version = kept(keep, line, "version");
    p->arch = kept(keep, line, "arch");
}

static void
read_lines(struct bytes text, struct pkg_list *list, struct jx *keep)
{
    struct bytes line;

    while (!list->full && bytes_next(&text, '\n', &line)) {
        auto_jx struct jx *doc = jx_parse_lossy(line, LINE_MAX_BYTES, NULL);

        read_package(list, doc, keep);
    }
}

/*
 * A manifest that cannot be unpacked still says: chisel was here. The peer
 * names the system after it.
 */
static int
chisel_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_pkg_list struct pkg_list list = { 0 };
    auto_buf struct buf plain = BUF_INIT(PLAIN_MAX_BYTES);
    auto_jx struct jx *keep = jx_new_arr();
    struct err why;

    if (unpack(body, &plain, &why) == 0)
        read_lines(buf_bytes(&plain), &list, keep);
    else if (an_warn(out, err, "chisel: %s", why.text) < 0)
        return -1;
    return pkg_list_write(&list, out, "chisel", err);
}

const struct analyzer analyzer_chisel = {
    .name = "chisel",
    .wants = (const char *const[]){ "/var/lib/chisel/manifest.wall", NULL },
    .takes_empty = true,
    .read = chisel_read,
};
