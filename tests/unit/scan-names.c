/* How a pulled image is named to the worker that assembles it. */
#include <criterion/criterion.h>

#include "base/json/jx.h"
#include "engine/scan/scan-private.h"

static struct source_image image = {
    .image_id = "sha256:cc",
    .config = "{}",
    .config_n = 2,
    .default_name = "cr/app:1",
    .manifest_digest = "sha256:aa",
    .index_digest = "sha256:bb",
};

static struct jx *
header(const char *options)
{
    auto_jx struct jx *o = jx_parse(bytes_str(options), 4096, NULL);
    struct assembly_spec spec = { .image = &image, .options = o };
    auto_buf struct buf b = BUF_INIT(1 << 16);

    cr_assert_eq(assembly_header(&b, &spec, NULL), 0);
    return jx_parse(buf_bytes(&b), 1 << 16, NULL);
}

Test(scan, a_given_name_gets_the_digests_of_the_pull)
{
    auto_jx struct jx *h = header("{\"imageNameAndTag\":\"cr/x:1\"}");
    const struct jx *digests = jx_obj(jx_obj(h, "options"), "digests");

    cr_expect_str_eq(jx_str(digests, "manifest"), "sha256:aa");
    cr_expect_str_eq(jx_str(digests, "index"), "sha256:bb");
    cr_expect(jx_has(h, "pulled"));
    cr_expect_not(jx_bool(h, "pulled", true));
}

Test(scan, digests_that_are_given_stay)
{
    auto_jx struct jx *h = header("{\"imageNameAndTag\":\"cr/x:1\","
                                  "\"digests\":{\"manifest\":\"sha256:dd\"}}");
    const struct jx *digests = jx_obj(jx_obj(h, "options"), "digests");

    cr_expect_str_eq(jx_str(digests, "manifest"), "sha256:dd");
    cr_expect_not(jx_has(digests, "index"));
}

Test(scan, without_a_given_name_the_reference_is_the_name)
{
    auto_jx struct jx *h = header("{}");

    cr_expect_not(jx_has(h, "pulled"));
    cr_expect_not(jx_has(jx_obj(h, "options"), "digests"));
    cr_expect_str_eq(jx_str(h, "target"), "cr/app:1");
}
