/* Reading an image's history for install commands. The peer's reading is
 * naive and known to be; both modes keep it, for its consumers do too. */
#include "worker/graph/instructions.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/installcmd.h"
#include "worker/graph/jsdate.h"

#define WINDOW_MS (5ull * 60 * 60 * 1000)
/* Of what the packages repeat: each names the whole instruction that brought
 * it and the command in it. Further packages are left out. */
#define MAX_BYTES (16u << 20)

/* One RUN, shared by the packages it brought. */
struct run {
    char *text;   /* owns */
    size_t n;     /* bytes of it */
    char *base64; /* owns */
    struct run *next;
};

struct origin {
    const struct run *run; /* borrows */
    char *command;         /* owns: the install command, tidied */
};

struct instructions {
    struct run *runs;    /* owns */
    struct map *pkgs;    /* owns the values: name to struct origin */
    struct map *layers;  /* base64 to struct run, borrowed */
    size_t n_bytes;      /* what the packages repeat so far */
    bool full;           /* one of them was too much */
};

static void
origin_free(struct origin *o)
{
    if (o == NULL)
        return;
    free(o->command);
    free(o);
}

void
instructions_free(struct instructions *ins)
{
    size_t at = 0;
    void *o;

    if (ins == NULL)
        return;
    while (map_next(ins->pkgs, &at, NULL, &o))
        origin_free(o);
    for (struct run *r = ins->runs, *next; r != NULL; r = next) {
        next = r->next;
        free(r->text);
        free(r->base64);
        free(r);
    }
    map_free(ins->pkgs);
    map_free(ins->layers);
    free(ins);
}

/* ---- one instruction --------------------------------------------------- */

/* ^\|\d .*?= : build arguments in front of the command. */
static bool
has_build_args(struct bytes s)
{
    if (s.n < 3 || s.p[0] != '|' || s.p[1] < '0' || s.p[1] > '9' ||
        s.p[2] != ' ')
        return false;
    for (size_t i = 3; i < s.n; i++) {
        if (js_terminator(bytes_from(s, i)) > 0)
            return false;
        if (s.p[i] == '=')
            return true;
    }
    return false;
}

static struct bytes
without_prefixes(struct bytes s)
{
    static const char *const prefixes[] = { "RUN ", "/bin/sh ", "-c " };
    size_t at, len;

    for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
        if (!bytes_starts(s, prefixes[i]))
            continue;
        s = bytes_from(s, strlen(prefixes[i]));
        if (i == 0 && has_build_args(s) && installcmd_find(s, &at, &len))
            s = bytes_from(s, at);
    }
    return s;
}

/* The next piece up to ";" or "&&", one blank on either side belonging to
 * the separator. */
static bool
next_command(struct bytes *rest, bool *done, struct bytes *piece)
{
    size_t i = 0, n_sep = 0;

    if (*done)
        return false;
    for (; i < rest->n; i++) {
        if (rest->p[i] == ';')
            n_sep = 1;
        else if (bytes_starts(bytes_from(*rest, i), "&&"))
            n_sep = 2;
        if (n_sep > 0)
            break;
    }
    *piece = bytes_to(*rest, i);
    if (n_sep == 0) {
        *done = true;
        return true;
    }
    piece->n -= js_space_end(*piece);
    *rest = bytes_from(*rest, i + n_sep);
    *rest = bytes_from(*rest, js_space(*rest));
    return true;
}

/* White space collapsed and trimmed. */
static char *
tidied(struct bytes s)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);

    s = js_trim(s);
    for (size_t i = 0; i < s.n;) {
        size_t k = js_space(bytes_from(s, i));

        if (k == 0) {
            buf_add(&out, s.p + i++, 1);
            continue;
        }
        buf_add_char(&out, ' ');
        while ((k = js_space(bytes_from(s, i))) > 0)
            i += k;
    }
    return buf_steal(&out);
}

struct command_list {
    struct bytes *at; /* owns */
    size_t n;
};

static void
find_commands(struct bytes text, struct command_list *list)
{
    struct bytes piece;
    bool done = false;
    size_t at, len;

    while (next_command(&text, &done, &piece)) {
        if (!installcmd_find(piece, &at, &len))
            continue;
        list->at = xrealloc(list->at, (list->n + 1) * sizeof(*list->at));
        list->at[list->n++] = piece;
    }
}

