/* cli/progress.h: a line per layer while a scan runs, on a terminal; nothing
 * elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "engine/scan/scan.h"

struct progress;

/* to: borrowed. Draws only when it is a terminal. */
struct progress *progress_new(FILE *to);
void progress_layer(struct progress *p, size_t layer, size_t n_layers,
                    const char *name, enum layer_state state, uint64_t n_bytes,
                    uint64_t total);
/* Draws a last time; later output begins below. */
void progress_free(struct progress *p);

#endif
