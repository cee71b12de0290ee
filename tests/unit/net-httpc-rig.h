/* tests/unit/net-httpc-rig.h: a call against a peer that is played. */
#ifndef TESTS_UNIT_NET_HTTPC_RIG_H
#define TESTS_UNIT_NET_HTTPC_RIG_H

#include "base/clock.h"
#include "net-call.h"

static struct loop *loop;
static struct peer *peer;
static struct story s;

static inline void
setup(const char *cert)
{
    loop = loop_new(NULL);
    peer = peer_new(loop, cert);
    story_init(&s);
}

static inline void
teardown(struct httpc *c)
{
    httpc_free(c);
    peer_free(peer);
    loop_free(loop);
    story_clear(&s);
}

static inline void
expect_body(const char *text)
{
    cr_expect(bytes_is(buf_bytes(&s.body), text), "%.*s",
              BYTES_FMT(buf_bytes(&s.body)));
}

/* One GET, answered by `text` and then, unless `keep`, a FIN. */
static inline void
play(const char *text, bool keep)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, text);
    if (!keep)
        line_close(loop, peer_line(peer));
    turn_until(loop, s.n_dones > 0);
    httpc_free(c);
}

#endif
