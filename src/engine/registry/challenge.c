/* WWW-Authenticate: a tokenizer, since commas and blanks are data inside
 * quotes and several challenges may stand in one header. */
#include "engine/registry/challenge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define VALUE_MAX_BYTES 8192
#define PARAMS_MAX      256 /* of one header; more is a flood */

struct reader {
    struct bytes rest;
};

static bool
is_token_char(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
at(const struct reader *r, uint8_t c)
{
    return r->rest.n > 0 && r->rest.p[0] == c;
}

static void
eat(struct reader *r, size_t n)
{
    r->rest = bytes_from(r->rest, n);
}

static void
skip_blanks(struct reader *r)
{
    while (at(r, ' ') || at(r, '\t'))
        eat(r, 1);
}

static void
skip_separators(struct reader *r)
{
    while (at(r, ' ') || at(r, '\t') || at(r, ','))
        eat(r, 1);
}

static struct bytes
token(struct reader *r)
{
    size_t n = 0;
    struct bytes t;

    while (n < r->rest.n && is_token_char(r->rest.p[n]))
        n++;
    t = bytes_to(r->rest, n);
    eat(r, n);
    return t;
}

/* The quoted text without quotes and escapes; an end of input closes it. */
static void
quoted(struct reader *r, struct buf *out)
{
    eat(r, 1);
    while (r->rest.n > 0 && !at(r, '"')) {
        if (at(r, '\\') && r->rest.n > 1)
            eat(r, 1);
        buf_add(out, r->rest.p, 1);
        eat(r, 1);
    }
    eat(r, 1);
}

/* Unquoted values: real ones hold ":" and "/", which tokens may not. */
static void
unquoted(struct reader *r, struct buf *out)
{
    size_t n = 0;

    while (n < r->rest.n && memchr(", \t", r->rest.p[n], 3) == NULL)
        n++;
    buf_add(out, r->rest.p, n);
    eat(r, n);
}

static void
keep(struct challenge *c, struct bytes name, struct bytes value)
{
    auto_free char *key = bytes_dup(name);
    char **slot = NULL;

    if (str_ieq(key, "realm"))
        slot = &c->realm;
    else if (str_ieq(key, "service"))
        slot = &c->service;
    else if (str_ieq(key, "scope"))
        slot = &c->scope;
    else if (str_ieq(key, "error"))
        slot = &c->error;
    if (slot == NULL || *slot != NULL || memchr(value.p, '\0', value.n) != NULL)
        return;
    *slot = bytes_dup(value);
}

static enum challenge_scheme
scheme_of(struct bytes name)
{
    auto_free char *s = bytes_dup(name);

    if (str_ieq(s, "basic"))
        return CHALLENGE_BASIC;
    return str_ieq(s, "bearer") ? CHALLENGE_BEARER : CHALLENGE_OTHER;
}

/* Keep the better of the two in *best. Takes what `c` owns. */
static void
offer(struct challenge *best, struct challenge *c)
{
    if (c->scheme == CHALLENGE_BEARER && str_is_empty(c->realm))
        c->scheme = CHALLENGE_OTHER;
    if (c->scheme > best->scheme) {
        challenge_clear(best);
        *best = *c;
        *c = (struct challenge)CHALLENGE_INIT;
    }
    challenge_clear(c);
}

/* Behind "=": the value of a parameter. */
static void
param(struct reader *r, struct challenge *c, struct bytes name)
{
    auto_buf struct buf value = BUF_INIT(VALUE_MAX_BYTES);

    eat(r, 1);
    skip_blanks(r);
    if (at(r, '"'))
        quoted(r, &value);
    else
        unquoted(r, &value);
    if (!value.full)
        keep(c, name, bytes_of(buf_cstr(&value), value.n));
}

/* Not the end of a name: the base64 of "NTLM TlRM/..", or rubbish. */
static bool
is_odd(const struct reader *r)
{
    return r->rest.n > 0 && memchr("=, \t", r->rest.p[0], 4) == NULL;
}

void
challenge_read(struct challenge *out, struct bytes value)
{
    struct reader r = { value };
    struct challenge now = CHALLENGE_INIT;

    for (unsigned n = 0; n < PARAMS_MAX; n++) {
        struct bytes name;

        skip_separators(&r);
        if (r.rest.n == 0)
            break;
        name = token(&r);
        if (is_odd(&r)) {
            eat(&r, bytes_find(r.rest, ','));
            continue;
        }
        skip_blanks(&r);
        if (at(&r, '=')) {
            param(&r, &now, name);
            continue;
        }
        /* No "=": a new scheme begins here. */
        offer(out, &now);
        now.scheme = scheme_of(name);
    }
    offer(out, &now);
}

void
challenge_choose(struct challenge *out, const struct headers *headers)
{
    *out = (struct challenge)CHALLENGE_INIT;
    for (size_t i = 0; i < headers->n; i++) {
        if (str_ieq(headers->at[i].name, "www-authenticate"))
            challenge_read(out, bytes_str(headers->at[i].value));
    }
}

void
challenge_clear(struct challenge *c)
{
    free(c->realm);
    free(c->service);
    free(c->scope);
    free(c->error);
    *c = (struct challenge)CHALLENGE_INIT;
}
