/* Names that take their time. The linker lets this program's getaddrinfo()
 * go before the C library's, so a resolver can be held by the hand. */
#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>

#include "net-call.h"
#include "net-tale.h"

TestSuite(httpc_name, .timeout = 30);

static sem_t asked, may_answer;

int
getaddrinfo(const char *node, const char *service,
            const struct addrinfo *hints, struct addrinfo **out)
{
    static int (*real)(const char *, const char *, const struct addrinfo *,
                       struct addrinfo **);

    if (node != NULL && strcmp(node, "slow.example") == 0) {
        sem_post(&asked);
        sem_wait(&may_answer);
        return EAI_NONAME;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, out);
}

static struct loop *loop;
static struct peer *peer;
static struct httpc *c;
static struct story slow, quick;

static void
setup(struct httpc_conf conf)
{
    sem_init(&asked, 0, 0);
    sem_init(&may_answer, 0, 0);
    loop = loop_new(NULL);
    peer = peer_new(loop, NULL);
    c = client(loop, conf);
    story_init(&slow);
    story_init(&quick);
}

static void
teardown(void)
{
    httpc_free(c);
    peer_free(peer);
    loop_free(loop);
    story_clear(&slow);
    story_clear(&quick);
}

static bool
is_asked(void)
{
    return sem_trywait(&asked) == 0;
}

static void
serve_the_quick_one(void)
{
    get(&quick, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, quick.n_dones == 1);
    cr_expect_eq(quick.status, 204);
}

Test(httpc_name, a_slow_one_keeps_nobody_waiting)
{
    setup((struct httpc_conf){ 0 });
    get(&slow, c, "http://slow.example/");
    turn_until(loop, is_asked());
    serve_the_quick_one();
    cr_expect_eq(slow.n_dones, 0);
    sem_post(&may_answer);
    turn_until(loop, slow.n_dones == 1);
    cr_expect_str_eq(slow.err.code, "ENOTFOUND");
    teardown();
}

/* Nobody ever answers: whoever waited for the resolver would hang here. */
Test(httpc_name, a_slow_one_is_given_up_at_once)
{
    setup((struct httpc_conf){ 0 });
    get(&slow, c, "http://slow.example/");
    turn_until(loop, is_asked());
    httpc_cancel(slow.call);
    serve_the_quick_one();
    cr_expect_eq(slow.n_dones, 0);
    teardown();
}

Test(httpc_name, a_slow_one_ends_with_the_client)
{
    setup((struct httpc_conf){ 0 });
    get(&slow, c, "http://slow.example/");
    turn_until(loop, is_asked());
    teardown();
    cr_expect_eq(slow.n_dones, 0);
}

Test(httpc_name, a_slow_one_counts_as_connecting)
{
    setup((struct httpc_conf){ .connect_timeout_ms = 1 });
    get(&slow, c, "http://slow.example/");
    turn_until(loop, slow.n_dones == 1);
    cr_expect_eq(slow.err.kind, ERR_TIMEOUT);
    cr_expect_str_eq(slow.err.code, "ETIMEDOUT");
    teardown();
}

Test(httpc_name, a_websocket_is_not_kept_waiting_either)
{
    struct tale t;

    setup((struct httpc_conf){ 0 });
    tale_init(&t);
    t.ws = ws_connect(c, "ws://slow.example/", NULL, NULL, &tale_events, &t,
                      NULL);
    turn_until(loop, is_asked());
    ws_free(t.ws);
    t.ws = NULL;
    serve_the_quick_one();
    cr_expect_eq(t.n_closes, 0);
    tale_clear(&t);
    teardown();
}
