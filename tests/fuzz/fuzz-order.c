/* Scan requests: what is accepted is kept so that it can be read again. */
#include <stdlib.h>

#include "base/str.h"
#include "role/agent/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
keep_and_read(const struct order *order)
{
    auto_buf struct buf text = BUF_INIT((size_t)4 << 20);
    auto_order struct order back = { 0 };

    order_write(order, &text);
    if (order_read(&back, buf_bytes(&text), NULL) < 0 ||
        !str_eq(back.image, order->image) ||
        !str_eq(back.platform, order->platform) ||
        !str_eq(back.result_url, order->result_url) ||
        !str_eq(back.done_url, order->done_url) ||
        !str_eq(back.context, order->context) ||
        !str_eq(back.options, order->options))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct conf conf = { 0 };
    struct err err;
    auto_orders struct orders orders = { 0 };
    auto_jx struct jx *body = jx_parse(bytes_of(data, size), 65536, &err);

    if (body == NULL ||
        orders_parse(&orders, body, &conf, "cr.example.com/acme", &err) < 0)
        return 0;
    for (size_t i = 0; i < orders.n; i++)
        keep_and_read(&orders.at[i]);
    return 0;
}
