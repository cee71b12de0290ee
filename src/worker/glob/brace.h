/*
 * worker/glob/brace.h: "{a,b}{1..3}" becomes six texts, as npm's
 * brace-expansion does it for its globs (no backslash means anything).
 */
#ifndef WORKER_GLOB_BRACE_H
#define WORKER_GLOB_BRACE_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

/* Texts made of one pattern, at any moment of the work. */
#define BRACE_MAX_TEXTS 1024
#define BRACE_MAX_BYTES (256u << 10)

struct brace_texts {
    char **at; /* owns them all */
    size_t n;
    size_t n_bytes;
};

/* The texts of `pattern` are added. ERR_LIMIT: it stands for too many;
 * ERR_INPUT: a byte 0x01 in it. */
int brace_expand(struct brace_texts *out, struct bytes pattern,
                 struct err *err);
void brace_clear(struct brace_texts *texts);

#define auto_brace __attribute__((cleanup(brace_clear)))

#endif
