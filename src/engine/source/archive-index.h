/*
 * engine/source/archive-index.h: where each member of an outer archive lies.
 *
 * The archive is hostile, so an index worker reads it (records.md); here its
 * lines are kept. Small JSON members come with their text.
 */
#ifndef ENGINE_SOURCE_ARCHIVE_INDEX_H
#define ENGINE_SOURCE_ARCHIVE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/map.h"
#include "engine/loop/loop.h"
#include "engine/loop/proc.h"

enum member_type { MEMBER_FILE, MEMBER_SYMLINK, MEMBER_HARDLINK, MEMBER_OTHER };

struct member {
    char *path; /* member_path() of its name */
    enum member_type type;
    uint64_t offset, size; /* of the body in the plain stream, bytes */
    char *link;            /* target as written; links only */
    char *body;            /* NUL-terminated; NULL unless small JSON */
    size_t body_n;
};

struct archive_index {
    bool is_plain; /* offsets are offsets of the file itself */
    struct member *members; /* owns; in the archive's order */
    size_t n_members;
    struct map *by_path; /* owns; path -> place in members, from 1 */
};

void archive_index_free(struct archive_index *index);
/* The last member of that path, as tar(1) would leave it; NULL without. */
const struct member *archive_find(const struct archive_index *index,
                                  const char *path);
/* The same, but links are followed (8 of them); only files are found. */
const struct member *archive_resolve(const struct archive_index *index,
                                     const char *path);

/* Takes lines of an index worker as they come. For tests too. */
struct index_reader;
struct index_reader *index_reader_new(void);
void index_reader_free(struct index_reader *r);
int index_reader_feed(struct index_reader *r, struct bytes chunk,
                      struct err *err);
/* The whole, when its end line was there; the caller owns it. */
struct archive_index *index_reader_finish(struct index_reader *r,
                                          struct err *err);

struct indexing; /* in progress */
/* Takes `index`, which is NULL when err is set. Exactly once unless
 * cancelled; never from within indexing_start(). */
typedef void (*index_cb)(struct archive_index *index, const struct err *err,
                         void *arg);
/* fd: borrowed until the end. worker_args: NULL or NULL-terminated, copied. */
struct indexing *indexing_start(struct loop *loop, struct proc_pool *pool,
                                int fd, const char *const *worker_args,
                                index_cb fn, void *arg, struct err *err);
void indexing_cancel(struct indexing *x); /* takes x */

AUTO_DEFINE(struct archive_index, archive_index, archive_index_free)
#define auto_archive_index __attribute__((cleanup(auto_cleanup_archive_index)))
AUTO_DEFINE(struct index_reader, index_reader, index_reader_free)
#define auto_index_reader __attribute__((cleanup(auto_cleanup_index_reader)))

#endif
