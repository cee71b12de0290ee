/*
 * worker/analyze/version/dpkg.h: versions of Debian packages,
 * "[epoch:]upstream[-revision]" (deb-version(7)). Pure; any text has a place
 * in the order.
 */
#ifndef WORKER_ANALYZE_VERSION_DPKG_H
#define WORKER_ANALYZE_VERSION_DPKG_H

#include "base/bytes.h"

/* <0, 0, >0 */
int dpkg_version_cmp(struct bytes a, struct bytes b);

#endif
