/* Heartbeats: who asks, who listens, and when to give up. */
#include "engine/tunnel/heartbeat.h"

void
heartbeat_start_asker(struct heartbeat *h, uint64_t interval_ms,
                      uint64_t patience_ms, uint64_t now_ms)
{
    h->interval_ms = interval_ms > 0 ? interval_ms : 1;
    h->patience_ms = patience_ms;
    h->asked = false;
    h->due_ms = now_ms + h->interval_ms;
}

void
heartbeat_start_listener(struct heartbeat *h, uint64_t patience_ms,
                         uint64_t now_ms)
{
    h->interval_ms = 0;
    h->patience_ms = patience_ms;
    h->asked = false;
    h->due_ms = now_ms + patience_ms;
}

void
heartbeat_heard(struct heartbeat *h, uint64_t now_ms)
{
    if (h->interval_ms == 0) {
        h->due_ms = now_ms + h->patience_ms;
    } else if (h->asked) {
        h->asked = false;
        h->due_ms = now_ms + h->interval_ms;
    }
}

enum heartbeat_tick
heartbeat_tick(struct heartbeat *h, uint64_t now_ms)
{
    if (now_ms < h->due_ms)
        return HEARTBEAT_QUIET;
    if (h->interval_ms == 0 || h->asked)
        return HEARTBEAT_LOST;
    h->asked = true;
    h->due_ms = now_ms + h->patience_ms;
    return HEARTBEAT_ASK;
}

uint64_t
heartbeat_due_ms(const struct heartbeat *h)
{
    return h->due_ms;
}
