#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/tunnel/backoff.h"
#include "engine/tunnel/eio.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/heartbeat.h"
#include "engine/tunnel/primus.h"
#include "tunnel-specimens.h"

/* --- engine.io --- */

Test(eio, a_frame_is_one_packet)
{
    struct eio e = EIO_INIT;
    struct bytes data;

    eio_feed_frame(&e, bytes_str("2probe"));
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_PING);
    cr_expect(bytes_is(data, "probe"));
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_NEED_MORE);
    eio_feed_frame(&e, bytes_str("4a\x1e" "4b"));
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_MESSAGE);
    cr_expect(bytes_is(data, "a\x1e" "4b"));
}

Test(eio, a_polling_body_is_many_packets)
{
    auto_buf struct buf body = BUF_INIT(100);
    struct eio e = EIO_INIT;
    struct bytes data;

    eio_add_to_payload(&body, bytes_str("4one"));
    eio_add_to_payload(&body, bytes_str("2"));
    eio_add_to_payload(&body, bytes_str("4"));
    eio_feed_payload(&e, buf_bytes(&body));
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_MESSAGE);
    cr_expect(bytes_is(data, "one"));
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_PING);
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_MESSAGE);
    cr_expect_eq(data.n, 0);
    cr_expect_eq(eio_step(&e, &data, NULL), EIO_NEED_MORE);
}

Test(eio, a_bad_packet_ends_the_feed)
{
    static const char *const bad[] = { "", "7x\x1e" "2", "b4AAA=", "\x1e" "2" };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct eio e = EIO_INIT;
        struct bytes data;
        struct err err = { 0 };

        eio_feed_payload(&e, bytes_str(bad[i]));
        cr_expect_eq(eio_step(&e, &data, &err), EIO_BAD, "%s", bad[i]);
        cr_expect_eq(err.kind, ERR_INPUT);
        cr_expect_eq(eio_step(&e, &data, &err), EIO_NEED_MORE);
    }
}

Test(eio, the_real_handshake_is_understood_and_written_the_same)
{
    auto_buf struct buf all = specimens(), ours = BUF_INIT(1000);
    struct bytes frame = specimen(&all, "0{\"sid\":\"6-7", 0), data;
    struct eio e = EIO_INIT;
    struct eio_open open;

    eio_feed_frame(&e, frame);
    cr_assert_eq(eio_step(&e, &data, NULL), EIO_OPEN);
    cr_assert_eq(eio_read_open(&open, data, NULL), 0);
    cr_expect_str_eq(open.sid, "6-7IDQ9OxxSSXj1bAAAA");
    cr_expect(open.can_upgrade);
    cr_expect_eq(open.ping_interval_ms, 25000);
    cr_expect_eq(open.ping_timeout_ms, 20000);
    cr_expect_eq(open.max_payload_bytes, 22020096);
    cr_assert_eq(eio_add_open(&ours, &open), 0);
    cr_expect(bytes_equal(buf_bytes(&ours), frame));
}

Test(eio, a_handshake_without_a_sid_is_refused)
{
    struct eio_open open;
    struct err err;

    cr_expect_eq(eio_read_open(&open, bytes_str("{\"upgrades\":[]}"), &err), -1);
    cr_expect_eq(eio_read_open(&open, bytes_str("[]"), &err), -1);
    cr_expect_eq(eio_read_open(&open, bytes_str("nonsense"), &err), -1);
}

Test(eio, session_ids_differ)
{
    char a[EIO_SID_LEN + 1], b[EIO_SID_LEN + 1];

    eio_new_sid(a);
    eio_new_sid(b);
    cr_expect_eq(strlen(a), EIO_SID_LEN);
    cr_expect_str_neq(a, b);
}

/* --- Primus --- */

static enum primus_event
primus_of(const char *message, struct primus_message *out)
{
    return primus_read(out, bytes_str(message), NULL);
}

Test(primus, control_strings_are_told_apart)
{
    struct primus_message m;

    cr_expect_eq(primus_of("\"primus::ping::1795478349992\"", &m), PRIMUS_PING);
    cr_expect_eq(m.stamp, 1795478349992);
    cr_expect_eq(primus_of("\"primus::pong::17\"", &m), PRIMUS_PONG);
    cr_expect_eq(m.stamp, 17);
    cr_expect_eq(primus_of("\"primus::server::close\"", &m),
                 PRIMUS_SERVER_CLOSE);
    cr_expect_eq(primus_of("\"primus::id::\"", &m), PRIMUS_ID);
    cr_expect_str_eq(m.id, "");
    cr_expect_eq(primus_of("\"primus::id::HH1m\"", &m), PRIMUS_ID);
    cr_expect_str_eq(m.id, "HH1m");
}

