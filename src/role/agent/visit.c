/* One request: who asks, whom it is about, and its one answer. */
#include "role/agent/visit.h"

#include <string.h>

#include "base/buf.h"
#include "base/json/jw.h"
#include "base/log.h"
#include "base/str.h"
#include "role/agent/agent-private.h"
#include "role/agent/fault.h"
#include "role/agent/login.h"

#define FAULT_MAX_BYTES      (16u << 10)
#define REQUEST_ID_MAX_BYTES 200

static void
visit_free(struct visit *v)
{
    credentials_free(v->login);
    free(v->request_id);
    free(v->rest);
    free(v);
}

struct visit *
visit_ref(struct visit *v)
{
    v->refs++;
    return v;
}

void
visit_unref(struct visit *v)
{
    if (--v->refs == 0)
        visit_free(v);
}

/* Lets go of what others own; takes the reference of the list. */
static void
end(struct visit *v)
{
    if (v->op != NULL)
        reg_op_cancel(v->op);
    v->op = NULL;
    registry_unref(v->registry);
    v->registry = NULL;
    timer_clear(&v->deadline);
    list_remove(&v->link);
    v->ex = NULL;
    v->req = NULL;
    visit_unref(v);
}

static void
on_gone(void *arg)
{
    end(arg);
}

/* It goes out again, as a header of callbacks: only what may be one. */
static char *
read_request_id(const struct headers *headers)
{
    const char *id = headers_get(headers, "snyk-request-id");

    if (id == NULL)
        id = headers_get(headers, "x-request-id");
    if (str_is_empty(id) || strlen(id) > REQUEST_ID_MAX_BYTES ||
        !header_value_valid(id))
        return NULL;
    return xstrdup(id);
}

struct visit *
visit_new(struct agent *agent, struct httpd_ex *ex)
{
    struct visit *v = xnew(struct visit);

    v->agent = agent;
    v->ex = ex;
    v->req = httpd_request_of(ex);
    v->request_id = read_request_id(v->req->headers);
    v->refs = 1;
    timer_init(&v->deadline, agent->loop);
    list_append(&agent->visits, &v->link);
    httpd_on_gone(ex, on_gone, v);
    return v;
}

int
visit_login(struct visit *v, const struct jx *body, struct err *err)
{
    if (login_find(&v->login, v->req->headers, body, v->agent->conf, err) < 0)
        return -1;
    v->registry = login_registry(v->agent->hub, v->login, err);
    return v->registry != NULL ? 0 : -1;
}

static void
on_deadline(void *arg)
{
    struct visit *v = arg;
    struct err err;

    err_set_code(&err, ERR_TIMEOUT, "REGISTRY_TIMEOUT",
                 "%s did not answer in time", registry_base(v->registry));
    visit_fail(v, &err);
}

void
visit_wait(struct visit *v, struct reg_op *op, uint64_t timeout_ms)
{
    v->op = op;
    if (timeout_ms > 0)
        timer_after(&v->deadline, timeout_ms, on_deadline, v);
}

static void
reply(struct visit *v, int status, int64_t retry_after_s, struct bytes json)
{
    auto_headers struct headers headers = HEADERS_INIT;
    struct httpd_ex *ex = v->ex;

    headers_add(&headers, "Content-Type", HEADER_TYPE_JSON);
    if (v->request_id != NULL)
        headers_add(&headers, "snyk-request-id", v->request_id);
    if (retry_after_s > 0)
        headers_setf(&headers, "Retry-After", "%lld",
                     (long long)retry_after_s);
    if (status == 405)
        headers_add(&headers, "Allow", v->rest != NULL ? v->rest : "");
    /* The visit is over before the answer is out. */
    httpd_on_gone(ex, NULL, NULL);
    httpd_reply(ex, status, &headers, json);
    end(v);
}

void
visit_reply(struct visit *v, int status, struct bytes json)
{
    reply(v, status, 0, json);
}

static void
fail(struct visit *v, const struct err *err, bool is_check)
{
    auto_buf struct buf body = BUF_INIT(FAULT_MAX_BYTES);
    struct fault_about about = { .request_id = v->request_id };
    struct jw w;

    if (v->registry != NULL) {
        about.registry = registry_base(v->registry);
        about.type = registry_type(v->registry);
    }
    jw_init(&w, &body);
    jw_obj(&w);
    if (is_check)
        jw_key_bool(&w, "ok", false);
    fault_members(&w, err, &about);
    jw_end(&w);
    log_warn("request refused", LOG_STR("requestMethod", v->req->method),
             LOG_URL("url", v->req->target),
             LOG_INT("responseStatus", fault_status(err)),
             LOG_STR("requestId", v->request_id), LOG_ERR(err));
    reply(v, fault_status(err), fault_retry_after_s(err), buf_bytes(&body));
}

void
visit_fail(struct visit *v, const struct err *err)
{
    fail(v, err, false);
}

void
visit_fail_check(struct visit *v, const struct err *err)
{
    fail(v, err, true);
}

char *
visit_query(const struct visit *v, const char *name)
{
    struct bytes rest = bytes_str(v->req->query), pair;

    while (bytes_next(&rest, '&', &pair)) {
        auto_buf struct buf value = BUF_INIT(4096);
        size_t at = bytes_find(pair, '=');

        if (bytes_is(bytes_to(pair, at), name) &&
            percent_decode(bytes_from(pair, at + 1), &value) == 0)
            return buf_steal(&value);
    }
    return NULL;
}

char *
visit_query_repository(const struct visit *v)
{
    static const char *const names[] = { "repo", "repository", "imageName",
                                         "image", "name" };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        char *value = visit_query(v, names[i]);

        if (!str_is_empty(value))
            return value;
        free(value);
    }
    return NULL;
}
