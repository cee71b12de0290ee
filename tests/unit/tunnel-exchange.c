#include <criterion/criterion.h>

#include "engine/tunnel/eio.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/exchange.h"
#include "engine/tunnel/frame.h"
#include "engine/tunnel/identify.h"
#include "engine/tunnel/primus.h"
#include "tunnel-specimens.h"

/* The packet in a captured frame; its spans borrow the frame. */
static struct emitter_packet
packet_of(struct bytes frame)
{
    struct primus_message m;
    struct emitter_packet p;

    cr_assert_eq(primus_read(&m, bytes_from(frame, 1), NULL), PRIMUS_PACKET);
    cr_assert_eq(emitter_read(&p, m.packet, NULL), 0);
    return p;
}

/* --- requests --- */

Test(exchange, a_captured_request_is_read)
{
    auto_buf struct buf all = specimens();
    struct emitter_packet p = packet_of(specimen(&all, "\"/scan\"", 0));
    auto_exchange_request struct exchange_request r;

    cr_assert_eq(exchange_read_request(&r, emitter_arg(&p, 0), 1000, NULL), 0);
    cr_expect_str_eq(r.url, "/scan");
    cr_expect_str_eq(r.method, "POST");
    cr_expect_str_eq(r.streaming_id, "d6ef4929-d2af-4c97-b250-2f17c8e5ddad");
    cr_expect_str_eq(r.request_id, "11111111-2222-4333-8444-555555555555");
    cr_expect_eq(r.headers.n, 13);
    cr_expect_str_eq(headers_get(&r.headers, "snyk-product-line"), "container");
    cr_expect(r.has_body);
    cr_expect_eq(r.body.n, 167); /* its content-length */
    cr_expect(bytes_starts(buf_bytes(&r.body), "{\"BROKER_VAR_SUB\":["));
}

Test(exchange, an_empty_streaming_id_asks_for_an_ack)
{
    auto_buf struct buf all = specimens();
    struct emitter_packet p = packet_of(specimen(&all, "x-broker-ws", 0));
    auto_exchange_request struct exchange_request r;

    cr_assert_eq(exchange_read_request(&r, emitter_arg(&p, 0), 1000, NULL), 0);
    cr_expect(r.streaming_id == NULL);
    cr_expect(!r.has_body);
    cr_expect_eq(p.id, 1);
}

Test(exchange, every_captured_request_is_written_as_it_came)
{
    auto_buf struct buf all = specimens();
    struct bytes rest = buf_bytes(&all), line;
    unsigned n = 0;

    while (bytes_next(&rest, '\n', &line)) {
        auto_exchange_request struct exchange_request r = { 0 };
        auto_buf struct buf out = BUF_INIT(10000);
        struct emitter_packet p;
        struct jw w;

        /* 5.16.4 sends no requestId; we always do. */
        if (!bytes_starts(line, "4{\"type\":0,\"data\":[\"request\"") ||
            bytes_find_str(line, "requestId") == line.n)
            continue;
        p = packet_of(line);
        cr_assert_eq(exchange_read_request(&r, emitter_arg(&p, 0), 1000, NULL),
                     0);
        emitter_begin_event(&w, &out, "request");
        exchange_begin_request(&w, r.url, r.method);
        if (r.has_body) {
            jw_key(&w, "body");
            ejson_add_binary(&w, buf_bytes(&r.body));
        }
        exchange_end_request(&w, &r.headers, r.streaming_id, r.request_id);
        cr_expect_eq(emitter_end_event(&w, p.id), 0);
        cr_expect(bytes_equal(buf_bytes(&out), line), "%.*s\n%s",
                  BYTES_FMT(line), buf_cstr(&out));
        n++;
    }
    cr_expect_gt(n, 10);
}

static int
read_text_request(const char *json, struct exchange_request *r,
                  struct err *err)
{
    return exchange_read_request(r, bytes_str(json), 16, err);
}

