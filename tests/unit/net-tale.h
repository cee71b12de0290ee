/* tests/unit/net-tale.h: a websocket whose course is written down. */
#ifndef TESTS_UNIT_NET_TALE_H
#define TESTS_UNIT_NET_TALE_H

#include "base/str.h"
#include "engine.h"
#include "engine/net/ws.h"
#include "net-peer.h"

struct tale {
    struct ws *ws;
    unsigned n_opens, n_texts, n_drains, n_closes;
    struct buf texts; /* each followed by "|" */
    size_t bytes;     /* of all texts */
    int status;
    bool good;        /* on_close came without err */
    struct err err;
    bool free_in_open, free_in_text, free_in_close, pause_in_text;
};

extern const struct ws_events tale_events;
void tale_init(struct tale *t);
void tale_clear(struct tale *t); /* ws_free() included */
bool tale_is(const struct tale *t, const char *texts);

#endif
