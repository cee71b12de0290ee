/*
 * worker/analyze/rpm-deps.h: which installed package satisfies what another
 * one requires. By name alone: the system was consistent when rpm installed
 * it, so versions need not be compared.
 *
 * Two passes over the same headers, so that of all that is offered (a kernel
 * offers ten thousand symbols, a system a hundred thousand files) only what
 * somebody wants is ever kept.
 */
#ifndef WORKER_ANALYZE_RPM_DEPS_H
#define WORKER_ANALYZE_RPM_DEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "worker/analyze/rpm-header.h"

struct rpm_deps;

struct rpm_deps *rpm_deps_new(void);
void rpm_deps_free(struct rpm_deps *d);

/* First pass: what the next package requires. */
void rpm_deps_want(struct rpm_deps *d, const struct rpm_header *h);
/* Second pass, the same packages in the same order: what it offers. */
void rpm_deps_offer(struct rpm_deps *d, const struct rpm_header *h,
                    struct bytes name);

/* There were more requirements, or folders of one package, than we follow;
 * the rest is left out. */
bool rpm_deps_is_full(const struct rpm_deps *d);

/*
 * The packages that package number `pkg` depends on, some maybe twice: start
 * with *at = 0; false at the end.
 */
bool rpm_deps_next(const struct rpm_deps *d, size_t pkg, size_t *at,
                   size_t *on);

AUTO_DEFINE(struct rpm_deps, rpm_deps, rpm_deps_free)
#define auto_rpm_deps __attribute__((cleanup(auto_cleanup_rpm_deps)))

#endif
