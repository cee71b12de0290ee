/*
 * worker/analyze/rpm-header.h: header blobs, what rpm's databases are made of
 * (scan-facts.md §7.3.4): an index of tags, and their data behind it.
 *
 * Read in two ways: as the blob is, and as the peer reads it, which misses
 * the last entry of the index and takes the data of an entry to reach to the
 * next one's. All texts are borrowed from the blob.
 */
#ifndef WORKER_ANALYZE_RPM_HEADER_H
#define WORKER_ANALYZE_RPM_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* Entries of an index; rpm's own ceiling is 65535. */
#define RPM_HEADER_MAX_ENTRIES 50000

enum rpm_tag {
    RPM_TAG_NAME = 1000,
    RPM_TAG_VERSION = 1001,
    RPM_TAG_RELEASE = 1002,
    RPM_TAG_EPOCH = 1003,
    RPM_TAG_SIZE = 1009,
    RPM_TAG_LICENCE = 1014,
    RPM_TAG_ARCH = 1022,
    RPM_TAG_SOURCE_RPM = 1044,
    RPM_TAG_PROVIDES = 1047,
    RPM_TAG_REQUIRES = 1049,
    RPM_TAG_DIR_INDEXES = 1116,
    RPM_TAG_BASE_NAMES = 1117,
    RPM_TAG_DIR_NAMES = 1118,
    RPM_TAG_MODULE = 5096,
};

/* What is reported of a package. */
struct rpm_package {
    struct bytes name, version, release;
    struct bytes source_rpm, module; /* p NULL: none */
    struct bytes arch, licence;      /* p NULL: none */
    bool has_epoch;
    int64_t epoch;
};

/* A blob whose index has been found whole. */
struct rpm_header {
    struct bytes index; /* 16 bytes for each entry */
    struct bytes data;
};

int rpm_header_open(struct rpm_header *h, struct bytes blob, struct err *err);

/* Name, version and release must be there; else ERR_INPUT says which is not. */
int rpm_header_read(const struct rpm_header *h, struct rpm_package *out,
                    struct err *err);

/* A tag that is an array of texts, one after the other; none when it is
 * absent or something else. */
struct rpm_texts {
    struct bytes rest;
    uint32_t n_left;
};
struct rpm_texts rpm_header_texts(const struct rpm_header *h,
                                  enum rpm_tag tag);
bool rpm_texts_next(struct rpm_texts *it, struct bytes *text);

/* A tag that is an array of 32-bit numbers, big endian, 4 bytes each. */
struct bytes rpm_header_numbers(const struct rpm_header *h, enum rpm_tag tag);

enum rpm_peer {
    RPM_PEER_READS,
    RPM_PEER_MISSES_TAGS, /* parsed, but something it must have is not there */
    RPM_PEER_THROWS,      /* not parsed */
};
enum rpm_peer rpm_header_read_as_peer(struct bytes blob,
                                      struct rpm_package *out);

static inline uint32_t
rpm_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static inline uint32_t
rpm_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 |
           p[0];
}

static inline uint16_t
rpm_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

#endif
