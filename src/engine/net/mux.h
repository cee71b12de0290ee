/*
 * engine/net/mux.h: libcurl's multi interface on the loop. For net/ only.
 *
 * A mux owns a multi handle, the events of its sockets and its timer. What it
 * drives are xfers: easy handles embedded in a call or a websocket.
 *
 * libcurl forbids most of its functions while one of its callbacks is on the
 * stack. So an xfer only notes what it wants and says xfer_touch(); the mux
 * calls its settle() when curl has left the stack.
 */
#ifndef ENGINE_NET_MUX_H
#define ENGINE_NET_MUX_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/list.h"
#include "engine/loop/loop.h"

struct mux;
struct xfer;

struct xfer_ops {
    /* curl is through with it. Not from within a curl callback. */
    void (*on_done)(struct xfer *x, CURLcode rc);
    /* After xfer_touch(), once. Not from within a curl callback. */
    void (*settle)(struct xfer *x);
};

struct xfer {
    struct mux *mux;            /* borrows */
    CURL *easy;                 /* owns */
    const struct xfer_ops *ops; /* borrows */
    struct link dirty;          /* in mux's list while touched */
    bool running;               /* the multi handle knows it */
};

/*
 *   max_per_host  connections to one host at once; further xfers wait. 0: any
 *   max_spare     easy handles kept for the next xfers; 0 where a transfer's
 *                 connection belongs to its handle
 */
struct mux *mux_new(struct loop *loop, long max_per_host, unsigned max_spare,
                    struct err *err);
/* All xfers must have been dropped. */
void mux_free(struct mux *m);

/* With an easy handle on which nothing is set but CURLOPT_PRIVATE: x. */
void xfer_init(struct xfer *x, struct mux *m, const struct xfer_ops *ops);
void xfer_touch(struct xfer *x);
/* From settle(): let curl run it. */
int xfer_run(struct xfer *x, struct err *err);
/* Take it from curl; nothing is called any more. Not from a curl callback. */
void xfer_drop(struct xfer *x);
/* drop and let go of the easy handle */
void xfer_clear(struct xfer *x);

#endif
