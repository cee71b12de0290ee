#include "net-tale.h"

static void
let_go(struct tale *t)
{
    ws_free(t->ws);
    t->ws = NULL;
}

static void
on_open(void *arg)
{
    struct tale *t = arg;

    cr_assert_not_null(t->ws, "on_open from within ws_connect");
    t->n_opens++;
    if (t->free_in_open)
        let_go(t);
}

static void
on_text(struct bytes message, void *arg)
{
    struct tale *t = arg;

    cr_assert_not_null(t->ws);
    t->n_texts++;
    t->bytes += message.n;
    if (message.n < 1000) {
        buf_add_bytes(&t->texts, message);
        buf_add_char(&t->texts, '|');
    }
    if (t->pause_in_text)
        ws_pause(t->ws);
    if (t->free_in_text)
        let_go(t);
}

static void
on_drain(void *arg)
{
    ((struct tale *)arg)->n_drains++;
}

static void
on_close(int status, const struct err *err, void *arg)
{
    struct tale *t = arg;

    cr_assert_not_null(t->ws, "on_close from within");
    t->n_closes++;
    t->status = status;
    t->good = err == NULL;
    if (err != NULL)
        t->err = *err;
    if (t->free_in_close)
        let_go(t);
}

const struct ws_events tale_events = { .on_open = on_open,
                                       .on_text = on_text,
                                       .on_drain = on_drain,
                                       .on_close = on_close };

void
tale_init(struct tale *t)
{
    *t = (struct tale){ .ws = NULL };
    buf_init(&t->texts, SIZE_MAX);
}

void
tale_clear(struct tale *t)
{
    ws_free(t->ws);
    buf_clear(&t->texts);
}

bool
tale_is(const struct tale *t, const char *texts)
{
    return bytes_is(buf_bytes(&t->texts), texts);
}
