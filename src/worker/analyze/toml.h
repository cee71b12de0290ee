/*
 * worker/analyze/toml.h: TOML 1.0 from strangers, into a compact tree.
 *
 * A document owns everything in it and borrows the text; both must outlive
 * what is got from it. More than TOML_MAX_NODES keys and items, or
 * TOML_MAX_DEPTH levels, are ERR_LIMIT, malformed text is ERR_INPUT with its
 * line. Numbers and dates stay as they are written.
 */
#ifndef WORKER_ANALYZE_TOML_H
#define WORKER_ANALYZE_TOML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

#define TOML_MAX_NODES 400000
#define TOML_MAX_DEPTH 64

enum toml_type {
    TOML_NONE, /* what a missing node has */
    TOML_STRING,
    TOML_NUMBER,
    TOML_BOOL,
    TOML_DATE,
    TOML_ARRAY,
    TOML_TABLE
};

struct toml;
struct toml_node;

/* The text is UTF-8; a byte order mark may be in front. */
struct toml *toml_parse(struct bytes text, struct err *err);
void toml_free(struct toml *t);

/* Whether some array has items of several kinds, which is new in TOML 1.0. */
bool toml_is_mixed(const struct toml *t);

/* Nodes may be NULL in all of these: then nothing is found. */
const struct toml_node *toml_root(const struct toml *t);
enum toml_type toml_type(const struct toml_node *n);
const struct toml_node *toml_get(const struct toml *t,
                                 const struct toml_node *table,
                                 const char *key);
/* Members of a table, items of an array, in order; NULL behind the last. */
const struct toml_node *toml_first(const struct toml *t,
                                   const struct toml_node *n);
const struct toml_node *toml_next(const struct toml *t,
                                  const struct toml_node *n);
/* Of a member of a table. */
struct bytes toml_key(const struct toml_node *n);
/* A string's content, any other scalar as it is written. */
struct bytes toml_text(const struct toml_node *n);

AUTO_DEFINE(struct toml, toml, toml_free)
#define auto_toml __attribute__((cleanup(auto_cleanup_toml)))

#endif
