/* One call, for httpc-call.c, httpc-request.c and httpc-answer.c only. */
#ifndef ENGINE_NET_HTTPC_CALL_H
#define ENGINE_NET_HTTPC_CALL_H

#include "engine/loop/timer.h"
#include "engine/net/httpc-private.h"

/* The request body on its way: what was sent stays until it is certain that
 * curl will not ask for it again on a new connection. */
struct outgoing {
    struct buf bytes;
    size_t at;         /* sent so far */
    uint64_t total;    /* of the whole body so far */
    uint64_t declared; /* Content-Length, or UINT64_MAX: chunked */
    bool complete;     /* nothing more will come */
    bool starved;      /* curl waits for us */
    bool full;         /* the caller waits for on_drain */
    bool eaten;        /* the beginning is gone: no second try */
};

struct httpc_call {
    struct xfer x;       /* owns */
    struct httpc *c;     /* borrows */
    struct link running; /* in c's list */
    struct url url;
    struct httpc_events events;
    void *arg;
    struct outgoing out;
    struct curl_slist *request_headers; /* owns */

    int status;              /* 0 until the final status line */
    bool headers_done;
    size_t header_bytes;
    struct headers headers;
    struct buf body;         /* collected, without on_body */

    bool paused;             /* by the caller */
    bool stopped;            /* by the caller: enough */
    bool held;               /* through, but paused: on_done waits */
    bool ended;              /* no callback comes any more */
    struct err failure;      /* ours; kind ERR_NONE without */
    char why[CURL_ERROR_SIZE];

    struct timer deadline, idle;
    uint64_t idle_timeout_ms;
    uint64_t active_ms;      /* when the last byte passed */
    curl_off_t uploaded;     /* as seen by the idle timer */
    bool connected;
};

/*
 * httpc-request.c: give the easy handle method, headers and body. ERR_INPUT
 * for a request that cannot be sent as it is.
 */
int request_dress(struct httpc_call *call, const struct httpc_request *req,
                  struct err *err);
/* CURLOPT_READFUNCTION, CURLOPT_SEEKFUNCTION; arg is the call. */
size_t request_on_read(char *to, size_t size, size_t n, void *arg);
int request_on_seek(void *arg, curl_off_t offset, int origin);
/* Calls on_drain when it is due. Not from a curl callback. */
void request_tell_room(struct httpc_call *call);
/* Does curl still wait for us? */
bool request_is_starved(struct httpc_call *call);

/* httpc-answer.c: have curl tell us what comes back. */
void answer_dress(struct httpc_call *call);

/* httpc-call.c: what is known of the answer; borrows from the call. */
struct httpc_reply call_reply(const struct httpc_call *call);
/* Is there nothing to be told any more? Then curl is made to give up. */
bool call_is_over(const struct httpc_call *call);
/* A byte passed, or what the idle timer depends on changed. */
void call_is_active(struct httpc_call *call);
void call_watch_idle(struct httpc_call *call);
/* It cannot go on; on_done comes when curl has left the stack. */
void call_fail(struct httpc_call *call, enum err_kind kind, const char *code,
               const char *text);

#endif
