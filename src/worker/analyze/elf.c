/* Headers, segments and sections of ELF files. What is in a section is for
 * others. */
#include "worker/analyze/elf.h"

#include <assert.h>
#include <string.h>

#define IDENT_BYTES 16
#define NAME_MAX_BYTES 32 /* of sections that somebody asks for */

/* Field offsets of the two classes. */
static const struct layout {
    unsigned header_bytes, word;
    unsigned segments_at, sections_at, counts_at; /* of the header */
    unsigned segment_bytes, p_flags, p_offset, p_address, p_n;
    unsigned section_bytes, s_address, s_offset, s_n;
} layouts[2] = {
    { 52, 4, 28, 32, 42, 32, 24, 4, 8, 16, 40, 12, 16, 20 },
    { 64, 8, 32, 40, 54, 56, 4, 8, 16, 32, 64, 16, 24, 32 },
};

static const struct layout *
layout_of(const struct elf *elf)
{
    return &layouts[elf->is_64];
}

uint64_t
elf_uint(const uint8_t *p, unsigned size, bool is_big)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[is_big ? size - 1 - i : i] << (8 * i);
    return v;
}

uint16_t
elf_u16(const struct elf *elf, const uint8_t *p)
{
    return (uint16_t)elf_uint(p, 2, elf->is_big);
}

uint32_t
elf_u32(const struct elf *elf, const uint8_t *p)
{
    return (uint32_t)elf_uint(p, 4, elf->is_big);
}

static uint64_t
word(const struct elf *elf, const uint8_t *p)
{
    return elf_uint(p, layout_of(elf)->word, elf->is_big);
}

/* What of [offset, offset + n) is in the file. */
static uint64_t
cut(const struct elf *elf, uint64_t offset, uint64_t n)
{
    uint64_t size = ar_body_size(elf->body);

    if (offset >= size)
        return 0;
    return n < size - offset ? n : size - offset;
}

static bool
is_inside(const struct elf *elf, const struct elf_table *t)
{
    uint64_t n = (uint64_t)t->n * t->entry_bytes;

    return cut(elf, t->at, n) == n;
}

static int
read_ident(struct elf *elf, struct err *err)
{
    struct bytes b;

    if (ar_body_at(elf->body, 0, IDENT_BYTES, &b, err) < 0)
        return -1;
    if (memcmp(b.p, ELF_MAGIC, 4) != 0 || b.p[4] < 1 || b.p[4] > 2 ||
        b.p[5] < 1 || b.p[5] > 2)
        return err_set(err, ERR_INPUT, "not an ELF file");
    elf->is_64 = b.p[4] == 2;
    elf->is_big = b.p[5] == 2;
    return 0;
}

int
elf_open(struct elf *elf, struct ar_body *body, struct err *err)
{
    const struct layout *l;
    struct bytes b;

    *elf = (struct elf){ .body = body };
    if (read_ident(elf, err) < 0)
        return -1;
    l = layout_of(elf);
    if (ar_body_at(body, 0, l->header_bytes, &b, err) < 0)
        return -1;
    elf->segments = (struct elf_table){ word(elf, b.p + l->segments_at),
                                        elf_u16(elf, b.p + l->counts_at),
                                        elf_u16(elf, b.p + l->counts_at + 2) };
    elf->sections = (struct elf_table){
        word(elf, b.p + l->sections_at), elf_u16(elf, b.p + l->counts_at + 4),
        elf_u16(elf, b.p + l->counts_at + 6)
    };
    if (elf->segments.n > 0 &&
        (elf->segments.entry_bytes < l->segment_bytes ||
         !is_inside(elf, &elf->segments)))
        return err_set(err, ERR_INPUT, "segments beyond the end");
    return 0;
}

/* ---- sections ---------------------------------------------------------- */

struct raw_section {
    uint32_t name, type;
    struct elf_section s;
};