Test(exchange, malformed_requests_are_refused)
{
    static const char *const bad[] = {
        "[]", "{}", "{\"url\":\"/a\"}", "{\"method\":\"GET\"}",
        "{\"url\":\"a\",\"method\":\"GET\"}", "{\"url\":7,\"method\":\"GET\"}",
        "{\"url\":\"/a\",\"method\":\"G T\"}",
        "{\"url\":\"/a\",\"method\":\"\"}",
        "{\"url\":\"/a\\u0000b\",\"method\":\"GET\"}",
        "{\"url\":\"/a\",\"method\":\"GET\",\"headers\":[]}",
        "{\"url\":\"/a\",\"method\":\"GET\",\"headers\":{\"a b\":\"x\"}}",
        "{\"url\":\"/a\",\"method\":\"GET\",\"headers\":{\"a\":\"x\\r\\ny\"}}",
        "{\"url\":\"/a\",\"method\":\"GET\",\"headers\":{\"a\":{}}}",
        "{\"url\":\"/a\",\"method\":\"GET\",\"headers\":{\"a\":[[]]}}",
        "{\"url\":\"/a\",\"method\":\"GET\",\"body\":{\"$binary\":\"*\"}}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        auto_exchange_request struct exchange_request r = { 0 };
        struct err err = { 0 };

        cr_expect_eq(read_text_request(bad[i], &r, &err), -1, "%s", bad[i]);
        cr_expect_eq(err.kind, ERR_INPUT, "%s", bad[i]);
    }
}

Test(exchange, what_is_missing_is_made_up)
{
    auto_exchange_request struct exchange_request r = { 0 };

    cr_assert_eq(read_text_request("{\"url\":\"/ctx/11111111-2222-4333-8444-"
                                   "555555555555/list?x\",\"method\":\"get\","
                                   "\"body\":\"plain\",\"headers\":{\"n\":5,"
                                   "\"snyk-request-id\":\"no-uuid\"}}",
                                   &r, NULL), 0);
    cr_expect_str_eq(r.url, "/list?x");
    cr_expect_str_eq(r.method, "GET");
    cr_expect(uuid_valid(r.request_id));
    cr_expect(bytes_is(buf_bytes(&r.body), "plain"));
    cr_expect_str_eq(headers_get(&r.headers, "n"), "5");
}

Test(exchange, a_body_has_a_ceiling_to_the_byte)
{
    static const char fmt[] = "{\"url\":\"/a\",\"method\":\"PUT\",\"body\":%s}";
    static const struct {
        const char *body;
        int want;
    } cases[] = {
        { "\"0123456789abcdef\"", 0 },
        { "\"0123456789abcdefg\"", -1 },
        { "{\"$binary\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"}", 0 },
        { "{\"$binary\":\"MDEyMzQ1Njc4OWFiY2RlZmc=\"}", -1 },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_exchange_request struct exchange_request r = { 0 };
        auto_free char *json = xasprintf(fmt, cases[i].body);
        struct err err = { 0 };

        cr_expect_eq(read_text_request(json, &r, &err), cases[i].want, "%s",
                     json);
        if (cases[i].want < 0)
            cr_expect_eq(err.kind, ERR_LIMIT, "%s", err.text);
    }
}

