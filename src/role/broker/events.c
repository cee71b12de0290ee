/* Events of the server but for `request`: they are few and small. */
#include "base/log.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/identify.h"
#include "role/broker/broker-private.h"

#define NOTE_MAX_BYTES 4096

static void
on_identify(struct socket *socket, const struct emitter_packet *p)
{
    socket->takes_posts = identify_server_takes_posts(emitter_arg(p, 0));
    if (!socket->takes_posts)
        log_error("the broker server does not take answers by POST: requests "
                  "that want to be streamed cannot be answered",
                  LOG_STR("connectionRole", socket->role));
}

static void
on_notification(struct socket *socket, const struct emitter_packet *p)
{
    auto_buf struct buf level = BUF_INIT(16), text = BUF_INIT(NOTE_MAX_BYTES);
    struct bytes arg = emitter_arg(p, 0);
    enum log_level at = LOG_LEVEL_INFO;

    ejson_text(ejson_get(arg, "level"), &level);
    ejson_text(ejson_get(arg, "message"), &text);
    if (bytes_is(buf_bytes(&level), "error"))
        at = LOG_LEVEL_ERROR;
    else if (bytes_is(buf_bytes(&level), "warning"))
        at = LOG_LEVEL_WARN;
    log_at(at, "notification from the broker server",
           LOG_FIELDS_(LOG_STR("connectionRole", socket->role),
                       LOG_STR("notification", buf_cstr(&text))));
}

/* What a service command does: status and JSON text. */
static int
run_service(struct broker *b, const char *url, const char **json)
{
    struct err err;

    if (str_eq(url, "/filters/reload")) {
        *json = "{\"ok\":true,\"msg\":\"Filters reloaded.\"}";
        if (broker_reload_filter(b, &err) == 0)
            return 200;
        log_error("rules not reloaded, the old ones stay", LOG_ERR(&err));
        *json = "{\"ok\":false,\"msg\":\"Filters are invalid; the old ones "
                "stay.\"}";
        return 500;
    }
    if (str_eq(url, "/config/reload")) {
        *json = "{\"ok\":false,\"msg\":\"Service command not available in "
                "classic broker.\"}";
        return 501;
    }
    *json = "{\"ok\":false,\"msg\":\"Unknown service command.\"}";
    return 400;
}

static void
on_service(struct socket *socket, const struct emitter_packet *p)
{
    auto_exchange_request struct exchange_request x = { 0 };
    auto_buf struct buf frame = BUF_INIT(NOTE_MAX_BYTES);
    struct exchange_answer a = { .kind = EXCHANGE_TEXT };
    const char *json = NULL;
    struct err err;
    struct jw w;

    if (p->id == 0 ||
        exchange_read_request(&x, emitter_arg(p, 0), NOTE_MAX_BYTES, &err) < 0)
        return;
    x.url[strcspn(x.url, "?")] = '\0';
    a.status = run_service(socket->broker, x.url, &json);
    log_info("service command", LOG_URL("url", x.url),
             LOG_INT("responseStatus", a.status));
    headers_add(&a.headers, "requestId", x.request_id);
    emitter_begin_ack(&w, &frame, p->id);
    exchange_write_answer(&w, &a, bytes_str(json));
    if (emitter_end_ack(&w) == 0)
        session_send(socket->session, buf_bytes(&frame));
    exchange_answer_clear(&a);
}

void
event_handle(struct socket *socket, const struct emitter_packet *p)
{
    static const struct {
        const char *name;
        void (*fn)(struct socket *socket, const struct emitter_packet *p);
    } handlers[] = {
        { "request", request_start },
        { "identify", on_identify },
        { "notification", on_notification },
        { "service", on_service },
    };

    for (size_t i = 0; i < N_ELEMENTS(handlers); i++) {
        if (str_eq(p->name, handlers[i].name)) {
            handlers[i].fn(socket, p);
            return;
        }
    }
    log_debug("unknown event", LOG_STR("event", p->name));
}
