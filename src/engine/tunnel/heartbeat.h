/*
 * engine/tunnel/heartbeat.h: is the other end alive? Pure: the caller brings
 * the clock, arms one timer for heartbeat_due_ms() and does what the tick says.
 *
 * Two temperaments cover both levels of the tunnel, at both ends of it:
 *   asker     asks every `interval`, must get its answer within `patience`
 *             (engine.io server 25 s / 20 s, Primus client 25 s / 10 s)
 *   listener  never asks, must hear something every `patience`
 *             (engine.io client 45 s, Primus server 35 s)
 */
#ifndef ENGINE_TUNNEL_HEARTBEAT_H
#define ENGINE_TUNNEL_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

struct heartbeat {
    uint64_t interval_ms; /* 0: a listener */
    uint64_t patience_ms;
    uint64_t due_ms; /* monotonic; when something has to happen */
    bool asked;      /* an answer is outstanding */
};

enum heartbeat_tick {
    HEARTBEAT_QUIET, /* nothing is due yet */
    HEARTBEAT_ASK,   /* send a ping now */
    HEARTBEAT_LOST   /* the other end is gone */
};

/* The connection opened at now_ms. */
void heartbeat_start_asker(struct heartbeat *h, uint64_t interval_ms,
                           uint64_t patience_ms, uint64_t now_ms);
void heartbeat_start_listener(struct heartbeat *h, uint64_t patience_ms,
                              uint64_t now_ms);

/* Asker: the answer came (an unasked one changes nothing). Listener: something
 * came. */
void heartbeat_heard(struct heartbeat *h, uint64_t now_ms);

/* What to do now. ASK is said once per question. */
enum heartbeat_tick heartbeat_tick(struct heartbeat *h, uint64_t now_ms);

/* When to tick next. */
uint64_t heartbeat_due_ms(const struct heartbeat *h);

#endif
