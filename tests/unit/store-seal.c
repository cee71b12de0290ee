#include <criterion/criterion.h>

#include "engine/store/seal.h"

struct specimen {
    struct seal *seal;
    struct buf sealed;
};

static struct specimen
sealed(const char *name, const char *text)
{
    auto_secret struct secret *secret = secret_new(text);
    struct specimen s = { .sealed = BUF_INIT(4096) };

    cr_assert_eq(seal_random(&s.seal, NULL), 0);
    cr_assert_eq(seal_close(s.seal, name, secret, &s.sealed, NULL), 0);
    return s;
}

static void
forget(struct specimen *s)
{
    seal_free(s->seal);
    buf_clear(&s->sealed);
}

Test(seal, opens_to_the_same_text)
{
    struct specimen s = sealed("job-1", "{\"password\":\"x\"}");
    auto_secret struct secret *out = NULL;

    cr_assert_eq(
        seal_open(s.seal, "job-1", buf_bytes(&s.sealed), &out, NULL), 0);
    cr_expect_str_eq(secret_reveal(out), "{\"password\":\"x\"}");
    forget(&s);
}

Test(seal, the_same_text_is_never_sealed_alike)
{
    struct specimen s = sealed("job-1", "text");
    auto_secret struct secret *text = secret_new("text");
    auto_buf struct buf again = BUF_INIT(4096);

    seal_close(s.seal, "job-1", text, &again, NULL);
    cr_expect_not(bytes_equal(buf_bytes(&s.sealed), buf_bytes(&again)));
    forget(&s);
}

Test(seal, any_changed_byte_any_cut_and_any_other_name_is_refused)
{
    struct specimen s = sealed("job-1", "text");
    struct secret *out = NULL;
    struct err err;

    for (size_t i = 0; i < s.sealed.n; i++) {
        s.sealed.p[i] ^= 1;
        cr_expect_eq(
            seal_open(s.seal, "job-1", buf_bytes(&s.sealed), &out, &err), -1);
        s.sealed.p[i] ^= 1;
        cr_expect_eq(seal_open(s.seal, "job-1",
                               bytes_to(buf_bytes(&s.sealed), i), &out, &err),
                     -1);
    }
    cr_expect_eq(seal_open(s.seal, "job-2", buf_bytes(&s.sealed), &out, &err),
                 -1);
    cr_expect_eq(err.kind, ERR_AUTH);
    cr_expect_null(out);
    forget(&s);
}
