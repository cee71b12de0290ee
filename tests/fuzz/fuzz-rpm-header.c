/* A header blob of rpm, read both ways, with all that is asked of it for
 * dependencies. */
#include "base/bytes.h"
#include "worker/analyze/rpm-deps.h"
#include "worker/analyze/rpm-header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_rpm_deps struct rpm_deps *deps = rpm_deps_new();
    struct bytes blob = bytes_of(data, size);
    struct rpm_package p;
    struct rpm_header h;
    size_t at = 0, on;

    rpm_header_read_as_peer(blob, &p);
    if (rpm_header_open(&h, blob, NULL) < 0 ||
        rpm_header_read(&h, &p, NULL) < 0)
        return 0;
    rpm_deps_want(deps, &h);
    rpm_deps_offer(deps, &h, p.name);
    while (rpm_deps_next(deps, 0, &at, &on))
        ;
    return 0;
}
