/* PEP 440: the grammar of its appendix B, its order, its specifiers. */
#include "worker/analyze/version/pep440.h"

#include <string.h>
#include <strings.h>

/* All borrowed from the text; numbers without leading zeros ("" is 0). */
struct version {
    struct bytes epoch;
    struct bytes release; /* "1.2.3" as written */
    char pre;             /* 'a', 'b', 'r' (rc); 0: none */
    struct bytes pre_number;
    bool post, dev;
    struct bytes post_number, dev_number;
    struct bytes local;   /* n 0: none */
};

/* ---- reading ----------------------------------------------------------- */

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool
is_alnum(uint8_t c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
is_separator(uint8_t c)
{
    return c == '.' || c == '-' || c == '_';
}

/* A number at the start of *s, which moves behind it. */
static bool
take_number(struct bytes *s, struct bytes *number)
{
    size_t n = 0, zeros = 0;

    while (n < s->n && is_digit(s->p[n]))
        n++;
    if (n == 0)
        return false;
    while (zeros < n && s->p[zeros] == '0')
        zeros++;
    *number = bytes_of(s->p + zeros, n - zeros);
    *s = bytes_from(*s, n);
    return true;
}

/* "1.2.3": at least one number; a dot without one behind is not ours. */
static bool
take_release(struct bytes *s, struct bytes *release)
{
    struct bytes whole = *s, number, rest = *s;

    if (!take_number(&rest, &number))
        return false;
    do {
        *s = rest;
        if (rest.n > 0)
            rest = bytes_from(rest, 1);
    } while (s->n > 0 && s->p[0] == '.' && take_number(&rest, &number));
    *release = bytes_to(whole, whole.n - s->n);
    return true;
}

static bool
take_word(struct bytes *s, const char *word)
{
    size_t n = strlen(word);

    if (s->n < n || strncasecmp((const char *)s->p, word, n) != 0)
        return false;
    *s = bytes_from(*s, n);
    return true;
}

/* "-rc.1", "rc1", "_rc": one of the words; the number may be missing. */
static const char *
take_part(struct bytes *s, const char *const *words, struct bytes *number)
{
    struct bytes rest = *s;
    const char *found = NULL;

    if (rest.n > 0 && is_separator(rest.p[0]))
        rest = bytes_from(rest, 1);
    for (; *words != NULL && found == NULL; words++) {
        if (take_word(&rest, *words))
            found = *words;
    }
    if (found == NULL)
        return NULL;
    *s = rest;
    if (rest.n > 0 && is_separator(rest.p[0]))
        rest = bytes_from(rest, 1);
    *number = bytes_of(rest.p, 0);
    if (take_number(&rest, number))
        *s = rest;
    return found;
}

static void
take_pre(struct bytes *s, struct version *v)
{
    /* Longer words first: "a" begins "alpha". */
    static const char *const words[] = { "alpha", "beta", "preview", "pre",
                                         "rc",    "a",    "b",       "c",
                                         NULL };
    const char *word = take_part(s, words, &v->pre_number);

    if (word != NULL)
        v->pre = *word == 'a' || *word == 'b' ? *word : 'r';
}

static void
take_post(struct bytes *s, struct version *v)
{
    static const char *const words[] = { "post", "rev", "r", NULL };
    struct bytes rest = *s;

    if (rest.n > 1 && rest.p[0] == '-') {
        rest = bytes_from(rest, 1);
        if (take_number(&rest, &v->post_number)) {
            v->post = true;
            *s = rest;
            return;
        }
    }
    v->post = take_part(s, words, &v->post_number) != NULL;
}

static bool
take_local(struct bytes *s, struct version *v)
{
    bool word = false;

    if (s->n == 0)
        return true;
    if (s->p[0] != '+')
        return false;
    v->local = bytes_from(*s, 1);
    for (size_t i = 0; i < v->local.n; i++) {
        if (!is_alnum(v->local.p[i]) &&
            (!word || !is_separator(v->local.p[i])))
            return false;
        word = is_alnum(v->local.p[i]);
    }
    return word;
}

static bool
read_version(struct version *v, struct bytes s)
{
    static const char *const dev[] = { "dev", NULL };
    struct bytes rest;

    *v = (struct version){ 0 };
    s = bytes_trim(s);
    take_word(&s, "v");
    rest = s;
    if (take_number(&rest, &v->epoch) && rest.n > 0 && rest.p[0] == '!')
        s = bytes_from(rest, 1);
    else
        v->epoch = BYTES_NONE;
    if (!take_release(&s, &v->release))
        return false;
    take_pre(&s, v);
    take_post(&s, v);
    v->dev = take_part(&s, dev, &v->dev_number) != NULL;
    return take_local(&s, v);
}

bool
pep440_valid(struct bytes version)
{
    struct version v;

    return read_version(&v, version);
}

/* ---- order ------------------------------------------------------------- */

static int
cmp_numbers(struct bytes a, struct bytes b)
{
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return bytes_cmp(a, b);
}

/* The next number of a release; 0 for ever behind its end. */
static struct bytes
next_number(struct bytes *release)
{
    struct bytes number = BYTES_NONE;

    if (release->n > 0 && release->p[0] == '.')
        *release = bytes_from(*release, 1);
    take_number(release, &number);
    return number;
}

static int
cmp_releases(struct bytes a, struct bytes b)
{
    while (a.n > 0 || b.n > 0) {
        struct bytes x = next_number(&a), y = next_number(&b);
        int c = cmp_numbers(x, y);

        if (c != 0)
            return c;
    }
    return 0;
}

/* Of "1.0.dev1", "1.0a1", "1.0": a release for developers only comes before
 * all pre-releases, a final one behind them. */
static int
pre_rank(const struct version *v)
{
    if (v->pre != 0)
        return v->pre;
    return !v->post && v->dev ? 0 : 'z';
}

static struct bytes
next_segment(struct bytes *local)
{
    size_t n = 0;

    while (n < local->n && is_alnum(local->p[n]))
        n++;
    struct bytes segment = bytes_to(*local, n);

    *local = bytes_from(*local, n + 1);
    return segment;
}

/* Numbers come behind words. */
static int
cmp_segments(struct bytes a, struct bytes b)
{
    struct bytes rest_a = a, rest_b = b, x, y;
    bool num_a = take_number(&rest_a, &x) && rest_a.n == 0;
    bool num_b = take_number(&rest_b, &y) && rest_b.n == 0;
    size_t n = a.n < b.n ? a.n : b.n;
    int c;

    if (num_a != num_b)
        return num_a ? 1 : -1;
    if (num_a)
        return cmp_numbers(x, y);
    c = n > 0 ? strncasecmp((const char *)a.p, (const char *)b.p, n) : 0;
    return c != 0 ? c : a.n < b.n ? -1 : a.n > b.n;
}

static int
cmp_locals(struct bytes a, struct bytes b)
{
    while (a.n > 0 && b.n > 0) {
        int c = cmp_segments(next_segment(&a), next_segment(&b));

        if (c != 0)
            return c;
    }
    return a.n > 0 ? 1 : b.n > 0 ? -1 : 0;
}

static int
cmp_public(const struct version *a, const struct version *b)
{
    int c = cmp_numbers(a->epoch, b->epoch);

    if (c == 0)
        c = cmp_releases(a->release, b->release);
    if (c == 0)
        c = pre_rank(a) - pre_rank(b);
    if (c == 0)
        c = cmp_numbers(a->pre_number, b->pre_number);
    if (c == 0)
        c = a->post - b->post;
    if (c == 0)
        c = cmp_numbers(a->post_number, b->post_number);
    if (c == 0)
        c = b->dev - a->dev;
    return c != 0 ? c : cmp_numbers(a->dev_number, b->dev_number);
}

int
pep440_cmp(struct bytes a, struct bytes b)
{
    struct version x, y;
    bool valid_a = read_version(&x, a), valid_b = read_version(&y, b);
    int c;

    if (!valid_a || !valid_b)
        return valid_a == valid_b ? bytes_cmp(a, b) : valid_a ? 1 : -1;
    c = cmp_public(&x, &y);
    return c != 0 ? c : cmp_locals(x.local, y.local);
}

/* ---- specifiers -------------------------------------------------------- */

/* Whether the release of v begins with the first n numbers of `want`. */
static bool
starts_with(const struct version *v, const struct version *want, size_t n)
{
    struct bytes a = v->release, b = want->release;

    if (cmp_numbers(v->epoch, want->epoch) != 0)
        return false;
    for (; n > 0; n--) {
        struct bytes x = next_number(&a), y = next_number(&b);

        if (cmp_numbers(x, y) != 0)
            return false;
    }
    return true;
}

static size_t
count_numbers(struct bytes release)
{
    size_t n = 1;

    for (size_t i = 0; i < release.n; i++)
        n += release.p[i] == '.';
    return n;
}

/* "==1.2.*" */
static bool
matches_prefix(const struct version *v, struct bytes text, bool *valid)
{
    struct version want;

    *valid = read_version(&want, bytes_to(text, text.n - 2)) &&
             want.local.n == 0 && !want.dev;
    if (!*valid)
        return false;
    if (want.pre == 0 && !want.post)
        return starts_with(v, &want, count_numbers(want.release));
    return cmp_releases(v->release, want.release) == 0 &&
           v->pre == want.pre &&
           cmp_numbers(v->pre_number, want.pre_number) == 0 &&
           (!want.post || (v->post && cmp_numbers(v->post_number,
                                                  want.post_number) == 0));
}

/* A local part counts only if it is asked for. */
static bool
is_equal(const struct version *v, const struct version *want)
{
    return cmp_public(v, want) == 0 &&
           (want->local.n == 0 || cmp_locals(v->local, want->local) == 0);
}

/* "<1.0" is not met by its own pre-releases, ">1.0" not by its posts. */
static bool
is_ordered(char op, const struct version *v, const struct version *want)
{
    bool same = cmp_numbers(v->epoch, want->epoch) == 0 &&
                cmp_releases(v->release, want->release) == 0;
    int c = cmp_public(v, want);

    if (op == '<')
        return c < 0 && (want->pre != 0 || want->dev || !same ||
                         (v->pre == 0 && !v->dev));
    return c > 0 && (want->post || !same || !v->post);
}

static bool
meets(const struct version *v, struct bytes op, struct bytes text)
{
    struct version want;
    bool negated = bytes_is(op, "!="), valid;

    if ((negated || bytes_is(op, "==")) && bytes_ends(text, ".*")) {
        bool matched = matches_prefix(v, text, &valid);

        return valid && matched != negated;
    }
    if (!read_version(&want, text))
        return false;
    if (negated || bytes_is(op, "=="))
        return is_equal(v, &want) != negated;
    if (bytes_is(op, "~="))
        return count_numbers(want.release) > 1 && cmp_public(v, &want) >= 0 &&
               starts_with(v, &want, count_numbers(want.release) - 1);
    if (op.n == 1)
        return is_ordered((char)op.p[0], v, &want);
    return bytes_is(op, "<=") ? cmp_public(v, &want) <= 0
                              : cmp_public(v, &want) >= 0;
}

static struct bytes
take_operator(struct bytes *s)
{
    static const char *const operators[] = { "===", "==", "!=", "~=",
                                             "<=",  ">=", "<",  ">" };

    for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
        if (take_word(s, operators[i]))
            return bytes_str(operators[i]);
    }
    return BYTES_NONE;
}

bool
pep440_satisfies(struct bytes version, struct bytes constraint)
{
    struct version v;
    bool valid = read_version(&v, version);
    struct bytes rest = bytes_trim(constraint), piece;

    while (bytes_next(&rest, ',', &piece)) {
        struct bytes text = bytes_trim(piece), op;

        if (text.n == 0)
            continue;
        op = take_operator(&text);
        text = bytes_trim(text);
        if (bytes_is(op, "===")) {
            if (text.n != version.n ||
                strncasecmp((const char *)text.p, (const char *)version.p,
                            text.n) != 0)
                return false;
        } else if (!valid || op.n == 0 || !meets(&v, op, text)) {
            return false;
        }
    }
    return true;
}
