/* Files that the scan's patterns name: kept as they are (§17.1). */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/str.h"

static void
write_content(struct jw *jw, void *arg)
{
    jw_obj(jw);
    jw_key(jw, "b");
    jw_bytes(jw, buf_bytes(arg));
    jw_end(jw);
}

static int
globfile_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    base64_encode(body, &text);
    return an_item(out, "glob", write_content, &text, err);
}

const struct analyzer analyzer_glob = {
    .name = "glob",
    .wants = (const char *const[]){ NULL },
    .read = globfile_read,
};
