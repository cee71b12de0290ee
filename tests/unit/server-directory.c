/* Which client is asked, and what is said when there is none. */
#include <string.h>

#include "base/clock.h"
#include "server-rig.h"

TestSuite(server_directory, .timeout = 60, .init = server_rig_plain,
          .fini = server_rig_stop);

#define ASK "/broker/" RIG_TOKEN "/x"

Test(server_directory, an_unknown_token_is_a_404)
{
    rig_expect(ASK, 404);
}

Test(server_directory, a_token_is_found_in_any_case)
{
    struct rig_client c;
    struct fake_call call;

    rig_join(&c);
    rig_ask(&call, "/broker/6A1F7C8E-2B3D-4E5F-8A9B-0C1D2E3F4A5B/x");
    turn_until(rig.loop, c.n_requests == 1 || call.done);
    cr_expect_eq(c.n_requests, 1);
    fake_call_clear(&call);
    rig_cut(&c);
}

Test(server_directory, the_newest_tunnel_is_asked)
{
    struct rig_client old, young;
    struct fake_call call;

    rig_join(&old);
    rig_join(&young);
    rig_ask(&call, ASK);
    turn_until(rig.loop, old.n_requests + young.n_requests == 1);
    cr_expect_eq(young.n_requests, 1);
    fake_call_clear(&call);
    rig_cut(&old);
    rig_cut(&young);
}

Test(server_directory, the_older_tunnel_is_asked_when_the_newer_has_closed)
{
    struct rig_client old, young;
    struct fake_call call;

    rig_join(&old);
    rig_join(&young);
    ws_close(young.ws, 1000);
    turn_until(rig.loop, young.closed);
    rig_ask(&call, ASK);
    turn_until(rig.loop, old.n_requests == 1 || call.done);
    cr_expect_eq(old.n_requests, 1);
    cr_expect_eq(young.n_requests, 0);
    fake_call_clear(&call);
    rig_cut(&old);
    rig_cut(&young);
}

Test(server_directory, a_departed_token_is_a_503_for_a_minute)
{
    struct rig_client c;
    struct fake_call call;

    clock_freeze(1700000000000);
    rig_join(&c);
    rig_ask(&call, ASK);
    turn_until(rig.loop, c.n_requests == 1);
    rig_cut(&c);
    turn_until(rig.loop, call.done);
    fake_call_clear(&call);
    rig_get(&call, ASK);
    cr_expect_eq(call.status, 503);
    cr_expect_str_eq(headers_get(&call.headers, "Retry-After"), "1");
    cr_expect_str_eq(headers_get(&call.headers, "x-broker-failure"),
                     "connection-not-ready");
    fake_call_clear(&call);
    clock_advance(59999);
    rig_expect(ASK, 503);
    clock_advance(1);
    loop_turn(rig.loop);
    rig_expect(ASK, 404);
}

Test(server_directory, an_outdated_client_is_told_and_closed)
{
    struct rig_client c;

    rig_join_as(&c, RIG_TOKEN, "4.99.0");
    turn_until(rig.loop, c.closed);
    cr_expect(rig_heard(&c, "\"notification\""));
    cr_expect(rig_heard(&c, "primus::server::close"));
    rig_expect(ASK, 404);
    rig_cut(&c);
}

Test(server_directory, a_closing_tunnel_is_not_filed_again)
{
    struct rig_client c;

    rig_join_as(&c, RIG_TOKEN, "4.99.0");
    rig_say(&c, "4{\"type\":0,\"data\":[\"identify\",{\"token\":\"" RIG_TOKEN
                "\",\"metadata\":{\"version\":\"5.0.0\",\"capabilities\":[]}}]}");
    turn_until(rig.loop, c.closed);
    rig_expect(ASK, 404);
    rig_cut(&c);
}

Test(server_directory, a_polling_transport_is_refused)
{
    struct fake_call call;

    rig_get(&call, "/primus/" RIG_TOKEN "/?EIO=4&transport=polling");
    cr_expect_eq(call.status, 400);
    cr_expect_str_eq(buf_cstr(&call.body),
                     "{\"code\":0,\"message\":\"Transport unknown\"}");
    fake_call_clear(&call);
}

Test(server_directory, results_take_only_good_parameters)
{
    rig_expect("/results", 200);
    rig_expect("/results?limit=1000", 200);
    rig_expect("/results?limit=1001", 400);
    rig_expect("/results?limit=0", 400);
    rig_expect("/results?limit=x", 400);
    rig_expect("/results?other=1", 400);
    rig_expect("/results/1", 404);
    rig_expect("/results/x", 404);
}
