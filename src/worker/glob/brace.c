/*
 * Brace expansion. Recursion goes into what a pair of braces holds and into
 * what follows it; a pattern's ceiling of bytes bounds both.
 */
#include "worker/glob/brace.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

/* A closing brace that closes nothing while the rest is looked at. */
#define CLOSED '\x01'

void
brace_clear(struct brace_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->at[i]);
    free(texts->at);
    *texts = (struct brace_texts){ 0 };
}

static int
add(struct brace_texts *out, struct bytes a, struct bytes b, struct bytes c,
    struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    out->n_bytes += a.n + b.n + c.n;
    if (out->n >= BRACE_MAX_TEXTS || out->n_bytes > BRACE_MAX_BYTES)
        return err_set(err, ERR_LIMIT,
                       "its braces stand for more than %d texts or %u bytes",
                       BRACE_MAX_TEXTS, BRACE_MAX_BYTES);
    buf_add_bytes(&text, a);
    buf_add_bytes(&text, b);
    buf_add_bytes(&text, c);
    out->at = xrealloc(out->at, (out->n + 1) * sizeof(*out->at));
    out->at[out->n++] = buf_steal(&text);
    return 0;
}

/* ---- what stands between braces ---------------------------------------- */

/*
 * The first pair of braces that belong together: *at is the opening one's
 * place, *end the closing one's. Of unclosed ones the innermost counts.
 */
static bool
find_pair(struct bytes s, size_t *at, size_t *end)
{
    auto_free size_t *open = NULL;
    size_t n_open = 0, best = s.n;

    open = xcalloc(s.n + 1, sizeof(*open));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '{') {
            open[n_open++] = i;
        } else if (s.p[i] == '}' && n_open > 0) {
            n_open--;
            if (open[n_open] < best) {
                best = open[n_open];
                *end = i;
            }
            /* Nothing before it is open any more: it will stay the first. */
            if (n_open == 0)
                break;
        }
    }
    *at = best;
    return best < s.n;
}

