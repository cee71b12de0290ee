/* Instructions in their order: stages, variables, commands. */
#include "worker/graph/dockerfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "worker/graph/docktext.h"
#include "worker/graph/dockvars.h"

/* Of all RUN instructions, expanded; a value may be long and used often. */
#define MAX_RUN_BYTES (16u << 20)

struct stage {
    char *name; /* owns; NULL without */
    char *base; /* owns; NULL: not known */
    char *heritage; /* owns; the base of stages that begin from it */
};

struct dockerfile {
    bool compat;
    struct stage *stages; /* owns */
    size_t n_stages;
    char **runs; /* owns all */
    size_t n_runs;
    size_t n_run_bytes; /* see MAX_RUN_BYTES */
    bool full;
};

/* The image's place among the words of a FROM: behind its flags. */
static size_t
image_at(const struct dock_line *line)
{
    size_t i = 0;

    while (i < line->n && str_starts(line->words[i].text, "--"))
        i++;
    return i;
}

static const char *
stage_name(const struct dock_line *line)
{
    size_t i = image_at(line) + 1;

    return i + 1 < line->n && str_ieq(line->words[i].text, "AS")
               ? line->words[i + 1].text
               : NULL;
}

/* The last stage of that name; DOCK_NO_PARENT without. */
static size_t
find_stage(const struct dockerfile *d, const char *name)
{
    for (size_t i = d->n_stages; i-- > 0;) {
        const char *its = d->stages[i].name;

        if (its != NULL && (d->compat ? strcmp(its, name) == 0
                                      : str_ieq(its, name)))
            return i;
    }
    return DOCK_NO_PARENT;
}

static void
read_from(struct dockerfile *d, struct dockvars *vars,
          const struct dock_line *line)
{
    size_t at = image_at(line), parent;
    auto_free char *all_of_it = at < line->n ? NULL : dock_line_text(line);
    auto_free char *image = NULL;
    struct stage s = { .name = xstrdup(stage_name(line)) };
    bool known;

    image = dockvars_expand(vars, line,
                            all_of_it != NULL ? all_of_it
                                              : line->words[at].text,
                            true, &known);
    parent = known ? find_stage(d, image) : DOCK_NO_PARENT;
    if (parent != DOCK_NO_PARENT)
        s.base = xstrdup(d->stages[parent].heritage);
    else if (known && (d->compat || (at < line->n && *image != '\0')))
        s.base = xstrdup(image);
    /* The peer knows no base of a stage that begins from an unknown one, but
     * hands the name of that one down. */
    s.heritage = xstrdup(s.base != NULL || !d->compat || !known ? s.base
                                                                : image);
    dockvars_begin_stage(vars, parent);
    d->stages = xrealloc(d->stages, (d->n_stages + 1) * sizeof(*d->stages));
    d->stages[d->n_stages++] = s;
}

static void
read_run(struct dockerfile *d, struct dockvars *vars,
         const struct dock_line *line)
{
    auto_free char *text = NULL;

    d->full = d->full || d->n_run_bytes > MAX_RUN_BYTES;
    if (d->full)
        return;
    text = dock_line_text(line);
    d->runs = xrealloc(d->runs, (d->n_runs + 1) * sizeof(*d->runs));
    d->runs[d->n_runs] = dockvars_expand(vars, line, text, false, NULL);
    d->n_run_bytes += strlen(d->runs[d->n_runs++]);
}

struct dockerfile *
dockerfile_new(struct bytes text, bool compat)
{
    struct dockerfile *d = xnew(struct dockerfile);
    auto_docktext struct docktext *t = docktext_new(text);
    auto_dockvars struct dockvars *vars = dockvars_new(compat, t->escape);

    d->compat = compat;
    for (size_t i = 0; i < t->n; i++) {
        const struct dock_line *line = &t->lines[i];

        if (strcmp(line->keyword, "FROM") == 0)
            read_from(d, vars, line);
        else if (strcmp(line->keyword, "RUN") == 0)
            read_run(d, vars, line);
        else if (strcmp(line->keyword, "ARG") == 0 ||
                 strcmp(line->keyword, "ENV") == 0)
            dockvars_define(vars, line);
    }
    d->full = d->full || dockvars_full(vars);
    return d;
}

void
dockerfile_free(struct dockerfile *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->n_stages; i++) {
        free(d->stages[i].name);
        free(d->stages[i].base);
        free(d->stages[i].heritage);
    }
    for (size_t i = 0; i < d->n_runs; i++)
        free(d->runs[i]);
    free(d->stages);
    free(d->runs);
    free(d);
}

const char *
dockerfile_base(const struct dockerfile *d)
{
    return d->n_stages > 0 ? d->stages[d->n_stages - 1].base : NULL;
}

const char *
dockerfile_error(const struct dockerfile *d)
{
    if (d->n_stages == 0)
        return "BASE_IMAGE_NAME_NOT_FOUND";
    return dockerfile_base(d) == NULL ? "BASE_IMAGE_NON_RESOLVABLE" : NULL;
}

const char *const *
dockerfile_runs(const struct dockerfile *d, size_t *n)
{
    *n = d->n_runs;
    return (const char *const *)d->runs;
}

bool
dockerfile_full(const struct dockerfile *d)
{
    return d->full;
}
