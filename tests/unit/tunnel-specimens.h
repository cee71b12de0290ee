/* tests/unit/tunnel-specimens.h: frames captured between the real peers, one
 * a line in tests/fixtures/tunnel/frames.txt. */
#ifndef TESTS_UNIT_TUNNEL_SPECIMENS_H
#define TESTS_UNIT_TUNNEL_SPECIMENS_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/bytes.h"

/* The caller clears it. */
static inline struct buf
specimens(void)
{
    struct buf b = BUF_INIT(1024 * 1024);
    FILE *f = fopen(FIXTURES "/tunnel/frames.txt", "r");

    cr_assert(f != NULL);
    while (!feof(f)) {
        uint8_t *to = buf_room(&b, 4096);

        b.n += fread(to, 1, 4096, f);
    }
    fclose(f);
    return b;
}

/* The n-th frame (from 0) that holds `what`; asserts that there is one. */
static inline struct bytes
specimen(const struct buf *all, const char *what, unsigned n)
{
    struct bytes rest = buf_bytes(all), line;

    while (bytes_next(&rest, '\n', &line)) {
        if (bytes_find_str(line, what) < line.n && n-- == 0)
            return line;
    }
    cr_assert(false, "no specimen with %s", what);
    return BYTES_NONE;
}

#endif
