/* Content-Range, strictly: a wrong offset would be a wrong layer. */
#include "engine/registry/blob-range.h"

#include <string.h>

#include "base/str.h"

/* The number before `sep`; *rest moves behind it. */
static bool
number(struct bytes *rest, uint8_t sep, uint64_t *out)
{
    size_t at = bytes_find(*rest, sep);

    if (at == rest->n || !bytes_to_u64(bytes_to(*rest, at), out))
        return false;
    *rest = bytes_from(*rest, at + 1);
    return true;
}

bool
blob_range_fits(const char *content_range, uint64_t from, uint64_t size)
{
    struct bytes rest = bytes_trim(bytes_str(content_range));
    uint64_t first, last, total;

    if (content_range == NULL || !str_istarts((const char *)rest.p, "bytes "))
        return false;
    rest = bytes_trim(bytes_from(rest, strlen("bytes ")));
    if (!number(&rest, '-', &first) || !number(&rest, '/', &last))
        return false;
    if (first != from || size == 0 || last != size - 1)
        return false;
    return bytes_is(rest, "*") || (bytes_to_u64(rest, &total) && total == size);
}