Test(primus, what_is_no_control_string_is_ignored)
{
    static const char *const texts[] = {
        "\"primus::ping::\"", "\"primus::ping::1x\"", "\"primus::pong::-1\"",
        "\"primus::other::\"", "\"hello\"", "7", "null", "[]",
        "\"primus::server::close \"",
        "\"primus::ping::99999999999999999999\"",
    };
    struct primus_message m;

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        cr_expect_eq(primus_of(texts[i], &m), PRIMUS_IGNORED, "%s", texts[i]);
}

Test(primus, no_json_is_bad)
{
    struct primus_message m;

    cr_expect_eq(primus_of("primus::ping::1", &m), PRIMUS_BAD);
    cr_expect_eq(primus_of("", &m), PRIMUS_BAD);
}

Test(primus, writes_what_the_real_client_writes)
{
    auto_buf struct buf all = specimens(), ours = BUF_INIT(100);

    primus_add_ping(&ours, 1795478349992);
    cr_expect(bytes_equal(buf_bytes(&ours), specimen(&all, "ping::", 0)));
    buf_reset(&ours);
    primus_add_pong(&ours, 1795478349992);
    cr_expect(bytes_equal(buf_bytes(&ours), specimen(&all, "pong::", 0)));
    buf_reset(&ours);
    primus_add_server_close(&ours);
    cr_expect(bytes_equal(buf_bytes(&ours), specimen(&all, "server::close", 0)));
    buf_reset(&ours);
    primus_add_id(&ours, "HH1mAu7nw2YrMQEXAAAA");
    cr_expect(bytes_equal(buf_bytes(&ours), specimen(&all, "::id::H", 0)));
}

/* --- emitter --- */

static int
read_packet(const char *text, struct emitter_packet *p, struct err *err)
{
    return emitter_read(p, bytes_str(text), err);
}

Test(emitter, an_event_has_name_arguments_and_maybe_an_id)
{
    struct emitter_packet p;

    cr_assert_eq(read_packet("{\"type\":0,\"data\":[\"chunk\",\"ID\",\"abc\","
                             "false],\"id\":3}", &p, NULL), 0);
    cr_expect_eq(p.type, EMITTER_EVENT);
    cr_expect_str_eq(p.name, "chunk");
    cr_expect_eq(p.id, 3);
    cr_expect_eq(p.n_args, 3);
    cr_expect(bytes_is(emitter_arg(&p, 1), "\"abc\""));
    cr_expect_eq(emitter_arg(&p, 3).n, 0);
}

Test(emitter, an_ack_names_what_it_answers)
{
    struct emitter_packet p;

    cr_assert_eq(read_packet("{\"id\":8,\"type\":1,\"data\":[{\"status\":200}]}",
                             &p, NULL), 0);
    cr_expect_eq(p.type, EMITTER_ACK);
    cr_expect_eq(p.id, 8);
    cr_expect(bytes_is(emitter_arg(&p, 0), "{\"status\":200}"));
}

#define NAME_OF_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

Test(emitter, malformed_packets_are_dropped)
{
    static const char *const bad[] = {
        "[]", "{}", "{\"type\":2,\"data\":[\"a\"]}",
        "{\"type\":0,\"data\":\"a\"}", "{\"type\":0}", "{\"type\":0,\"data\":[]}",
        "{\"type\":0,\"data\":[1]}", "{\"type\":0,\"data\":[\"a\"],\"id\":\"1\"}",
        "{\"type\":0,\"data\":[\"a\"],\"id\":0}",
        "{\"type\":0,\"data\":[\"a\"],\"id\":-1}",
        "{\"type\":0,\"data\":[\"a\"],\"id\":1.5}",
        "{\"type\":1,\"data\":[1]}", "{\"data\":[\"a\"]}",
        "{\"type\":0,\"data\":[\"" NAME_OF_64 "\"]}",
    };
    struct emitter_packet p;
    struct err err;

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        err_clear(&err);
        cr_expect_eq(read_packet(bad[i], &p, &err), -1, "%s", bad[i]);
        cr_expect_eq(err.kind, ERR_INPUT, "%s", bad[i]);
    }
}

Test(emitter, reserved_names_reach_no_handler)
{
    static const char *const names[] = { "open", "data", "incoming::x",
                                         "outgoing::open", "reconnect" };
    struct emitter_packet p;
    struct err err;

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        auto_free char *text =
            xasprintf("{\"type\":0,\"data\":[\"%s\"]}", names[i]);

        cr_expect_eq(read_packet(text, &p, &err), -1);
        cr_expect_eq(err.kind, ERR_DENIED, "%s", names[i]);
    }
}

