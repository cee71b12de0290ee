/*
 * worker/analyze/elf.h: programs: what lies where in an ELF file.
 *
 * 32 and 64 bits, both byte orders. Nothing is held: tables are read entry by
 * entry from the body. Every offset and count is the file's claim; what lies
 * outside of the file is ERR_INPUT.
 */
#ifndef WORKER_ANALYZE_ELF_H
#define WORKER_ANALYZE_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "worker/archive/body.h"

#define ELF_MAGIC "\x7f" "ELF"

enum elf_segment_type { ELF_LOAD = 1 };
enum elf_segment_flag { ELF_EXECUTE = 1, ELF_WRITE = 2 };

/* Where entries of one kind stand. */
struct elf_table {
    uint64_t at; /* offset in the file */
    uint16_t entry_bytes, n;
};

struct elf {
    struct ar_body *body; /* borrows */
    bool is_64, is_big;
    struct elf_table segments, sections;
    uint64_t names_at, names_bytes; /* the sections' names */
};

struct elf_section {
    uint64_t address, offset, n; /* n bytes, cut at the end of the file */
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t address, offset, n; /* n bytes of the file, cut as above */
};

/* body: borrowed. -1: no ELF file, or its segments are not all there. */
int elf_open(struct elf *elf, struct ar_body *body, struct err *err);
/* 0, or -1 when the sections are not all there: many live without. Asks for
 * their names too: to be called before elf_find_section(). */
int elf_open_sections(struct elf *elf, struct err *err);

/* The first of that name. 1 found, 0 not, -1 damaged. */
int elf_find_section(const struct elf *elf, const char *name,
                     struct elf_section *out, struct err *err);
/* i < elf->segments.n */
int elf_segment(const struct elf *elf, uint16_t i, struct elf_segment *out,
                struct err *err);
/*
 * Where the byte at `address` stands in the file, and how many bytes of the
 * first segment that has it follow (itself too). 1 found, 0 not, -1 damaged.
 */
int elf_locate(const struct elf *elf, uint64_t address, uint64_t *offset,
               uint64_t *n, struct err *err);

/* Integers in the file's byte order. */
uint16_t elf_u16(const struct elf *elf, const uint8_t *p);
uint32_t elf_u32(const struct elf *elf, const uint8_t *p);

/* The same where the order is somebody else's; size is 4 or 8. */
uint64_t elf_uint(const uint8_t *p, unsigned size, bool is_big);

#endif
