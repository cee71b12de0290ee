/* Requests out of bytes. http-parser takes heads apart; what it is lenient
 * about is judged here, before anybody acts on the request. Bodies are left
 * to ourselves: Debian builds it without its strict mode. */
#include "engine/net/h1.h"

#include <string.h>

#include "base/str.h"

#define HEADERS_MAX 1000
/* http-parser's own ceiling, above all that are asked for here. */
#define PARSER_LIMIT_BYTES (16 * 1024 * 1024)

static void
start_parser(struct h1 *h)
{
    http_parser_init(&h->parser, HTTP_REQUEST);
    h->parser.data = h;
}

void
h1_init(struct h1 *h, size_t head_limit_bytes)
{
    *h = (struct h1){ .head_limit_bytes = head_limit_bytes };
    buf_init(&h->target, head_limit_bytes);
    buf_init(&h->name, head_limit_bytes);
    buf_init(&h->value, head_limit_bytes);
    http_parser_set_max_header_size(PARSER_LIMIT_BYTES);
    start_parser(h);
}

void
h1_clear(struct h1 *h)
{
    buf_clear(&h->target);
    buf_clear(&h->name);
    buf_clear(&h->value);
    headers_clear(&h->headers);
}

void
h1_next(struct h1 *h)
{
    size_t limit_bytes = h->head_limit_bytes;

    h1_clear(h);
    h1_init(h, limit_bytes);
}

static int
refuse(struct h1 *h, int status, struct err *err, const char *text)
{
    h->status = status;
    return err_set(err, status == 431 ? ERR_LIMIT : ERR_INPUT, "%s", text);
}

static struct h1 *
of(http_parser *parser)
{
    return parser->data;
}

static int
on_url(http_parser *parser, const char *at, size_t n)
{
    return buf_add(&of(parser)->target, at, n);
}

static int
keep_header(struct h1 *h)
{
    if (!h->in_value)
        return 0;
    if (h->headers.n == HEADERS_MAX || memchr(h->value.p, '\0', h->value.n))
        return -1;
    headers_add(&h->headers, buf_cstr(&h->name), buf_cstr(&h->value));
    buf_reset(&h->name);
    buf_reset(&h->value);
    h->in_value = false;
    return 0;
}

static int
on_header_field(http_parser *parser, const char *at, size_t n)
{
    struct h1 *h = of(parser);

    return keep_header(h) < 0 ? -1 : buf_add(&h->name, at, n);
}

static int
on_header_value(http_parser *parser, const char *at, size_t n)
{
    struct h1 *h = of(parser);

    h->in_value = true;
    return buf_add(&h->value, at, n);
}

static int
on_headers_complete(http_parser *parser)
{
    struct h1 *h = of(parser);

    if (keep_header(h) < 0)
        return -1;
    h->http11 = parser->http_major == 1 && parser->http_minor == 1;
    h->keep_alive = http_should_keep_alive(parser) != 0;
    h->method = http_method_str(parser->method);
    return 2; /* what follows is none of the parser's business */
}

static int
on_message_complete(http_parser *parser)
{
    of(parser)->state = H1_DONE;
    return 0;
}

static const http_parser_settings callbacks = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_message_complete = on_message_complete,
};

/* The path is passed on byte for byte, so it must be bytes of one line. */
static bool
target_is_path(struct bytes target, const char *method)
{
    if (bytes_is(target, "*"))
        return strcmp(method, "OPTIONS") == 0;
    for (size_t i = 0; i < target.n; i++) {
        if (target.p[i] <= 0x20 || target.p[i] == 0x7f)
            return false;
    }
    return bytes_starts(target, "/");
}

static size_t
count(const struct headers *headers, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < headers->n; i++)
        n += str_ieq(headers->at[i].name, name);
    return n;
}

/* How long is the body? There must be one answer. */
static int
find_length(struct h1 *h, struct err *err)
{
    const char *coding = headers_get(&h->headers, "Transfer-Encoding"),
               *length = headers_get(&h->headers, "Content-Length");

    if (count(&h->headers, "Content-Length") > 1)
        return refuse(h, 400, err, "more than one Content-Length");
    if (length != NULL && !str_to_u64(length, &h->length))
        return refuse(h, 400, err, "Content-Length is no number");
    if (coding == NULL)
        return 0;
    if (length != NULL)
        return refuse(h, 400, err, "Content-Length and Transfer-Encoding");
    if (!h->http11)
        return refuse(h, 400, err, "Transfer-Encoding in HTTP/1.0");
    if (count(&h->headers, "Transfer-Encoding") > 1 ||
        !str_ieq(coding, "chunked"))
        return refuse(h, 400, err, "Transfer-Encoding other than chunked");
    h->chunked = true;
    return 0;
}

