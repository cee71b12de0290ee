/* A line table as a file of its own, and a text about modules before it, up to
 * the first NUL: names are matched in both ways. */
#include "base/bytes.h"
#include "worker/analyze/go-match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
match(struct bytes text, struct ar_body *body)
{
    auto_go_modules struct go_modules modules = { .n = 0 };
    auto_go_files struct go_files files = { .n = 0 };
    struct go_packages *found = NULL;

    if (go_modules_parse(&modules, text, NULL) < 0 ||
        go_pclntab_read(body, 0, ar_body_size(body), &files, NULL) < 0)
        return;
    if (go_match(&modules, &files, &found, NULL) == 0)
        go_packages_free(found, modules.n);
    if (go_match_as_peer(&modules, &files, &found, NULL) == 0)
        go_packages_free(found, modules.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    size_t n = bytes_find(all, 0);
    struct ar_scratch scratch = { .fd = -1, .hold_bytes = 1u << 20 };
    auto_ar_body struct ar_body *body = ar_body_new(&scratch);

    if (ar_body_add(body, bytes_from(all, n + 1), NULL) == 0)
        match(bytes_to(all, n), body);
    return 0;
}
