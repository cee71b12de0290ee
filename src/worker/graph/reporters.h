/* worker/graph/reporters.h: the functions behind the rows of reporters.c, as
 * report.h says what a reporter does. */
#ifndef WORKER_GRAPH_REPORTERS_H
#define WORKER_GRAPH_REPORTERS_H

#include "worker/graph/report.h"

int composer_report(const struct image *image, struct report *out,
                    struct err *err);
int dotnet_report(const struct image *image, struct report *out,
                  struct err *err);
int gomodules_report(const struct image *image, struct report *out,
                     struct err *err);
int jars_report(const struct image *image, struct report *out, struct err *err);
int node_files_report(const struct image *image, struct report *out,
                      struct err *err);
int node_report(const struct image *image, struct report *out, struct err *err);
int pip_report(const struct image *image, struct report *out, struct err *err);
int poetry_report(const struct image *image, struct report *out,
                  struct err *err);
int python_files_report(const struct image *image, struct report *out,
                        struct err *err);

#endif
