/* JSON below tests/fixtures. */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json/jx.h"
#include "base/str.h"

/* "versions/deb.json"; the caller owns it. */
static inline struct jx *
fixture(const char *name)
{
    auto_free char *path = xasprintf(FIXTURES "/%s", name);
    auto_buf struct buf text = BUF_INIT(1 << 20);
    FILE *f = fopen(path, "rb");
    struct jx *doc;

    cr_assert_not_null(f, "%s", path);
    while (!feof(f))
        text.n += fread(buf_room(&text, 4096), 1, 4096, f);
    fclose(f);
    doc = jx_parse(buf_bytes(&text), SIZE_MAX, NULL);
    cr_assert_not_null(doc);
    return doc;
}

#endif
