/* SHA-256 of whatever is called node or java (§9.1), hashed as it passes. */
#include "worker/analyze/analyzer.h"

#include <string.h>

#include "base/digest.h"
#include "base/str.h"

struct keybinary {
    struct hasher *hasher; /* owns */
    char head[4];          /* what it begins with */
    size_t n;
    char hex[SHA256_HEX + 1];
};

static void *
keybinary_begin(const struct ar_entry *entry)
{
    struct keybinary *k = xnew(struct keybinary);

    (void)entry;
    k->hasher = hasher_new(HASH_SHA256);
    return k;
}

static bool
keybinary_feed(void *state, struct bytes chunk)
{
    struct keybinary *k = state;

    for (size_t i = 0; i < chunk.n && k->n < sizeof(k->head); i++)
        k->head[k->n++] = (char)chunk.p[i];
    hasher_update(k->hasher, chunk);
    return true;
}

static void
write_hash(struct jw *jw, void *arg)
{
    const struct keybinary *k = arg;

    jw_obj(jw);
    jw_key_str(jw, "sha256", k->hex);
    /* Also called so: sources, completions of a shell, folders' notes. */
    if (k->n == sizeof(k->head) && memcmp(k->head, "\177ELF", k->n) == 0)
        jw_key_bool(jw, "elf", true);
    jw_end(jw);
}

static int
keybinary_end(void *state, struct an_out *out, struct err *err)
{
    struct keybinary *k = state;
    int rc;

    hasher_finish(k->hasher, k->hex);
    rc = an_item(out, "keybinary", write_hash, k, err);
    hasher_free(k->hasher);
    free(k);
    return rc;
}

const struct analyzer analyzer_keybinary = {
    .name = "keybinary",
    .wants = (const char *const[]){ "*node", "*java", NULL },
    .begin = keybinary_begin,
    .feed = keybinary_feed,
    .end = keybinary_end,
};
