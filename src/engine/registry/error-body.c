/* Registry errors: bodies may be JSON by the specification, JSON of a vendor,
 * HTML, or nothing. */
#include "engine/registry/error-body.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json/jx.h"
#include "base/str.h"

#define BODY_MAX_BYTES    (64 * 1024)
#define MESSAGE_MAX_BYTES 300

/* errors[0] of a body by the specification, or NULL. */
static const struct jx *
first_error(const struct jx *doc)
{
    return jx_at(jx_arr(doc, "errors"), 0);
}

static struct jx *
parse_body(struct bytes body)
{
    return jx_parse_lossy(body, BODY_MAX_BYTES, NULL);
}

static const char *
message_in(const struct jx *doc)
{
    const struct jx *e = first_error(doc);
    const char *found = jx_str(e, "message");

    if (str_is_empty(found))
        found = jx_str(e, "code");
    if (str_is_empty(found))
        found = jx_str(doc, "message");
    if (str_is_empty(found))
        found = jx_str(doc, "error");
    return str_is_empty(found) ? NULL : found;
}

char *
reg_error_message(struct bytes body)
{
    auto_buf struct buf text = BUF_INIT(4 * MESSAGE_MAX_BYTES);
    auto_jx struct jx *doc = parse_body(body);
    const char *found = message_in(doc);
    struct bytes raw = bytes_trim(body);

    if (found != NULL)
        raw = bytes_str(found);
    else if (bytes_starts(raw, "<") || bytes_find(raw, '\0') < raw.n)
        raw = BYTES_NONE; /* HTML, or no text at all */
    utf8_add_lossy(&text, bytes_to(raw, MESSAGE_MAX_BYTES));
    for (size_t i = 0; i < text.n; i++) {
        if (iscntrl(text.p[i]))
            text.p[i] = ' ';
    }
    return buf_steal(&text);
}

bool
reg_error_is_quota(struct bytes body)
{
    static const char *const texts[] = {
        "resource has been exhausted", "resource_exhausted", "check quota",
        "quota exceeded", "toomanyrequests",
    };
    auto_free char *lower = str_lower(bytes_dup(bytes_to(body, 4096)));

    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        if (strstr(lower, texts[i]) != NULL)
            return true;
    }
    return false;
}

static int64_t
until(int64_t wall_ms)
{
    int64_t left_ms = wall_ms - clock_wall_ms();

    return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

int64_t
reg_retry_after_s(const struct headers *headers)
{
    const char *text = headers_get(headers, "retry-after");
    const char *unix_time = headers_get(headers, "x-retry-after");
    int64_t wall_ms;
    uint64_t n;

    if (str_to_u64(text, &n))
        return n < INT32_MAX ? (int64_t)n : INT32_MAX;
    if (text != NULL && clock_parse_http(text, &wall_ms))
        return until(wall_ms);
    if (str_to_u64(unix_time, &n) && n < INT64_MAX / 1000)
        return until((int64_t)n * 1000);
    return 0;
}

struct meaning {
    enum err_kind kind;
    const char *code;
};

static const struct meaning nonsense = { ERR_NET, "REGISTRY_ERROR" };
static const struct meaning rated = { ERR_RATE, "REGISTRY_RATE_LIMITED" };
static const struct meaning no_repo = { ERR_ABSENT, "REPOSITORY_UNKNOWN" };
static const struct meaning no_image = { ERR_ABSENT, "IMAGE_UNKNOWN" };

/* A registry hides what it likes behind a 404: go by its code, then by what
 * we asked. */
static struct meaning
meaning_of_absent(enum reg_asked asked, const char *code)
{
    if (str_eq(code, "NAME_UNKNOWN") || str_eq(code, "NAME_INVALID"))
        return no_repo;
    if (str_eq(code, "MANIFEST_UNKNOWN") || str_eq(code, "BLOB_UNKNOWN"))
        return no_image;
    switch (asked) {
    case REG_ASKED_TAGS:
        return no_repo;
    case REG_ASKED_MANIFEST:
    case REG_ASKED_BLOB:
        return no_image;
    case REG_ASKED_CATALOG:
        return (struct meaning){ ERR_ABSENT, "NOT_FOUND" };
    default:
        return nonsense;
    }
}

static struct meaning
meaning_of(enum reg_asked asked, const struct httpc_reply *reply,
           const char *code)
{
    if (reply->status == 429 || str_eq(code, "TOOMANYREQUESTS"))
        return rated;
    switch (reply->status) {
    case 401:
        return (struct meaning){ ERR_AUTH, "REGISTRY_UNAUTHORIZED" };
    case 403:
        if (reg_error_is_quota(reply->body))
            return rated;
        return (struct meaning){ ERR_DENIED, "REGISTRY_DENIED" };
    case 404:
        return meaning_of_absent(asked, code);
    default:
        return nonsense;
    }
}

/* A word, as all codes of the specification are; anything else is dropped. */
static void
keep_code(struct err *err, const char *code)
{
    size_t n = code != NULL ? strlen(code) : 0;

    if (n > 0 && n < sizeof(err->peer_code) && header_name_valid(code))
        memcpy(err->peer_code, code, n + 1);
}

int
reg_error_reply(struct err *err, enum reg_asked asked,
                const struct httpc_reply *reply)
{
    auto_jx struct jx *doc = parse_body(reply->body);
    auto_free char *message = reg_error_message(reply->body);
    const char *code = jx_str(first_error(doc), "code");
    struct meaning m = meaning_of(asked, reply, code);

    if (err == NULL)
        return -1;
    err_set_code(err, m.kind, m.code, "HTTP %d%s%s", reply->status,
                 message[0] != '\0' ? ": " : "", message);
    err->peer_status = reply->status;
    keep_code(err, code);
    err->retry_after_s = reg_retry_after_s(reply->headers);
    if (asked == REG_ASKED_PING && reply->status == 404)
        err_wrap(err, "not a registry, or the wrong path");
    return -1;
}

void
reg_error_transport(struct err *err)
{
    static const char *const codes[ERR_KINDS] = {
        [ERR_NET] = "REGISTRY_UNREACHABLE",
        [ERR_TLS] = "REGISTRY_TLS",
        [ERR_TIMEOUT] = "REGISTRY_TIMEOUT",
    };

    if (codes[err->kind] != NULL)
        err->code = codes[err->kind];
}

int
reg_error_nonsense(struct err *err, const char *fmt, ...)
{
    char text[sizeof(err->text)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set_code(err, nonsense.kind, nonsense.code, "%s", text);
}
