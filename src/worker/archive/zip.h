/*
 * worker/archive/zip.h: a zip archive in a body, one entry at a time.
 *
 * The central directory is walked in its order; nothing is inflated but what
 * zip_read() asks for. zip64, data descriptors and bytes in front of the
 * archive (self-extracting ones, executable jars) are understood; split
 * archives, encryption and methods other than "stored" and "deflated" are
 * not, and an entry says so when it is read. Everything in the archive is
 * hostile: each position is checked, the directory is walked once, forwards.
 */
#ifndef WORKER_ARCHIVE_ZIP_H
#define WORKER_ARCHIVE_ZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/archive/body.h"

/* Entries of one directory that are looked at. */
#define ZIP_MAX_ENTRIES 10000000u

struct zip;

struct zip_entry {
    struct bytes name;   /* as in the archive; borrowed until zip_next() */
    uint64_t index;      /* counts from 0 */
    uint64_t size;       /* of the plain bytes, as stated */
    uint64_t packed;     /* of the stored bytes, as stated */
    uint64_t offset;     /* of the local header, as stated */
    uint32_t crc;
    uint16_t method, flags;
    bool counted;        /* not beyond the number the end record tells */
};

/*
 * body: borrowed for the life of the zip, and not to be added to meanwhile.
 * NULL with ERR_INPUT when there is no directory to be found.
 */
struct zip *zip_new(struct ar_body *body, struct err *err);
void zip_free(struct zip *z);

/* 1 and an entry, 0 at the end, -1 (ERR_INPUT) where the directory is
 * damaged; the entries before that are fine. */
int zip_next(struct zip *z, struct zip_entry *entry, struct err *err);

/*
 * Whether the end record, taken at its word, leads to the directory: it is
 * the last thing that looks like one, and nothing stands in front of the
 * archive. Simple readers find nothing where this is false.
 */
bool zip_is_plain(const struct zip *z);
/* Entries the end record tells of. */
uint64_t zip_stated(const struct zip *z);

/*
 * What is wrong with an entry. The bytes may be intact all the same: a
 * descriptor that is odd, or one of two checksums, spoils nothing.
 */
enum zip_fault {
    ZIP_FINE,
    ZIP_LOCAL_CRC,        /* the local header has another checksum */
    ZIP_NO_DESCRIPTOR,    /* announced, but the next header stands there */
    ZIP_ODD_DESCRIPTOR,   /* not of a known form */
    ZIP_WRONG_DESCRIPTOR, /* does not tell what the directory does */
    ZIP_OUTSIDE,          /* the local header lies beyond the end */
    ZIP_NO_HEADER,        /* there is none at its place */
    ZIP_ENCRYPTED,
    ZIP_METHOD,
    ZIP_DEFLATE,          /* no deflate: `why` tells in zlib's words */
    ZIP_TRUNCATED,
    ZIP_TOO_LONG,         /* more bytes than stated */
    ZIP_CRC,              /* also: fewer bytes than stated */
    ZIP_REFUSED,          /* by a ceiling, or by the sink */
    ZIP_FAULTS
};

/* "crc", "method", ...; static. ZIP_FINE: NULL. */
const char *zip_fault_name(enum zip_fault fault);

struct zip_verdict {
    enum zip_fault fault;
    const char *why; /* static text; only with ZIP_DEFLATE */
};

/* Plain bytes, piece by piece. 1: enough (no check is made); -1 with err. */
typedef int (*zip_sink)(struct bytes chunk, void *arg, struct err *err);

/*
 * The plain bytes of an entry. The sink may have had some of them when the
 * rest turns out to be damaged.
 *   limit    more bytes than that are ERR_LIMIT; found out before inflating
 *            if the directory tells
 *   returns  0 intact, or the sink had enough; -1 with err, which does not
 *            name the entry. Both fill in *verdict: 0 with a fault is an
 *            entry that stricter readers refuse.
 */
int zip_read(struct zip *z, const struct zip_entry *entry, uint64_t limit,
             zip_sink sink, void *arg, struct zip_verdict *verdict,
             struct err *err);

AUTO_DEFINE(struct zip, zip, zip_free)
#define auto_zip __attribute__((cleanup(auto_cleanup_zip)))

#endif
