/* What a service gives back when its start is over. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "cli/footprint.h"

static long
resident_pages(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long size, resident = 0;

    cr_assert_not_null(f);
    cr_assert_eq(fscanf(f, "%ld %ld", &size, &resident), 2);
    fclose(f);
    return resident;
}

Test(footprint, is_smaller_afterwards)
{
    long before = resident_pages();

    if (getenv("VALGRIND") != NULL)
        cr_skip("valgrind runs a translation of these pages");
    footprint_trim();
    cr_expect_lt(resident_pages(), before);
}

Test(footprint, what_was_given_back_comes_again_as_it_was)
{
    static char written[] = "a";
    char hex[SHA256_HEX + 1];

    written[0] = 'b';
    footprint_trim();
    cr_expect_str_eq(written, "b");
    /* Code and tables of a library; the example of FIPS 180-2. */
    sha256_hex(bytes_str("abc"), hex);
    cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223"
                          "b00361a396177a9cb410ff61f20015ad");
}
