/* Addresses from strangers: what was understood is what is sent, and taking
 * it apart again gives the same. */
#include <stdlib.h>

#include "base/str.h"
#include "engine/net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
check_whole(const struct url *u)
{
    auto_url struct url again = { 0 };
    auto_buf struct buf text = BUF_INIT(SIZE_MAX);

    url_write(u, true, &text);
    must(url_parse(&again, buf_cstr(&text), NULL) == 0);
    must(url_same_origin(u, &again));
    must(str_eq(u->path, again.path) && str_eq(u->query, again.query) &&
         str_eq(u->userinfo, again.userinfo));
    must(u->path[0] == '/' && u->port != 0 && u->host[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = bytes_dup(bytes_of(data, size));
    auto_url struct url base = { 0 }, whole = { 0 }, joined = { 0 };

    must(url_parse(&base, "https://a.example:8443/b/c/d;p?q", NULL) == 0);
    if (url_parse(&whole, text, NULL) == 0)
        check_whole(&whole);
    if (url_resolve(&joined, &base, text, NULL) == 0)
        check_whole(&joined);
    url_target_is_normal(text);
    return 0;
}
