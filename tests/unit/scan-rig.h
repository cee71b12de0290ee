/*
 * tests/unit/scan-rig.h: OCI layouts in a folder, a shell script as the
 * worker, and scans that are turned by hand.
 *
 * The script's layer mode writes a record of the bytes it gets, and a line
 * into $DIR/calls, of the version in $DIR/analyzer; "BROKEN" or "HUNGRY" in a layer makes it fail. Its image
 * mode keeps its input as $DIR/image and answers with two results.
 */
#ifndef TESTS_UNIT_SCAN_RIG_H
#define TESTS_UNIT_SCAN_RIG_H

#include "engine.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/str.h"
#include "engine/scan/scan-private.h"

struct scan_rig {
    char dir[64];
    struct conf *conf;
    struct loop *loop;
    struct store *store;
    struct proc_pool *pool;
    struct scanner *scanner;
};

/* One scan and all it told. */
struct scan_log {
    struct scan_rig *rig;
    struct scan *scan;
    struct buf results; /* a line each */
    unsigned n_known, n_started, n_done_layers, n_images;
    unsigned ends;
    size_t n_results;
    struct err err;
};

void rig_start(struct scan_rig *r);
void rig_stop(struct scan_rig *r);
/* A layout named `name` with these layers, bottom first. */
void rig_layout(struct scan_rig *r, const char *name,
                const char *const *layers, size_t n);
/* Start to scan it. options may be NULL. */
void rig_scan(struct scan_rig *r, struct scan_log *log, const char *name,
              const char *options);
void rig_scan_spec(struct scan_rig *r, struct scan_log *log,
                   const struct scan_request *req);
void log_clear(struct scan_log *log);
/* Content of a file in the folder; owned by the caller; "" when absent. */
char *rig_file(struct scan_rig *r, const char *name);
void rig_write(struct scan_rig *r, const char *name, const char *content);
/* How often the worker was called in this mode. */
unsigned rig_calls(struct scan_rig *r, const char *mode);

#endif
