/*
 * Zip archives made in memory, member by member, and damaged on purpose: for
 * tests of archive, analyze and graph.
 */
#ifndef TESTS_UNIT_ZIP_RIG_H
#define TESTS_UNIT_ZIP_RIG_H

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/bytes.h"

#define ZIP_RIG { .out = BUF_INIT(256u << 20), .directory = BUF_INIT(256u << 20) }

struct zip_rig {
    struct buf out, directory;
    unsigned n;
    /* Of the last member: where its headers begin, in out and directory. */
    size_t local, central;
};

static inline void
zip_rig_clear(struct zip_rig *z)
{
    buf_clear(&z->out);
    buf_clear(&z->directory);
}
#define auto_zip_rig __attribute__((cleanup(zip_rig_clear)))

static inline void
zip_put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void
zip_put32(uint8_t *p, uint64_t v)
{
    zip_put16(p, (unsigned)(v & 0xffff));
    zip_put16(p + 2, (unsigned)(v >> 16 & 0xffff));
}

static inline void
zip_put64(uint8_t *p, uint64_t v)
{
    zip_put32(p, v & UINT32_MAX);
    zip_put32(p + 4, v >> 32);
}

/* Raw deflate, appended. */
static inline void
zip_rig_deflate(struct buf *out, struct bytes data)
{
    z_stream s = { .next_in = (Bytef *)(uintptr_t)data.p,
                   .avail_in = (uInt)data.n };
    uLong most;

    deflateInit2(&s, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    most = deflateBound(&s, data.n);
    s.next_out = buf_room(out, most);
    s.avail_out = (uInt)most;
    deflate(&s, Z_FINISH);
    out->n += most - s.avail_out;
    deflateEnd(&s);
}

/* Both headers' common part: from the version needed to the extra length. */
static inline void
zip_rig_common(uint8_t *h, unsigned method, uint32_t crc, size_t packed,
               size_t size, size_t n_name)
{
    zip_put16(h, 20);
    zip_put16(h + 4, method);
    zip_put32(h + 10, crc);
    zip_put32(h + 14, packed);
    zip_put32(h + 18, size);
    zip_put16(h + 22, (unsigned)n_name);
}

/* A member whose bytes are `packed` whatever `method` says. */
static inline void
zip_rig_raw(struct zip_rig *z, const char *name, unsigned method,
            struct bytes packed, struct bytes plain)
{
    uint32_t crc = (uint32_t)crc32_z(0, plain.p, plain.n);
    uint8_t l[30] = { 'P', 'K', 3, 4 }, c[46] = { 'P', 'K', 1, 2 };
    size_t n = strlen(name);

    z->local = z->out.n;
    z->central = z->directory.n;
    zip_rig_common(l + 4, method, crc, packed.n, plain.n, n);
    zip_rig_common(c + 6, method, crc, packed.n, plain.n, n);
    zip_put32(c + 42, z->local);
    buf_add(&z->out, l, sizeof(l));
    buf_add(&z->out, name, n);
    buf_add_bytes(&z->out, packed);
    buf_add(&z->directory, c, sizeof(c));
    buf_add(&z->directory, name, n);
    z->n++;
}

static inline void
zip_rig_add(struct zip_rig *z, const char *name, struct bytes data)
{
    struct buf packed = BUF_INIT(256u << 20);

    zip_rig_deflate(&packed, data);
    zip_rig_raw(z, name, 8, buf_bytes(&packed), data);
    buf_clear(&packed);
}

static inline void
zip_rig_store(struct zip_rig *z, const char *name, struct bytes data)
{
    zip_rig_raw(z, name, 0, data, data);
}

/* The last member's fields, as the directory and the local header tell. */
static inline uint8_t *
zip_rig_central(struct zip_rig *z)
{
    return z->directory.p + z->central;
}

static inline uint8_t *
zip_rig_local(struct zip_rig *z)
{
    return z->out.p + z->local;
}

/* Directory and end record; the archive is z->out then. */
static inline struct bytes
zip_rig_end(struct zip_rig *z)
{
    uint8_t e[22] = { 'P', 'K', 5, 6 };

    zip_put16(e + 8, z->n);
    zip_put16(e + 10, z->n);
    zip_put32(e + 12, z->directory.n);
    zip_put32(e + 16, z->out.n);
    buf_add_bytes(&z->out, buf_bytes(&z->directory));
    buf_add(&z->out, e, sizeof(e));
    return buf_bytes(&z->out);
}

/* The end record of what zip_rig_end() gave. */
static inline uint8_t *
zip_rig_end_record(struct zip_rig *z)
{
    return z->out.p + z->out.n - 22;
}

#endif
