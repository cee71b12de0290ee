/*
 * worker/analyze/version/apk.h: versions of Alpine packages,
 * "1.2.3a_rc1~<commit>-r0" (apk-package(5)). Pure.
 */
#ifndef WORKER_ANALYZE_VERSION_APK_H
#define WORKER_ANALYZE_VERSION_APK_H

#include <stdbool.h>

#include "base/bytes.h"

bool apk_version_valid(struct bytes version);
/* <0, 0, >0. What is no version comes before all that are, in byte order. */
int apk_version_cmp(struct bytes a, struct bytes b);

#endif
