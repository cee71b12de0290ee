/* worker/analyze/version/semver-private.h: versions taken apart, for
 * semver*.c only. */
#ifndef WORKER_ANALYZE_VERSION_SEMVER_PRIVATE_H
#define WORKER_ANALYZE_VERSION_SEMVER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "worker/analyze/version/semver.h"

#define SEMVER_MAX_NUMBER 9007199254740991 /* 2^53 - 1 */

struct semver {
    uint64_t n[3];    /* major, minor, patch */
    struct bytes pre; /* "beta.1"; borrows; empty: a release */
};

/* "1.2.3-beta+build" without white space around it; "v1.2.3" is fine. Loose:
 * any "v", "=" and blanks in front, "1.2.3beta", leading zeros. */
bool semver_parse(struct semver *out, struct bytes text,
                  enum semver_mode mode);
int semver_compare(const struct semver *a, const struct semver *b);

/*
 * Parts of the grammar. Each tells how many bytes of s it takes from `at`
 * on, 0: none.
 */
size_t semver_number(struct bytes s, size_t at, enum semver_mode mode);
/* With its hyphen (which a loose one may lack); *pre is what is behind it. */
size_t semver_pre(struct bytes s, size_t at, enum semver_mode mode,
                  struct bytes *pre);
size_t semver_build(struct bytes s, size_t at); /* with its plus sign */

/* "1.2", "1.x.x", "v1.2.3-beta+5": from where n_given tells, all is open. */
struct semver_partial {
    struct semver v;
    int n_given;        /* numbers in front of the first "x" */
    bool disorder;      /* a number behind an "x" */
};

/* Whether all of s is one. */
bool semver_partial_whole(struct semver_partial *p, struct bytes s,
                          enum semver_mode mode);

/* A range: any of its sets (||), of a set all comparators. */
enum semver_op { OP_ANY, OP_EQ, OP_LT, OP_LE, OP_GT, OP_GE };

/* Bytes of the operator that s begins with; 0: OP_EQ without one. */
size_t semver_op_at(struct bytes s, enum semver_op *op);

/* Appends the range trimmed, blanks single, and none between an operator and
 * its version. Never longer than `text`, SEMVER_RANGE_MAX_BYTES at most. */
void semver_range_tidy(struct bytes text, struct buf *out);

struct semver_comparator {
    enum semver_op op; /* OP_ANY: v does not count */
    struct semver v;
};

struct semver_set {
    struct semver_comparator *at; /* owns */
    size_t n;
};

struct semver_range {
    struct semver_set *sets; /* owns, and what is in them */
    size_t n;
    enum semver_mode mode;
    char *text;       /* owns: what pre-releases borrow from */
    bool bad;
};

/* False: it is none. The caller clears it in any case. */
bool semver_range_parse(struct semver_range *r, struct bytes text,
                        enum semver_mode mode);
void semver_range_clear(struct semver_range *r);
/* "*" */
bool semver_set_is_any(const struct semver_set *set);

#define auto_range __attribute__((cleanup(semver_range_clear)))

/* Digits up to SEMVER_MAX_NUMBER. */
bool semver_value(struct bytes digits, uint64_t *out);

#endif
