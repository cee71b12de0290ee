/*
 * worker/analyze/version/semver.h: versions and ranges as node's semver 7
 * understands them.
 *
 * Texts are hostile: versions longer than SEMVER_MAX_BYTES, ranges longer
 * than SEMVER_RANGE_MAX_BYTES and numbers above 2^53 - 1 are invalid. Pure;
 * nothing is kept.
 */
#ifndef WORKER_ANALYZE_VERSION_SEMVER_H
#define WORKER_ANALYZE_VERSION_SEMVER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

#define SEMVER_MAX_BYTES       256
#define SEMVER_RANGE_MAX_BYTES 4096

enum semver_mode { SEMVER_STRICT, SEMVER_LOOSE };

bool semver_valid(struct bytes version, enum semver_mode mode);
bool semver_range_valid(struct bytes range, enum semver_mode mode);

/* False also when either is invalid. Pre-releases match only where the range
 * names one of the same triple. */
bool semver_satisfies(struct bytes version, struct bytes range,
                      enum semver_mode mode);

/*
 * What a question costs, for those who count their steps: ranges are read
 * anew each time. A step is a microsecond or two, and what a range takes as
 * people write them.
 */
#define SEMVER_STEP_BYTES 16
size_t semver_range_steps(struct bytes range); /* _valid, _satisfies */
size_t semver_subset_steps(struct bytes sub, struct bytes dom);

/* Every version that satisfies `sub` satisfies `dom`. Equal texts always do,
 * whatever they are; otherwise false when one of them is invalid. */
bool semver_subset(struct bytes sub, struct bytes dom);

/* Precedence of two valid versions (build parts do not count): <0, 0, >0. */
int semver_cmp(struct bytes a, struct bytes b, enum semver_mode mode);

/* "v2.3-x" gives "2.3.0": the first one to three numbers (16 digits each at
 * most) found in the text, appended to out; false: none. */
bool semver_coerce(struct bytes text, struct buf *out);

#endif
