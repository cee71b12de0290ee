/* Answers that come by POST: whole, in pieces, broken, slow, and too late. */
#include <string.h>

#include "../fake/raw-client.h"
#include "base/clock.h"
#include "base/str.h"
#include "engine/tunnel/frame.h"
#include "server-rig.h"

TestSuite(server_post, .timeout = 60, .init = server_rig_plain,
          .fini = server_rig_stop);
TestSuite(server_patience, .timeout = 60, .init = server_rig_impatient,
          .fini = server_rig_stop);

static struct rig_client client;
static struct fake_call call;

Test(server_post, an_unknown_streaming_id_is_refused)
{
    auto_free char *url = rig_post_url("9040d857-be4e-4d2d-828a-b7b204b376e2");

    fake_call_start(&call, rig.httpc, "POST", url, NULL, bytes_str("x"));
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 500);
    rig_end(&client, &call);
}

/* A POST by hand: nothing but our own sends decides what comes together. */
static struct raw *
raw_post(const char *id, size_t length)
{
    auto_free char *head =
        xasprintf("POST /response-data/" RIG_TOKEN "/%s HTTP/1.1\r\nHost: x\r\n"
                  "Content-Type: " FRAME_CONTENT_TYPE "\r\n"
                  "Content-Length: %zu\r\n\r\n", id, length);
    struct raw *r = raw_new(rig.loop, server_port(rig.server), NULL);

    raw_send(r, head);
    return r;
}

Test(server_post, is_understood_wherever_it_is_cut)
{
    auto_buf struct buf frame = BUF_INIT(4096);

    cr_assert_eq(frame_add_head(&frame, 201, NULL, NULL), 0);
    buf_add_bytes(&frame, bytes_str("hello"));
    rig_join(&client);
    for (size_t cut = 1; cut < frame.n; cut++) {
        unsigned before = client.n_requests;
        struct raw *r;

        rig_ask(&call, "/broker/" RIG_TOKEN "/x");
        turn_until(rig.loop, client.n_requests > before);
        r = raw_post(client.streaming_id, frame.n);
        raw_send_bytes(r, frame.p, cut);
        raw_flush(r);
        rig_settle();
        raw_send_bytes(r, frame.p + cut, frame.n - cut);
        turn_until(rig.loop, call.done);
        cr_expect_eq(call.status, 201, "cut at %zu", cut);
        cr_expect_str_eq(buf_cstr(&call.body), "hello");
        cr_expect(raw_until(r, "HTTP/1.1 200 OK"));
        raw_free(r);
        fake_call_clear(&call);
    }
    rig_cut(&client);
}

/* The bytes of an answer that has none behind them, and is broken off. */
static void
break_off(struct bytes frame, bool begins)
{
    struct raw *r;

    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    r = raw_post(client.streaming_id, frame.n + 1);
    raw_send_bytes(r, frame.p, frame.n);
    raw_flush(r);
    rig_settle();
    if (begins)
        turn_until(rig.loop, call.began);
    raw_free(r);
    turn_until(rig.loop, call.done);
}

Test(server_post, broken_off_breaks_the_answer_off)
{
    auto_buf struct buf frame = BUF_INIT(4096);

    cr_assert_eq(frame_add_head(&frame, 200, NULL, NULL), 0);
    buf_add_bytes(&frame, bytes_str("hel"));
    break_off(buf_bytes(&frame), true);
    cr_expect_eq(call.status, 200);
    cr_expect(call.failed);
    rig_end(&client, &call);
}

Test(server_post, broken_off_in_its_head_is_a_502)
{
    auto_buf struct buf frame = BUF_INIT(4096);

    cr_assert_eq(frame_add_head(&frame, 200, NULL, NULL), 0);
    break_off(bytes_to(buf_bytes(&frame), frame.n - 1), false);
    rig_expect_fault(&call, 502, "DOWNSTREAM_ERROR");
    rig_end(&client, &call);
}

/* A whole POST of these bytes. */
static void
post_all(struct bytes frame)
{
    struct raw *r;

    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    r = raw_post(client.streaming_id, frame.n);
    raw_send_bytes(r, frame.p, frame.n);
    cr_expect(raw_until(r, "HTTP/1.1 200 OK"));
    raw_free(r);
    turn_until(rig.loop, call.done);
}

Test(server_post, that_ends_in_its_head_is_a_502)
{
    post_all(bytes_of("\x10\0\0\0{\"stat", 10));
    rig_expect_fault(&call, 502, "DOWNSTREAM_ERROR");
    rig_end(&client, &call);
}

Test(server_post, whose_head_is_no_json_is_a_502)
{
    post_all(bytes_of("\x04\0\0\0nope!and more", 17));
    rig_expect_fault(&call, 502, "DOWNSTREAM_ERROR");
    rig_end(&client, &call);
}