/* The first install command that holds the name: the text itself is one. */
static struct bytes
command_of(const struct command_list *list, struct bytes name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (name.n == 0 ||
            memmem(list->at[i].p, list->at[i].n, name.p, name.n) != NULL)
            return list->at[i];
    }
    return bytes_str("Unknown");
}

/* Whether one more package may repeat so much. */
static bool
afford(struct instructions *ins, const struct run *run, size_t command_bytes)
{
    size_t n = run->n + command_bytes;

    ins->full = ins->full || n > MAX_BYTES - ins->n_bytes;
    if (!ins->full)
        ins->n_bytes += n;
    return !ins->full;
}

static void
add_package(struct instructions *ins, const struct run *run,
            const struct command_list *list, struct bytes word)
{
    struct bytes name = bytes_to(word, bytes_find(word, '='));
    struct bytes command;
    struct origin *o;

    if (bytes_starts(name, "$"))
        name = bytes_from(name, 1);
    if (name.p == NULL)
        name = bytes_str("");
    /* The search may be as long as the text: not without need. */
    if (ins->full)
        return;
    command = command_of(list, name);
    if (!afford(ins, run, command.n))
        return;
    o = xnew(struct origin);
    o->run = run;
    o->command = tidied(command);
    origin_free(map_put(ins->pkgs, name, o));
}

/* Words of a command without its first match; flags are no packages. */
static void
read_words(struct instructions *ins, const struct run *run,
           const struct command_list *list, struct bytes command)
{
    auto_buf struct buf rest = BUF_INIT(SIZE_MAX / 4);
    struct bytes s;
    size_t at, len;

    installcmd_find(command, &at, &len);
    buf_add_bytes(&rest, bytes_to(command, at));
    buf_add_bytes(&rest, bytes_from(command, at + len));
    s = js_trim_start(buf_bytes(&rest));
    while (s.n > 0) {
        size_t n = 0;

        while (n < s.n && js_space(bytes_from(s, n)) == 0)
            n++;
        if (s.p[0] != '-')
            add_package(ins, run, list, bytes_to(s, n));
        s = js_trim_start(bytes_from(s, n));
    }
}

static void
read_run(struct instructions *ins, const struct run *run)
{
    struct command_list list = { 0 };

    find_commands(without_prefixes(bytes_str(run->text)), &list);
    for (size_t i = 0; i < list.n; i++)
        read_words(ins, run, &list, list.at[i]);
    free(list.at);
}

/* ---- history ----------------------------------------------------------- */

static char *
without_mark(const char *created_by)
{
    static const char mark[] = "# buildkit";
    const char *at = strstr(created_by, mark);

    if (at == NULL)
        return xstrdup(created_by);
    return xasprintf("%.*s%s", (int)(at - created_by), created_by,
                     at + strlen(mark));
}

/* Takes the text. */
static void
add_run(struct instructions *ins, struct run ***tail, char *text)
{
    auto_buf struct buf b64 = BUF_INIT(SIZE_MAX / 4);
    struct run *r = xnew(struct run);

    r->text = text;
    r->n = strlen(text);
    base64_encode(bytes_str(r->text), &b64);
    r->base64 = buf_steal(&b64);
    **tail = r;
    *tail = &r->next;
    read_run(ins, r);
}

static bool
date_of(const struct jx *entry, int64_t *ms)
{
    return js_date(jx_get(entry, "created"), jx_has(entry, "created"), ms);
}

/* Built within five hours of the last step, unless all of it was. */
static bool
is_recent(const struct jx *entry, int64_t last_ms)
{
    int64_t ms;

    if (!date_of(entry, &ms))
        return false;
    /* Dates are anything that is a number: no overflow. */
    return ms <= last_ms ? (uint64_t)last_ms - (uint64_t)ms <= WINDOW_MS
                         : (uint64_t)ms - (uint64_t)last_ms <= WINDOW_MS;
}

