/*
 * role/broker/answer.h: how the answer to one request of the server travels
 * back: streamed by POST /response-data, or whole by ack
 * (broker-protocol.md §e). Reactor only.
 */
#ifndef ROLE_BROKER_ANSWER_H
#define ROLE_BROKER_ANSWER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/net/headers.h"
#include "role/broker/broker-private.h"

struct answer;

struct answer_events {
    /* Room again after ANSWER_FULL. */
    void (*on_drain)(void *arg);
    /* Once, unless freed before; never from within a call: it was delivered
     * (err NULL), or cannot be. */
    void (*on_done)(const struct err *err, void *arg);
};

/*
 * x says by which way and is borrowed as long as the answer lives.
 *   ack_id  of the event; 0: x->streaming_id tells the way
 */
struct answer *answer_new(struct socket *socket,
                          const struct exchange_request *x, int64_t ack_id,
                          const struct answer_events *events, void *arg);
/* Breaks off what is under way. */
void answer_free(struct answer *a);

enum answer_room { ANSWER_MORE, ANSWER_FULL, ANSWER_GONE };

/* The agent's status and headers. */
enum answer_room answer_head(struct answer *a, int status,
                             const struct headers *headers);
/* GONE: on_done will say why, or answer_too_large() is true. */
enum answer_room answer_write(struct answer *a, struct bytes chunk);
void answer_end(struct answer *a);
/* An ack has a ceiling; then answer_fault_too_large() is the end of it. */
bool answer_too_large(const struct answer *a);
void answer_fault_too_large(struct answer *a);
/* The rest of the body will never come. Ends it: as a failure the server can
 * see, or as a fault when nothing has left yet. */
void answer_abort(struct answer *a, const struct err *why);
/* An answer of our own instead of one of the agent's; nothing has left yet. */
void answer_fault(struct answer *a, int status, const char *code,
                  const char *message, const char *reason);
/* Has the server seen any of it? */
bool answer_has_left(const struct answer *a);

#endif
