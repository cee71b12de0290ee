/* Requests and acks. The fields of both live in exchange-headers.c. */
#include "engine/tunnel/exchange.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tunnel/ejson.h"

#define METHOD_MAX 32
#define ID_MAX     128

static const char context_prefix[] = "/ctx/";

void
exchange_request_clear(struct exchange_request *r)
{
    free(r->url);
    free(r->method);
    free(r->streaming_id);
    headers_clear(&r->headers);
    buf_clear(&r->body);
    r->url = r->method = r->streaming_id = NULL;
}

/* A string member of at most max bytes; the caller owns it. */
static int
read_text(char **out, struct bytes value, size_t max, const char *what,
          struct err *err)
{
    auto_buf struct buf text = BUF_INIT(max);

    if (ejson_text(value, &text) < 0)
        return err_set(err, text.full ? ERR_LIMIT : ERR_INPUT,
                       "%s is no text of at most %zu bytes", what, max);
    if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL)
        return err_set(err, ERR_INPUT, "%s holds a NUL", what);
    free(*out);
    *out = buf_steal(&text);
    return 0;
}

/*
 * Bytes, text, or (made by the peer) JSON. Null counts as absent. A base64
 * text has no line breaks here: its length says how much room it takes.
 */
static int
read_body(struct buf *out, enum exchange_body *kind, struct bytes value,
          struct err *err)
{
    bool ok = true;

    *kind = EXCHANGE_TEXT;
    if (ejson_type(value) == EJ_NULL) {
        *kind = EXCHANGE_NO_BODY;
    } else if (ejson_type(value) == EJ_STR) {
        ok = ejson_text(value, out) == 0;
    } else if (ejson_wrapper(value) == EJW_BINARY) {
        out->limit += 6; /* base64_decode() asks for whole groups */
        ok = ejson_binary(value, out) == 0;
        out->limit -= 6;
        if (out->n > out->limit)
            out->full = true;
    } else {
        *kind = EXCHANGE_JSON;
        ok = buf_add_bytes(out, ejson_plain(value)) == 0;
    }
    if (buf_check(out, "body", err) < 0)
        return -1;
    return ok ? 0 : err_set(err, ERR_INPUT, "body is no valid base64");
}

/* "/ctx/<uuid>/list" is "/list" to who receives it. */
static void
strip_context(char *url)
{
    size_t n = strlen(context_prefix);
    char id[UUID_LEN + 1];

    if (!str_starts(url, context_prefix) || strlen(url) < n + UUID_LEN)
        return;
    memcpy(id, url + n, UUID_LEN);
    id[UUID_LEN] = '\0';
    n += UUID_LEN;
    if (uuid_valid(id) && url[n] == '/')
        memmove(url, url + n, strlen(url + n) + 1);
}

