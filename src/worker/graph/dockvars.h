/*
 * worker/graph/dockvars.h: what ARG and ENV say in a Dockerfile, and the
 * variables in its other instructions.
 *
 * compat: as the peer reads them: values are not expanded, an ARG counts only
 * if it names one variable, what is not set is empty.
 */
#ifndef WORKER_GRAPH_DOCKVARS_H
#define WORKER_GRAPH_DOCKVARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "worker/graph/docktext.h"

struct dockvars;

#define DOCK_NO_PARENT SIZE_MAX

struct dockvars *dockvars_new(bool compat, char escape);
void dockvars_free(struct dockvars *v);

/* A FROM; its number, from 0 on. What the parent stage (or DOCK_NO_PARENT)
 * set stays set, unless compatible. */
size_t dockvars_begin_stage(struct dockvars *v, size_t parent);
/* An ARG or ENV instruction, in its place. */
void dockvars_define(struct dockvars *v, const struct dock_line *line);

/*
 * The text of an instruction with its variables replaced by what is set so
 * far; of a FROM (is_from) only by what stands before the first stage. *all
 * (may be NULL) tells whether all of them had a value. The caller owns it.
 *   line  where the variables are looked for
 *   text  where they are replaced: of the line, or of one of its words
 */
char *dockvars_expand(struct dockvars *v, const struct dock_line *line,
                      const char *text, bool is_from, bool *all);

/* Some were left alone, since all together are too much to look for. */
bool dockvars_full(const struct dockvars *v);

AUTO_DEFINE(struct dockvars, dockvars, dockvars_free)
#define auto_dockvars __attribute__((cleanup(auto_cleanup_dockvars)))

#endif
