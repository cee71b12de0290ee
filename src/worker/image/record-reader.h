/*
 * worker/image/record-reader.h: records come back, line by line.
 *
 * A step machine without I/O: feed bytes as they come, then step until it
 * needs more. A record is hostile: lines have a ceiling, every member a type,
 * entries an order, and nothing counts before the end line has been seen.
 */
#ifndef WORKER_IMAGE_RECORD_READER_H
#define WORKER_IMAGE_RECORD_READER_H

#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"

#define RECORD_LINE_MAX_BYTES (512u << 20)

enum record_event {
    RECORD_NEED_MORE,
    RECORD_BEGIN,   /* the head line: analyzer is set */
    RECORD_ITEM,    /* index, path, kind, data */
    RECORD_WARNING, /* path, text */
    RECORD_END,     /* the end line; nothing may follow */
    RECORD_BAD      /* err tells; stays so */
};

/* What a line said; valid until the next step. */
struct record_line {
    uint64_t index;      /* place in the tar */
    struct bytes path;   /* absolute */
    const char *kind;
    struct jx *data;     /* borrowed; NULL without "d" */
    const char *text;    /* of a warning; the analyzer's version of a head */
    uint64_t n_entries;  /* end line */
    const char *diff_id; /* end line; may be NULL */
};

struct record_reader;
struct record_reader *record_reader_new(size_t line_limit_bytes);
void record_reader_free(struct record_reader *r);
/* Copies. A line longer than the ceiling becomes RECORD_BAD at its step. */
void record_feed(struct record_reader *r, struct bytes chunk);
enum record_event record_step(struct record_reader *r,
                              struct record_line *line, struct err *err);
/* The document that data and kind of the last line live in: the caller owns
 * it from now on. */
struct jx *record_take(struct record_reader *r);
/* No more input: 0, or ERR_INPUT when the end line is missing. */
int record_finish(struct record_reader *r, struct err *err);

AUTO_DEFINE(struct record_reader, record_reader, record_reader_free)
#define auto_record_reader __attribute__((cleanup(auto_cleanup_record_reader)))

#endif
