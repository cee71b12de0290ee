/*
 * engine/registry/registry-private.h: what the files of this room know of
 * each other: the hub, a registry, an operation.
 */
#ifndef ENGINE_REGISTRY_REGISTRY_PRIVATE_H
#define ENGINE_REGISTRY_REGISTRY_PRIVATE_H

#include "base/digest.h"
#include "base/list.h"
#include "engine/net/url.h"
#include "engine/registry/error-body.h"
#include "engine/registry/flavours/flavour.h"
#include "engine/registry/gate.h"
#include "engine/registry/registry.h"
#include "engine/registry/token.h"

struct reg_hub {
    struct loop *loop;       /* borrows, like the next two */
    const struct conf *conf;
    struct httpc *httpc;
    struct tokens *tokens;   /* owns */
    struct gates *gates;     /* owns */
    struct list known;       /* owns; struct known, the latest last */
    size_t n_known;
    uint64_t backoff_ms;     /* before the first retry; tests make it short */
    uint64_t stall_ms;       /* a blob slower than 1 KiB/s for this long */
};

/* What earlier answers taught about a login's registry: saves the request
 * that would only be answered by the same challenge again. */
struct known {
    struct link link;
    char key[SHA256_HEX + 1]; /* of the login */
    bool basic;           /* Basic works */
    char *realm, *service; /* of the last Bearer challenge; NULL: none yet */
};

struct registry {
    unsigned refs;
    struct reg_hub *hub;           /* borrows */
    const struct flavour *flavour; /* static */
    struct url base;     /* scheme, host and port; the path without final "/",
                            "" when the names hold it or there is none */
    char *name_prefix;   /* "acme/" before every name, or NULL */
    char *shown;         /* the base without scheme, for people */
    char *username;      /* NULL: anonymous */
    struct secret *password;
    char key[SHA256_HEX + 1]; /* of the whole login: two never share */
    char fingerprint[9];
};

struct reg_op_class {
    void (*resume)(struct reg_op *op); /* NULL: nothing to resume */
    void (*drop)(struct reg_op *op);   /* cancel what runs and bury it */
};

/* The first member of each operation. */
struct reg_op {
    const struct reg_op_class *class;
    struct registry *r; /* shares */
};

void reg_op_init(struct reg_op *op, const struct reg_op_class *class,
                 struct registry *r);
/* Free it at the end of the turn with free_fn, which ends with
 * reg_op_clear(). */
void reg_op_bury(struct reg_op *op, void (*free_fn)(void *obj));
void reg_op_clear(struct reg_op *op);

bool reg_is_anonymous(const struct registry *r);
/* "<scheme>://<host>[:port]<path>/v2/" + the rest; the caller owns it. */
char *reg_url(const struct registry *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What we know of this login's registry; made when absent. Borrowed until the
 * next call for another login. */
struct known *reg_known(const struct registry *r);
/* "Basic <base64>" of the login; NULL when it is anonymous. */
struct secret *reg_basic(const struct registry *r);
/* Is this hop one we may take: TLS kept (unless plain HTTP is allowed there),
 * not link-local (where clouds keep their metadata)? Code REGISTRY_ERROR. */
int reg_check_hop(const struct registry *r, const struct url *from,
                  const struct url *to, struct err *err);
/* reg_error_reply(), but a redirect that was not followed says where to and,
 * if the flavour knows, what that means. Returns -1. */
int reg_error_answer(const struct registry *r, enum reg_asked asked,
                     const struct httpc_reply *reply, struct err *err);

#endif
