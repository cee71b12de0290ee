/* The agent's neighbours: listener, HTTP client, registry, scanner. */
#include "agent-fakes.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "engine/net/httpd.h"
#include "engine/registry/credentials.h"

/* ---- listener ---------------------------------------------------------- */

struct httpd {
    httpd_handler handler;
    void *arg;
};

struct httpd_ex {
    struct fake_answer answer; /* first: one is the other */
    struct httpd_request req;
    struct headers headers;
    char *target, *path, *method, *body;
    void (*gone)(void *arg);
    void *gone_arg;
    struct link link;
};

static struct httpd door;
static struct list at_door = LIST_INIT(at_door);
void (*fake_on_reply)(void);

struct httpd *
httpd_new(struct loop *loop, const struct httpd_conf *conf,
          httpd_handler handler, void *arg, struct err *err)
{
    (void)loop, (void)conf, (void)err;
    door = (struct httpd){ handler, arg };
    return &door;
}

uint16_t
httpd_port(const struct httpd *d)
{
    (void)d;
    return 17500;
}

void
httpd_drain(struct httpd *d, void (*done)(void *arg), void *arg)
{
    (void)d;
    loop_defer(stage.loop, done, arg);
}

void
httpd_free(struct httpd *d)
{
    (void)d;
    list_each (struct httpd_ex, ex, link, &at_door)
        fake_hang_up(&ex->answer);
}

const struct httpd_request *
httpd_request_of(const struct httpd_ex *ex)
{
    return &ex->req;
}

void
httpd_on_gone(struct httpd_ex *ex, void (*fn)(void *arg), void *arg)
{
    ex->gone = fn;
    ex->gone_arg = arg;
}

void
httpd_read_body(struct httpd_ex *ex, size_t limit_bytes, bool raw,
                void (*fn)(struct bytes body, void *arg), void *arg)
{
    cr_expect_eq(limit_bytes, 1 << 20, "agent-api.md §3: 1 MiB");
    cr_expect_not(raw);
    fn(bytes_str(ex->body), arg);
}

static char *
kept(const struct headers *h, const char *name)
{
    return xstrdup(headers_get(h, name));
}

void
httpd_reply(struct httpd_ex *ex, int status, const struct headers *headers,
            struct bytes body)
{
    cr_expect_eq(ex->answer.status, 0, "answered twice");
    ex->answer.status = status;
    ex->answer.body = bytes_dup(body);
    ex->answer.retry_after = kept(headers, "retry-after");
    ex->answer.request_id = kept(headers, "snyk-request-id");
    ex->answer.allow = kept(headers, "allow");
    ex->answer.content_type = kept(headers, "content-type");
    list_remove(&ex->link);
    if (fake_on_reply != NULL)
        fake_on_reply();
    fake_on_reply = NULL;
}

struct fake_answer *
fake_ask(const char *method, const char *target, const char *const *headers,
         const char *body)
{
    struct httpd_ex *ex = xnew(struct httpd_ex);
    size_t n = strcspn(target, "?");

    ex->method = xstrdup(method);
    ex->target = xstrdup(target);
    ex->path = xstrndup(target, n);
    ex->body = xstrdup(body != NULL ? body : "");
    for (; headers != NULL && headers[0] != NULL; headers += 2)
        headers_add(&ex->headers, headers[0], headers[1]);
    ex->req = (struct httpd_request){
        .method = ex->method,
        .target = ex->target,
        .path = ex->path,
        .query = ex->target + n + (ex->target[n] == '?'),
        .headers = &ex->headers,
        .peer = "127.0.0.1:1",
    };
    list_append(&at_door, &ex->link);
    door.handler(ex, &ex->req, door.arg);
    return &ex->answer;
}

void
fake_hang_up(struct fake_answer *answer)
{
    struct httpd_ex *ex = (struct httpd_ex *)answer;

    list_remove(&ex->link);
    if (ex->gone != NULL)
        ex->gone(ex->gone_arg);
    ex->gone = NULL;
}

void
fake_forget(struct fake_answer *answer)
{
    struct httpd_ex *ex = (struct httpd_ex *)answer;

    free(answer->body);
    free(answer->retry_after);
    free(answer->request_id);
    free(answer->allow);
    free(answer->content_type);
    headers_clear(&ex->headers);
    free(ex->method);
    free(ex->target);
    free(ex->path);
    free(ex->body);
    free(ex);
}

/* ---- registry ---------------------------------------------------------- */

struct registry {
    unsigned refs;
    char type[32], base[128];
};

static struct reg_op {
    char name[64]; /* "" when none runs */
    reg_done_cb on_done;
    reg_list_cb on_list;
    void *arg;
} op;
static unsigned ops_cancelled;
char fake_username[64];

struct registry *
registry_new(struct reg_hub *hub, const struct reg_login *login,
             struct err *err)
{
    const char *type = reg_type_canonical(login->type);
    struct registry *r;

