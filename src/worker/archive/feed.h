/*
 * worker/archive/feed.h: pulled chunks as one run of bytes that can be looked
 * at before it is taken, and given back in small amounts.
 *
 * Chunks are not copied: only the few bytes of a feed_need() that lie across
 * a border are put side by side.
 */
#ifndef WORKER_ARCHIVE_FEED_H
#define WORKER_ARCHIVE_FEED_H

#include "worker/archive/ar.h"

#define FEED_NEED_MAX 16

struct feed {
    ar_pull pull;       /* borrows, with arg */
    void *arg;
    struct bytes cur;   /* borrows: not yet taken */
    struct bytes after; /* borrows: follows cur, when cur lies in `joint` */
    uint64_t n_taken;   /* bytes taken so far */
    bool ended;         /* the source has no more */
    uint8_t joint[2 * FEED_NEED_MAX];
};

void feed_init(struct feed *f, ar_pull pull, void *arg);

/* At least one byte in f->cur: 1; 0 at the end; -1 with err. */
int feed_fill(struct feed *f, struct err *err);

/*
 * At least n (at most FEED_NEED_MAX) bytes side by side in f->cur: 1; 0 when
 * the source ends before that (what there is stays); -1 with err.
 */
int feed_need(struct feed *f, size_t n, struct err *err);

/* Take n bytes, at most f->cur.n. */
void feed_take(struct feed *f, size_t n);

/* Give back n bytes (at most 8) that were the last ones taken. */
void feed_give_back(struct feed *f, const uint8_t *p, size_t n);

/* Read to the end and forget: whoever writes to us must not be cut off. */
int feed_drain(struct feed *f, struct err *err);

#endif
