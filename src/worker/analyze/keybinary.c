/* SHA-256 of whatever is called node or java (§9.1), hashed as it passes. */
#include "worker/analyze/analyzer.h"

#include "base/digest.h"

static void *
keybinary_begin(const struct ar_entry *entry)
{
    (void)entry;
    return hasher_new(HASH_SHA256);
}

static bool
keybinary_feed(void *state, struct bytes chunk)
{
    hasher_update(state, chunk);
    return true;
}

static void
write_hash(struct jw *jw, void *arg)
{
    jw_obj(jw);
    jw_key_str(jw, "sha256", arg);
    jw_end(jw);
}

static int
keybinary_end(void *state, struct an_out *out, struct err *err)
{
    char hex[SHA256_HEX + 1];

    hasher_finish(state, hex);
    hasher_free(state);
    return an_item(out, "keybinary", write_hash, hex, err);
}

const struct analyzer analyzer_keybinary = {
    .name = "keybinary",
    .wants = (const char *const[]){ "*node", "*java", NULL },
    .begin = keybinary_begin,
    .feed = keybinary_feed,
    .end = keybinary_end,
};
