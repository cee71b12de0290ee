/* What a worker that met a hostile layer may write on stderr. */
#include <assert.h>

#include "base/log.h"
#include "engine/loop/proc-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct err
read_in_steps(struct bytes in, size_t step)
{
    struct reason r;
    struct err err;

    reason_init(&r, 1);
    for (; in.n > 0; in = bytes_from(in, step))
        reason_feed(&r, bytes_to(in, step));
    reason_end(&r);
    reason_of_exit(&r, 1 << 8, &err); /* exit 1 */
    reason_clear(&r);
    return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err whole, apart;

    log_setup("fuzz", 2, LOG_LEVEL_NONE, LOG_FORM_JSON);
    whole = read_in_steps(bytes_of(data, size), size);
    apart = read_in_steps(bytes_of(data, size), 3);
    assert(whole.kind != ERR_NONE && whole.kind == apart.kind);
    assert(whole.code == apart.code);
    return 0;
}
