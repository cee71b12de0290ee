/*
 * worker/archive/ar.h: a stream of bytes becomes archive entries, one at a
 * time. Hides libarchive, ISA-L, zlib and zstd.
 *
 *     inflate   gzip (multi-member), zlib, zstd or plain, told by the first
 *               bytes; counts, hashes and limits what comes out
 *     tar       entries of the plain stream
 *
 * Everything pulls: a reader asks for more input when it needs some.
 */
#ifndef WORKER_ARCHIVE_AR_H
#define WORKER_ARCHIVE_AR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/err.h"

/* Where bytes come from. Returns 1 and a chunk (borrowed until the next call),
 * 0 at the end, -1 with err. */
typedef int (*ar_pull)(struct bytes *chunk, void *arg, struct err *err);

/* A file descriptor as a source; reads of 256 KiB. */
struct ar_fd {
    int fd;        /* borrows */
    uint8_t *buf;  /* owns */
    uint64_t n_bytes; /* read so far */
};
void ar_fd_init(struct ar_fd *in, int fd);
void ar_fd_clear(struct ar_fd *in);
int ar_fd_pull(struct bytes *chunk, void *in, struct err *err);

/* ---- inflate ---------------------------------------------------------- */

enum ar_coding { AR_PLAIN, AR_GZIP, AR_ZLIB, AR_ZSTD };
const char *ar_coding_name(enum ar_coding c);

struct ar_limits {
    uint64_t plain_bytes;   /* uncompressed bytes; 0: none */
    uint64_t ratio;         /* uncompressed per compressed byte, after the
                               first MiB; 0: none */
    uint64_t entries;       /* of a tar; 0: none */
    uint64_t path_bytes;    /* of a name; 0: none */
    uint64_t window_bytes;  /* of zstd; 0: 128 MiB */
};

struct inflate;
/* use_zlib: do not use ISA-L even where it is there (tests). */
struct inflate *inflate_new(ar_pull pull, void *arg,
                            const struct ar_limits *limits, bool use_zlib);
void inflate_free(struct inflate *z);
/* An ar_pull: plain bytes. Truncation and garbage inside are ERR_INPUT;
 * trailing garbage after the last gzip member is ignored, as gzip(1) does. */
int inflate_pull(struct bytes *chunk, void *z, struct err *err);
enum ar_coding inflate_coding(const struct inflate *z);
uint64_t inflate_bytes_out(const struct inflate *z);

/* ---- tar -------------------------------------------------------------- */

enum ar_type { AR_FILE, AR_DIR, AR_SYMLINK, AR_HARDLINK, AR_OTHER };

struct ar_entry {
    enum ar_type type;
    struct bytes name;  /* as in the archive; borrowed until ar_next() */
    struct bytes path;  /* absolute and normalised: "/etc/x" (§4.1) */
    struct bytes link;  /* target of a link, as written; else empty */
    uint64_t size;      /* of a file's body */
    uint64_t index;     /* counts from 0 */
    uint64_t offset;    /* of the body in the plain stream, when known; for
                           `crab-worker index` */
    uint32_t mode;
    bool sparse;        /* the body has holes: it is no range of the stream */
};

struct ar;
struct ar *ar_new(ar_pull pull, void *arg, const struct ar_limits *limits,
                  struct err *err);
void ar_free(struct ar *ar);
/* 1 and an entry, 0 at the end, -1 with err ("entry 812: name too long"). */
int ar_next(struct ar *ar, struct ar_entry *entry, struct err *err);
/* Body of the current entry: 1 and a chunk, 0 at its end, -1. What is not
 * read is skipped without being copied. */
int ar_read(struct ar *ar, struct bytes *chunk, struct err *err);

/* Read a small archive, so that libraries open now what they open on first
 * use. For a process that may open nothing afterwards. */
void ar_warm_up(void);

AUTO_DEFINE(struct inflate, inflate, inflate_free)
AUTO_DEFINE(struct ar, ar, ar_free)
#define auto_inflate __attribute__((cleanup(auto_cleanup_inflate)))
#define auto_ar __attribute__((cleanup(auto_cleanup_ar)))

#endif
