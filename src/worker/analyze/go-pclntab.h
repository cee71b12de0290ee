/*
 * worker/analyze/go-pclntab.h: the source files a Go program was made of.
 *
 * Every program has a table from addresses to lines; the names of its files
 * survive stripping. Four forms are known: of Go 1.2, 1.16, 1.18 and 1.20.
 */
#ifndef WORKER_ANALYZE_GO_PCLNTAB_H
#define WORKER_ANALYZE_GO_PCLNTAB_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "worker/analyze/elf.h"

/* All names together. The largest programs known have 5 MB. */
#define GO_FILES_MAX_BYTES (16u << 20)
#define GO_FILES_MAX       (1u << 20)

/* Names in the table's order; paths are normalised. */
struct go_files {
    struct buf text;     /* owns */
    struct bytes *names; /* owns the array; they borrow from text */
    size_t n;
};

/*
 * n bytes of the body at `at` are the table. A damaged one gives what can be
 * read of it, perhaps nothing. -1: ERR_LIMIT, or the body cannot be read. The
 * caller clears *out in all cases.
 */
int go_pclntab_read(struct ar_body *body, uint64_t at, uint64_t n,
                    struct go_files *out, struct err *err);
void go_files_clear(struct go_files *files);

#define auto_go_files __attribute__((cleanup(go_files_clear)))

#endif