Test(exchange, headers_have_ceilings)
{
    auto_buf struct buf json = BUF_INIT(2 * 1024 * 1024);
    auto_exchange_request struct exchange_request r = { 0 };
    struct err err;

    buf_add_str(&json, "{\"url\":\"/a\",\"method\":\"GET\",\"headers\":{");
    for (int i = 0; i <= EXCHANGE_HEADERS_MAX; i++)
        buf_addf(&json, "%s\"h%d\":\"v\"", i > 0 ? "," : "", i);
    buf_add_str(&json, "}}");
    cr_expect_eq(read_text_request(buf_cstr(&json), &r, &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

/* Node reads and writes header bytes as Latin-1. */
Test(exchange, header_bytes_come_out_as_they_went_in)
{
    static const char *const values[] = { "caf\xe9", "\xc3\xa9", "\xff\x80",
                                          "plain" };

    for (size_t i = 0; i < N_ELEMENTS(values); i++) {
        auto_headers struct headers in = HEADERS_INIT, out = HEADERS_INIT;
        auto_buf struct buf json = BUF_INIT(1000);
        struct jw w;

        headers_add(&in, "X-H", values[i]);
        jw_init(&w, &json);
        exchange_write_headers(&w, &in);
        cr_expect(utf8_valid(buf_bytes(&json)));
        cr_assert_eq(exchange_read_headers(&out, buf_bytes(&json), NULL), 0);
        cr_expect_str_eq(headers_get(&out, "x-h"), values[i]);
    }
}

Test(exchange, cookies_stay_apart_and_other_repeats_are_joined)
{
    auto_headers struct headers h = HEADERS_INIT;
    auto_buf struct buf json = BUF_INIT(1000);
    struct jw w;

    headers_add(&h, "Set-Cookie", "a=1");
    headers_add(&h, "X-Multi", "p");
    headers_add(&h, "set-cookie", "b=2");
    headers_add(&h, "x-multi", "q");
    jw_init(&w, &json);
    exchange_write_headers(&w, &h);
    cr_expect(bytes_is(buf_bytes(&json), "{\"set-cookie\":[\"a=1\",\"b=2\"],"
                                         "\"x-multi\":\"p, q\"}"));
}

/* --- answers --- */

Test(exchange, every_captured_answer_of_an_agent_is_written_as_it_came)
{
    auto_buf struct buf all = specimens();
    struct bytes rest = buf_bytes(&all), line;
    unsigned n = 0;

    while (bytes_next(&rest, '\n', &line)) {
        auto_exchange_answer struct exchange_answer a = { 0 };
        auto_buf struct buf out = BUF_INIT(10000);
        struct emitter_packet p;
        struct jw w;

        /* In answers of its own the peer writes the members otherwise. */
        if (!bytes_starts(line, "4{\"id\"") ||
            bytes_find_str(line, "\"errorType\":\"FILTER") < line.n ||
            bytes_find_str(line, "\"errorType\":\"DOWNSTREAM_ERROR") < line.n)
            continue;
        p = packet_of(line);
        cr_assert_eq(exchange_read_answer(&a, emitter_arg(&p, 0), 1000, NULL),
                     0);
        emitter_begin_ack(&w, &out, p.id);
        exchange_write_answer(&w, &a, buf_bytes(&a.body));
        emitter_end_ack(&w);
        cr_expect(bytes_equal(buf_bytes(&out), line), "%.*s\n%s",
                  BYTES_FMT(line), buf_cstr(&out));
        n++;
    }
    cr_expect_geq(n, 5);
}

Test(exchange, an_answer_of_the_peers_own_is_json)
{
    auto_buf struct buf all = specimens();
    struct emitter_packet p = packet_of(specimen(&all, "4{\"id\":2", 0));
    auto_exchange_answer struct exchange_answer a;

    cr_assert_eq(exchange_read_answer(&a, emitter_arg(&p, 0), 1000, NULL), 0);
    cr_expect_eq(a.status, 401);
    cr_expect_eq(a.kind, EXCHANGE_JSON);
    cr_expect_str_eq(a.error_type, "FILTER_BLOCKED");
    cr_expect(bytes_starts(buf_bytes(&a.body), "{\"code\":\"FILTER_BLOCKED\""));
}

Test(exchange, bodies_of_answers_come_in_all_forms)
{
    static const struct {
        const char *json, *want;
        enum exchange_body kind;
    } cases[] = {
        { "{\"status\":204}", "", EXCHANGE_NO_BODY },
        { "{\"status\":200,\"body\":null}", "", EXCHANGE_NO_BODY },
        { "{\"status\":200,\"body\":\"\\u00e9\"}", "\xc3\xa9", EXCHANGE_TEXT },
        { "{\"status\":200,\"body\":{\"$binary\":\"YWI=\"}}", "ab",
          EXCHANGE_TEXT },
        { "{\"status\":200,\"body\":{\"a\":[1]}}", "{\"a\":[1]}",
          EXCHANGE_JSON },
        { "{\"status\":200,\"body\":{\"$escape\":{\"$date\":1}}}",
          "{\"$date\":1}", EXCHANGE_JSON },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_exchange_answer struct exchange_answer a = { 0 };

        cr_assert_eq(exchange_read_answer(&a, bytes_str(cases[i].json), 100,
                                          NULL), 0);
        cr_expect_eq(a.kind, cases[i].kind, "%s", cases[i].json);
        cr_expect(bytes_is(buf_bytes(&a.body), cases[i].want), "%s",
                  cases[i].json);
    }
}

Test(exchange, answers_without_a_status_are_refused)
{
    static const char *const bad[] = { "7", "{}", "{\"status\":\"200\"}",
                                       "{\"status\":99}", "{\"status\":600}",
                                       "{\"status\":101}" };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        auto_exchange_answer struct exchange_answer a = { 0 };

        cr_expect_eq(exchange_read_answer(&a, bytes_str(bad[i]), 100, NULL), -1,
                     "%s", bad[i]);
    }
}

/* broker-protocol.md §m.2 */
Test(exchange, failures_have_the_codes_operators_know)
{
    static const struct {
        enum err_kind kind;
        const char *code, *want;
        int status;
    } faults[] = {
        { ERR_TIMEOUT, NULL, "DOWNSTREAM_TIMEOUT", 504 },
        { ERR_NET, "ETIMEDOUT", "DOWNSTREAM_TIMEOUT", 504 },
        { ERR_NET, "ECONNREFUSED", "DOWNSTREAM_UNREACHABLE", 502 },
        { ERR_NET, "ENOTFOUND", "DOWNSTREAM_UNREACHABLE", 502 },
        { ERR_NET, "ECONNRESET", "DOWNSTREAM_ERROR", 502 },
        { ERR_TLS, NULL, "DOWNSTREAM_ERROR", 502 },
    };
    static const struct {
        int status;
        const char *want;
    } labels[] = {
        { 200, NULL }, { 302, NULL }, { 404, NULL },
        { 400, "DOWNSTREAM_UNEXPECTED" }, { 401, "DOWNSTREAM_UNAUTHORIZED" },
        { 403, "DOWNSTREAM_FORBIDDEN" }, { 429, "DOWNSTREAM_RATE_LIMITED" },
        { 500, "DOWNSTREAM_SERVER_ERROR" }, { 503, "DOWNSTREAM_SERVER_ERROR" },
    };

    for (size_t i = 0; i < N_ELEMENTS(faults); i++) {
        struct err err = { .kind = faults[i].kind, .code = faults[i].code };

        cr_expect_str_eq(exchange_fault_of(&err)->code, faults[i].want);
        cr_expect_eq(exchange_fault_of(&err)->status, faults[i].status);
    }
    for (size_t i = 0; i < N_ELEMENTS(labels); i++)
        cr_expect(str_eq(exchange_label(labels[i].status), labels[i].want),
                  "%d", labels[i].status);
}

/* --- streamed answers --- */

/* captures/02, "200 JSON from the agent" */
static const char head_json[] =
    "{\"status\":200,\"headers\":{\"content-type\":\"application/json\","
    "\"content-length\":\"26\",\"x-agent\":\"1\",\"date\":\"Mon, 23 Nov 2026 "
    "23:58:01 GMT\",\"connection\":\"keep-alive\",\"keep-alive\":"
    "\"timeout=5\"}}";
static const char stream_body[] = "{\"repositories\":[\"a\",\"b\"]}";

static void
add_stream(struct buf *out, size_t n, const char *json, const char *body)
{
    uint8_t prefix[4] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16),
                          (uint8_t)(n >> 24) };

    buf_add(out, prefix, 4);
    buf_add_str(out, json);
    buf_add_str(out, body);
}

