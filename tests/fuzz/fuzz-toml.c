/* TOML: every node of what is accepted can be visited. */
#include "worker/analyze/toml.h"

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
visit(const struct toml *t, const struct toml_node *n)
{
    size_t total = toml_key(n).n + toml_text(n).n;

    for (const struct toml_node *m = toml_first(t, n); m != NULL;
         m = toml_next(t, m))
        total += visit(t, m);
    return total;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_toml struct toml *t = NULL;
    struct err err;

    if (!utf8_valid(bytes_of(data, size)))
        return 0;
    t = toml_parse(bytes_of(data, size), &err);
    if (t != NULL && visit(t, toml_root(t)) == SIZE_MAX)
        abort();
    return 0;
}
