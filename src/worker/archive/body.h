/*
 * worker/archive/body.h: the bytes of one file, to be read anywhere.
 *
 * For formats that have their table of contents at the end (jars, programs)
 * or are databases. A small body lies in memory, a large one in the scratch
 * file. Bodies end in the reverse order of their beginning: the scratch file
 * is a stack (an archive, the archive inside it, the one inside that).
 */
#ifndef WORKER_ARCHIVE_BODY_H
#define WORKER_ARCHIVE_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

/* The most that ar_body_at() gives in one piece. */
#define AR_BODY_MAX_PIECE (1u << 20)

/* Where large bodies go: one for a process. */
struct ar_scratch {
    int fd;               /* borrows; -1: none, then large ones are refused */
    uint64_t hold_bytes;  /* of all bodies, what stays in memory */
    uint64_t limit_bytes; /* of the file; 0: none */
    uint64_t held, used;  /* now; start with 0 */
};

struct ar_body;

/* scratch: borrowed for the body's life. */
struct ar_body *ar_body_new(struct ar_scratch *scratch);
void ar_body_free(struct ar_body *b);

/* Append. -1: ERR_LIMIT when neither memory nor the scratch file has room. */
int ar_body_add(struct ar_body *b, struct bytes chunk, struct err *err);

/* Whether a body of that size would find room beside those there are. */
bool ar_scratch_has_room(const struct ar_scratch *s, uint64_t n);

uint64_t ar_body_size(const struct ar_body *b);

/*
 * n bytes (at most AR_BODY_MAX_PIECE) from offset, borrowed until the next
 * call for this body. Bytes beyond the end are ERR_INPUT.
 */
int ar_body_at(struct ar_body *b, uint64_t offset, size_t n, struct bytes *out,
               struct err *err);
/* The same into the caller's memory, any n. */
int ar_body_copy(struct ar_body *b, uint64_t offset, void *to, size_t n,
                 struct err *err);

AUTO_DEFINE(struct ar_body, ar_body, ar_body_free)
#define auto_ar_body __attribute__((cleanup(auto_cleanup_ar_body)))

#endif
