/* tests/unit/registry-blob-rig.h: a blob, and servers that have it. */
#ifndef TESTS_UNIT_REGISTRY_BLOB_RIG_H
#define TESTS_UNIT_REGISTRY_BLOB_RIG_H

#include "registry-rig.h"

#define SIZE 300303u

static uint8_t content[SIZE];

static inline struct bytes
blob(void)
{
    for (size_t i = 0; i < SIZE; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    return bytes_of(content, SIZE);
}

static inline size_t
range_of(const struct httpd_request *req)
{
    const char *range = headers_get(req->headers, "range");
    unsigned long from = 0;

    if (range != NULL)
        cr_assert_eq(sscanf(range, "bytes=%lu-", &from), 1, "%s", range);
    return from;
}

/* As a good server: 200, or 206 from where it is asked. */
static inline void
say_blob(struct httpd_ex *ex, const struct httpd_request *req)
{
    size_t from = range_of(req);
    auto_free char *range =
        xasprintf("bytes %zu-%u/%u", from, SIZE - 1, SIZE);

    if (from > 0)
        say_bytes(ex, 206, "Content-Range", range, bytes_from(blob(), from));
    else
        say_bytes(ex, 200, NULL, NULL, blob());
}

/* The same, but broken off after `n` bytes. */
static inline void
say_some(struct httpd_ex *ex, const struct httpd_request *req, size_t n)
{
    size_t from = range_of(req);
    auto_free char *range =
        xasprintf("bytes %zu-%u/%u", from, SIZE - 1, SIZE);

    say_cut(ex, from > 0 ? 206 : 200, from > 0 ? "Content-Range" : NULL, range,
            SIZE - from, bytes_to(bytes_from(blob(), from), n));
}

static inline void
expect_blob(const struct rig *rig)
{
    rig_expect_ok(rig);
    cr_expect(bytes_equal(buf_bytes(&rig->bytes), blob()),
              "other bytes were handed on");
}

static inline struct registry *
scene(struct rig *rig, peer_answer registry, peer_answer store)
{
    rig_init(rig);
    rig_peer(rig, 0, registry);
    if (store != NULL)
        rig_peer(rig, 1, store)->no_login = true;
    return rig_login(rig, "harbor-cr", rig->peers[0].host, "user", "secret");
}

static inline void
end(struct rig *rig, struct registry *r)
{
    registry_unref(r);
    rig_clear(rig);
}

static inline void
plain(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    say_blob(ex, req);
}

static inline void
cut_twice(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ < 2)
        say_some(ex, req, 100000);
    else
        say_blob(ex, req);
}

static inline void
wrong_always(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    blob();
    content[0] ^= 1;
    say_bytes(ex, 200, NULL, NULL, bytes_of(content, SIZE));
}

#endif
