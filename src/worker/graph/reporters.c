/* Kinds of application results, in the order they are reported. */
#include "worker/graph/report.h"

const struct reporter reporters[] = {
    { .name = NULL },
};
