/* worker/graph/osdetect.h: which system an image is (scan-facts.md §6). */
#ifndef WORKER_GRAPH_OSDETECT_H
#define WORKER_GRAPH_OSDETECT_H

#include <stdbool.h>

#include "base/err.h"
#include "worker/image/merge.h"

struct os {
    char *name;    /* owns; without release files "chisel", "scratch" or
                      "unknown" */
    char *version; /* owns; "0.0" then */
    char *pretty;  /* owns; NULL when not stated */
    bool unreadable; /* files were there, none could be parsed */
};

/*
 * compat: files of which none can be parsed are an error, as for the peer;
 * otherwise the system is unknown then.
 *   base_is_scratch  a Dockerfile says FROM scratch
 */
int os_detect(struct os *out, const struct merge *files, bool compat,
              bool base_is_scratch, struct err *err);
void os_clear(struct os *os);

#define auto_os __attribute__((cleanup(os_clear)))

#endif
