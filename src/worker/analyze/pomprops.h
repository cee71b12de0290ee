/*
 * worker/analyze/pomprops.h: the coordinates in a pom.properties, which Maven
 * puts into every jar it makes.
 */
#ifndef WORKER_ANALYZE_POMPROPS_H
#define WORKER_ANALYZE_POMPROPS_H

#include <stdbool.h>

#include "base/bytes.h"

/* Borrowed from the text. */
struct pomprops {
    struct bytes group, artifact, version;
};

/*
 * The three of them, as the peer reads them: no escapes, no blanks in front
 * of a key, "=" only. False unless all are there. text: UTF-8.
 */
bool pomprops_read(struct pomprops *out, struct bytes text);

/* Is META-INF/maven/<group>/<artifact>/pom.properties the entry's name? */
bool pomprops_is_home(const struct pomprops *p, struct bytes name);

#endif
