/* A version or range, a line feed, another one. */
#include "base/bytes.h"
#include "worker/analyze/version/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(struct bytes a, struct bytes b, enum semver_mode mode)
{
    if (semver_valid(a, mode) && semver_valid(b, mode) &&
        semver_cmp(a, b, mode) != -semver_cmp(b, a, mode))
        __builtin_trap();
    if (semver_satisfies(a, b, mode) && !semver_range_valid(b, mode))
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes whole = bytes_of(data, size);
    size_t at = bytes_find(whole, '\n');
    struct bytes a = bytes_to(whole, at), b = bytes_from(whole, at + 1);
    auto_buf struct buf out = BUF_INIT(1 << 10);

    ask(a, b, SEMVER_STRICT);
    ask(a, b, SEMVER_LOOSE);
    if (semver_subset(a, b) && !bytes_equal(a, b) &&
        !semver_range_valid(a, SEMVER_STRICT))
        __builtin_trap();
    if (semver_coerce(a, &out) && !semver_valid(buf_bytes(&out), SEMVER_STRICT))
        __builtin_trap();
    return 0;
}