/* Feeds chunks of `step` bytes; what came of it. */
struct outcome {
    struct frame frame;
    struct buf body;
    unsigned n_heads, n_bad;
    struct err err;
};

static void
run_frame(struct outcome *o, struct bytes stream, size_t step)
{
    struct bytes data;
    enum frame_event event;

    *o = (struct outcome){ .body = BUF_INIT(4096) };
    frame_init(&o->frame);
    for (; stream.n > 0; stream = bytes_from(stream, step)) {
        frame_feed(&o->frame, bytes_to(stream, step));
        while ((event = frame_step(&o->frame, &data, &o->err)) !=
               FRAME_NEED_MORE) {
            o->n_heads += event == FRAME_HEAD;
            o->n_bad += event == FRAME_BAD;
            if (event == FRAME_BODY)
                buf_add_bytes(&o->body, data);
        }
    }
}

static void
outcome_clear(struct outcome *o)
{
    frame_clear(&o->frame);
    buf_clear(&o->body);
}

Test(frame, any_split_gives_the_same_answer)
{
    auto_buf struct buf stream = BUF_INIT(1000);

    add_stream(&stream, 186, head_json, stream_body);
    for (size_t step = 1; step <= stream.n; step++) {
        struct outcome o;

        run_frame(&o, buf_bytes(&stream), step);
        cr_expect_eq(o.n_heads, 1, "by %zu", step);
        cr_expect_eq(o.n_bad, 0);
        cr_expect_eq(o.frame.status, 200);
        cr_expect_eq(o.frame.headers.n, 6);
        cr_expect(frame_has_head(&o.frame));
        cr_expect(bytes_is(buf_bytes(&o.body), stream_body), "by %zu", step);
        outcome_clear(&o);
    }
}