static int
read_section(const struct elf *elf, uint16_t i, struct raw_section *out,
             struct err *err)
{
    const struct layout *l = layout_of(elf);
    struct bytes b;

    if (ar_body_at(elf->body,
                   elf->sections.at + (uint64_t)i * elf->sections.entry_bytes,
                   l->section_bytes, &b, err) < 0)
        return -1;
    out->name = elf_u32(elf, b.p);
    out->type = elf_u32(elf, b.p + 4);
    out->s.address = word(elf, b.p + l->s_address);
    out->s.offset = word(elf, b.p + l->s_offset);
    out->s.n = cut(elf, out->s.offset, word(elf, b.p + l->s_n));
    return 0;
}

int
elf_open_sections(struct elf *elf, struct err *err)
{
    enum { STRING_TABLE = 3 };
    const struct layout *l = layout_of(elf);
    struct raw_section names;
    struct bytes b;
    uint16_t which;

    if (elf->sections.n == 0)
        return err_set(err, ERR_INPUT, "no sections");
    if (elf->sections.entry_bytes < l->section_bytes ||
        !is_inside(elf, &elf->sections))
        return err_set(err, ERR_INPUT, "sections beyond the end");
    if (ar_body_at(elf->body, l->counts_at + 8, 2, &b, err) < 0)
        return -1;
    which = elf_u16(elf, b.p);
    if (which >= elf->sections.n)
        return err_set(err, ERR_INPUT, "sections without names");
    if (read_section(elf, which, &names, err) < 0)
        return -1;
    if (names.type != STRING_TABLE)
        return err_set(err, ERR_INPUT, "names of sections are no text");
    elf->names_at = names.s.offset;
    elf->names_bytes = names.s.n;
    return 0;
}

/* Copied, for the body's window stays at the sections. */
static bool
has_name(const struct elf *elf, uint32_t at, const char *name)
{
    size_t n = strlen(name) + 1;
    char b[NAME_MAX_BYTES];

    assert(n <= sizeof(b));
    return at < elf->names_bytes && n <= elf->names_bytes - at &&
           ar_body_copy(elf->body, elf->names_at + at, b, n, NULL) == 0 &&
           memcmp(b, name, n) == 0;
}

int
elf_find_section(const struct elf *elf, const char *name,
                 struct elf_section *out, struct err *err)
{
    struct raw_section raw;

    if (elf->names_bytes == 0)
        return 0;
    for (uint16_t i = 0; i < elf->sections.n; i++) {
        if (read_section(elf, i, &raw, err) < 0)
            return -1;
        if (!has_name(elf, raw.name, name))
            continue;
        *out = raw.s;
        return 1;
    }
    return 0;
}

/* ---- segments ---------------------------------------------------------- */

int
elf_segment(const struct elf *elf, uint16_t i, struct elf_segment *out,
            struct err *err)
{
    const struct layout *l = layout_of(elf);
    struct bytes b;

    if (ar_body_at(elf->body,
                   elf->segments.at + (uint64_t)i * elf->segments.entry_bytes,
                   l->segment_bytes, &b, err) < 0)
        return -1;
    out->type = elf_u32(elf, b.p);
    out->flags = elf_u32(elf, b.p + l->p_flags);
    out->offset = word(elf, b.p + l->p_offset);
    out->address = word(elf, b.p + l->p_address);
    out->n = cut(elf, out->offset, word(elf, b.p + l->p_n));
    return 0;
}

int
elf_locate(const struct elf *elf, uint64_t address, uint64_t *offset,
           uint64_t *n, struct err *err)
{
    struct elf_segment s;

    for (uint16_t i = 0; i < elf->segments.n; i++) {
        if (elf_segment(elf, i, &s, err) < 0)
            return -1;
        if (address < s.address || address - s.address >= s.n)
            continue;
        *offset = s.offset + (address - s.address);
        *n = s.n - (address - s.address);
        return 1;
    }
    return 0;
}
