#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "worker/archive/body.h"

#define HOLD 1000u

static struct ar_scratch scratch;
static FILE *file;

static void
open_file(void)
{
    file = tmpfile();
    scratch = (struct ar_scratch){ .fd = fileno(file), .hold_bytes = HOLD };
}

static void
close_file(void)
{
    cr_expect_eq(scratch.held, 0);
    cr_expect_eq(scratch.used, 0);
    fclose(file);
}

static uint8_t
byte_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static struct ar_body *
new_body(size_t n, size_t piece)
{
    struct ar_body *b = ar_body_new(&scratch);
    uint8_t chunk[4096];
    struct err err;

    for (size_t at = 0; at < n;) {
        size_t k = n - at < piece ? n - at : piece;

        for (size_t i = 0; i < k; i++)
            chunk[i] = byte_at(at + i);
        cr_assert_eq(ar_body_add(b, bytes_of(chunk, k), &err), 0, "%s",
                     err.text);
        at += k;
    }
    return b;
}

static uint64_t
file_bytes(void)
{
    struct stat st;

    fstat(scratch.fd, &st);
    return (uint64_t)st.st_size;
}

static void
expect_right(struct ar_body *b, size_t offset, size_t n)
{
    uint8_t *copy = malloc(n + 1);
    struct bytes got;
    struct err err;

    cr_assert_eq(ar_body_at(b, offset, n, &got, &err), 0, "%s", err.text);
    cr_assert_eq(got.n, n);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(got.p[i], byte_at(offset + i), "%zu", offset + i);
    cr_assert_eq(ar_body_copy(b, offset, copy, n, &err), 0);
    cr_assert_eq(memcmp(copy, got.p, n), 0);
    free(copy);
}

static void
expect_anywhere(struct ar_body *b, size_t n)
{
    cr_expect_eq(ar_body_size(b), n);
    for (size_t at = 0; at < n; at += 97)
        expect_right(b, at, n - at < 50 ? n - at : 50);
    for (size_t at = n; at > 101; at -= 101)
        expect_right(b, at - 101, 101);
    expect_right(b, 0, n);
    expect_right(b, n, 0);
}

Test(body, a_small_one_is_held_and_read_anywhere, .init = open_file,
     .fini = close_file)
{
    auto_ar_body struct ar_body *b = new_body(HOLD, 77);

    expect_anywhere(b, HOLD);
    cr_expect_eq(file_bytes(), 0);
}

Test(body, a_large_one_goes_to_the_file_and_reads_the_same, .init = open_file,
     .fini = close_file)
{
    auto_ar_body struct ar_body *b = new_body(300000, 4096);

    expect_anywhere(b, 300000);
    cr_expect_eq(file_bytes(), 300000);
    cr_expect_eq(scratch.held, 0);
}

Test(body, what_is_added_after_a_look_is_seen, .init = open_file,
     .fini = close_file)
{
    auto_ar_body struct ar_body *b = new_body(HOLD + 1, HOLD + 1);
    uint8_t more = byte_at(HOLD + 1);
    struct err err;

    expect_right(b, HOLD - 10, 11);
    cr_assert_eq(ar_body_add(b, bytes_of(&more, 1), &err), 0);
    expect_right(b, HOLD - 10, 12);
}

Test(body, bodies_inside_of_bodies_share_memory_and_file, .init = open_file,
     .fini = close_file)
{
    struct ar_body *outer = new_body(5000, 512);
    struct ar_body *held = new_body(900, 512);
    struct ar_body *inner = new_body(700, 512); /* does not fit beside `held` */

    cr_expect_eq(file_bytes(), 5700);
    expect_anywhere(outer, 5000);
    expect_anywhere(held, 900);
    expect_anywhere(inner, 700);
    ar_body_free(inner);
    cr_expect_eq(file_bytes(), 5000);
    ar_body_free(held);
    expect_anywhere(outer, 5000);
    ar_body_free(outer);
    cr_expect_eq(file_bytes(), 0);
}

Test(body, what_lies_beyond_the_end_is_an_error, .init = open_file,
     .fini = close_file)
{
    static const size_t sizes[] = { 10, 5000 };

    for (size_t i = 0; i < 2; i++) {
        auto_ar_body struct ar_body *b = new_body(sizes[i], 64);
        struct bytes got;
        struct err err;
        char to[8];

        cr_expect_lt(ar_body_at(b, sizes[i], 1, &got, &err), 0);
        cr_expect_eq(err.kind, ERR_INPUT);
        cr_expect_lt(ar_body_at(b, UINT64_MAX, 2, &got, &err), 0);
        cr_expect_lt(ar_body_copy(b, sizes[i] - 3, to, 4, &err), 0);
        cr_expect_eq(err.kind, ERR_INPUT);
    }
}

Test(body, of_an_empty_one_nothing_can_be_looked_at)
{
    struct ar_scratch none = { .fd = -1, .hold_bytes = 10 };
    auto_ar_body struct ar_body *b = ar_body_new(&none);
    struct bytes got = BYTES_NONE;
    struct err err;

    cr_expect_eq(ar_body_at(b, 0, 0, &got, &err), 0);
    cr_expect_not_null(got.p);
    cr_expect_eq(got.n, 0);
    cr_expect_lt(ar_body_at(b, 0, 1, &got, &err), 0);
}

Test(body, without_a_file_a_large_one_is_refused)
{
    struct ar_scratch none = { .fd = -1, .hold_bytes = 10 };
    auto_ar_body struct ar_body *b = ar_body_new(&none);
    struct err err;

    cr_expect_eq(ar_body_add(b, bytes_str("0123456789"), &err), 0);
    cr_expect_lt(ar_body_add(b, bytes_str("x"), &err), 0);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

Test(body, the_file_has_a_ceiling, .init = open_file, .fini = close_file)
{
    auto_ar_body struct ar_body *b = new_body(HOLD, 1000);
    uint8_t chunk[1000] = { 0 };
    struct err err;

    scratch.limit_bytes = HOLD + 1000;
    cr_expect_eq(ar_body_add(b, bytes_of(chunk, 1000), &err), 0);
    cr_expect_lt(ar_body_add(b, bytes_of(chunk, 1), &err), 0);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

Test(body, room_is_in_memory_or_in_the_file)
{
    struct ar_scratch s = { .fd = -1, .hold_bytes = 10, .held = 4 };

    cr_expect(ar_scratch_has_room(&s, 6));
    cr_expect_not(ar_scratch_has_room(&s, 7));
    s.fd = 0;
    cr_expect(ar_scratch_has_room(&s, 7));
    s.limit_bytes = 20;
    s.used = 5;
    cr_expect(ar_scratch_has_room(&s, 15));
    cr_expect_not(ar_scratch_has_room(&s, 16));
}
