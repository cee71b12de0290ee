/*
 * worker/analyze/version/rpm.h: versions of rpm packages,
 * "[epoch:]version-release" (rpm-version(7)). Pure; any text has a place in
 * the order.
 */
#ifndef WORKER_ANALYZE_VERSION_RPM_H
#define WORKER_ANALYZE_VERSION_RPM_H

#include "base/bytes.h"

/* <0, 0, >0. A missing epoch is 0, a missing release comes before all. */
int rpm_version_cmp(struct bytes a, struct bytes b);
/* Of a version or a release alone. */
int rpm_segment_cmp(struct bytes a, struct bytes b);

#endif
