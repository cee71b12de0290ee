/* Go programs made in memory: headers, build information, a line table, and
 * nothing that could run. For unit tests. */
#ifndef TESTS_UNIT_GO_RIG_H
#define TESTS_UNIT_GO_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define GO_RIG_BASE 0x400000u /* where the file is loaded, all of it */
#define GO_RIG_MARK "\xff Go buildinf:"
#define GO_RIG_HEAD "path\texample.com/tool\nmod\texample.com/tool\t(devel)\t\n"

enum go_rig_form { GO_RIG_1_2, GO_RIG_1_16, GO_RIG_1_18, GO_RIG_1_20 };

struct go_rig {
    bool is_32, is_big;
    bool has_pointers;        /* build information as before Go 1.18 */
    bool has_note;            /* a note tells of Go, not a section */
    bool no_sections;
    const char *version;      /* NULL: "go1.19.8" */
    const char *modules;      /* NULL: GO_RIG_HEAD */
    const char *const *files; /* NULL-terminated; NULL: no line table */
    const char *table_name;   /* of its section; NULL: ".gopclntab" */
    enum go_rig_form form;
    size_t extra_bytes;       /* between the headers and the rest */
};

static inline void
go_rig_uint(const struct go_rig *r, struct buf *out, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        buf_add_char(out, (char)(v >> 8 * (r->is_big ? size - 1 - i : i)));
}

static inline void
go_rig_word(const struct go_rig *r, struct buf *out, uint64_t v)
{
    go_rig_uint(r, out, v, r->is_32 ? 4 : 8);
}

static inline void
go_rig_pad(struct buf *out, size_t n)
{
    while (out->n < n)
        buf_add_char(out, 0);
}

static inline void
go_rig_align(struct buf *out)
{
    go_rig_pad(out, (out->n + 15) & ~(size_t)15);
}

/* ---- build information --------------------------------------------------- */

static inline void
go_rig_varint(struct buf *out, uint64_t v)
{
    for (; v > 0x7f; v >>= 7)
        buf_add_char(out, (char)(v | 0x80));
    buf_add_char(out, (char)v);
}

