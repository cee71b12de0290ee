#include "fake-http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"

#define BODY_BYTES (64 * 1024 * 1024)

struct row {
    struct link link;
    struct fake_row row;
    unsigned used;
};

struct request {
    struct link link;
    struct fake_request r;
};

struct visit {
    struct link link; /* in held, or none */
    struct fake_http *fake;
    struct httpd_ex *ex;
    struct request *request;
    const struct fake_row *row; /* borrowed; NULL: not found */
    struct row holder;          /* a copy: rows may be forgotten */
};

struct fake_http {
    struct loop *loop;
    struct httpd *httpd;
    char *url;
    struct list rows, requests, held;
    size_t n_requests, n_held, n_gone;
    bool released;
};

static bool
header_fits(const struct headers *headers, const char *want)
{
    const char *colon = strchr(want, ':');
    auto_free char *name = NULL;

    if (want[0] == '!')
        return !headers_has(headers, want + 1);
    if (colon == NULL)
        return headers_has(headers, want);
    name = xstrndup(want, (size_t)(colon - want));
    return str_eq(headers_get(headers, name),
                  colon[1] == ' ' ? colon + 2 : colon + 1);
}

static bool
row_fits(const struct row *row, const struct fake_request *r)
{
    const struct fake_row *w = &row->row;

    return (w->times == 0 || row->used < w->times) &&
           (w->method == NULL || str_eq(w->method, r->method)) &&
           (w->path == NULL || str_starts(r->target, w->path)) &&
           (w->header == NULL || header_fits(&r->headers, w->header));
}

/* The text with our own address in it. */
static void
expand(const struct fake_http *f, const char *text, struct buf *out)
{
    const char *at;

    while (text != NULL && (at = strstr(text, "{url}")) != NULL) {
        buf_add(out, text, (size_t)(at - text));
        buf_add_str(out, f->url);
        text = at + strlen("{url}");
    }
    if (text != NULL)
        buf_add_str(out, text);
}

static void
add_headers(const struct fake_http *f, const char *lines, struct headers *out)
{
    auto_buf struct buf text = BUF_INIT(1024 * 1024);
    struct bytes rest, line;

    expand(f, lines, &text);
    rest = buf_bytes(&text);
    while (bytes_next(&rest, '\n', &line)) {
        size_t colon = bytes_find(line, ':');
        auto_free char *name = bytes_dup(bytes_to(line, colon));
        auto_free char *value = bytes_dup(bytes_from(line, colon + 1));

        headers_add(out, name, value);
    }
}

static void
visit_free(struct visit *v)
{
    if (list_linked(&v->link)) {
        list_remove(&v->link);
        v->fake->n_held--;
    }
    free(v);
}

static void
reply_in_pieces(struct httpd_ex *ex, const struct fake_row *row,
                struct headers *headers, struct bytes body)
{
    if (row->length != NULL)
        headers_set(headers, "Content-Length", row->length);
    else if (!row->chunked)
        headers_setf(headers, "Content-Length", "%zu", body.n);
    httpd_reply_start(ex, row->status > 0 ? row->status : 200, headers);
    if (row->cut)
        body = bytes_to(body, row->cut_after);
    httpd_reply_write(ex, body);
    if (row->cut)
        httpd_reply_abort(ex);
    else
        httpd_reply_end(ex);
}

static void
answer(struct visit *v)
{
    auto_headers struct headers headers = HEADERS_INIT;
    auto_buf struct buf text = BUF_INIT(BODY_BYTES);
    const struct fake_row *row = v->row;
    struct httpd_ex *ex = v->ex;
    struct bytes body;

    httpd_on_gone(ex, NULL, NULL);
    if (row == NULL) {
        httpd_reply(ex, 404, NULL, bytes_str("no row fits"));
    } else if (row->drop) {
        httpd_reply_abort(ex);
    } else {
        add_headers(v->fake, row->headers, &headers);
        expand(v->fake, row->body, &text);
        body = row->bytes.n > 0 ? row->bytes : buf_bytes(&text);
        if (row->cut || row->chunked || row->length != NULL)
            reply_in_pieces(ex, row, &headers, body);
        else
            httpd_reply(ex, row->status > 0 ? row->status : 200, &headers,
                        body);
    }
    visit_free(v);
}