    (void)hub;
    if (type == NULL) {
        err_set_code(err, ERR_INPUT, "UNKNOWN_REGISTRY_TYPE", "unknown");
        return NULL;
    }
    r = xnew(struct registry);
    r->refs = 1;
    snprintf(r->type, sizeof(r->type), "%s", type);
    snprintf(r->base, sizeof(r->base), "%s", login->base);
    snprintf(fake_username, sizeof(fake_username), "%s", login->username);
    return r;
}

struct registry *
registry_ref(struct registry *r)
{
    r->refs++;
    return r;
}

void
registry_unref(struct registry *r)
{
    if (r != NULL && --r->refs == 0)
        free(r);
}

const char *
registry_type(const struct registry *r)
{
    return r->type;
}

const char *
registry_base(const struct registry *r)
{
    return r->base;
}

const char *
registry_fingerprint(const struct registry *r)
{
    (void)r;
    return fake_username;
}

static struct reg_op *
start_op(const char *name, reg_done_cb on_done, reg_list_cb on_list, void *arg)
{
    cr_expect_str_eq(op.name, "", "one at a time in these tests");
    snprintf(op.name, sizeof(op.name), "%s", name);
    op.on_done = on_done;
    op.on_list = on_list;
    op.arg = arg;
    return &op;
}

struct reg_op *
registry_validate(struct registry *r, uint64_t timeout_ms, reg_done_cb fn,
                  void *arg)
{
    (void)r, (void)timeout_ms;
    return start_op("validate", fn, NULL, arg);
}

struct reg_op *
registry_catalog(struct registry *r, reg_list_cb fn, void *arg)
{
    (void)r;
    return start_op("catalog", NULL, fn, arg);
}

struct reg_op *
registry_tags(struct registry *r, const char *repo, reg_list_cb fn, void *arg)
{
    auto_free char *name = xasprintf("tags %s", repo);

    (void)r;
    return start_op(name, NULL, fn, arg);
}

void
reg_op_cancel(struct reg_op *o)
{
    o->name[0] = '\0';
    ops_cancelled++;
}

const char *
fake_registry_op(void)
{
    return op.name[0] != '\0' ? op.name : NULL;
}

unsigned
fake_registry_cancelled(void)
{
    return ops_cancelled;
}

void
fake_registry_list(const char *const *names, size_t n)
{
    cr_assert_not_null(fake_registry_op());
    op.name[0] = '\0';
    op.on_list(names, n, NULL, op.arg);
}

void
fake_registry_done(const struct err *err)
{
    cr_assert_not_null(fake_registry_op());
    op.name[0] = '\0';
    if (op.on_list != NULL)
        op.on_list(NULL, 0, err, op.arg);
    else
        op.on_done(err, op.arg);
}

/* ---- scanner ----------------------------------------------------------- */

struct scan {
    const struct scan_request *req;
    const struct scan_events *events;
    void *arg;
};

static struct scan *scans[16];
static size_t n_scans;
static unsigned n_scans_cancelled, n_refusals;

struct scan *
scan_start(struct scanner *s, const struct scan_request *req,
           const struct scan_events *events, void *arg, struct err *err)
{
    struct scan *scan;

    (void)s;
    if (n_refusals > 0) {
        n_refusals--;
        err_set(err, ERR_BUSY, "no worker");
        return NULL;
    }
    scan = xnew(struct scan);
    *scan = (struct scan){ req, events, arg };
    scans[n_scans++] = scan;
    return scan;
}

static struct scan
take_scan(size_t i)
{
    struct scan taken = *scans[i];

    free(scans[i]);
    n_scans--;
    memmove(&scans[i], &scans[i + 1], (n_scans - i) * sizeof(scans[0]));
    return taken;
}

void
scan_cancel(struct scan *scan)
{
    for (size_t i = 0; i < n_scans; i++) {
        if (scans[i] == scan)
            take_scan(i);
    }
    n_scans_cancelled++;
}

size_t
fake_scans(void)
{
    return n_scans;
}

const struct scan_request *
fake_scan(size_t i)
{
    return scans[i]->req;
}

unsigned
fake_scans_cancelled(void)
{
    return n_scans_cancelled;
}

void
fake_scans_refuse(unsigned n)
{
    n_refusals = n;
}

void
fake_scan_image(size_t i)
{
    struct source_image image = {
        .image_id = "sha256:cc",
        .manifest_digest = "sha256:aa",
        .index_digest = "sha256:bb",
        .n_layers = 1,
        .size = 1000,
    };
    const struct scan s = *scans[i];

    s.events->on_image(&image, s.arg);
    s.events->on_layer(0, 1, "sha256:dd", LAYER_DONE, 1000, 1000, s.arg);
}

void
fake_scan_result(size_t i, size_t index, const char *json)
{
    const struct scan s = *scans[i];

    s.events->on_result(index, bytes_str(json), s.arg);
}

void
fake_scan_end(size_t i, size_t n_results, const struct err *err)
{
    struct scan s = take_scan(i);

    s.events->on_done(n_results, err, s.arg);
}

/* ---- HTTP client ------------------------------------------------------- */

struct httpc_call {
    char *url, *body;
    struct headers headers;
    const struct httpc_events *events;
    void *arg;
};

static struct httpc_call *calls[16];
static size_t n_calls;

