/* worker/archive/zip-private.h: what the directory and the entries share. */
#ifndef WORKER_ARCHIVE_ZIP_PRIVATE_H
#define WORKER_ARCHIVE_ZIP_PRIVATE_H

#include "base/buf.h"
#include "worker/archive/deflate.h"
#include "worker/archive/zip.h"

#define ZIP_SIG_LOCAL      0x04034b50u
#define ZIP_SIG_DESCRIPTOR 0x08074b50u
#define ZIP_SIG_CENTRAL    0x02014b50u
#define ZIP_SIG_END        0x06054b50u
#define ZIP_SIG_END64      0x06064b50u
#define ZIP_SIG_LOCATOR    0x07064b50u

#define ZIP_OUT_BYTES (32u << 10)

struct zip {
    struct ar_body *body; /* borrows */
    uint64_t before;      /* bytes in front of the archive */
    uint64_t at, end;     /* the directory: what is left of it */
    uint64_t stated;      /* entries, by the end record */
    uint64_t n_entries;   /* seen */
    bool plain;
    struct buf name;      /* owns: of the entry at hand */
    const struct deflate_engine *engine;
    struct deflate *deflate; /* owns; made when first needed */
    uint8_t *out;            /* owns; the same */
};

static inline uint16_t
zip_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
zip_u32(const uint8_t *p)
{
    return zip_u16(p) | (uint32_t)zip_u16(p + 2) << 16;
}

static inline uint64_t
zip_u64(const uint8_t *p)
{
    return zip_u32(p) | (uint64_t)zip_u32(p + 4) << 32;
}

/* The signature at a place; 0 beyond the end. */
uint32_t zip_signature(struct ar_body *body, uint64_t at);

#endif