static void
on_gone(void *arg)
{
    struct visit *v = arg;

    v->fake->n_gone++;
    visit_free(v);
}

static void
on_body(struct bytes body, void *arg)
{
    struct visit *v = arg;
    struct fake_http *f = v->fake;

    buf_add_bytes(&v->request->r.body, body);
    list_append(&f->requests, &v->request->link);
    f->n_requests++;
    list_each(struct row, row, link, &f->rows)
    {
        if (v->row == NULL && row_fits(row, &v->request->r)) {
            row->used++;
            v->holder = *row;
            v->row = &v->holder.row;
        }
    }
    if (v->row == NULL || !v->row->hold || f->released) {
        answer(v);
        return;
    }
    list_append(&f->held, &v->link);
    f->n_held++;
}

static void
on_request(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct visit *v = xnew(struct visit);

    v->fake = arg;
    v->ex = ex;
    v->request = xnew(struct request);
    v->request->r.method = xstrdup(req->method);
    v->request->r.target = xstrdup(req->target);
    headers_copy(&v->request->r.headers, req->headers);
    buf_init(&v->request->r.body, BODY_BYTES);
    httpd_on_gone(ex, on_gone, v);
    httpd_read_body(ex, BODY_BYTES, true, on_body, v);
}

struct fake_http *
fake_http_new(struct loop *loop, const struct httpd_conf *given)
{
    struct httpd_conf conf = { 0 };
    struct fake_http *f = xnew(struct fake_http);
    struct err err;

    if (given != NULL)
        conf = *given;
    conf.port = 0;
    if (conf.address == NULL)
        conf.address = "127.0.0.1";
    f->loop = loop;
    list_init(&f->rows);
    list_init(&f->requests);
    list_init(&f->held);
    f->httpd = httpd_new(loop, &conf, on_request, f, &err);
    if (f->httpd == NULL) {
        fprintf(stderr, "fake-http: %s\n", err.text);
        abort();
    }
    f->url = conf.cert_file != NULL
                 ? xasprintf("https://localhost:%u", httpd_port(f->httpd))
                 : xasprintf("http://127.0.0.1:%u", httpd_port(f->httpd));
    return f;
}

static void
request_free(struct request *r)
{
    list_remove(&r->link);
    free(r->r.method);
    free(r->r.target);
    headers_clear(&r->r.headers);
    buf_clear(&r->r.body);
    free(r);
}

void
fake_http_forget_rows(struct fake_http *f)
{
    list_each(struct row, row, link, &f->rows)
    {
        list_remove(&row->link);
        free(row);
    }
}

void
fake_http_free(struct fake_http *f)
{
    httpd_free(f->httpd);
    fake_http_forget_rows(f);
    list_each(struct request, r, link, &f->requests)
        request_free(r);
    free(f->url);
    free(f);
}

void
fake_http_add(struct fake_http *f, const struct fake_row *row)
{
    struct row *r = xnew(struct row);

    r->row = *row;
    list_append(&f->rows, &r->link);
}

uint16_t
fake_http_port(const struct fake_http *f)
{
    return httpd_port(f->httpd);
}

const char *
fake_http_url(const struct fake_http *f)
{
    return f->url;
}

size_t
fake_http_count(const struct fake_http *f)
{
    return f->n_requests;
}

const struct fake_request *
fake_http_request(const struct fake_http *f, size_t i)
{
    list_each(struct request, r, link, &f->requests)
    {
        if (i-- == 0)
            return &r->r;
    }
    return NULL;
}

size_t
fake_http_asked(const struct fake_http *f, const char *path)
{
    size_t n = 0;

    list_each(struct request, r, link, &f->requests)
        n += str_starts(r->r.target, path);
    return n;
}

void
fake_http_release(struct fake_http *f)
{
    struct visit *v;

    f->released = true;
    while ((v = list_first(struct visit, link, &f->held)) != NULL)
        answer(v);
}

size_t
fake_http_held(const struct fake_http *f)
{
    return f->n_held;
}

size_t
fake_http_gone(const struct fake_http *f)
{
    return f->n_gone;
}
