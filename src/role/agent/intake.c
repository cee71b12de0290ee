/*
 * POST /scan: check what is cheap, write the jobs down, then promise them
 * (agent-api.md §4.10). Running them is jobs.c's.
 */
#include <string.h>

#include "base/json/jw.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/store/job.h"
#include "role/agent/agent-private.h"
#include "role/agent/login.h"
#include "role/agent/order.h"

#define SCAN_BODY_MAX_BYTES (1u << 20)
#define RECORD_MAX_BYTES    (4u << 20)
#define REPLY_MAX_BYTES     (1u << 20)

/* The images promised, to be told with their ids. */
struct promise {
    size_t n;
    bool is_list; /* asked for as "images" */
    char *registry;
    char *images[];
};

static void
write_job(struct jw *w, const struct job_added *added, const char *image)
{
    jw_obj(w);
    jw_key_str(w, "id", added->id);
    jw_key_str(w, "status", "accepted");
    jw_key_opt(w, "image", image);
    jw_end(w);
}

static void
reply_accepted(struct visit *v, const struct promise *p,
               const struct job_added *added)
{
    auto_buf struct buf body = BUF_INIT(REPLY_MAX_BYTES);
    struct jw w;

    jw_init(&w, &body);
    if (!p->is_list) {
        write_job(&w, &added[0], NULL);
    } else {
        jw_obj(&w);
        jw_key_str(&w, "status", "accepted");
        jw_key(&w, "jobs");
        jw_arr(&w);
        for (size_t i = 0; i < p->n; i++)
            write_job(&w, &added[i], p->images[i]);
        jw_end(&w);
        jw_end(&w);
    }
    visit_reply(v, 202, buf_bytes(&body));
}

static void
tell(const struct visit *v, const struct promise *p,
     const struct job_added *added)
{
    for (size_t i = 0; i < p->n; i++)
        log_info(added[i].existed ? "scan asked for again" : "scan accepted",
                 LOG_STR("jobId", added[i].id), LOG_STR("image", p->images[i]),
                 LOG_STR("registry", p->registry),
                 LOG_STR("requestId", v->request_id));
}

static void
promise_free(struct promise *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->images[i]);
    free(p->registry);
    free(p);
}

struct added_wait {
    struct visit *visit; /* shares */
    struct jobs *jobs;   /* shares */
    struct promise *promise;
};

static void
on_added(const struct job_added *added, size_t n, const struct err *err,
         void *arg)
{
    struct added_wait *wait = arg;
    struct visit *v = wait->visit;

    (void)n; /* as many as were asked for */
    if (err == NULL) {
        tell(v, wait->promise, added);
        jobs_kick(wait->jobs);
    }
    /* The caller may have gone meanwhile; the promise holds. */
    if (!visit_is_over(v)) {
        if (err != NULL)
            visit_fail(v, err);
        else
            reply_accepted(v, wait->promise, added);
    }
    promise_free(wait->promise);
    visit_unref(v);
    jobs_unref(wait->jobs);
    free(wait);
}

/*
 * What makes two requests the same one. The tunnel may repeat a request, each
 * time with the same id; without an id nothing is known to be a repeat.
 */
static char *
dedupe_key(const struct visit *v, const struct order *o)
{
    if (v->request_id == NULL)
        return NULL;
    return xasprintf("%s\n%s\n%s\n%s\n%s", v->request_id,
                     registry_base(v->registry),
                     registry_fingerprint(v->registry), o->image,
                     o->platform != NULL ? o->platform : "");
}

static void
add_jobs(struct visit *v, const struct orders *orders, bool is_list)
{
    auto_secret struct secret *login = login_document(v->login);
    struct job_new *jobs = xcalloc(orders->n, sizeof(*jobs));
    struct buf *records = xcalloc(orders->n, sizeof(*records));
    char **keys = xcalloc(orders->n, sizeof(*keys));
    struct added_wait *wait = xnew(struct added_wait);

    wait->visit = visit_ref(v);
    wait->jobs = jobs_ref(v->agent->jobs);
    wait->promise = xcalloc(1, sizeof(*wait->promise) +
                                   orders->n * sizeof(char *));
    wait->promise->n = orders->n;
    wait->promise->is_list = is_list;
    wait->promise->registry = xstrdup(registry_base(v->registry));
    for (size_t i = 0; i < orders->n; i++) {
        const struct order *o = &orders->at[i];

        buf_init(&records[i], RECORD_MAX_BYTES);
        order_write(o, &records[i]);
        keys[i] = dedupe_key(v, o);
        jobs[i] = (struct job_new){ keys[i], o->image, v->request_id,
                                    buf_bytes(&records[i]), login };
        wait->promise->images[i] = xstrdup(o->image);
    }
    job_add(v->agent->store, jobs, orders->n, v->agent->conf->max_queued,
            on_added, wait);
    for (size_t i = 0; i < orders->n; i++) {
        buf_clear(&records[i]);
        free(keys[i]);
    }
    free(records);
    free(keys);
    free(jobs);
}

static int
read_scan(struct visit *v, struct bytes body, struct err *err)
{
    auto_jx struct jx *doc = jx_parse(body, SCAN_BODY_MAX_BYTES, err);
    auto_orders struct orders orders = { 0 };
    auto_free char *base = NULL;

    if (doc == NULL)
        return err_wrap(err, "body");
    if (visit_login(v, doc, err) < 0)
        return -1;
    base = login_base(v->login, v->registry);
    if (orders_parse(&orders, doc, v->agent->conf, base, err) < 0)
        return -1;
    add_jobs(v, &orders, jx_arr(doc, "images") != NULL);
    return 0;
}

static void
on_body(struct bytes body, void *arg)
{
    struct visit *v = arg;
    struct err err;

    if (read_scan(v, body, &err) < 0)
        visit_fail(v, &err);
}

void
agent_scan(struct visit *v)
{
    struct err err;

    if (v->agent->draining) {
        err_set(&err, ERR_BUSY, "shutting down");
        visit_fail(v, &err);
        return;
    }
    httpd_read_body(v->ex, SCAN_BODY_MAX_BYTES, false, on_body, v);
}
