/* Progress on a terminal. Lines are drawn anew ten times a second at most. */
#include "cli/progress.h"

#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/str.h"

#define REDRAW_MS  100
#define LINES_MAX  24 /* of layers; more are summed up in one */
#define NAME_CHARS 24

struct layer_line {
    char name[NAME_CHARS + 1];
    enum layer_state state;
    bool begun;
    uint64_t n_bytes, total;
};

struct progress {
    FILE *to;
    bool draws;
    struct layer_line *lines; /* owns */
    size_t n_lines;
    size_t n_drawn;           /* lines on the screen */
    uint64_t drawn_ms;
};

struct progress *
progress_new(FILE *to)
{
    struct progress *p = xnew(struct progress);

    p->to = to;
    p->draws = isatty(fileno(to)) != 0;
    return p;
}

/* Names may come from an archive: only what is harmless on a terminal. */
static void
set_name(struct layer_line *l, const char *name)
{
    const char *from = str_starts(name, "sha256:") ? name + 7 : name;
    size_t n = 0;

    for (; *from != '\0' && n < NAME_CHARS; from++)
        l->name[n++] = *from > ' ' && *from < 0x7f ? *from : '?';
    l->name[n] = '\0';
}

static const char *
state_text(const struct layer_line *l)
{
    if (!l->begun)
        return "waits";
    switch (l->state) {
    case LAYER_KNOWN:
        return "known";
    case LAYER_DONE:
        return "done";
    default:
        return "reads";
    }
}

static void
draw_line(FILE *to, const struct layer_line *l)
{
    char have[24], all[24];

    size_format(l->n_bytes, have);
    size_format(l->total, all);
    fprintf(to, "\r\x1b[K%-*s  %-5s", NAME_CHARS, l->name, state_text(l));
    if (l->begun && l->state != LAYER_KNOWN)
        fprintf(to, "  %s%s%s", have, l->total > 0 ? " of " : "",
                l->total > 0 ? all : "");
    fputc('\n', to);
}

static void
draw(struct progress *p)
{
    size_t n = p->n_lines < LINES_MAX ? p->n_lines : LINES_MAX, n_done = 0;

    if (p->n_drawn > 0)
        fprintf(p->to, "\x1b[%zuA", p->n_drawn);
    for (size_t i = 0; i < n; i++)
        draw_line(p->to, &p->lines[i]);
    p->n_drawn = n;
    if (p->n_lines > n) {
        for (size_t i = 0; i < p->n_lines; i++)
            n_done += p->lines[i].begun && (p->lines[i].state == LAYER_DONE ||
                                            p->lines[i].state == LAYER_KNOWN);
        fprintf(p->to, "\r\x1b[K%zu of %zu layers done\n", n_done, p->n_lines);
        p->n_drawn++;
    }
    fflush(p->to);
    p->drawn_ms = clock_now_ms();
}

void
progress_layer(struct progress *p, size_t layer, size_t n_layers,
               const char *name, enum layer_state state, uint64_t n_bytes,
               uint64_t total)
{
    struct layer_line *l;

    if (!p->draws)
        return;
    if (p->lines == NULL) {
        p->lines = xcalloc(n_layers, sizeof(*p->lines));
        p->n_lines = n_layers;
    }
    l = &p->lines[layer];
    set_name(l, name);
    l->begun = true;
    l->state = state;
    l->n_bytes = n_bytes;
    l->total = total;
    if (state != LAYER_PROGRESS || clock_now_ms() - p->drawn_ms >= REDRAW_MS)
        draw(p);
}

void
progress_free(struct progress *p)
{
    if (p == NULL)
        return;
    if (p->lines != NULL)
        draw(p);
    free(p->lines);
    free(p);
}
