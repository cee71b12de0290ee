/*
 * worker/analyze/version/pep440.h: versions of Python distributions and what
 * is asked of them (PEP 440). Pure; numbers may have any length.
 */
#ifndef WORKER_ANALYZE_VERSION_PEP440_H
#define WORKER_ANALYZE_VERSION_PEP440_H

#include <stdbool.h>

#include "base/bytes.h"

bool pep440_valid(struct bytes version);

/* <0, 0, >0. What is no version comes before all that are, in byte order. */
int pep440_cmp(struct bytes a, struct bytes b);

/*
 * ">=1,<2": all of them hold. Pre-releases count like others: the question is
 * about what is installed. False when something is malformed; no constraint
 * at all holds.
 */
bool pep440_satisfies(struct bytes version, struct bytes constraint);

#endif
