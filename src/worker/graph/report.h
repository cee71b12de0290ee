/*
 * worker/graph/report.h: results of applications, one row for each kind.
 *
 * A reporter looks at the merged files of its kinds and writes results:
 *
 *     struct jw *jw = report_begin(out, "npm", "/app/package.json");
 *     report_fact(jw, "depGraph"); depgraph_write(g, jw); report_fact_end(jw);
 *     if (report_end(out, err) < 0) return -1;
 *
 * Facts that every application result has are added at its end.
 */
#ifndef WORKER_GRAPH_REPORT_H
#define WORKER_GRAPH_REPORT_H

#include "base/err.h"
#include "base/json/jw.h"
#include "worker/graph/facts.h"

struct report;

struct reporter {
    const char *name;
    /* Nothing to report is 0. A broken project is left out by report_warn();
     * -1 only for what ends the scan (compat: what ends the peer's). */
    int (*report)(const struct image *image, struct report *out,
                  struct err *err);
};

/* In the order of results (§1.1); ends with a NULL name. */
extern const struct reporter reporters[];

/* target_file NULL: none. */
struct jw *report_begin(struct report *out, const char *type,
                        const char *target_file);
void report_fact(struct jw *jw, const char *type);
void report_fact_end(struct jw *jw);
int report_end(struct report *out, struct err *err);

/*
 * Something was left out or could not be made sense of: logged, and (right
 * mode) one of the system's fileWarnings. Say the path first:
 * "/app/package.json: malformed". Not between report_begin() and its end.
 */
void report_warn(struct report *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
