/* Build information: found, and read. What its text means is the business of
 * go-modules.c. */
#include "worker/analyze/go-buildinfo.h"

#include <string.h>

#define MARK       "\xff Go buildinf:"
#define MARK_BYTES 14
#define HEAD_BYTES 32 /* mark, size of pointers, flags, two pointers */
#define ALIGNMENT  16
#define FRAME_BYTES 16 /* around the text about modules */
/* Where the peer stops looking. */
#define PEER_WINDOW_BYTES (64u << 10)
/* How much is looked at in one piece. */
#define PIECE_BYTES (64u << 10)
#define NOTE_MAX_BYTES (4u << 10)

/* Where the mark is to be looked for: n bytes of the file. */
struct place {
    uint64_t at, n;
    bool peer_sees;
};

void
go_buildinfo_clear(struct go_buildinfo *info)
{
    buf_clear(&info->version);
    buf_clear(&info->modules);
}

/* ---- is it a Go program? ----------------------------------------------- */

/* "Go" and an id of at least two parts, in the given byte order. */
static bool
is_go_note(struct bytes note, bool is_big)
{
    uint64_t n_name, n_id;
    struct bytes name, id;

    if (note.n < 12)
        return false;
    n_name = elf_uint(note.p, 4, is_big);
    n_id = elf_uint(note.p + 4, 4, is_big);
    if (n_name > note.n || n_id > UINT32_MAX)
        return false;
    name = bytes_to(bytes_from(note, 12), n_name);
    id = bytes_to(bytes_from(note, 12 + ((n_name + 3) & ~(uint64_t)3)), n_id);
    return bytes_is(bytes_to(name, bytes_find(name, 0)), "Go") &&
           bytes_find(id, '/') < id.n;
}

/* 1 it has, 0 it has not. The peer reads notes as little endian ones. */
static int
has_go_note(const struct elf *elf, bool *peer_sees, struct err *err)
{
    struct elf_section s;
    struct bytes note;
    int r = elf_find_section(elf, ".note.go.buildid", &s, err);

    if (r <= 0)
        return r;
    if (ar_body_at(elf->body, s.offset,
                   s.n < NOTE_MAX_BYTES ? s.n : NOTE_MAX_BYTES, &note,
                   err) < 0)
        return -1;
    *peer_sees = is_go_note(note, false);
    return *peer_sees || is_go_note(note, elf->is_big);
}

/* The first writable segment: where old linkers left the mark. */
static int
find_data_segment(const struct elf *elf, struct place *out, struct err *err)
{
    struct elf_segment s;

    for (uint16_t i = 0; i < elf->segments.n; i++) {
        if (elf_segment(elf, i, &s, err) < 0)
            return -1;
        if (s.type != ELF_LOAD || (s.flags & ELF_WRITE) == 0)
            continue;
        out->at = s.offset;
        out->n = s.n;
        return 1;
    }
    return 0;
}

static int
place_of_section(const struct elf *elf, const struct elf_section *s,
                 struct place *out, struct err *err)
{
    struct bytes head;
    int r;

    if (s->n < MARK_BYTES)
        return 0;
    if (ar_body_at(elf->body, s->offset, MARK_BYTES, &head, err) < 0)
        return -1;
    if (memcmp(head.p, MARK, MARK_BYTES) != 0)
        return 0;
    r = elf_locate(elf, s->address, &out->at, &out->n, err);
    if (r != 0)
        return r;
    /* In no segment: an object file, perhaps. The section has it all. */
    *out = (struct place){ s->offset, s->n, false };
    return 1;
}

/* 1 found, 0 no Go program. */
static int
find_place(const struct elf *elf, bool has_sections, struct place *out,
           struct err *err)
{
    struct elf_section s;
    int r;

    *out = (struct place){ .peer_sees = has_sections };
    if (!has_sections)
        return find_data_segment(elf, out, err);
    r = elf_find_section(elf, ".go.buildinfo", &s, err);
    if (r > 0)
        return place_of_section(elf, &s, out, err);
    if (r == 0)
        r = has_go_note(elf, &out->peer_sees, err);
    return r > 0 ? find_data_segment(elf, out, err) : r;
}

/* ---- the mark ---------------------------------------------------------- */

/* Offset of the first aligned mark in `piece`, or its end. *stray: there was
 * one before it that is not aligned. */
static size_t
find_mark(struct bytes piece, bool *stray)
{
    size_t from = 0;

    while (from + MARK_BYTES <= piece.n) {
        const uint8_t *p = memmem(piece.p + from, piece.n - from, MARK,
                                  MARK_BYTES);

        if (p == NULL)
            break;
        from = (size_t)(p - piece.p);
        if (from % ALIGNMENT == 0)
            return from;
        *stray = true;
        from++;
    }
    return piece.n;
}

/*
 * Moves the place to the mark. 1 found, 0 not. The peer looks no further than
 * its window, and never comes back from a mark at an odd address.
 */
static int
seek_mark(const struct elf *elf, struct place *p, struct err *err)
{
    uint64_t from = 0;
    bool stray = false;

    while (p->n - from >= HEAD_BYTES) {
        uint64_t left = p->n - from;
        size_t n = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES, at;
        struct bytes piece;

        if (ar_body_at(elf->body, p->at + from, n, &piece, err) < 0)
            return -1;
        at = find_mark(piece, &stray);
        /* One more piece begins at a mark cut off by the end of this one. */
        if (at < n && n - at >= HEAD_BYTES) {
            if (stray || from + at + HEAD_BYTES > PEER_WINDOW_BYTES)
                p->peer_sees = false;
            p->at += from + at;
            p->n -= from + at;
            return 1;
        }
        if (n == left)
            return 0;
        from += n - HEAD_BYTES;
    }
    return 0;
}