Test(emitter, more_arguments_than_anyone_sends_are_not_kept)
{
    struct emitter_packet p;

    cr_assert_eq(read_packet("{\"type\":0,\"data\":[\"a\",1,2,3,4,5,6,7,8,9,10]}",
                             &p, NULL), 0);
    cr_expect_eq(p.n_args, EMITTER_MAX_ARGS);
}

Test(emitter, writes_events_and_acks_as_the_peer_does)
{
    auto_buf struct buf all = specimens(), out = BUF_INIT(1000);
    struct jw w;

    emitter_begin_event(&w, &out, "terminate");
    jw_obj(&w);
    jw_key_str(&w, "signal", "SIGTERM");
    jw_end(&w);
    cr_expect_eq(emitter_end_event(&w, 0), 0);
    cr_expect(bytes_equal(buf_bytes(&out), specimen(&all, "terminate", 0)));
    buf_reset(&out);
    emitter_begin_event(&w, &out, "x");
    emitter_end_event(&w, 4);
    cr_expect(bytes_is(buf_bytes(&out), "4{\"type\":0,\"data\":[\"x\"],\"id\":4}"));
    buf_reset(&out);
    emitter_begin_ack(&w, &out, 8);
    jw_int(&w, 1);
    emitter_end_ack(&w);
    cr_expect(bytes_is(buf_bytes(&out), "4{\"id\":8,\"type\":1,\"data\":[1]}"));
}

Test(emitter, a_ceiling_met_while_writing_is_reported)
{
    auto_buf struct buf out = BUF_INIT(20);
    struct jw w;

    emitter_begin_event(&w, &out, "a-rather-long-name");
    cr_expect_eq(emitter_end_event(&w, 1), -1);
}

struct heard {
    unsigned n_acks, n_errors;
    int64_t last_id;
};

static void
on_ack(const struct emitter_packet *ack, const struct err *err, void *arg)
{
    struct heard *h = arg;

    cr_expect((ack == NULL) != (err == NULL));
    if (ack != NULL)
        h->last_id = ack->id;
    h->n_acks += ack != NULL;
    h->n_errors += err != NULL;
}

Test(emitter, an_ack_is_used_once_and_unknown_ones_are_ignored)
{
    auto_emitter struct emitter *e = emitter_new(10);
    struct heard h = { 0 };
    struct emitter_packet ack = { .type = EMITTER_ACK, .id = 2 };

    cr_expect_eq(emitter_expect(e, on_ack, &h, NULL), 1);
    cr_expect_eq(emitter_expect(e, on_ack, &h, NULL), 2);
    cr_expect(emitter_settle(e, &ack));
    cr_expect_eq(h.last_id, 2);
    cr_expect(!emitter_settle(e, &ack));
    ack.id = 77;
    cr_expect(!emitter_settle(e, &ack));
    emitter_forget(e, 1);
    ack.id = 1;
    cr_expect(!emitter_settle(e, &ack));
    cr_expect_eq(h.n_acks, 1);
}

Test(emitter, waiting_acks_have_a_ceiling)
{
    auto_emitter struct emitter *e = emitter_new(1);
    struct heard h = { 0 };
    struct err err;

    cr_expect_eq(emitter_expect(e, on_ack, &h, &err), 1);
    cr_expect_eq(emitter_expect(e, on_ack, &h, &err), -1);
    cr_expect_eq(err.kind, ERR_BUSY);
}

struct asker {
    struct emitter *e;
    struct heard heard;
};

static void
ask_again(const struct emitter_packet *ack, const struct err *err, void *arg)
{
    struct asker *a = arg;

    on_ack(ack, err, &a->heard);
    emitter_expect(a->e, ask_again, a, NULL);
}

Test(emitter, a_dead_socket_tells_each_once_and_newcomers_wait)
{
    auto_emitter struct emitter *e = emitter_new(10);
    struct asker a = { .e = e };
    struct err err;

    err_set(&err, ERR_NET, "gone");
    for (int i = 0; i < 3; i++)
        emitter_expect(e, ask_again, &a, NULL);
    emitter_fail_all(e, &err);
    cr_expect_eq(a.heard.n_errors, 3);
    cr_expect_eq(emitter_pending(e), 3);
}

/* --- all together --- */

