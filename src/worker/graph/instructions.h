/*
 * worker/graph/instructions.h: what the user installed, as the image's
 * history or its Dockerfile tells (scan-facts.md §10).
 */
#ifndef WORKER_GRAPH_INSTRUCTIONS_H
#define WORKER_GRAPH_INSTRUCTIONS_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/json/jw.h"
#include "base/json/jx.h"

struct instructions;

/* From the history of an image config; NULL or none: nothing known. */
struct instructions *instructions_new(const struct jx *config);
/* From the RUN instructions of a Dockerfile; copied. */
struct instructions *instructions_of_runs(const char *const *runs, size_t n);
void instructions_free(struct instructions *ins);

/* The RUN instruction that installed `name` ("" too), or NULL. Borrowed. */
const char *instructions_find(const struct instructions *ins,
                              const char *name);
/* Its base64 text, NULL when unknown. Borrowed. */
const char *instructions_layer_id(const struct instructions *ins,
                                  const char *name);
/* `name` came by what brought `because`, which must be known. Left out once
 * the texts of all are too much. */
void instructions_copy(struct instructions *ins, const char *name,
                       const char *because);

/* Packages were left out, since all together repeat too much. */
bool instructions_full(const struct instructions *ins);
/* At least one package and one layer. */
bool instructions_any(const struct instructions *ins);
/* Members "dockerfileLayers":{…},"dockerfilePackages":{…} of an object. */
void instructions_write(const struct instructions *ins, struct jw *jw);

AUTO_DEFINE(struct instructions, instructions, instructions_free)
#define auto_instructions __attribute__((cleanup(auto_cleanup_instructions)))

#endif
