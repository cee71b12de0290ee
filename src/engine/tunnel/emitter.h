/*
 * engine/tunnel/emitter.h: events and their acks (broker-protocol.md §c.1).
 *
 *     {"type":0,"data":["request",{…}],"id":1}   an event that wants an ack
 *     {"id":1,"type":1,"data":[{…}]}             its ack
 *
 * Reading and writing are pure; struct emitter keeps what one socket still
 * has to be told, in one direction. Nobody sends an error: what is malformed
 * is dropped, and so it is here (with a reason for the debug log).
 */
#ifndef ENGINE_TUNNEL_EMITTER_H
#define ENGINE_TUNNEL_EMITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jw.h"

#define EMITTER_MAX_ARGS 8

enum emitter_type { EMITTER_EVENT = 0, EMITTER_ACK = 1 };

struct emitter_packet {
    enum emitter_type type;
    int64_t id;    /* event: wants an ack with it, 0 without; ack: of what */
    char name[64]; /* of an event */
    struct bytes args[EMITTER_MAX_ARGS]; /* spans of the packet's text; more
                                            than that many are not kept */
    size_t n_args;
};

/*
 * A packet from primus_read(); the spans borrow its text. ERR_INPUT: not a
 * packet (data is no array, id no positive number, an event without a name,
 * …); ERR_DENIED: an event name that is reserved and reaches no handler.
 */
int emitter_read(struct emitter_packet *out, struct bytes packet,
                 struct err *err);
/* The argument's span, or no bytes. */
struct bytes emitter_arg(const struct emitter_packet *p, size_t i);

/*
 * Write a whole engine.io frame into `out`, the arguments between begin and
 * end by way of `w`. end returns -1 when something did not fit.
 *   id  0: no ack wanted
 */
void emitter_begin_event(struct jw *w, struct buf *out, const char *name);
int emitter_end_event(struct jw *w, int64_t id);
void emitter_begin_ack(struct jw *w, struct buf *out, int64_t id);
int emitter_end_ack(struct jw *w);

/* Acks that this socket owes us. */
struct emitter;

/*
 * Exactly once, unless forgotten: the ack (borrowed), or why there will be
 * none. May use the emitter.
 */
typedef void (*emitter_ack_cb)(const struct emitter_packet *ack,
                               const struct err *err, void *arg);

/* max_pending: acks waited for at once. */
struct emitter *emitter_new(size_t max_pending);
void emitter_free(struct emitter *e); /* calls nobody */
/* A fresh id (from 1 up) whose ack is waited for; -1 and ERR_BUSY when too
 * many are. */
int64_t emitter_expect(struct emitter *e, emitter_ack_cb fn, void *arg,
                       struct err *err);
void emitter_forget(struct emitter *e, int64_t id);
/* Hand an ack to who waits for it. False: nobody does. */
bool emitter_settle(struct emitter *e, const struct emitter_packet *ack);
/* The socket is gone: tell all who wait. */
void emitter_fail_all(struct emitter *e, const struct err *err);
size_t emitter_pending(const struct emitter *e);

AUTO_DEFINE(struct emitter, emitter, emitter_free)
#define auto_emitter __attribute__((cleanup(auto_cleanup_emitter)))

#endif
