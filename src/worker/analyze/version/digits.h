/* worker/analyze/version/digits.h: numbers of any length, as versions have
 * them. */
#ifndef WORKER_ANALYZE_VERSION_DIGITS_H
#define WORKER_ANALYZE_VERSION_DIGITS_H

#include "base/bytes.h"

/* The digits that s begins with. */
struct bytes digits_of(struct bytes s);
/* By value, zeros in front do not count; no digits are 0. <0, 0, >0. */
int digits_cmp(struct bytes a, struct bytes b);

#endif
