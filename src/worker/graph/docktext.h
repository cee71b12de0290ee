/*
 * worker/graph/docktext.h: the text of a Dockerfile, taken apart into
 * instructions and words; what they mean is dockerfile.h's business.
 */
#ifndef WORKER_GRAPH_DOCKTEXT_H
#define WORKER_GRAPH_DOCKTEXT_H

#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"

/* A word; both own. */
struct dock_word {
    char *raw;  /* as written, without line continuations */
    char *text; /* without escape characters, but for those before "$" */
};

struct dock_line {
    char *keyword; /* owns; upper case */
    char *rest;    /* owns: what follows it, without line continuations */
    struct dock_word *words; /* owns; of the rest */
    size_t n;
};

struct docktext {
    char escape; /* backslash, or what a directive says */
    struct dock_line *lines; /* owns */
    size_t n;
};

/* Never fails: whatever is written there consists of lines and words. */
struct docktext *docktext_new(struct bytes text);
void docktext_free(struct docktext *d);

/* "RUN a b": keyword and words, one blank between. The caller owns it. */
char *dock_line_text(const struct dock_line *line);

AUTO_DEFINE(struct docktext, docktext, docktext_free)
#define auto_docktext __attribute__((cleanup(auto_cleanup_docktext)))

#endif
