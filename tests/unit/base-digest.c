#include <criterion/criterion.h>
#include <string.h>

#include "base/digest.h"
#include "base/secret.h"
#include "base/str.h"

/* FIPS 180-2, appendix B.1 and the empty message. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC_SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"

Test(digest, hashing_gives_the_standards_values)
{
    struct digest d = digest_of(bytes_str("abc"));
    auto_hasher struct hasher *h = hasher_new(HASH_SHA1);
    char hex[SHA256_HEX + 1];

    cr_expect_str_eq(d.text, "sha256:" ABC);
    cr_expect_str_eq(digest_hex(&d), ABC);
    sha256_hex(BYTES_NONE, hex);
    cr_expect_str_eq(hex, EMPTY);
    hasher_update(h, bytes_str("a"));
    hasher_update(h, bytes_str("bc"));
    hasher_finish(h, hex);
    cr_expect_str_eq(hex, ABC_SHA1);
    /* Finishing starts anew. */
    hasher_update(h, bytes_str("abc"));
    hasher_finish(h, hex);
    cr_expect_str_eq(hex, ABC_SHA1);
}

Test(digest, only_one_spelling_is_accepted)
{
    struct digest d;
    struct err err;

    cr_expect_eq(digest_parse(&d, "sha256:" ABC, NULL), 0);
    cr_expect(digest_is_valid("sha256:" ABC));
    cr_expect_not(digest_is_valid(ABC));
    cr_expect_not(digest_is_valid("sha256:" ABC "0"));
    cr_expect_not(digest_is_valid("SHA256:" ABC));
    cr_expect_not(digest_is_valid("sha256:BA7816bf8f01cfea414140de5dae2223b003"
                                  "61a396177a9cb410ff61f20015ad"));
    cr_expect_not(digest_is_valid(NULL));
    cr_expect_eq(digest_parse(&d, NULL, &err), -1);
    cr_expect_eq(err.kind, ERR_INPUT);
}

Test(digest, the_short_form_is_for_people)
{
    struct digest d = digest_of(bytes_str("abc"));

    cr_expect_str_eq(digest_short(&d), "sha256:ba7816bf");
    cr_expect_str_eq(digest_hex(&(struct digest){ "" }), "");
}

Test(secret, is_shared_compared_and_told_apart_without_being_shown)
{
    struct secret *s = secret_new("abc"), *again = secret_ref(s);
    char print[9];

    secret_free(s);
    cr_expect_str_eq(secret_reveal(again), "abc");
    secret_fingerprint(again, print);
    cr_expect_str_eq(print, "ba7816bf");
    cr_expect(secret_is_empty(NULL));
    cr_expect_not(secret_is_empty(again));
    cr_expect_null(secret_new(NULL));
    cr_expect_str_eq(secret_reveal(NULL), "");
    secret_free(again);
    cr_expect(str_eq_secret("same", "same"));
    cr_expect_not(str_eq_secret("same", "samesame"));
    cr_expect_not(str_eq_secret("", "x"));
    cr_expect(str_eq_secret("", ""));
}