Test(frame, the_head_is_written_as_the_peer_writes_it)
{
    auto_buf struct buf ours = BUF_INIT(1000), want = BUF_INIT(1000);
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "Content-Type", "application/json");
    headers_add(&h, "Content-Length", "26");
    headers_add(&h, "X-Agent", "1");
    headers_add(&h, "Date", "Mon, 23 Nov 2026 23:58:01 GMT");
    headers_add(&h, "Connection", "keep-alive");
    headers_add(&h, "Keep-Alive", "timeout=5");
    cr_assert_eq(frame_add_head(&ours, 200, &h, NULL), 0);
    add_stream(&want, 0xba, head_json, "");
    cr_expect(bytes_equal(buf_bytes(&ours), buf_bytes(&want)));
    buf_reset(&ours);
    buf_reset(&want);
    cr_assert_eq(frame_add_head(&ours, 401, NULL, "FILTER_BLOCKED"), 0);
    add_stream(&want, 0x2b, "{\"status\":401,\"errorType\":\"FILTER_BLOCKED\"}",
               "");
    cr_expect(bytes_equal(buf_bytes(&ours), buf_bytes(&want)));
}

/* §e.2: the real client counts UTF-16 units; "é😀" are 3 of them, 6 bytes. */
Test(frame, a_head_counted_in_utf16_units_is_understood)
{
    static const char json[] =
        "{\"status\":200,\"headers\":{\"x\":\"\xc3\xa9\xf0\x9f\x98\x80\"}}";
    auto_buf struct buf stream = BUF_INIT(1000);

    add_stream(&stream, strlen(json) - 3, json, "body");
    for (size_t step = 1; step <= stream.n; step++) {
        struct outcome o;

        run_frame(&o, buf_bytes(&stream), step);
        cr_expect_eq(o.n_heads, 1, "by %zu", step);
        cr_expect(bytes_is(buf_bytes(&o.body), "body"), "by %zu", step);
        outcome_clear(&o);
    }
}