struct httpc_call *
httpc_start(struct httpc *c, const struct httpc_request *req,
            const struct httpc_events *events, void *arg, struct err *err)
{
    struct httpc_call *call = xnew(struct httpc_call);

    (void)c, (void)err;
    cr_expect_str_eq(req->method, "POST");
    call->url = xstrdup(req->url);
    call->body = bytes_dup(req->body);
    headers_copy(&call->headers, req->headers);
    call->events = events;
    call->arg = arg;
    calls[n_calls++] = call;
    return call;
}

static void
free_call(struct httpc_call *call)
{
    headers_clear(&call->headers);
    free(call->url);
    free(call->body);
    free(call);
}

static struct httpc_call *
take_call(size_t i)
{
    struct httpc_call *call = calls[i];

    n_calls--;
    memmove(&calls[i], &calls[i + 1], (n_calls - i) * sizeof(calls[0]));
    return call;
}

void
httpc_cancel(struct httpc_call *call)
{
    for (size_t i = 0; i < n_calls; i++) {
        if (calls[i] == call) {
            free_call(take_call(i));
            return;
        }
    }
}

size_t
fake_calls(void)
{
    return n_calls;
}

const char *
fake_call_url(size_t i)
{
    return calls[i]->url;
}

const char *
fake_call_body(size_t i)
{
    return calls[i]->body;
}

const char *
fake_call_header(size_t i, const char *name)
{
    return headers_get(&calls[i]->headers, name);
}

void
fake_call_end(size_t i, int status, const char *retry_after, const char *body)
{
    struct httpc_call *call = take_call(i);
    auto_headers struct headers headers = HEADERS_INIT;
    struct httpc_reply reply = { status, &headers, BYTES_NONE };
    struct err err;

    err_set_code(&err, ERR_NET, "ECONNREFUSED", "connection refused");
    if (retry_after != NULL)
        headers_add(&headers, "Retry-After", retry_after);
    if (body != NULL)
        call->events->on_body(bytes_str(body), call->arg);
    call->events->on_done(status != 0 ? &reply : NULL,
                          status != 0 ? NULL : &err, call->arg);
    free_call(call);
}

/* ---- the stage --------------------------------------------------------- */

struct stage stage;

void
stage_open(void)
{
    struct err err = { 0 };

    stage.loop = loop_new(&err);
    stage.store = store_open(stage.loop, stage.dir, &err);
    cr_assert_not_null(stage.store, "%s", err.text);
    stage.agent = agent_start(stage.loop, &stage.conf, stage.store, NULL, NULL,
                              NULL, &err);
    cr_assert_not_null(stage.agent, "%s", err.text);
    stage_settle();
}

void
stage_start(void)
{
    auto_free char *log = NULL;

    strcpy(stage.dir, "/tmp/crab-agent-XXXXXX");
    cr_assert_not_null(mkdtemp(stage.dir));
    log = xasprintf("%s/log", stage.dir);
    stage.log_fd = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log_setup("crab", stage.log_fd, LOG_LEVEL_DEBUG, LOG_FORM_JSON);
    clock_freeze(1700000000000);
    stage.conf.host_id = "host-1";
    stage.conf.max_active = 1;
    stage.conf.max_queued = 2;
    stage.conf.drain_ms = 8000;
    stage.conf.max_image_bytes = 4242;
    stage.conf.callback_give_up_ms = 15 * 60 * 1000;
    stage_open();
}

void
stage_crash(void)
{
    agent_free(stage.agent);
    store_close(stage.store);
    loop_free(stage.loop);
    stage.agent = NULL;
    stage.store = NULL;
    stage.loop = NULL;
}

static int
remove_one(const char *path, const struct stat *st, int kind,
           struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

void
stage_end(void)
{
    if (stage.loop != NULL)
        stage_crash();
    close(stage.log_fd);
    nftw(stage.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
on_counted(size_t n_queued, size_t n_running, const struct err *err, void *arg)
{
    (void)n_queued, (void)n_running, (void)err;
    *(bool *)arg = true;
}

/*
 * Asks are answered in order: when ours is, so are those before it. What they
 * led to may have asked again; chains here are shorter than this.
 */
void
stage_settle(void)
{
    for (int i = 0; i < 8; i++) {
        bool done = false;

        job_counts(stage.store, on_counted, &done);
        turn_until(stage.loop, done);
    }
}

char *
stage_log(void)
{
    auto_buf struct buf all = BUF_INIT(1 << 24);
    ssize_t n;
    off_t at = 0;

    while ((n = pread(stage.log_fd, buf_room(&all, 65536), 65536, at)) > 0) {
        all.n += (size_t)n;
        at += n;
    }
    return buf_steal(&all);
}

const char *
stage_login(void)
{
    static char text[512];
    auto_buf struct buf b = BUF_INIT(sizeof(text));

    base64_encode(bytes_str("{\"type\":\"harbor-cr\", \"username\":\"robot\", "
                            "\"password\":\"" PASSWORD "\", "
                            "\"registryBase\":\"cr.example.com\"}\n"),
                  &b);
    snprintf(text, sizeof(text), "%s", buf_cstr(&b));
    return text;
}
