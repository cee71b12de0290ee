/*
 * role/agent/order.h: what a scan request asks for, and the text in which a
 * job keeps it (agent-api.md §4.10).
 */
#ifndef ROLE_AGENT_ORDER_H
#define ROLE_AGENT_ORDER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/conf/conf.h"
#include "base/err.h"
#include "base/json/jx.h"

#define ORDERS_MAX       1000       /* images in one request */
#define ORDERS_MAX_BYTES (8u << 20) /* of their contexts and options */

/* All owned. */
struct order {
    char *image;      /* "team/app:1.0", without the registry */
    char *platform;   /* NULL: the ordinary one */
    char *result_url;
    char *done_url;
    char *context;    /* JSON text, returned unchanged; NULL: none */
    char *options;    /* JSON object with the scanner's names */
};

struct orders {
    struct order *at; /* owns */
    size_t n;
};

/*
 * One order, or one for each member of "images" (which inherit what they do
 * not say). registry_base (login_base()) is cut off names that begin with it
 * and put before the name results show.
 * ERR_INPUT with the reason otherwise.
 */
int orders_parse(struct orders *out, const struct jx *body,
                 const struct conf *conf, const char *registry_base,
                 struct err *err);
void orders_clear(struct orders *orders);

/* As a job keeps it, appended. */
void order_write(const struct order *order, struct buf *out);
int order_read(struct order *out, struct bytes text, struct err *err);
void order_clear(struct order *order);

/* The first member of `obj` that is a non-empty text: names of
 * agent-api.md §3. Borrowed; NULL without. */
const char *order_repository(const struct jx *obj);

#define auto_order  __attribute__((cleanup(order_clear)))
#define auto_orders __attribute__((cleanup(orders_clear)))

#endif