Test(frame, nonsense_is_bad_once_and_nothing_follows)
{
    static const struct {
        size_t n;
        const char *json;
        enum err_kind kind;
    } cases[] = {
        { 0, "", ERR_INPUT },
        { FRAME_HEAD_MAX_BYTES + 1, "{}", ERR_LIMIT },
        { 2, "{}", ERR_INPUT },
        { 8, "not json", ERR_INPUT },
        { 14, "{\"status\":99} ", ERR_INPUT },
        { 36, "{\"status\":200,\"headers\":{\"a\":\"\\n\"}} ", ERR_INPUT },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_buf struct buf stream = BUF_INIT(1000);
        struct outcome o;

        add_stream(&stream, cases[i].n, cases[i].json, "and a body");
        run_frame(&o, buf_bytes(&stream), stream.n);
        cr_expect_eq(o.n_bad, 1, "%zu", i);
        cr_expect_eq(o.n_heads, 0);
        cr_expect_eq(o.body.n, 0);
        cr_expect_eq(o.err.kind, cases[i].kind, "%zu: %s", i, o.err.text);
        cr_expect(!frame_has_head(&o.frame));
        outcome_clear(&o);
    }
}

/* --- identify --- */

Test(identify, the_captured_client_is_understood_and_written_the_same)
{
    auto_buf struct buf all = specimens(), ours = BUF_INIT(10000);
    struct bytes frame = specimen(&all, "{\"token\":\"6a1f", 0);
    struct emitter_packet p = packet_of(frame);
    auto_identify struct identify id;
    struct identify_self self;

    cr_assert_eq(identify_read(&id, emitter_arg(&p, 0), NULL), 0);
    cr_expect_str_eq(id.token, "6a1f7c8e-2b3d-4e5f-8a9b-0c1d2e3f4a5b");
    cr_expect_str_eq(id.version, "5.22.14");
    cr_expect_str_eq(id.role, "primary");
    cr_expect(id.post_streams && id.has_capabilities && !id.legacy);
    self = (struct identify_self){
        .token = id.token, .version = id.version, .client_id = id.client_id,
        .role = id.role, .filters = id.filters,
        .identifier = "89cda5fd2188991a586855bb621843ec"
                      "72aa4d588c2a28c582ab53aa2e455734",
        .flags = { { "haMode", false }, { "debugMode", true },
                   { "bodyLogMode", false }, { "credPooling", false },
                   { "privateCa", true }, { "tlsReject", false },
                   { "proxy", false }, { "customAccept", false },
                   { "insecureDownstream", false },
                   { "universalBroker", false } },
    };
    cr_assert_eq(identify_add(&ours, &self), 0);
    cr_expect(bytes_equal(buf_bytes(&ours), frame));
}

Test(identify, little_is_enough_and_nothing_is_too_little)
{
    auto_identify struct identify a = { 0 }, b = { 0 }, c = { 0 };

    cr_assert_eq(identify_read(&a, bytes_str("{\"token\":\"T\",\"metadata\":"
                               "{\"version\":\"4.50.0\",\"capabilities\":[]}}"),
                               NULL), 0);
    cr_expect(a.has_capabilities && !a.post_streams);
    cr_assert_eq(identify_read(&b, bytes_str("\"T\""), NULL), 0);
    cr_expect(b.legacy && b.version == NULL && !b.has_capabilities);
    cr_expect_eq(identify_read(&c, bytes_str("{\"metadata\":{}}"), NULL), -1);
}

Test(identify, the_server_says_whether_it_takes_posts)
{
    auto_buf struct buf all = specimens(), ours = BUF_INIT(1000);
    struct bytes frame = specimen(&all, "receive-post-streams", 0);
    struct emitter_packet p = packet_of(frame);

    cr_expect(identify_server_takes_posts(emitter_arg(&p, 0)));
    cr_expect(!identify_server_takes_posts(bytes_str("{\"capabilities\":[]}")));
    cr_expect(!identify_server_takes_posts(BYTES_NONE));
    identify_add_server(&ours);
    cr_expect(bytes_equal(buf_bytes(&ours), frame));
}
