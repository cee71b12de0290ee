/*
 * worker/analyze/go-modules.h: the text about modules in a Go program.
 *
 *     path  example.com/tool/cmd/x
 *     mod   example.com/tool  (devel)
 *     dep   example.com/beta  v1.2.3  h1:...
 *     =>    example.com/fork  v1.4.1  h1:...
 *     build vcs.revision=0123456789abcdef
 *
 * with tabs. Lines are taken as the peer takes them, by their place first.
 */
#ifndef WORKER_ANALYZE_GO_MODULES_H
#define WORKER_ANALYZE_GO_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

#define GO_MODULES_MAX 20000

/* All bytes borrow from the text. */
struct go_module {
    struct bytes name, version;
    struct bytes new_name, new_version; /* what replaces it; n is 0: nothing */
    bool peer_sees;
};

struct go_modules {
    struct bytes path;               /* of the main package; may be empty */
    bool has_main;                   /* the two that follow are there */
    struct bytes main_name, main_version;
    struct bytes revision, time;     /* of the version control; may be empty */
    struct bytes linked;             /* version set by the linker; as above */
    struct go_module *list;          /* owns */
    size_t n;
    bool peer_sees;                  /* or gives up at what it reads */
};

/* -1: ERR_LIMIT. The caller clears *out in all cases. */
int go_modules_parse(struct go_modules *out, struct bytes text,
                     struct err *err);
void go_modules_clear(struct go_modules *m);

#define auto_go_modules __attribute__((cleanup(go_modules_clear)))

#endif
