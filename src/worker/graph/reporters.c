/* Kinds of application results, in the order they are reported. */
#include "worker/graph/reporters.h"

const struct reporter reporters[] = {
    { .name = "node", .report = node_report },
    { .name = "node files", .report = node_files_report },
    { .name = "php", .report = composer_report },
    { .name = "poetry", .report = poetry_report },
    { .name = "pip", .report = pip_report },
    { .name = "python files", .report = python_files_report },
    { .name = "dotnet", .report = dotnet_report },
    { .name = "jars", .report = jars_report },
    { .name = "go", .report = gomodules_report },
    { .name = NULL },
};