/* JavaScript's idea of "empty_layer is set". */
static bool
is_truthy(const struct jx *v)
{
    switch (jx_type(v)) {
    case JX_NULL:
        return false;
    case JX_BOOL:
        return jx_bool_value(v, false);
    case JX_INT:
    case JX_DOUBLE:
        return jx_double_value(v, 0) != 0;
    case JX_STR:
        return *jx_str_value(v) != '\0';
    default:
        return true;
    }
}

static void
read_history(struct instructions *ins, const struct jx *history)
{
    struct run **tail = &ins->runs;
    size_t n = jx_count(history), n_recent = 0;
    int64_t last_ms;

    if (n == 0 || !date_of(jx_at(history, n - 1), &last_ms))
        return;
    for (size_t i = 0; i < n; i++)
        n_recent += is_recent(jx_at(history, i), last_ms);
    if (n_recent == n)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct jx *entry = jx_at(history, i);
        const char *created_by = jx_str(entry, "created_by");

        if (is_recent(entry, last_ms) &&
            !is_truthy(jx_get(entry, "empty_layer")) &&
            !str_is_empty(created_by))
            add_run(ins, &tail, without_mark(created_by));
    }
}

static struct instructions *
start(void)
{
    struct instructions *ins = xnew(struct instructions);

    ins->pkgs = map_new();
    ins->layers = map_new();
    return ins;
}

/* Layers are those of the packages named, not of what they pull in. */
static void
list_layers(struct instructions *ins)
{
    size_t at = 0;
    void *value;

    while (map_next(ins->pkgs, &at, NULL, &value)) {
        const struct origin *o = value;

        map_put_str(ins->layers, o->run->base64, (void *)(uintptr_t)o->run);
    }
}

struct instructions *
instructions_new(const struct jx *config)
{
    struct instructions *ins = start();

    read_history(ins, jx_arr(config, "history"));
    list_layers(ins);
    return ins;
}

struct instructions *
instructions_of_runs(const char *const *runs, size_t n)
{
    struct instructions *ins = start();
    struct run **tail = &ins->runs;

    for (size_t i = 0; i < n; i++)
        add_run(ins, &tail, xstrdup(runs[i]));
    list_layers(ins);
    return ins;
}

/* ---- answers ----------------------------------------------------------- */

const char *
instructions_find(const struct instructions *ins, const char *name)
{
    const struct origin *o = map_get_str(ins->pkgs, name);

    return o != NULL ? o->run->text : NULL;
}

const char *
instructions_layer_id(const struct instructions *ins, const char *name)
{
    const struct origin *o = map_get_str(ins->pkgs, name);

    return o != NULL ? o->run->base64 : NULL;
}

void
instructions_copy(struct instructions *ins, const char *name,
                  const char *because)
{
    const struct origin *from = map_get_str(ins->pkgs, because);
    struct origin *o;

    if (!afford(ins, from->run, strlen(from->command)))
        return;
    o = xnew(struct origin);
    o->run = from->run;
    o->command = xstrdup(from->command);
    origin_free(map_put_str(ins->pkgs, name, o));
}

bool
instructions_full(const struct instructions *ins)
{
    return ins->full;
}

bool
instructions_any(const struct instructions *ins)
{
    return map_count(ins->pkgs) > 0 && map_count(ins->layers) > 0;
}

void
instructions_write(const struct instructions *ins, struct jw *jw)
{
    struct bytes key;
    size_t at = 0;
    void *value;

    jw_key(jw, "dockerfileLayers");
    jw_obj(jw);
    while (map_next(ins->layers, &at, &key, &value)) {
        jw_key_bytes(jw, key);
        jw_obj(jw);
        jw_key_str(jw, "instruction", ((const struct run *)value)->text);
        jw_end(jw);
    }
    jw_end(jw);
    jw_key(jw, "dockerfilePackages");
    jw_obj(jw);
    at = 0;
    while (map_next(ins->pkgs, &at, &key, &value)) {
        const struct origin *o = value;

        jw_key_bytes(jw, key);
        jw_obj(jw);
        jw_key_str(jw, "instruction", o->run->text);
        jw_key_str(jw, "installCommand", o->command);
        jw_end(jw);
    }
    jw_end(jw);
}
