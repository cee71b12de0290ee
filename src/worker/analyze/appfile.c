/* Names of application files (§17.2); their bodies are not looked at. */
#include "worker/analyze/analyzer.h"

static bool
is_of_system(struct bytes path)
{
    return bytes_starts(path, "/usr/");
}

static bool
holds(struct bytes path, const char *text)
{
    return bytes_find_str(path, text) < path.n;
}

static bool
is_node_file(struct bytes path)
{
    return !is_of_system(path) && !bytes_ends(path, ".d.ts") &&
           !holds(path, "node_modules/");
}

static bool
is_python_file(struct bytes path)
{
    return !is_of_system(path) && !holds(path, "/site-packages/") &&
           !holds(path, "/dist-packages/");
}

const struct analyzer analyzer_nodefile = {
    .name = "nodefile",
    .wants = (const char *const[]){ "*.js", "*.ts", "*package.json",
                                    "*package-lock.json", NULL },
    .also = is_node_file,
    .name_only = true,
};

const struct analyzer analyzer_pyfile = {
    .name = "pyfile",
    .wants = (const char *const[]){ "*.py", "*requirements.txt", "*Pipfile",
                                    NULL },
    .also = is_python_file,
    .name_only = true,
};
