/*
 * worker/analyze/go-buildinfo.h: what a Go program says about its making.
 *
 * The linker leaves a mark in the data of every program, behind it the
 * version of Go and a text about modules: right there (since Go 1.18) or as
 * two pointers.
 */
#ifndef WORKER_ANALYZE_GO_BUILDINFO_H
#define WORKER_ANALYZE_GO_BUILDINFO_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "worker/analyze/elf.h"

#define GO_VERSION_MAX_BYTES (4u << 10)
#define GO_MODULES_MAX_BYTES (1u << 20)

struct go_buildinfo {
    struct buf version; /* owns: "go1.19.8"; may be empty */
    struct buf modules; /* owns: lines, without what frames them */
    bool peer_sees;     /* the peer finds it, too, and all of it */
};

/*
 * 1: a Go program; 0: none, *out is empty; -1: one, but damaged. The caller
 * clears *out in all cases. has_sections: elf_open_sections() went well.
 */
int go_buildinfo_read(const struct elf *elf, bool has_sections,
                      struct go_buildinfo *out, struct err *err);
void go_buildinfo_clear(struct go_buildinfo *info);

#define auto_go_buildinfo __attribute__((cleanup(go_buildinfo_clear)))

#endif
