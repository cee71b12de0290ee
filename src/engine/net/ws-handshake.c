/* From HTTP to a websocket: the key and its answer (RFC 6455 4), the
 * client's request and what it expects back. Pure. */
#include <openssl/rand.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "engine/net/url.h"
#include "engine/net/ws-private.h"

#define KEY_BYTES 16
#define GUID      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
/* Status line and headers of the answer. */
#define ANSWER_LIMIT_BYTES (64u << 10)

void
handshake_new_key(char out[WS_KEY_CHARS + 1])
{
    auto_buf struct buf text = BUF_INIT(WS_KEY_CHARS);
    uint8_t key[KEY_BYTES];

    if (RAND_bytes(key, sizeof(key)) != 1)
        die_no_memory();
    base64_encode(bytes_of(key, sizeof(key)), &text);
    memcpy(out, buf_cstr(&text), WS_KEY_CHARS + 1);
}

bool
handshake_key_valid(const char *key)
{
    auto_buf struct buf raw = BUF_INIT(WS_KEY_CHARS);

    return key != NULL && strlen(key) == WS_KEY_CHARS &&
           base64_decode(bytes_str(key), &raw) == 0 && raw.n == KEY_BYTES;
}

void
handshake_accept(const char *key, char out[29])
{
    auto_hasher struct hasher *h = hasher_new(HASH_SHA1);
    auto_buf struct buf text = BUF_INIT(28);
    char hex[SHA256_HEX + 1];
    uint8_t raw[SHA1_HEX / 2];

    hasher_update(h, bytes_str(key));
    hasher_update(h, bytes_str(GUID));
    hasher_finish(h, hex);
    hex_decode(bytes_str(hex), raw);
    base64_encode(bytes_of(raw, sizeof(raw)), &text);
    memcpy(out, buf_cstr(&text), 29);
}

/* Ours to say, once. */
static bool
is_ours(const char *name)
{
    static const char *const names[] = {
        "Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        if (str_ieq(name, names[i]))
            return true;
    }
    return false;
}

static int
add_headers(const struct headers *headers, struct buf *out, struct err *err)
{
    for (size_t i = 0; headers != NULL && i < headers->n; i++) {
        const struct header *h = &headers->at[i];

        if (!header_name_valid(h->name) || !header_value_valid(h->value))
            return err_set(err, ERR_INPUT,
                           "websocket: a header that cannot be sent");
        if (!is_ours(h->name))
            buf_addf(out, "%s: %s\r\n", h->name, h->value);
    }
    return 0;
}

int
handshake_request(const struct url *u, const struct headers *headers,
                  const char *user_agent, const char *key, struct buf *out,
                  struct err *err)
{
    auto_free char *host = url_host_header(u);

    buf_addf(out, "GET %s%s%s HTTP/1.1\r\n", u->path,
             u->query != NULL ? "?" : "", u->query != NULL ? u->query : "");
    if (headers == NULL || !headers_has(headers, "Host"))
        buf_addf(out, "Host: %s\r\n", host);
    if (headers == NULL || !headers_has(headers, "User-Agent"))
        buf_addf(out, "User-Agent: %s\r\n", user_agent);
    buf_addf(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n",
             key);
    if (add_headers(headers, out, err) < 0)
        return -1;
    buf_add_str(out, "\r\n");
    return buf_check(out, "websocket request", err);
}

/* "HTTP/1.1 101 Switching Protocols"; 0 when it is not such a line */
static int
status_of(struct bytes line)
{
    uint64_t status = 0;

    if (!bytes_starts(line, "HTTP/1.") || line.n < 12 || line.p[8] != ' ' ||
        !bytes_to_u64(bytes_of(line.p + 9, 3), &status))
        return 0;
    return (int)status;
}

static void
parse_headers(struct bytes head, struct headers *out)
{
    struct bytes line;

    while (bytes_next(&head, '\n', &line)) {
        size_t colon = bytes_find(line, ':');
        auto_free char *name = bytes_dup(bytes_to(line, colon));
        auto_free char *value =
            bytes_dup(bytes_trim(bytes_from(line, colon + 1)));

        if (colon < line.n && header_name_valid(name) &&
            header_value_valid(value))
            headers_add(out, name, value);
    }
}

static int
check_upgrade(const struct headers *h, const char *key,
              const struct headers *asked, struct err *err)
{
    const char *accept = headers_get(h, "Sec-WebSocket-Accept");
    char want[29];

    handshake_accept(key, want);
    if (!headers_has_token(h, "Upgrade", "websocket") ||
        !headers_has_token(h, "Connection", "upgrade"))
        return err_set(err, ERR_NET, "websocket: 101, but to something else");
    if (accept == NULL || !str_eq(accept, want))
        return err_set(err, ERR_NET, "websocket: the answer to our key is "
                                     "wrong");
    if (headers_has(h, "Sec-WebSocket-Extensions"))
        return err_set(err, ERR_NET, "websocket: an extension nobody asked "
                                     "for");
    if (headers_has(h, "Sec-WebSocket-Protocol") &&
        (asked == NULL || !headers_has(asked, "Sec-WebSocket-Protocol")))
        return err_set(err, ERR_NET, "websocket: a protocol nobody asked for");
    return 0;
}

static int
check_status(int status, struct err *err)
{
    if (status == 101)
        return 0;
    if (status == 0)
        return err_set(err, ERR_NET, "websocket: the peer does not speak "
                                     "HTTP");
    err_set(err, ERR_NET, "websocket: refused with status %d", status);
    err->peer_status = status;
    return -1;
}

ssize_t
handshake_check(struct bytes in, const char *key, const struct headers *asked,
                struct err *err)
{
    auto_headers struct headers h = HEADERS_INIT;
    struct bytes rest = in, head;
    int status;

    do {
        size_t end = bytes_find_str(rest, "\r\n\r\n") + 4;

        head = bytes_to(rest, end);
        rest = bytes_from(rest, end);
        if (in.n - rest.n > ANSWER_LIMIT_BYTES)
            return err_set(err, ERR_LIMIT, "websocket: answer too large");
        if (!bytes_ends(head, "\r\n\r\n"))
            return 0;
        status = status_of(bytes_to(head, bytes_find(head, '\n')));
        /* 100, 102, 103: the answer itself is still to come. */
    } while (status >= 100 && status < 200 && status != 101);
    if (check_status(status, err) < 0)
        return -1;
    parse_headers(bytes_from(head, bytes_find(head, '\n') + 1), &h);
    if (check_upgrade(&h, key, asked, err) < 0)
        return -1;
    return (ssize_t)(in.n - rest.n);
}