/* -?\d+ up to the end or ".." */
static bool
is_number(struct bytes s)
{
    if (bytes_starts(s, "-"))
        s = bytes_from(s, 1);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

static bool
is_letter(struct bytes s)
{
    return s.n == 1 && ((s.p[0] >= 'a' && s.p[0] <= 'z') ||
                        (s.p[0] >= 'A' && s.p[0] <= 'Z'));
}

struct sequence {
    struct bytes from, to, step;
    bool letters;
};

static bool
find_sequence(struct bytes body, struct sequence *q)
{
    size_t i = bytes_find_str(body, "..");

    *q = (struct sequence){ .from = bytes_to(body, i) };
    if (i == body.n)
        return false;
    body = bytes_from(body, i + 2);
    i = bytes_find_str(body, "..");
    q->to = bytes_to(body, i);
    q->step = i < body.n ? bytes_from(body, i + 2) : bytes_str("1");
    q->letters = is_letter(q->from) && is_letter(q->to);
    return is_number(q->step) &&
           (q->letters || (is_number(q->from) && is_number(q->to)));
}

/* What is out of reach of a list of our length is as good as far away. */
static int64_t
number_of(struct bytes s)
{
    bool minus = bytes_starts(s, "-");
    int64_t v = 0;

    for (size_t i = minus; i < s.n && v < ((int64_t)1 << 52); i++)
        v = v * 10 + (s.p[i] - '0');
    return minus ? -v : v;
}

/* "01", "-01": written with zeros in front. */
static bool
is_padded(struct bytes s)
{
    if (bytes_starts(s, "-"))
        s = bytes_from(s, 1);
    return s.n > 1 && s.p[0] == '0';
}

static int
add_number(struct brace_texts *out, int64_t v, size_t width, struct err *err)
{
    auto_free char *text = xasprintf("%lld", (long long)v);
    auto_free char *zeros = NULL;
    size_t n = strlen(text), sign = v < 0;

    if (n >= width)
        return add(out, bytes_str(text), BYTES_NONE, BYTES_NONE, err);
    zeros = xalloc(width - n + 1);
    memset(zeros, '0', width - n);
    return add(out, bytes_of(text, sign), bytes_of(zeros, width - n),
               bytes_str(text + sign), err);
}

static int
add_sequence(struct brace_texts *out, const struct sequence *q,
             struct err *err)
{
    int64_t from = q->letters ? q->from.p[0] : number_of(q->from);
    int64_t to = q->letters ? q->to.p[0] : number_of(q->to);
    int64_t step = llabs(number_of(q->step));
    size_t width = 0;

    if (step == 0)
        step = 1;
    if (!q->letters && (is_padded(q->from) || is_padded(q->to) ||
                        is_padded(q->step)))
        width = q->from.n > q->to.n ? q->from.n : q->to.n;
    for (int64_t v = from; from <= to ? v <= to : v >= to;
         v += from <= to ? step : -step) {
        char c = (char)v;
        int rc = q->letters
                     ? add(out, bytes_of(&c, c != '\\'), BYTES_NONE,
                           BYTES_NONE, err)
                     : add_number(out, v, width, err);

        if (rc < 0)
            return -1;
    }
    return 0;
}

/* ---- alternatives ------------------------------------------------------ */

static int expand(struct brace_texts *out, struct bytes s, struct err *err);

/* The next alternative up to a comma that is in no inner braces; those of a
 * body come in pairs. */
static bool
next_part(struct bytes *rest, bool *done, struct bytes *part)
{
    size_t i = 0, depth = 0;

    if (*done)
        return false;
    for (; i < rest->n && (depth > 0 || rest->p[i] != ','); i++) {
        if (rest->p[i] == '{')
            depth++;
        else if (rest->p[i] == '}' && depth > 0)
            depth--;
    }
    *part = bytes_to(*rest, i);
    *done = i == rest->n;
    *rest = bytes_from(*rest, i + 1);
    return true;
}

/* One alternative only: braces around it stay, around each of its texts. */
static int
expand_single(struct brace_texts *out, struct bytes part, struct err *err)
{
    auto_brace struct brace_texts inner = { 0 };

    if (expand(&inner, part, err) < 0)
        return -1;
    for (size_t i = 0; i < inner.n; i++) {
        if (add(out, bytes_str("{"), bytes_str(inner.at[i]), bytes_str("}"),
                err) < 0)
            return -1;
    }
    return 0;
}

static int
expand_options(struct brace_texts *out, struct bytes body, struct err *err)
{
    struct bytes rest = body, part;
    bool done = false;

    next_part(&rest, &done, &part);
    if (done)
        return expand_single(out, part, err);
    do {
        if (expand(out, part, err) < 0)
            return -1;
    } while (next_part(&rest, &done, &part));
    return 0;
}

/* "{a},b}": the first closing brace closes nothing if another may. */
static bool
has_later_close(struct bytes post)
{
    for (size_t i = 0; i + 1 < post.n; i++) {
        if (post.p[i] == ',' && post.p[i + 1] != ',')
            return memchr(post.p + i, '}', post.n - i) != NULL;
    }
    return false;
}

static int
expand_again(struct brace_texts *out, struct bytes s, size_t end,
             struct err *err)
{
    auto_free char *copy = bytes_dup(s);

    copy[end] = CLOSED;
    return expand(out, bytes_of(copy, s.n), err);
}

static int
join(struct brace_texts *out, struct bytes pre,
     const struct brace_texts *middle, struct bytes post, struct err *err)
{
    auto_brace struct brace_texts tails = { 0 };

    if (expand(&tails, post, err) < 0)
        return -1;
    for (size_t i = 0; i < middle->n; i++) {
        for (size_t k = 0; k < tails.n; k++) {
            if (add(out, pre, bytes_str(middle->at[i]),
                    bytes_str(tails.at[k]), err) < 0)
                return -1;
        }
    }
    return 0;
}

static int
expand(struct brace_texts *out, struct bytes s, struct err *err)
{
    auto_brace struct brace_texts middle = { 0 };
    struct sequence q;
    struct bytes body;
    size_t at, end = 0;
    int rc;

    if (!find_pair(s, &at, &end))
        return add(out, s, BYTES_NONE, BYTES_NONE, err);
    body = bytes_of(s.p + at + 1, end - at - 1);
    if (at > 0 && s.p[at - 1] == '$') {
        rc = add(&middle, bytes_of(s.p + at, end + 1 - at), BYTES_NONE,
                 BYTES_NONE, err);
    } else if (find_sequence(body, &q)) {
        rc = add_sequence(&middle, &q, err);
    } else if (bytes_find(body, ',') < body.n) {
        rc = expand_options(&middle, body, err);
    } else if (has_later_close(bytes_from(s, end + 1))) {
        return expand_again(out, s, end, err);
    } else {
        return add(out, s, BYTES_NONE, BYTES_NONE, err);
    }
    return rc < 0 ? -1
                  : join(out, bytes_to(s, at), &middle,
                         bytes_from(s, end + 1), err);
}

int
brace_expand(struct brace_texts *out, struct bytes pattern, struct err *err)
{
    auto_brace struct brace_texts texts = { 0 };
    size_t plain = bytes_starts(pattern, "{}") ? 2 : 0;

    if (bytes_find(pattern, CLOSED) < pattern.n)
        return err_set(err, ERR_INPUT, "it holds the byte 0x01");
    if (expand(&texts, bytes_from(pattern, plain), err) < 0)
        return -1;
    for (size_t i = 0; i < texts.n; i++) {
        for (char *c = texts.at[i]; *c != '\0'; c++) {
            if (*c == CLOSED)
                *c = '}';
        }
        if (add(out, bytes_to(pattern, plain), bytes_str(texts.at[i]),
                BYTES_NONE, err) < 0)
            return -1;
    }
    return 0;
}
