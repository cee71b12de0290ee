/* Both texts are walked piece by piece; where they part, the kinds of the
 * pieces decide: what comes earlier in the grammar is newer, but for suffixes
 * that say "before". */
#include "worker/analyze/version/apk.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "worker/analyze/version/digits.h"

/* In the order of the grammar. */
enum kind {
    FIRST, NUMBER, LETTER, SUFFIX, SUFFIX_NUMBER, COMMIT, REVISION, END, BAD
};

struct walk {
    struct bytes rest;
    enum kind kind;     /* of the piece at hand */
    struct bytes value; /* of numbers, letters, commits */
    int suffix;         /* below 0: before the version without it */
};

static const struct {
    const char *name;
    int rank;
} suffixes[] = {
    { "alpha", -4 }, { "beta", -3 }, { "pre", -2 }, { "rc", -1 },
    { "cvs", 1 },    { "svn", 2 },   { "git", 3 },  { "hg", 4 },
    { "p", 5 },
};

static void
take(struct walk *w, enum kind kind, size_t n)
{
    w->kind = n > 0 ? kind : BAD;
    w->value = bytes_to(w->rest, n);
    w->rest = bytes_from(w->rest, n);
}

static void
take_number(struct walk *w, enum kind kind, size_t mark)
{
    w->rest = bytes_from(w->rest, mark);
    take(w, kind, digits_of(w->rest).n);
}

static void
take_suffix(struct walk *w)
{
    size_t n = 1;

    while (n < w->rest.n && w->rest.p[n] >= 'a' && w->rest.p[n] <= 'z')
        n++;
    w->rest = bytes_from(w->rest, 1);
    take(w, SUFFIX, n - 1);
    for (size_t i = 0; i < N_ELEMENTS(suffixes); i++) {
        if (bytes_is(w->value, suffixes[i].name)) {
            w->suffix = suffixes[i].rank;
            return;
        }
    }
    w->kind = BAD;
}

static void
take_commit(struct walk *w)
{
    size_t n = 0;

    w->rest = bytes_from(w->rest, 1);
    while (n < w->rest.n && strchr("0123456789abcdef", w->rest.p[n]) != NULL &&
           w->rest.p[n] != '\0')
        n++;
    take(w, COMMIT, n);
}

static void
begin(struct walk *w, struct bytes version)
{
    *w = (struct walk){ .rest = version };
    take_number(w, FIRST, 0);
}

static void
step(struct walk *w)
{
    const enum kind last = w->kind;
    const uint8_t c = w->rest.n > 0 ? w->rest.p[0] : 0;

    if (last == BAD || last == END)
        return;
    if (w->rest.n == 0)
        w->kind = END;
    else if (c == '.' && last <= NUMBER)
        take_number(w, NUMBER, 1);
    else if (c >= 'a' && c <= 'z' && last <= NUMBER)
        take(w, LETTER, 1);
    else if (c >= '0' && c <= '9' && last == SUFFIX)
        take_number(w, SUFFIX_NUMBER, 0);
    else if (c == '_' && last <= SUFFIX_NUMBER)
        take_suffix(w);
    else if (c == '~' && last <= SUFFIX_NUMBER)
        take_commit(w);
    else if (c == '-' && w->rest.n > 1 && w->rest.p[1] == 'r' &&
             last <= COMMIT)
        take_number(w, REVISION, 2);
    else
        w->kind = BAD;
}

bool
apk_version_valid(struct bytes version)
{
    struct walk w;

    for (begin(&w, version); w.kind < END; step(&w))
        ;
    return w.kind == END;
}

static int
piece_cmp(const struct walk *a, const struct walk *b)
{
    switch (a->kind) {
    case SUFFIX:
        return a->suffix - b->suffix;
    case NUMBER:
        /* With a zero in front it is a fraction. */
        if (*a->value.p == '0' || *b->value.p == '0')
            return bytes_cmp(a->value, b->value);
        return digits_cmp(a->value, b->value);
    case LETTER:
    case COMMIT:
        return bytes_cmp(a->value, b->value);
    default:
        return digits_cmp(a->value, b->value);
    }
}

static int
valid_cmp(struct bytes x, struct bytes y)
{
    struct walk a, b;
    int order = 0;

    begin(&a, x);
    begin(&b, y);
    while (a.kind == b.kind && a.kind != END) {
        order = piece_cmp(&a, &b);
        if (order != 0)
            return order < 0 ? -1 : 1;
        step(&a);
        step(&b);
    }
    if (a.kind == b.kind)
        return 0;
    if (a.kind == SUFFIX && a.suffix < 0)
        return -1;
    if (b.kind == SUFFIX && b.suffix < 0)
        return 1;
    return a.kind < b.kind ? 1 : -1;
}

int
apk_version_cmp(struct bytes a, struct bytes b)
{
    const bool a_valid = apk_version_valid(a), b_valid = apk_version_valid(b);

    if (a_valid && b_valid)
        return valid_cmp(a, b);
    return a_valid || b_valid ? (int)a_valid - (int)b_valid : bytes_cmp(a, b);
}
