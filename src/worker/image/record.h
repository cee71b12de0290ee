/*
 * worker/image/record.h: what one layer contributes. JSON Lines:
 *
 *   {"record":1,"analyzer":"3"}
 *   {"i":812,"p":"/var/lib/dpkg/status","k":"dpkg","d":{...}}
 *   {"i":9,"p":"/app/.wh.gone","k":"whiteout"}
 *   {"warning":"...","p":"/x"}
 *   {"end":true,"entries":41,"plainBytes":1234,"diffId":"sha256:...",
 *    "coding":"gzip"}
 *
 * "i" is the entry's place in the tar, "p" its path (bytes that are no UTF-8:
 * "pb", base64). docs/internals/records.md lists the kinds. A record without
 * its end line is no record. The reader treats it as hostile.
 */
#ifndef WORKER_IMAGE_RECORD_H
#define WORKER_IMAGE_RECORD_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jw.h"
#include "base/json/jx.h"
#include "worker/archive/ar.h"

#define RECORD_VERSION 1

/* Called with finished lines; -1 stops everything (stdout is gone). */
typedef int (*record_sink)(struct bytes lines, void *arg, struct err *err);

struct record_writer;
struct record_writer *record_writer_new(record_sink sink, void *arg);
void record_writer_free(struct record_writer *w);
int record_begin(struct record_writer *w, const char *analyzer,
                 struct err *err);
/*
 * One product. data(w, arg) writes the value of "d" with jw; NULL: no "d".
 */
int record_item(struct record_writer *w, const struct ar_entry *entry,
                const char *kind, void (*data)(struct jw *jw, void *arg),
                void *arg, struct err *err);
int record_warning(struct record_writer *w, struct bytes path,
                   const char *text, struct err *err);
int record_end(struct record_writer *w, uint64_t n_entries,
               uint64_t n_plain_bytes, const char *diff_id,
               const char *coding, struct err *err);

AUTO_DEFINE(struct record_writer, record_writer, record_writer_free)
#define auto_record_writer __attribute__((cleanup(auto_cleanup_record_writer)))

#endif
