/* The stage: the agent on a real store and a loop. Its neighbours are in
 * agent-fakes-http.c and agent-fakes-scan.c. */
#include "agent-fakes.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

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