/* ---- texts behind the mark --------------------------------------------- */

static int
take_text(const struct elf *elf, uint64_t at, uint64_t n, struct buf *out,
          struct err *err)
{
    uint8_t *room;

    if (n > out->limit)
        return err_set(err, ERR_LIMIT,
                       "build information of more than %zu bytes", out->limit);
    room = buf_room(out, n);
    if (ar_body_copy(elf->body, at, room, n, err) < 0)
        return -1;
    out->n = n;
    return 0;
}

/* Bytes of the number at the start of b; 0: it does not end. */
static size_t
read_varint(struct bytes b, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < b.n && i < 9; i++) {
        *out |= (uint64_t)(b.p[i] & 0x7f) << (7 * i);
        if ((b.p[i] & 0x80) == 0)
            return i + 1;
    }
    return 0;
}

/* The text at *at, behind its length; both move behind it. */
static int
take_inline(const struct elf *elf, uint64_t *at, uint64_t *left,
            struct buf *out, struct err *err)
{
    struct bytes b;
    uint64_t n;
    size_t used;

    if (ar_body_at(elf->body, *at, *left < 10 ? *left : 10, &b, err) < 0)
        return -1;
    used = read_varint(b, &n);
    if (used == 0 || n > *left - used)
        return err_set(err, ERR_INPUT, "build information ends too early");
    if (take_text(elf, *at + used, n, out, err) < 0)
        return -1;
    *at += used + n;
    *left -= used + n;
    return 0;
}

static int
take_both_inline(const struct elf *elf, struct place *p, uint64_t window,
                 struct go_buildinfo *out, struct err *err)
{
    uint64_t at = p->at + HEAD_BYTES, left = p->n - HEAD_BYTES;

    if (take_inline(elf, &at, &left, &out->version, err) < 0 ||
        take_inline(elf, &at, &left, &out->modules, err) < 0)
        return -1;
    /* The peer wants one more byte behind the text. */
    if (at - p->at >= window)
        p->peer_sees = false;
    return 0;
}

/* A Go string: a pointer to its pointer and length. */
static int
take_pointed(const struct elf *elf, uint64_t address, unsigned size,
             bool is_big, struct buf *out, struct err *err)
{
    uint64_t at, n, length;
    struct bytes b;
    int r = elf_locate(elf, address, &at, &n, err);

    if (r < 0)
        return -1;
    if (r == 0 || n < 2 * size)
        return err_set(err, ERR_INPUT, "build information points nowhere");
    if (ar_body_at(elf->body, at, 2 * size, &b, err) < 0)
        return -1;
    length = elf_uint(b.p + size, size, is_big);
    r = elf_locate(elf, elf_uint(b.p, size, is_big), &at, &n, err);
    if (r < 0)
        return -1;
    if (r == 0 || n < length)
        return err_set(err, ERR_INPUT, "build information points nowhere");
    return take_text(elf, at, length, out, err);
}

static int
take_both_pointed(const struct elf *elf, struct place *p, struct bytes head,
                  struct go_buildinfo *out, struct err *err)
{
    unsigned size = head.p[MARK_BYTES];
    bool is_big = (head.p[MARK_BYTES + 1] & 1) != 0;
    uint64_t version, modules;

    if (size != 4 && size != 8)
        return err_set(err, ERR_INPUT, "build information: pointers of %u "
                       "bytes", size);
    version = elf_uint(head.p + 16, size, is_big);
    modules = elf_uint(head.p + 16 + size, size, is_big);
    if (take_pointed(elf, version, size, is_big, &out->version, err) < 0)
        return -1;
    /* Without modules the pointer may be nil, or lead to an empty text. */
    if (take_pointed(elf, modules, size, is_big, &out->modules, NULL) < 0)
        buf_reset(&out->modules);
    if (out->version.n == 0)
        p->peer_sees = false;
    return 0;
}

/* The linker frames the text with sixteen bytes at each end; pointers lead to
 * nothing else. */
static void
unframe(struct buf *text, bool is_pointed)
{
    static const uint8_t start[FRAME_BYTES] = {
        0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02,
        0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6
    };

    if (text->n < 2 * FRAME_BYTES + 1 ||
        text->p[text->n - FRAME_BYTES - 1] != '\n') {
        if (is_pointed)
            buf_reset(text);
        return;
    }
    if (!is_pointed && memcmp(text->p, start, FRAME_BYTES) != 0)
        return;
    buf_eat(text, FRAME_BYTES);
    text->n -= FRAME_BYTES;
}

int
go_buildinfo_read(const struct elf *elf, bool has_sections,
                  struct go_buildinfo *out, struct err *err)
{
    struct place p;
    struct bytes head;
    uint64_t start;
    bool is_inline;
    int r = find_place(elf, has_sections, &p, err);

    buf_init(&out->version, GO_VERSION_MAX_BYTES);
    buf_init(&out->modules, GO_MODULES_MAX_BYTES);
    if (r <= 0)
        return r;
    start = p.at;
    if ((r = seek_mark(elf, &p, err)) <= 0)
        return r;
    if (ar_body_at(elf->body, p.at, HEAD_BYTES, &head, err) < 0)
        return -1;
    is_inline = (head.p[MARK_BYTES + 1] & 2) != 0;
    if (is_inline)
        r = take_both_inline(elf, &p, PEER_WINDOW_BYTES - (p.at - start) <
                             p.n ? PEER_WINDOW_BYTES - (p.at - start) : p.n,
                             out, err);
    else
        r = take_both_pointed(elf, &p, head, out, err);
    if (r < 0)
        return -1;
    unframe(&out->modules, !is_inline);
    out->peer_sees = p.peer_sees && out->modules.n > 0;
    return 1;
}