static int
check_expect(struct h1 *h, struct err *err)
{
    const char *expect = headers_get(&h->headers, "Expect");

    if (expect == NULL || !h->http11)
        return 0;
    if (!str_ieq(expect, "100-continue"))
        return refuse(h, 417, err, "an expectation other than 100-continue");
    h->expects_continue = h->chunked || h->length > 0;
    return 0;
}

/* header_value_valid() lets pass what a line may hold; a request has no
 * business with control characters. */
static bool
header_is_plain(const struct header *f)
{
    for (const unsigned char *p = (const unsigned char *)f->value; *p; p++) {
        if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
            return false;
    }
    return header_name_valid(f->name);
}

static int
check_head(struct h1 *h, struct err *err)
{
    if (h->parser.http_major != 1 || h->parser.http_minor > 1)
        return refuse(h, 505, err, "neither HTTP/1.1 nor HTTP/1.0");
    if (!target_is_path(buf_bytes(&h->target), h->method))
        return refuse(h, 400, err, "the target is not a path");
    for (size_t i = 0; i < h->headers.n; i++) {
        if (!header_is_plain(&h->headers.at[i]))
            return refuse(h, 400, err, "a header that is not plain text");
    }
    if (count(&h->headers, "Host") > 1 ||
        (h->http11 && !headers_has(&h->headers, "Host")))
        return refuse(h, 400, err, "there must be one Host");
    if (find_length(h, err) < 0)
        return -1;
    return check_expect(h, err);
}

/* A line that begins with a blank continues the one before, says an old
 * rule that not everybody follows. */
static bool
is_folded(struct h1 *h, struct bytes head)
{
    for (size_t i = 0; i < head.n; i++) {
        if (h->after_lf && (head.p[i] == ' ' || head.p[i] == '\t'))
            return true;
        h->after_lf = head.p[i] == '\n';
    }
    return false;
}

static int
check_eaten(struct h1 *h, struct bytes eaten, struct err *err)
{
    enum http_errno code = HTTP_PARSER_ERRNO(&h->parser);

    h->head_bytes += eaten.n;
    if (h->head_bytes > h->head_limit_bytes || h->headers.n == HEADERS_MAX ||
        code == HPE_HEADER_OVERFLOW)
        return refuse(h, 431, err, "the headers are too large");
    if (is_folded(h, eaten))
        return refuse(h, 400, err, "a folded header line");
    if (code != HPE_OK)
        return refuse(h, 400, err, http_errno_description(code));
    return 0;
}

static void
begin_body(struct h1 *h)
{
    h->complete = !h->chunked && h->length == 0;
    h->left_bytes = h->length;
    chunked_init(&h->chunks);
    if (!h->complete)
        h->state = h->chunked ? H1_IN_CHUNKS : H1_IN_SIZED;
}

static enum h1_event
step_head(struct h1 *h, struct bytes *in, struct err *err)
{
    size_t n = http_parser_execute(&h->parser, &callbacks, (const char *)in->p,
                                   in->n);
    int rc = check_eaten(h, bytes_to(*in, n), err);

    *in = bytes_from(*in, n);
    if (rc == 0 && h->state == H1_IN_HEAD)
        return H1_MORE;
    if (rc < 0 || check_head(h, err) < 0)
        return H1_ERROR;
    begin_body(h);
    return H1_HEAD;
}

static enum h1_event
step_sized(struct h1 *h, struct bytes *in, struct bytes *body)
{
    if (h->left_bytes == 0) {
        h->complete = true;
        h->state = H1_DONE;
        return H1_END;
    }
    if (in->n == 0)
        return H1_MORE;
    *body = h->left_bytes < in->n ? bytes_to(*in, (size_t)h->left_bytes) : *in;
    *in = bytes_from(*in, body->n);
    h->left_bytes -= body->n;
    return H1_BODY;
}

static enum h1_event
step_chunks(struct h1 *h, struct bytes *in, struct bytes *body,
            struct err *err)
{
    switch (chunked_step(&h->chunks, in, body, err)) {
    case CHUNKED_BODY:
        return H1_BODY;
    case CHUNKED_END:
        h->complete = true;
        h->state = H1_DONE;
        return H1_END;
    case CHUNKED_ERROR:
        h->status = 400;
        return H1_ERROR;
    default:
        return H1_MORE;
    }
}

enum h1_event
h1_step(struct h1 *h, struct bytes *in, struct bytes *body, struct err *err)
{
    *body = BYTES_NONE;
    switch (h->state) {
    case H1_IN_HEAD:
        return in->n > 0 ? step_head(h, in, err) : H1_MORE;
    case H1_IN_SIZED:
        return step_sized(h, in, body);
    case H1_IN_CHUNKS:
        return step_chunks(h, in, body, err);
    default:
        return H1_MORE;
    }
}
