#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf/conf-private.h"
#include "base/conf/file.h"
#include "base/str.h"

/* What a printing function writes; the caller owns it. */
static char *
text_of(void (*print)(FILE *to))
{
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);

    print(to);
    fclose(to);
    return text;
}

static void
expect_every_name(const char *text)
{
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;)
        cr_expect_not_null(strstr(text, row->names[0]), "%s", row->names[0]);
}

Test(conf_doc, every_setting_is_in_every_document)
{
    auto_free char *help = text_of(conf_print_help);
    auto_free char *sample = text_of(conf_print_sample);
    auto_free char *mdoc = text_of(conf_print_mdoc);

    expect_every_name(help);
    expect_every_name(sample);
    expect_every_name(mdoc);
}

Test(conf_doc, the_sample_can_be_read_as_it_is_and_uncommented)
{
    auto_free char *sample = text_of(conf_print_sample);
    struct bytes rest = bytes_str(sample), line;
    auto_buf struct buf uncommented = BUF_INIT(1 << 20);
    auto_map struct map *vars = map_new();
    struct err err = { 0 };
    size_t n_rows = 0;
    void *value;

    while (bytes_next(&rest, '\n', &line)) {
        if (bytes_starts(line, "#") && !bytes_starts(line, "# ") &&
            !bytes_starts(line, "##"))
            line = bytes_from(line, 1);
        buf_add_bytes(&uncommented, line);
        buf_add_char(&uncommented, '\n');
    }
    cr_assert_eq(conf_parse_file(vars, buf_bytes(&uncommented), "sample", &err),
                 0, "%s", err.text);
    while (conf_row_next(&n_rows) != NULL)
        ;
    cr_expect_eq(map_count(vars), n_rows - 1);
    for (size_t at = 0; map_next(vars, &at, NULL, &value);)
        free(value);
}

Test(conf_doc, presets_pass_their_own_checks)
{
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        struct conf conf = { 0 };
        struct err err = { 0 };

        if (row->preset != NULL)
            cr_expect_eq(conf_value_set(&conf, row, row->names[0], row->preset,
                                        &err),
                         0, "%s", err.text);
        conf_value_clear(&conf, row);
    }
}

Test(conf_doc, names_and_flags_are_given_once)
{
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        for (size_t i = 0; i < CONF_MAX_NAMES && row->names[i] != NULL; i++)
            cr_expect_eq(conf_row_named(bytes_str(row->names[i])), row, "%s",
                         row->names[i]);
        if (row->flag != NULL)
            cr_expect_eq(conf_row_flagged(row->flag), row, "%s", row->flag);
    }
}

/* man/crab.conf.5 holds the list as `crab --settings mdoc` prints it. */
Test(conf_doc, the_manual_has_the_list_of_the_table)
{
    auto_free char *mdoc = text_of(conf_print_mdoc);
    auto_buf struct buf page = BUF_INIT(1 << 20);
    struct err err = { 0 };

    cr_assert_eq(conf_read_file(&page, MANUALS "/crab.conf.5", &err), 0, "%s",
                 err.text);
    cr_expect_not_null(strstr(buf_cstr(&page), mdoc),
                       "man/crab.conf.5 is not what crab --settings mdoc says");
}

Test(conf_doc, no_line_of_the_list_begins_like_a_macro_by_chance)
{
    auto_free char *mdoc = text_of(conf_print_mdoc);
    struct bytes rest = bytes_str(mdoc), line;

    while (bytes_next(&rest, '\n', &line)) {
        cr_expect_leq(line.n, 80, "%.*s", BYTES_FMT(line));
        if (bytes_starts(line, "."))
            cr_expect(line.n >= 3 && line.p[1] >= 'A' && line.p[1] <= 'Z',
                      "%.*s", BYTES_FMT(line));
    }
}
