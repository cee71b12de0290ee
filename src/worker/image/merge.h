/*
 * worker/image/merge.h: layers on top of each other become one image.
 *
 * Records come bottom layer first. What a lower layer has and an upper one
 * hides is let go at once, so memory holds what is visible and one layer.
 *
 *   right    whiteout markers, opaque folders, files and links that replace
 *            what was there, hard links
 *   compat   only regular files count, and whiteouts are what the peer takes
 *            for them (scan-facts.md §4.2)
 *
 * The result is in the order of §4.3: top layer first, within a layer as in
 * the tar.
 */
#ifndef WORKER_IMAGE_MERGE_H
#define WORKER_IMAGE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/json/jx.h"
#include "worker/image/record-reader.h"

struct merge;

/* One product of one visible file. All borrowed from the merge. */
struct merged {
    struct bytes path;
    const char *kind;
    const struct jx *data; /* NULL: an empty file */
    size_t layer;          /* counts from 0 at the bottom */
    uint64_t index;        /* place in that layer's tar */
};

struct merge *merge_new(bool compat);
void merge_free(struct merge *m);

void merge_begin_layer(struct merge *m);
/* A RECORD_ITEM just stepped to; its document is taken if it is kept. */
void merge_add(struct merge *m, struct record_reader *r,
               const struct record_line *line);
/* As if the layer begun had nothing in it. */
void merge_forget_layer(struct merge *m);
void merge_end_layer(struct merge *m);
/* After the top layer; then the merge is read-only. */
void merge_finish(struct merge *m);

/* Products in order, of one kind or (NULL) all; start with *at = 0. */
bool merge_next(const struct merge *m, const char *kind, size_t *at,
                struct merged *out);
/* The product of a path, false when there is none. */
bool merge_find(const struct merge *m, const char *path, const char *kind,
                struct merged *out);

AUTO_DEFINE(struct merge, merge, merge_free)
#define auto_merge __attribute__((cleanup(auto_cleanup_merge)))

#endif
