/*
 * base/clock.h: durations from a clock that never jumps; wall time for show.
 *
 * Tests turn the clock by hand with clock_freeze().
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds of a monotonic clock with an arbitrary start. */
uint64_t clock_now_ms(void);

/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

/* "2026-11-24T00:02:24.532Z"; `out` takes 32 chars. */
void clock_format(int64_t wall_ms, char out[32]);

/*
 * RFC 3339 ("2024-05-01T10:00:00.123456789Z", offsets too) to milliseconds
 * since 1970. False on anything else.
 */
bool clock_parse(const char *s, int64_t *out_wall_ms);

/* "Tue, 24 Nov 2026 08:10:50 GMT" (RFC 9110 IMF-fixdate). False otherwise. */
bool clock_parse_http(const char *s, int64_t *out_wall_ms);

/* For tests: both clocks stand still and move only by clock_advance(). */
void clock_freeze(int64_t wall_ms);
void clock_advance(uint64_t ms);

#endif