static inline void
go_rig_framed(const char *text, struct buf *out)
{
    buf_add(out, "\x30\x77\xaf\x0c\x92\x74\x08\x02"
                 "\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16);
    buf_add_str(out, text);
    buf_add(out, "\xf9\x32\x43\x31\x86\x18\x20\x72"
                 "\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);
}

static inline void
go_rig_buildinfo(const struct go_rig *r, struct buf *out)
{
    const char *version = r->version != NULL ? r->version : "go1.19.8";
    struct buf text = BUF_INIT(SIZE_MAX / 4);
    size_t start = out->n, texts = start + 128;
    unsigned word = r->is_32 ? 4 : 8;

    go_rig_framed(r->modules != NULL ? r->modules : GO_RIG_HEAD, &text);
    buf_add_str(out, GO_RIG_MARK);
    buf_add_char(out, (char)word);
    buf_add_char(out, r->has_pointers ? (char)r->is_big : 2);
    if (!r->has_pointers) {
        go_rig_pad(out, start + 32);
        go_rig_varint(out, strlen(version));
        buf_add_str(out, version);
        go_rig_varint(out, text.n);
    } else {
        go_rig_word(r, out, GO_RIG_BASE + start + 64);
        go_rig_word(r, out, GO_RIG_BASE + start + 96);
        go_rig_pad(out, start + 64);
        go_rig_word(r, out, GO_RIG_BASE + texts);
        go_rig_word(r, out, strlen(version));
        go_rig_pad(out, start + 96);
        go_rig_word(r, out, GO_RIG_BASE + texts + strlen(version));
        go_rig_word(r, out, text.n);
        go_rig_pad(out, texts);
        buf_add_str(out, version);
    }
    buf_add_bytes(out, buf_bytes(&text));
    buf_clear(&text);
    buf_add_char(out, 0);
}

/* ---- the line table ------------------------------------------------------- */

static inline size_t
go_rig_count(const char *const *files)
{
    size_t n = 0;

    while (files[n] != NULL)
        n++;
    return n;
}

/* Two functions of nothing, then the list of offsets. */
static inline void
go_rig_old_files(const struct go_rig *r, struct buf *out, size_t start)
{
    size_t n = go_rig_count(r->files), names;

    go_rig_word(r, out, 2);
    for (unsigned i = 0; i < 5; i++)
        go_rig_word(r, out, 0);
    go_rig_uint(r, out, out->n - start + 4, 4);
    names = out->n - start + 4 * (n + 1);
    go_rig_uint(r, out, n + 1, 4);
    for (size_t i = 0; i < n; i++) {
        go_rig_uint(r, out, names, 4);
        names += strlen(r->files[i]) + 1;
    }
}

static inline void
go_rig_files(const struct go_rig *r, struct buf *out)
{
    static const uint32_t magic[] = { 0xfffffffb, 0xfffffffa, 0xfffffff0,
                                      0xfffffff1 };
    size_t start = out->n, word = r->is_32 ? 4 : 8;
    unsigned names_word = r->form == GO_RIG_1_16 ? 4 : 5;

    go_rig_uint(r, out, magic[r->form], 4);
    buf_add(out, "\0\0\1", 3);
    buf_add_char(out, (char)word);
    if (r->form == GO_RIG_1_2) {
        go_rig_old_files(r, out, start);
    } else {
        for (unsigned i = 0; i < 8; i++)
            go_rig_word(r, out, i == 1 ? go_rig_count(r->files)
                                : i == names_word ? 8 + 8 * word : 0);
    }
    for (size_t i = 0; r->files[i] != NULL; i++)
        buf_add(out, r->files[i], strlen(r->files[i]) + 1);
}

/* ---- ELF ------------------------------------------------------------------ */

struct go_rig_section {
    const char *name;
    unsigned type;
    size_t at, n;
};

static inline void
go_rig_section(const struct go_rig *r, struct buf *out,
               const struct go_rig_section *s, size_t name_at)
{
    go_rig_uint(r, out, name_at, 4);
    go_rig_uint(r, out, s->type, 4);
    go_rig_word(r, out, 2);
    go_rig_word(r, out, s->at > 0 ? GO_RIG_BASE + s->at : 0);
    go_rig_word(r, out, s->at);
    go_rig_word(r, out, s->n);
    go_rig_uint(r, out, 0, 8);
    go_rig_word(r, out, 16);
    go_rig_word(r, out, 0);
}

static inline void
go_rig_header(const struct go_rig *r, struct buf *out, size_t sections_at,
              size_t n_sections, size_t file_bytes)
{
    buf_add(out, "\x7f" "ELF", 4);
    buf_add_char(out, r->is_32 ? 1 : 2);
    buf_add_char(out, r->is_big ? 2 : 1);
    buf_add_char(out, 1);
    go_rig_pad(out, 16);
    go_rig_uint(r, out, 2, 2);
    go_rig_uint(r, out, 62, 2);
    go_rig_uint(r, out, 1, 4);
    go_rig_word(r, out, 0);
    go_rig_word(r, out, r->is_32 ? 52 : 64);
    go_rig_word(r, out, n_sections > 0 ? sections_at : 0);
    go_rig_uint(r, out, 0, 4);
    go_rig_uint(r, out, r->is_32 ? 52 : 64, 2);
    go_rig_uint(r, out, r->is_32 ? 32 : 56, 2);
    go_rig_uint(r, out, 1, 2);
    go_rig_uint(r, out, n_sections > 0 ? (r->is_32 ? 40 : 64) : 0, 2);
    go_rig_uint(r, out, n_sections, 2);
    go_rig_uint(r, out, n_sections > 0 ? n_sections - 1 : 0, 2);
    /* One segment, readable and writable: the whole file. */
    go_rig_uint(r, out, 1, 4);
    if (!r->is_32)
        go_rig_uint(r, out, 6, 4);
    go_rig_word(r, out, 0);
    go_rig_word(r, out, GO_RIG_BASE);
    go_rig_word(r, out, GO_RIG_BASE);
    go_rig_word(r, out, file_bytes);
    go_rig_word(r, out, file_bytes);
    if (r->is_32)
        go_rig_uint(r, out, 6, 4);
    go_rig_word(r, out, 4096);
}

static inline void
go_rig_note(const struct go_rig *r, struct buf *out)
{
    go_rig_uint(r, out, 4, 4);
    go_rig_uint(r, out, 8, 4);
    go_rig_uint(r, out, 4, 4);
    buf_add(out, "Go\0\0aaa/bbbb", 12);
}

static inline void
go_rig_place(struct go_rig_section *s, const char *name, unsigned type,
             size_t at, struct buf *out)
{
    *s = (struct go_rig_section){ name, type, at, out->n - at };
    go_rig_align(out);
}

/* The program, appended to `out`, which is empty. */
static inline void
go_rig_build(const struct go_rig *r, struct buf *out)
{
    struct go_rig_section s[5] = { { "", 0, 0, 0 } };
    struct buf names = BUF_INIT(4096), header = BUF_INIT(4096);
    size_t name_at[5] = { 0 }, n = 1, at;

    go_rig_pad(out, 128 + r->extra_bytes);
    go_rig_align(out);
    at = out->n;
    go_rig_buildinfo(r, out);
    go_rig_place(&s[n++], r->has_note ? ".data" : ".go.buildinfo", 1, at, out);
    if (r->has_note) {
        at = out->n;
        go_rig_note(r, out);
        go_rig_place(&s[n++], ".note.go.buildid", 7, at, out);
    }
    if (r->files != NULL) {
        at = out->n;
        go_rig_files(r, out);
        go_rig_place(&s[n++], r->table_name ? r->table_name : ".gopclntab", 1,
                     at, out);
    }
    buf_add_char(&names, 0);
    s[n++] = (struct go_rig_section){ ".shstrtab", 3, out->n, 0 };
    for (size_t i = 1; i < n; i++) {
        name_at[i] = names.n;
        buf_add(&names, s[i].name, strlen(s[i].name) + 1);
    }
    s[n - 1].n = names.n;
    buf_add_bytes(out, buf_bytes(&names));
    go_rig_align(out);
    at = out->n;
    for (size_t i = 0; i < n && !r->no_sections; i++)
        go_rig_section(r, out, &s[i], name_at[i]);
    go_rig_header(r, &header, at, r->no_sections ? 0 : n, out->n);
    memcpy(out->p, header.p, header.n);
    buf_clear(&names);
    buf_clear(&header);
}

#endif
