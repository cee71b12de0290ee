/* Kinds of application results, in the order they are reported. */
#include "worker/graph/report.h"

int node_report(const struct image *image, struct report *out,
                struct err *err);

const struct reporter reporters[] = {
    { .name = "node", .report = node_report },
    { .name = NULL },
};
