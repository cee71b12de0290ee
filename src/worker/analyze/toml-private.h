/* worker/analyze/toml-private.h: what the files of TOML share. */
#ifndef WORKER_ANALYZE_TOML_PRIVATE_H
#define WORKER_ANALYZE_TOML_PRIVATE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "worker/analyze/toml.h"

/* Text to the end, and where texts without their escapes are kept. */
struct toml_input {
    struct bytes rest;
    const char *why;    /* static; what is wrong, NULL as long as nothing is */
    struct buf *texts;  /* borrows */
};

/*
 * Each reads at the start of `rest` and moves it behind what was read; false:
 * malformed, `why` tells. Texts with escapes are appended to `texts`, which
 * may move: *offset tells where; else *offset is SIZE_MAX and *out borrows
 * from the input.
 */
struct toml_text {
    struct bytes raw;
    size_t offset;
};

bool toml_fail(struct toml_input *in, const char *why);
/* "…", '…', and (if `lines`) their kinds of three quotes. */
bool toml_read_string(struct toml_input *in, bool lines,
                      struct toml_text *out);
/* true, false, numbers, dates. */
bool toml_read_scalar(struct toml_input *in, enum toml_type *type,
                      struct bytes *out);
/* A bare key. */
bool toml_read_bare(struct toml_input *in, struct bytes *out);

/* ---- the tree (toml.c) -------------------------------------------------- */

#define TOML_ROOT 1u /* node 0 is none */

/* How a table came to be decides what may be added to it. */
enum toml_made { BY_PATH, BY_HEADER, BY_DOTS, INLINE, OF_TABLES };

struct toml_node {
    struct bytes key, text;
    size_t key_offset, text_offset; /* in the texts; SIZE_MAX: not there */
    uint32_t first, last, next;
    uint32_t section; /* BY_DOTS: under which header */
    uint8_t type;     /* enum toml_type */
    uint8_t made;     /* enum toml_made; OF_TABLES: an array of them */
    bool is_float;    /* of a number: has a fraction or an exponent */
};

struct toml {
    struct toml_node *nodes; /* owns */
    uint32_t n, cap;
    struct map *places;      /* owns: table and key to node */
    struct buf texts;        /* owns: texts that had escapes */
    bool mixed;
};

/* 0: there are too many. */
uint32_t toml_add_node(struct toml *t, uint32_t parent, enum toml_type type);
struct bytes toml_resolve(const struct toml *t, struct toml_text text);
/* 0: there is none. */
uint32_t toml_find_member(const struct toml *t, uint32_t table,
                          struct bytes name);
/* There is none of that name. */
uint32_t toml_add_member(struct toml *t, uint32_t table,
                         struct toml_text name, enum toml_type type);

/* ---- the parser (toml-parse.c) ----------------------------------------- */

/* Fills an empty tree; false: malformed, err tells. */
bool toml_read_document(struct toml *t, struct bytes text, struct err *err);

#endif
