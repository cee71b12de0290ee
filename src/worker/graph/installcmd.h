/*
 * worker/graph/installcmd.h: finds "apt-get -y install " and its kin in shell
 * text (the expression of scan-facts.md §10 step 3, by hand).
 */
#ifndef WORKER_GRAPH_INSTALLCMD_H
#define WORKER_GRAPH_INSTALLCMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* The first match: where it begins, and how long it is with the white space
 * behind it. */
bool installcmd_find(struct bytes text, size_t *at, size_t *len);

#endif
