/* The line table: only the names of files are read, wherever its form has
 * put them. */
#include "worker/analyze/go-pclntab.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "worker/analyze/go-path.h"

#define HEAD_BYTES  8
#define PIECE_BYTES (64u << 10)
#define NAME_MAX_BYTES (4u << 10)
#define NAME_PIECE_BYTES 256u
#define OFFSETS_AT_ONCE 1024

/* The table, and how its integers are written. */
struct table {
    struct ar_body *body; /* borrows */
    uint64_t at, n;
    bool is_big;
    unsigned word_bytes;
    const struct form *form;
};

static const struct form {
    uint32_t magic;
    unsigned count_word, names_word; /* which words of the header; 0: 1.2 */
} forms[] = {
    { 0xfffffffb, 0, 0 }, /* Go 1.2 */
    { 0xfffffffa, 1, 4 }, /* Go 1.16 */
    { 0xfffffff0, 1, 5 }, /* Go 1.18 */
    { 0xfffffff1, 1, 5 }, /* Go 1.20 */
};

void
go_files_clear(struct go_files *files)
{
    buf_clear(&files->text);
    free(files->names);
    files->names = NULL;
    files->n = 0;
}

/* ---- names -------------------------------------------------------------- */

static int
add_name(struct go_files *f, struct bytes name, struct err *err)
{
    if (f->n == GO_FILES_MAX)
        return err_set(err, ERR_LIMIT, "more than %u source files",
                       GO_FILES_MAX);
    go_path_add(&f->text, name);
    buf_add_char(&f->text, '\0');
    f->n++;
    return buf_check(&f->text, "names of source files", err);
}

static void
list_names(struct go_files *f)
{
    struct bytes rest = buf_bytes(&f->text);

    f->names = xcalloc(f->n, sizeof(*f->names));
    for (size_t i = 0; i < f->n; i++)
        bytes_next(&rest, '\0', &f->names[i]);
}

/* ---- since Go 1.16: names in a row -------------------------------------- */

/* Takes the names that end in `piece`; what follows the last of them is
 * *left. Fewer than `count` may be wanted. */
static int
take_names(struct go_files *f, struct bytes piece, uint64_t count,
           struct bytes *left, struct err *err)
{
    while (f->n < count) {
        size_t n = bytes_find(piece, 0);

        if (n == piece.n)
            break;
        if (add_name(f, bytes_to(piece, n), err) < 0)
            return -1;
        piece = bytes_from(piece, n + 1);
    }
    *left = piece;
    return 0;
}

static int
read_row(const struct table *t, uint64_t from, uint64_t count,
         struct go_files *f, struct err *err)
{
    while (f->n < count && from < t->n) {
        size_t n = t->n - from < PIECE_BYTES ? (size_t)(t->n - from)
                                             : PIECE_BYTES;
        struct bytes piece, left;

        if (ar_body_at(t->body, t->at + from, n, &piece, err) < 0 ||
            take_names(f, piece, count, &left, err) < 0)
            return -1;
        if (f->n == count)
            break;
        /* The last one may lack its end; one that fills a piece is no name. */
        if (n == t->n - from)
            return left.n > 0 ? add_name(f, left, err) : 0;
        if (left.n == n)
            break;
        from += n - left.n;
    }
    return 0;
}

static int
read_word(const struct table *t, unsigned i, uint64_t *out, struct err *err)
{
    uint8_t b[8];
    uint64_t at = HEAD_BYTES + (uint64_t)i * t->word_bytes;

    *out = 0;
    if (at + t->word_bytes > t->n)
        return 0;
    if (ar_body_copy(t->body, t->at + at, b, t->word_bytes, err) < 0)
        return -1;
    *out = elf_uint(b, t->word_bytes, t->is_big);
    return 0;
}

static int
read_modern(const struct table *t, struct go_files *f, struct err *err)
{
    uint64_t count, names;

    if (read_word(t, t->form->count_word, &count, err) < 0 ||
        read_word(t, t->form->names_word, &names, err) < 0)
        return -1;
    return names < t->n ? read_row(t, names, count, f, err) : 0;
}

/* ---- Go 1.2: a list of offsets ------------------------------------------ */

