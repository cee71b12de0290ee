/*
 * worker/graph/berry-resolutions.h: `resolutions` of a manifest: which range
 * a package gets in place of the one it is asked for with (scan-facts.md
 * §11.6).
 */
#ifndef WORKER_GRAPH_BERRY_RESOLUTIONS_H
#define WORKER_GRAPH_BERRY_RESOLUTIONS_H

#include "base/auto.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "worker/graph/node-lock.h"

/* Steps (semver.h) spent on range rules for one graph, at most. */
#define RESOLUTIONS_MAX_STEPS 5000000

struct resolutions;

/* Texts are borrowed from the object; it may be NULL. */
struct resolutions *resolutions_new(const struct jx *object);
void resolutions_free(struct resolutions *r);

/*
 * *range: the one in its place as the manifest states it, maybe URL-encoded;
 * borrowed; NULL: no rule is about it. The parent's version may be NULL.
 * ERR_LIMIT after RESOLUTIONS_MAX_STEPS.
 */
int resolutions_find(struct resolutions *r, const char *parent,
                     const char *parent_version,
                     const struct node_wanted *wanted, const char **range,
                     struct err *err);

AUTO_DEFINE(struct resolutions, resolutions, resolutions_free)
#define auto_resolutions __attribute__((cleanup(auto_cleanup_resolutions)))

#endif
