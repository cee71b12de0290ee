/*
 * engine/net/inflate.h: compressed request bodies made plain. Private to the
 * room: layers are inflated elsewhere, behind a cage.
 */
#ifndef ENGINE_NET_INFLATE_H
#define ENGINE_NET_INFLATE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct inflater;

/* coding: a Content-Encoding ("gzip", "x-gzip", "deflate", "identity").
 * 0 with *out NULL when there is nothing to do; -1 ERR_UNSUPPORTED. */
int inflater_new(struct inflater **out, const char *coding, struct err *err);
void inflater_free(struct inflater *inf);

/* Appends to `to`; ERR_LIMIT at its ceiling, ERR_INPUT when damaged. */
int inflater_feed(struct inflater *inf, struct bytes chunk, struct buf *to,
                  struct err *err);
/* ERR_INPUT when the stream was cut short. */
int inflater_end(struct inflater *inf, struct err *err);

#endif