static int
read_u32(const struct table *t, uint64_t from, uint32_t *out, struct err *err)
{
    uint8_t b[4];

    *out = 0;
    if (t->n < 4 || from > t->n - 4)
        return 0;
    if (ar_body_copy(t->body, t->at + from, b, 4, err) < 0)
        return -1;
    *out = (uint32_t)elf_uint(b, 4, t->is_big);
    return 0;
}

/* A name that ends nowhere, or after an absurd length, is none. Copied, since
 * each may be far from the one before; most are short. */
static int
read_name_at(const struct table *t, uint32_t from, struct go_files *f,
             struct err *err)
{
    uint8_t b[NAME_MAX_BYTES];
    size_t most, n, end;

    if (from >= t->n)
        return 0;
    most = t->n - from < sizeof(b) ? (size_t)(t->n - from) : sizeof(b);
    for (size_t got = 0; got < most; got += n) {
        n = most - got < NAME_PIECE_BYTES ? most - got : NAME_PIECE_BYTES;
        if (ar_body_copy(t->body, t->at + from + got, b + got, n, err) < 0)
            return -1;
        end = got + bytes_find(bytes_of(b + got, n), 0);
        if (end < got + n)
            return add_name(f, bytes_of(b, end), err);
    }
    return 0;
}

/* Offsets are read many at a time, for the names lie elsewhere. */
static int
read_names_at(const struct table *t, uint64_t from, uint64_t count,
              struct go_files *f, struct err *err)
{
    uint8_t b[4 * OFFSETS_AT_ONCE];

    while (count > 0 && from < t->n) {
        uint64_t n = (t->n - from) / 4;

        n = n < count ? n : count;
        n = n < OFFSETS_AT_ONCE ? n : OFFSETS_AT_ONCE;
        if (n == 0)
            break;
        if (ar_body_copy(t->body, t->at + from, b, 4 * n, err) < 0)
            return -1;
        for (uint64_t i = 0; i < n; i++) {
            if (read_name_at(t, (uint32_t)elf_uint(b + 4 * i, 4, t->is_big), f,
                             err) < 0)
                return -1;
        }
        from += 4 * n;
        count -= n;
    }
    return 0;
}

static int
read_old(const struct table *t, struct go_files *f, struct err *err)
{
    uint64_t n_functions;
    uint32_t list = 0, count = 0;

    if (read_word(t, 0, &n_functions, err) < 0)
        return -1;
    if (n_functions >= t->n)
        return 0;
    /* Behind the functions: pairs of words, and one more word. */
    if (read_u32(t, HEAD_BYTES + (2 * n_functions + 2) * t->word_bytes, &list,
                 err) < 0)
        return -1;
    if (list > 0 && read_u32(t, list, &count, err) < 0)
        return -1;
    return count > 1 ? read_names_at(t, (uint64_t)list + 4, count - 1, f, err)
                     : 0;
}

/* ---- the table ----------------------------------------------------------- */

/* False: not a line table. */
static bool
read_head(struct table *t, const uint8_t b[HEAD_BYTES])
{
    if (b[4] != 0 || b[5] != 0 || (b[6] != 1 && b[6] != 2 && b[6] != 4) ||
        (b[7] != 4 && b[7] != 8))
        return false;
    t->word_bytes = b[7];
    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        for (unsigned big = 0; big < 2; big++) {
            if (elf_uint(b, 4, big) != forms[i].magic)
                continue;
            t->form = &forms[i];
            t->is_big = big;
            return true;
        }
    }
    return false;
}

int
go_pclntab_read(struct ar_body *body, uint64_t at, uint64_t n,
                struct go_files *out, struct err *err)
{
    struct table t = { .body = body, .at = at, .n = n };
    uint8_t head[HEAD_BYTES];

    *out = (struct go_files){ .text = BUF_INIT(GO_FILES_MAX_BYTES) };
    if (n < HEAD_BYTES)
        return 0;
    if (ar_body_copy(body, at, head, HEAD_BYTES, err) < 0)
        return -1;
    if (!read_head(&t, head))
        return 0;
    if ((t.form->count_word > 0 ? read_modern(&t, out, err)
                                : read_old(&t, out, err)) < 0)
        return -1;
    list_names(out);
    return 0;
}