Test(tunnel, every_captured_frame_is_understood)
{
    auto_buf struct buf all = specimens();
    struct bytes rest = buf_bytes(&all), line, data;
    unsigned n_packets = 0;

    while (bytes_next(&rest, '\n', &line)) {
        struct eio e = EIO_INIT;
        struct primus_message m;
        struct emitter_packet p;
        struct err err;
        enum eio_event event;

        eio_feed_frame(&e, line);
        event = eio_step(&e, &data, &err);
        cr_expect_neq(event, EIO_BAD, "%.*s", BYTES_FMT(line));
        if (event != EIO_MESSAGE)
            continue;
        switch (primus_read(&m, data, &err)) {
        case PRIMUS_PACKET:
            n_packets++;
            cr_expect_eq(emitter_read(&p, m.packet, &err), 0, "%s", err.text);
            break;
        case PRIMUS_BAD:
        case PRIMUS_IGNORED:
            cr_expect(false, "%.*s", BYTES_FMT(line));
            break;
        default:
            break;
        }
    }
    cr_expect_gt(n_packets, 40);
}

/* --- heartbeats and backoff --- */

Test(heartbeat, an_asker_asks_once_and_gives_up_without_an_answer)
{
    struct heartbeat h;

    heartbeat_start_asker(&h, 25000, 10000, 100);
    cr_expect_eq(heartbeat_due_ms(&h), 25100);
    cr_expect_eq(heartbeat_tick(&h, 25099), HEARTBEAT_QUIET);
    cr_expect_eq(heartbeat_tick(&h, 25100), HEARTBEAT_ASK);
    cr_expect_eq(heartbeat_tick(&h, 25100), HEARTBEAT_QUIET);
    cr_expect_eq(heartbeat_due_ms(&h), 35100);
    cr_expect_eq(heartbeat_tick(&h, 35100), HEARTBEAT_LOST);
}

Test(heartbeat, an_answer_starts_the_next_interval_but_an_unasked_one_does_not)
{
    struct heartbeat h;

    heartbeat_start_asker(&h, 25000, 10000, 0);
    heartbeat_heard(&h, 20000);
    cr_expect_eq(heartbeat_tick(&h, 25000), HEARTBEAT_ASK);
    heartbeat_heard(&h, 25010);
    cr_expect_eq(heartbeat_due_ms(&h), 50010);
    cr_expect_eq(heartbeat_tick(&h, 50010), HEARTBEAT_ASK);
}

Test(heartbeat, a_listener_only_wants_to_hear_something)
{
    struct heartbeat h;

    heartbeat_start_listener(&h, 35000, 0);
    heartbeat_heard(&h, 30000);
    cr_expect_eq(heartbeat_tick(&h, 64999), HEARTBEAT_QUIET);
    cr_expect_eq(heartbeat_tick(&h, 65000), HEARTBEAT_LOST);
}

static double
no_chance(void)
{
    return 0;
}

static double
most_chance(void)
{
    return 0.999999;
}

/* The formula of broker-protocol.md §m.1, by hand. */
Test(backoff, grows_as_the_peers_does)
{
    static const uint64_t want_least[] = { 500, 750, 1125, 1688, 2531 };
    struct backoff b;
    uint64_t wait;

    backoff_init(&b, no_chance);
    for (size_t i = 0; i < N_ELEMENTS(want_least); i++) {
        cr_assert(backoff_next(&b, &wait));
        cr_expect_eq(wait, want_least[i], "attempt %zu: %llu", i + 1,
                     (unsigned long long)wait);
    }
    backoff_init(&b, most_chance);
    cr_expect(backoff_next(&b, &wait) && wait == 500);
    cr_expect(backoff_next(&b, &wait) && wait == 1500);
}

Test(backoff, ends_after_thirty_and_never_waits_longer_than_twenty_minutes)
{
    struct backoff b;
    uint64_t wait = 0;

    backoff_init(&b, most_chance);
    for (int i = 0; i < 30; i++) {
        cr_assert(backoff_next(&b, &wait));
        cr_expect_leq(wait, 1200000);
    }
    cr_expect_eq(wait, 1200000);
    cr_expect(!backoff_next(&b, &wait));
    backoff_reset(&b);
    cr_expect(backoff_next(&b, &wait));
    cr_expect_eq(wait, 500);
}

Test(backoff, two_clients_do_not_wait_in_step)
{
    struct backoff a, b;
    uint64_t wa = 0, wb = 0;

    backoff_init(&a, NULL);
    backoff_init(&b, NULL);
    for (int i = 0; i < 12; i++) {
        backoff_next(&a, &wa);
        backoff_next(&b, &wb);
    }
    cr_expect_neq(wa, wb);
}
