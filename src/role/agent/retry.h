/* role/agent/retry.h: what the answer to a callback means. Pure. */
#ifndef ROLE_AGENT_RETRY_H
#define ROLE_AGENT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/net/headers.h"

enum retry_verdict { RETRY_ACCEPTED, RETRY_LATER, RETRY_NEVER };

/* status: of the answer, 0 when none came, then err says why not. */
enum retry_verdict retry_judge(int status, const struct err *err);

/*
 * Milliseconds until the next attempt, after `attempts` of them (1 or more):
 * 1, 2, 4 ... 60 s, a quarter more or less; at least what Retry-After in
 * `headers` (may be NULL) asks for, which counts up to an hour.
 *   chance    0 to 65535, for the jitter
 */
uint64_t retry_delay_ms(unsigned attempts, const struct headers *headers,
                        uint16_t chance);

#endif
