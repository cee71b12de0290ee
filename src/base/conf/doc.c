/* The table as documents: --help, a sample file, the list of crab.conf(5). */
#include "base/conf/conf.h"

#include <string.h>

#include "base/conf/conf-private.h"
#include "base/str.h"

static const char *
shown_preset(const struct conf_row *row)
{
    return row->shown != NULL ? row->shown : row->preset;
}

/* The first line of *rest, of at most `width` bytes; *rest moves behind it. */
static struct bytes
take_line(struct bytes *rest, size_t width)
{
    struct bytes line;
    size_t n = rest->n;

    if (n > width) {
        for (n = width; n > 0 && rest->p[n] != ' ';)
            n--;
        if (n == 0)
            n = bytes_find(*rest, ' ');
    }
    line = bytes_to(*rest, n);
    *rest = bytes_trim(bytes_from(*rest, n));
    return line;
}

/* `text` in lines of at most `width`, each behind `lead`. */
static void
print_wrapped(FILE *to, const char *lead, const char *text, size_t width)
{
    struct bytes rest = bytes_str(text);

    while (rest.n > 0) {
        struct bytes line = take_line(&rest, width);

        fprintf(to, "%s%.*s\n", lead, BYTES_FMT(line));
    }
}

void
conf_print_help(FILE *to)
{
    for (size_t g = 0; g < conf_n_groups; g++) {
        fprintf(to, "%s%s:\n", g > 0 ? "\n" : "", conf_groups[g].title);
        for (size_t i = 0; i < conf_groups[g].n_rows; i++) {
            const struct conf_row *row = &conf_groups[g].rows[i];

            fprintf(to, "  %s", row->names[0]);
            for (size_t k = 1; k < CONF_MAX_NAMES && row->names[k] != NULL; k++)
                fprintf(to, ", %s", row->names[k]);
            if (row->flag != NULL)
                fprintf(to, ", --%s", row->flag);
            fprintf(to, " (%s", row->value);
            if (shown_preset(row) != NULL)
                fprintf(to, "; without: %s", shown_preset(row));
            fputs(")\n", to);
            print_wrapped(to, "      ", row->doc, 72);
        }
    }
}

void
conf_print_sample(FILE *to)
{
    fputs("# crab.conf: settings of crabd(8) and crab(1), see crab.conf(5).\n"
          "# What is commented out shows the value that holds without it.\n",
          to);
    for (size_t g = 0; g < conf_n_groups; g++) {
        fprintf(to, "\n## %s\n", conf_groups[g].title);
        for (size_t i = 0; i < conf_groups[g].n_rows; i++) {
            const struct conf_row *row = &conf_groups[g].rows[i];
            const char *preset = shown_preset(row);

            fputc('\n', to);
            print_wrapped(to, "# ", row->doc, 76);
            if (row->shown != NULL)
                fprintf(to, "# Without it: %s.\n", row->shown);
            fprintf(to, "#%s=%s\n", row->names[0],
                    row->shown == NULL && preset != NULL ? preset : "");
        }
    }
}

/* A line of mdoc text must not begin like a macro; backslashes are escapes. */
static void
print_mdoc_line(FILE *to, struct bytes line)
{
    if (bytes_starts(line, ".") || bytes_starts(line, "'"))
        fputs("\\&", to);
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '\\')
            fputs("\\e", to);
        else
            fputc(line.p[i], to);
    }
    fputc('\n', to);
}

/* New sentence, new line. */
static void
print_mdoc_text(FILE *to, const char *text)
{
    struct bytes rest = bytes_str(text);

    while (rest.n > 0) {
        size_t end = bytes_find_str(rest, ". ");
        struct bytes sentence = bytes_to(rest, end + 1);

        rest = bytes_trim(bytes_from(rest, end + 1));
        while (sentence.n > 0)
            print_mdoc_line(to, take_line(&sentence, 78));
    }
}

static void
print_mdoc_row(FILE *to, const struct conf_row *row)
{
    fprintf(to, ".It Ev %s Ns = Ns Ar %s\n", row->names[0], row->value);
    print_mdoc_text(to, row->doc);
    if (shown_preset(row) != NULL) {
        fputs("Without it: ", to);
        fprintf(to, "%s.\n", shown_preset(row));
    }
    for (size_t k = 1; k < CONF_MAX_NAMES && row->names[k] != NULL; k++)
        fprintf(to, "Also\n.Ev %s .\n", row->names[k]);
    if (row->flag != NULL) {
        /* As an option word: --flag. */
        fprintf(to, "Option\n.Fl -%s .\n", row->flag);
    }
    if (conf_row_takes_file(row))
        fprintf(to, "May be given as\n.Ev %s_FILE .\n", row->names[0]);
}

void
conf_print_mdoc(FILE *to)
{
    for (size_t g = 0; g < conf_n_groups; g++) {
        fprintf(to, ".Ss %s\n.Bl -tag -width Ds\n", conf_groups[g].title);
        for (size_t i = 0; i < conf_groups[g].n_rows; i++)
            print_mdoc_row(to, &conf_groups[g].rows[i]);
        fputs(".El\n", to);
    }
}