static bool
method_valid(const char *s)
{
    for (const char *p = s; *p != '\0'; p++) {
        if (!isupper((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
    }
    return *s != '\0';
}

static int
read_member(struct exchange_request *r, struct bytes key, struct bytes value,
            struct err *err)
{
    enum exchange_body kind;

    if (ejson_key_is(key, "url"))
        return read_text(&r->url, value, EXCHANGE_URL_MAX, "url", err);
    if (ejson_key_is(key, "method"))
        return read_text(&r->method, value, METHOD_MAX, "method", err);
    if (ejson_key_is(key, "streamingID"))
        return ejson_type(value) == EJ_NULL
                   ? 0
                   : read_text(&r->streaming_id, value, ID_MAX, "streamingID",
                               err);
    if (ejson_key_is(key, "headers"))
        return exchange_read_headers(&r->headers, value, err);
    if (!ejson_key_is(key, "body"))
        return 0;
    buf_reset(&r->body);
    if (read_body(&r->body, &kind, value, err) < 0)
        return -1;
    r->has_body = kind != EXCHANGE_NO_BODY;
    return 0;
}

/* What every request has, whatever came. */
static int
complete(struct exchange_request *r, struct err *err)
{
    const char *id = headers_get(&r->headers, "snyk-request-id");

    if (r->method != NULL) {
        for (char *p = r->method; *p != '\0'; p++)
            *p = (char)toupper((unsigned char)*p);
    }
    if (r->url == NULL || r->url[0] != '/')
        return err_set(err, ERR_INPUT, "request without a url");
    if (r->method == NULL || !method_valid(r->method))
        return err_set(err, ERR_INPUT, "request without a valid method");
    strip_context(r->url);
    if (r->streaming_id != NULL && r->streaming_id[0] == '\0') {
        free(r->streaming_id);
        r->streaming_id = NULL;
    }
    if (id != NULL && uuid_valid(id))
        memcpy(r->request_id, id, UUID_LEN + 1);
    else
        uuid_new(r->request_id);
    return 0;
}

int
exchange_read_request(struct exchange_request *out, struct bytes arg,
                      size_t body_limit_bytes, struct err *err)
{
    struct bytes key, value;
    struct ejson_iter it;

    *out = (struct exchange_request){ .body = BUF_INIT(body_limit_bytes) };
    if (ejson_type(arg) != EJ_OBJ)
        return err_set(err, ERR_INPUT, "request is no object");
    ejson_iter(&it, arg);
    while (ejson_next(&it, &key, &value)) {
        if (read_member(out, key, value, err) < 0)
            return err_wrap(err, "request");
    }
    return complete(out, err);
}

void
exchange_begin_request(struct jw *w, const char *url, const char *method)
{
    jw_obj(w);
    jw_key_str(w, "url", url);
    jw_key_str(w, "method", method);
}

void
exchange_end_request(struct jw *w, const struct headers *headers,
                     const char *streaming_id, const char *request_id)
{
    jw_key(w, "headers");
    exchange_write_headers(w, headers);
    jw_key_str(w, "streamingID", streaming_id != NULL ? streaming_id : "");
    jw_key_str(w, "requestId", request_id);
    jw_end(w);
}

void
exchange_answer_clear(struct exchange_answer *a)
{
    headers_clear(&a->headers);
    buf_clear(&a->body);
    free(a->error_type);
    a->error_type = NULL;
}

static int
read_answer_member(struct exchange_answer *a, struct bytes key,
                   struct bytes value, struct err *err)
{
    if (ejson_key_is(key, "status"))
        a->status = (int)ejson_int(value, 0);
    else if (ejson_key_is(key, "originalBodySize"))
        a->original_size = ejson_int(value, 0);
    else if (ejson_key_is(key, "errorType") && ejson_type(value) == EJ_STR)
        return read_text(&a->error_type, value, ID_MAX, "errorType", err);
    else if (ejson_key_is(key, "headers"))
        return exchange_read_headers(&a->headers, value, err);
    else if (ejson_key_is(key, "body")) {
        buf_reset(&a->body);
        return read_body(&a->body, &a->kind, value, err);
    }
    return 0;
}

int
exchange_read_answer(struct exchange_answer *out, struct bytes arg,
                     size_t body_limit_bytes, struct err *err)
{
    struct bytes key, value;
    struct ejson_iter it;

    *out = (struct exchange_answer){ .body = BUF_INIT(body_limit_bytes) };
    if (ejson_type(arg) != EJ_OBJ)
        return err_set(err, ERR_INPUT, "answer is no object");
    ejson_iter(&it, arg);
    while (ejson_next(&it, &key, &value)) {
        if (read_answer_member(out, key, value, err) < 0)
            return err_wrap(err, "answer");
    }
    if (out->status < 200 || out->status > 599)
        return err_set(err, ERR_INPUT, "answer without a valid status");
    return 0;
}

void
exchange_write_answer(struct jw *w, const struct exchange_answer *a,
                      struct bytes body)
{
    jw_obj(w);
    jw_key_int(w, "status", a->status);
    if (a->kind != EXCHANGE_NO_BODY)
        jw_key(w, "body");
    if (a->kind == EXCHANGE_TEXT)
        jw_bytes(w, body);
    else if (a->kind == EXCHANGE_JSON)
        jw_raw(w, body);
    jw_key(w, "headers");
    exchange_write_headers(w, &a->headers);
    jw_key_opt(w, "errorType", a->error_type);
    if (a->original_size > 0)
        jw_key_int(w, "originalBodySize", a->original_size);
    jw_end(w);
}

const struct exchange_fault *
exchange_fault_of(const struct err *err)
{
    static const struct exchange_fault timeout = { "DOWNSTREAM_TIMEOUT", 504 },
                                       unreachable = { "DOWNSTREAM_UNREACHABLE",
                                                       502 },
                                       other = { "DOWNSTREAM_ERROR", 502 };

    if (err->kind == ERR_TIMEOUT || str_eq(err->code, "ETIMEDOUT"))
        return &timeout;
    if (str_eq(err->code, "ECONNREFUSED") || str_eq(err->code, "ENOTFOUND"))
        return &unreachable;
    return &other;
}

const char *
exchange_label(int status)
{
    if (status < 400 || status == 404)
        return NULL;
    switch (status) {
    case 401:
        return "DOWNSTREAM_UNAUTHORIZED";
    case 403:
        return "DOWNSTREAM_FORBIDDEN";
    case 429:
        return "DOWNSTREAM_RATE_LIMITED";
    default:
        return status >= 500 ? "DOWNSTREAM_SERVER_ERROR"
                             : "DOWNSTREAM_UNEXPECTED";
    }
}

void
exchange_write_fault(struct jw *w, const char *code, const char *message,
                     const char *reason, const char *url)
{
    jw_obj(w);
    jw_key_str(w, "code", code);
    jw_key_str(w, "message", message);
    jw_key_opt(w, "reason", reason);
    jw_key_opt(w, "url", url);
    jw_end(w);
}