Test(server_post, whose_head_is_beyond_its_ceiling_is_a_502)
{
    post_all(bytes_of("\xff\xff\xff\x7f{}", 6));
    rig_expect_fault(&call, 502, "DOWNSTREAM_ERROR");
    rig_end(&client, &call);
}

Test(server_patience, is_for_the_beginning_of_an_answer)
{
    auto_buf struct buf frame = BUF_INIT(4096);
    struct raw *r;

    clock_freeze(1700000000000);
    cr_assert_eq(frame_add_head(&frame, 200, NULL, NULL), 0);
    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    r = raw_post(client.streaming_id, frame.n + 1);
    raw_send_bytes(r, frame.p, frame.n);
    turn_until(rig.loop, call.began);
    clock_advance(5000);
    rig_settle();
    raw_send(r, "!");
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 200);
    cr_expect_str_eq(buf_cstr(&call.body), "!");
    raw_free(r);
    rig_end(&client, &call);
}

/* Much more than all buffers between the client and the caller hold. */
#define LONG_BYTES (64u << 20)

struct pour {
    struct httpc_call *call;
    size_t left;
    bool done;
    int status;
};

static void
on_poured(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct pour *p = arg;

    (void)err;
    p->done = true;
    p->status = reply != NULL ? reply->status : 0;
}

static void
pour_on(void *arg)
{
    static const char zeros[65536];
    struct pour *p = arg;

    while (p->left > 0) {
        size_t n = p->left < sizeof(zeros) ? p->left : sizeof(zeros);
        enum httpc_send room = httpc_send(p->call, bytes_of(zeros, n));

        p->left -= n;
        if (room == HTTPC_SEND_FULL && p->left > 0)
            return;
    }
    httpc_send_end(p->call);
}

static void
pour_start(struct pour *p)
{
    static const struct httpc_events events = { .on_drain = pour_on,
                                                .on_done = on_poured };
    auto_buf struct buf frame = BUF_INIT(4096);
    auto_free char *url = rig_post_url(client.streaming_id);
    struct httpc_request req = { .method = "POST", .url = url,
                                 .stream_body = true };
    struct err err = { 0 };

    *p = (struct pour){ .left = LONG_BYTES };
    p->call = httpc_start(rig.httpc, &req, &events, p, &err);
    cr_assert_not_null(p->call, "%s", err.text);
    cr_assert_eq(frame_add_head(&frame, 200, NULL, NULL), 0);
    httpc_send(p->call, buf_bytes(&frame));
    pour_on(p);
}

/* A long answer by POST runs until nothing moves: the caller does not read. */
static struct raw *
pour_until_stuck(struct pour *p)
{
    struct raw *caller = raw_new(rig.loop, server_port(rig.server), NULL);
    unsigned still = 0;

    rig_join(&client);
    raw_pause(caller);
    raw_send(caller, "GET /broker/" RIG_TOKEN "/x HTTP/1.1\r\nHost: x\r\n\r\n");
    turn_until(rig.loop, client.n_requests == 1);
    pour_start(p);
    while (still < 50) {
        size_t before = p->left;

        rig_settle();
        still = p->left == before ? still + 1 : 0;
    }
    return caller;
}

Test(server_post, a_slow_caller_slows_the_client_down)
{
    struct pour pour;
    struct raw *caller = pour_until_stuck(&pour);

    cr_expect_gt(pour.left, 0);
    raw_go_on(caller);
    turn_until(rig.loop, pour.done && caller->in.n > LONG_BYTES);
    cr_expect_eq(pour.status, 200);
    caller->seen = LONG_BYTES; /* the last chunk is behind them */
    cr_expect(raw_until(caller, "\r\n0\r\n\r\n"));
    raw_free(caller);
    rig_end(&client, &call);
}

Test(server_post, a_slow_caller_that_goes_away_lets_the_client_end)
{
    struct pour pour;
    struct raw *caller = pour_until_stuck(&pour);

    cr_expect_gt(pour.left, 0);
    raw_free(caller);
    turn_until(rig.loop, pour.done);
    cr_expect_eq(pour.status, 200);
    rig_end(&client, &call);
}

Test(server_post, a_server_ends_in_the_middle_of_an_answer)
{
    struct pour pour;
    struct raw *caller = pour_until_stuck(&pour);

    server_free(rig.server);
    rig.server = NULL;
    raw_go_on(caller);
    raw_until_eof(caller);
    turn_until(rig.loop, pour.done);
    cr_expect_eq(pour.status, 0);
    raw_free(caller);
    rig_end(&client, &call);
}
