/*
 * role/agent/envelope.h: the bodies of callbacks (agent-api.md §4.11). Pure.
 */
#ifndef ROLE_AGENT_ENVELOPE_H
#define ROLE_AGENT_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* The broker client takes no larger body. */
#define ENVELOPE_MAX_BYTES (10u << 20)
/* Above this a result goes without its files. */
#define ENVELOPE_FILES_BYTES (8u << 20)
/* Room for what envelope_close() appends. */
#define ENVELOPE_CLOSE_BYTES 32

/* All borrowed; NULL for what is not known. */
struct envelope {
    const char *id;
    const char *context; /* JSON text */
    const char *image;
    const char *registry;
    const char *manifest_digest;
    const char *index_digest;
};

/*
 * The envelope of one scan result, still open: how many there are is known
 * only when it is sent. Too large even without its files: ERR_LIMIT, code
 * RESULT_TOO_LARGE. Not an object: ERR_INTERNAL.
 *   result  compact JSON, spliced in as it is (but for files)
 */
int envelope_result(struct buf *out, const struct envelope *e, size_t index,
                    struct bytes result, struct err *err);
/* Append the end of a result's envelope. */
void envelope_close(struct buf *out, size_t count);

/* failure NULL: success. */
void envelope_done(struct buf *out, const struct envelope *e,
                   size_t n_results, uint64_t duration_ms,
                   const struct err *failure);

#endif
