/* Is the agent well, does the registry let us in? Health and credentials. */
#include <sys/statvfs.h>

#include "base/json/jw.h"
#include "base/log.h"
#include "engine/store/job.h"
#include "role/agent/agent-private.h"

/* The broker client waits five seconds. */
#define CHECK_TIMEOUT_MS    4000
#define VALIDATE_TIMEOUT_MS 55000

static void
reply_unwell(struct visit *v, const char *reason)
{
    auto_buf struct buf body = BUF_INIT(4096);
    struct jw w;

    jw_init(&w, &body);
    jw_obj(&w);
    jw_key_bool(&w, "ok", false);
    jw_key_str(&w, "reason", reason);
    jw_end(&w);
    visit_reply(v, 503, buf_bytes(&body));
}

/* Where jobs are written down; left out when it cannot be told. */
static void
write_free_disk(struct jw *w, const char *state_dir)
{
    struct statvfs fs;

    if (state_dir != NULL && statvfs(state_dir, &fs) == 0)
        jw_key_int(w, "freeDiskBytes",
                   (int64_t)fs.f_bavail * (int64_t)fs.f_frsize);
}

static void
reply_well(struct visit *v, size_t n_queued, size_t n_running)
{
    auto_buf struct buf body = BUF_INIT(4096);
    struct jw w;

    jw_init(&w, &body);
    jw_obj(&w);
    jw_key_bool(&w, "ok", true);
    jw_key_str(&w, "version", PACKAGE_VERSION);
    jw_key_int(&w, "activeScans", (int64_t)n_running);
    jw_key_int(&w, "queuedScans", (int64_t)n_queued);
    write_free_disk(&w, v->agent->conf->state_dir);
    jw_end(&w);
    visit_reply(v, 200, buf_bytes(&body));
}

static void
on_counts(size_t n_queued, size_t n_running, const struct err *err, void *arg)
{
    struct visit *v = arg;

    if (!visit_is_over(v)) {
        if (err != NULL)
            reply_unwell(v, err->text);
        else if (v->agent->draining)
            reply_unwell(v, "shutting down");
        else
            reply_well(v, n_queued, n_running);
    }
    visit_unref(v);
}

/* Asks the store: without it no scan can be promised. */
void
agent_healthcheck(struct visit *v)
{
    job_counts(v->agent->store, on_counts, visit_ref(v));
}

static void
on_systemcheck(const struct err *err, void *arg)
{
    auto_buf struct buf body = BUF_INIT(4096);
    struct visit *v = arg;
    struct jw w;

    v->op = NULL;
    if (err != NULL) {
        visit_fail_check(v, err);
        return;
    }
    jw_init(&w, &body);
    jw_obj(&w);
    jw_key_bool(&w, "ok", true);
    jw_key_str(&w, "type", registry_type(v->registry));
    jw_key_str(&w, "registry", registry_base(v->registry));
    jw_end(&w);
    visit_reply(v, 200, buf_bytes(&body));
}

void
agent_systemcheck(struct visit *v)
{
    struct err err;

    if (visit_login(v, NULL, &err) < 0) {
        visit_fail_check(v, &err);
        return;
    }
    visit_wait(v,
               registry_validate(v->registry, CHECK_TIMEOUT_MS, on_systemcheck,
                                 v),
               0);
}

static void
on_validated(const struct err *err, void *arg)
{
    struct visit *v = arg;

    v->op = NULL;
    if (err != NULL)
        visit_fail(v, err);
    else
        visit_reply(v, 200, bytes_str("{\"ok\":true}"));
}

void
agent_validate(struct visit *v)
{
    struct err err;

    if (visit_login(v, NULL, &err) < 0) {
        visit_fail(v, &err);
        return;
    }
    visit_wait(v,
               registry_validate(v->registry, VALIDATE_TIMEOUT_MS,
                                 on_validated, v),
               0);
}
