/* The text of a range: where a version is in it, and blanks only where the
 * grammar has them. */
#include "worker/analyze/version/semver.h"

#include "base/jstext.h"
#include "worker/analyze/version/semver-private.h"

/* ---- parts of versions ------------------------------------------------- */

static bool
is_x(uint8_t c)
{
    return c == 'x' || c == 'X' || c == '*';
}

static size_t
skip_front(struct bytes s, size_t at)
{
    while (at < s.n && (s.p[at] == 'v' || s.p[at] == '=' || s.p[at] == ' '))
        at++;
    return at;
}

/* One number, or an "x"; *n bytes. */
static bool
partial_number(struct semver_partial *p, int i, struct bytes s, size_t at,
               size_t *n, enum semver_mode mode)
{
    if (at < s.n && is_x(s.p[at])) {
        *n = 1;
        return true;
    }
    *n = semver_number(s, at, mode);
    if (*n == 0)
        return false;
    if (p->n_given == i) {
        p->n_given = i + 1;
        if (!semver_value(bytes_of(s.p + at, *n), &p->v.n[i]))
            p->v.n[i] = SEMVER_MAX_NUMBER + (uint64_t)1;
    } else {
        p->disorder = true;
    }
    return true;
}

/* Its numbers: how many bytes from `at` on, 0: none. *n_numbers: open ones,
 * too. */
static size_t
partial_numbers(struct semver_partial *p, struct bytes s, size_t at,
                enum semver_mode mode, int *n_numbers)
{
    size_t from = at, n;
    int i;

    *p = (struct semver_partial){ 0 };
    at = skip_front(s, at);
    for (i = 0; i < 3; i++) {
        if ((i > 0 && (at >= s.n || s.p[at] != '.')) ||
            !partial_number(p, i, s, at + (i > 0), &n, mode))
            break;
        at += n + (i > 0);
    }
    *n_numbers = i;
    return i > 0 ? at - from : 0;
}

/* How many bytes from `at` on are a partial version; 0: none. */
static size_t
partial_parse(struct semver_partial *p, struct bytes s, size_t at,
              enum semver_mode mode)
{
    int n_numbers;
    size_t n = partial_numbers(p, s, at, mode, &n_numbers);

    if (n_numbers == 3) {
        n += semver_pre(s, at + n, mode, &p->v.pre);
        n += semver_build(s, at + n);
    }
    return n;
}

bool
semver_partial_whole(struct semver_partial *p, struct bytes s,
                     enum semver_mode mode)
{
    return partial_parse(p, s, 0, mode) == s.n && s.n > 0;
}

size_t
semver_op_at(struct bytes s, enum semver_op *op)
{
    bool angle = s.n > 0 && (s.p[0] == '<' || s.p[0] == '>');
    bool equals = s.n > angle && s.p[angle] == '=';

    *op = OP_EQ;
    if (angle)
        *op = s.p[0] == '<' ? (equals ? OP_LE : OP_LT)
                            : (equals ? OP_GE : OP_GT);
    return (size_t)angle + equals;
}

/* ---- ranges as written ------------------------------------------------- */

/* Trimmed, white space single. */
static void
single_blanks(struct bytes s, struct buf *out)
{
    size_t n;

    for (s = js_trim(s); s.n > 0; s = bytes_from(s, n)) {
        n = js_space(s);
        if (n == 0)
            buf_add_char(out, (char)s.p[0]);
        else if (out->p[out->n - 1] != ' ')
            buf_add_char(out, ' ');
        n = n > 0 ? n : 1;
    }
}

static size_t
skip_zeros(struct bytes s, size_t at)
{
    while (at < s.n && s.p[at] == '0')
        at++;
    return at;
}

/* How many bytes at `at` are a version or a part of one. Nothing is looked at
 * often: what follows the numbers only where it belongs to them. */
static size_t
version_at(struct bytes s, size_t at)
{
    struct semver_partial p;
    int n_numbers;
    size_t loose = partial_numbers(&p, s, at, SEMVER_LOOSE, &n_numbers);
    size_t front = skip_front(s, at), behind_zeros = skip_zeros(s, front);

    if (p.n_given == 3)
        return partial_parse(&p, s, at, SEMVER_LOOSE);
    /* Of "01" the zero is one, and the next zero another. */
    return loose > 0 && behind_zeros > front
               ? behind_zeros - at
               : partial_parse(&p, s, at, SEMVER_STRICT);
}

/* Bytes from `at` on at which no version begins, given that none does at the
 * first: all that could stand in front of one leads to the same place. */
static size_t
none_at(struct bytes s, size_t at)
{
    size_t end = skip_front(s, at);

    return end > at + 2 ? end - at - 1 : 1;
}

/* "> 1.2" becomes ">1.2" where a version follows. */
static void
join_operators(struct bytes s, struct buf *out)
{
    enum semver_op op;

    for (size_t at = 0; at < s.n;) {
        size_t blank = s.p[at] == ' ' ? 1 : 0;
        size_t n_op = semver_op_at(bytes_from(s, at + blank), &op);
        size_t behind_op = at + blank + n_op;
        size_t gap = behind_op < s.n && s.p[behind_op] == ' ' ? 1 : 0;
        size_t n = version_at(s, behind_op + gap);

        if (n == 0) {
            n = none_at(s, at);
            buf_add(out, s.p + at, n);
            at += n;
            continue;
        }
        buf_add(out, s.p + at, blank + n_op);
        if (n_op == 0 && blank == 0 && gap > 0)
            buf_add_char(out, ' ');
        buf_add(out, s.p + behind_op + gap, n);
        at = behind_op + gap + n;
    }
}

/* "~ 1", "^ 1" */
static void
join_signs(struct bytes s, struct buf *out)
{
    for (size_t at = 0; at < s.n;) {
        size_t n = s.p[at] == '^' || s.p[at] == '~' ? 1 : 0;

        if (n > 0 && s.p[at] == '~' && at + 1 < s.n && s.p[at + 1] == '>')
            n = 2;
        if (n > 0 && at + n < s.n && s.p[at + n] == ' ') {
            buf_add_char(out, (char)s.p[at]);
            at += n + 1;
        } else {
            buf_add_char(out, (char)s.p[at++]);
        }
    }
}

void
semver_range_tidy(struct bytes text, struct buf *out)
{
    auto_buf struct buf single = BUF_INIT(SEMVER_RANGE_MAX_BYTES);
    auto_buf struct buf joined = BUF_INIT(SEMVER_RANGE_MAX_BYTES);

    single_blanks(text, &single);
    join_operators(buf_bytes(&single), &joined);
    join_signs(buf_bytes(&joined), out);
}
