/*
 * Settings: gathered from flags, environment and file, checked against the
 * table, frozen. What a value may look like lives in value.c, what there is
 * in table.c, what a misspelt name is told in names.c.
 */
#include "base/conf/conf.h"

#include <string.h>
#include <unistd.h>

#include "base/conf/conf-private.h"
#include "base/conf/file.h"
#include "base/str.h"

extern char **environ;

#define DEFAULT_FILE CRAB_SYSCONFDIR "/crab/crab.conf"

/* What conf_load() hands out is the first member of this. */
struct settings {
    struct conf conf;
    struct map *vars;  /* owns; name -> owned text that counts */
    struct map *given; /* owns; names[0] -> the static name it came by */
};

/* Where values come from, the strongest first. */
enum layer { LAYER_FLAGS, LAYER_ENV, LAYER_FILE, N_LAYERS };

struct sources {
    struct map *layer[N_LAYERS]; /* own; name -> owned text */
};

static void
free_texts(struct map *m)
{
    void *text;

    if (m == NULL)
        return;
    for (size_t at = 0; map_next(m, &at, NULL, &text);) {
        wipe(text, strlen(text));
        free(text);
    }
    map_free(m);
}

static void
sources_clear(struct sources *s)
{
    for (int i = 0; i < N_LAYERS; i++)
        free_texts(s->layer[i]);
}

static void
put_text(struct map *m, const char *name, const char *text)
{
    free(map_put_str(m, name, xstrdup(text)));
}

/* ---- gathering --------------------------------------------------------- */

static int
gather_flags(struct map *to, const char *const *flags, struct err *err)
{
    for (; flags != NULL && flags[0] != NULL; flags += 2) {
        const struct conf_row *row =
            str_starts(flags[0], "--") ? conf_row_flagged(flags[0] + 2) : NULL;

        if (row == NULL)
            return err_set(err, ERR_INPUT, "unknown option %.100s", flags[0]);
        if (flags[1] == NULL)
            return err_set(err, ERR_INPUT, "%s wants a value", flags[0]);
        put_text(to, row->names[0], flags[1]);
    }
    return 0;
}

/*
 * Kubernetes tells every pod of a service "crab" CRAB_PORT=tcp://10.0.0.1:80,
 * CRAB_SERVICE_HOST and the like: those are not meant for us.
 */
static bool
is_service_link(struct bytes name, const char *value)
{
    return bytes_ends(name, "_SERVICE_HOST") ||
           bytes_find_str(name, "_SERVICE_PORT") < name.n ||
           str_starts(value, "tcp://") || str_starts(value, "udp://") ||
           bytes_find_str(name, "_TCP_") < name.n ||
           bytes_find_str(name, "_UDP_") < name.n;
}

static void
gather_env(struct map *to, char *const *env)
{
    for (; *env != NULL; env++) {
        struct bytes name = bytes_to(bytes_str(*env),
                                     bytes_find(bytes_str(*env), '='));
        const struct conf_row *row = conf_row_named(name);
        const char *value = *env + name.n;

        if (*value++ != '=' || name.n == 0)
            continue;
        if (((row == NULL && bytes_starts(name, "CRAB_")) ||
             (row != NULL && row->type == CONF_PORT)) &&
            is_service_link(name, value))
            continue;
        free(map_put(to, name, xstrdup(value)));
    }
}

static int
gather_file(struct map *to, const char *file, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(CONF_FILE_MAX_BYTES);
    struct err why;
    int rc;

    if (file != NULL && *file == '\0')
        return 0;
    if (conf_read_file(&text, file != NULL ? file : DEFAULT_FILE, &why) < 0) {
        if (file == NULL && why.kind == ERR_ABSENT)
            return 0;
        if (err != NULL)
            *err = why;
        return -1;
    }
    rc = conf_parse_file(to, buf_bytes(&text),
                         file != NULL ? file : DEFAULT_FILE, err);
    if (text.n > 0)
        wipe(text.p, text.n);
    return rc;
}

/* ---- choosing a value ---------------------------------------------------- */

static int
read_named_file(char **out, const char *name, const char *path,
                struct err *err)
{
    auto_buf struct buf text = BUF_INIT(CONF_FILE_MAX_BYTES);
    struct bytes b;
    int rc = 0;

    if (conf_read_file(&text, path, err) < 0)
        return err_wrap(err, "%s_FILE", name);
    b = buf_bytes(&text);
    if (bytes_ends(b, "\n"))
        b.n--;
    if (bytes_ends(b, "\r"))
        b.n--;
    if (bytes_find(b, '\0') < b.n)
        rc = err_set(err, ERR_INPUT, "%s_FILE: %s: a NUL in it", name, path);
    else
        *out = bytes_dup(b);
    if (text.n > 0)
        wipe(text.p, text.n);
    return rc;
}

/* Empty counts as not given: charts set what they do not know to "". */
static const char *
given_text(const struct map *vars, const char *name)
{
    const char *text = map_get_str(vars, name);

    return str_is_empty(text) ? NULL : text;
}

/* 1: found (*out is owned by the caller), 0: not in this layer. */
static int
find_in(char **out, const struct map *vars, const struct conf_row *row,
        const char *name, struct err *err)
{
    const char *text = given_text(vars, name), *path = NULL;

    if (conf_row_takes_file(row)) {
        auto_free char *file_name = xasprintf("%s_FILE", name);

        path = given_text(vars, file_name);
    }
    if (text != NULL && path != NULL)
        return err_set(err, ERR_INPUT, "%s and %s_FILE are both given", name,
                       name);
    if (text != NULL)
        *out = xstrdup(text);
    else if (path != NULL && read_named_file(out, name, path, err) < 0)
        return -1;
    return text != NULL || path != NULL;
}

/* The strongest layer that has it; *name tells by which name. */
static int
find_value(char **out, const char **name, const struct sources *s,
           const struct conf_row *row, struct err *err)
{
    for (int l = 0; l < N_LAYERS; l++) {
        for (size_t i = 0; i < CONF_MAX_NAMES && row->names[i] != NULL; i++) {
            int rc = find_in(out, s->layer[l], row, row->names[i], err);

            *name = row->names[i];
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}

static size_t
name_length(struct bytes s)
{
    size_t n = 0;

    while (n < s.n && (s.p[n] == '_' || (s.p[n] >= 'A' && s.p[n] <= 'Z') ||
                       (n > 0 && s.p[n] >= '0' && s.p[n] <= '9')))
        n++;
    return n;
}

/*
 * $NAME in a value stands for that variable, as the original has it. Not in
 * secrets and user names, where "$" is part of the text (robot$app).
 */
static char *
expand(const struct sources *s, const char *text)
{
    struct buf out = BUF_INIT(SIZE_MAX / 2);
    struct bytes rest = bytes_str(text);

    while (rest.n > 0) {
        size_t dollar = bytes_find(rest, '$');
        struct bytes name = bytes_from(rest, dollar + 1);
        const char *value = NULL;

        buf_add_bytes(&out, bytes_to(rest, dollar));
        name = bytes_to(name, name_length(name));
        if (name.n > 0)
            value = map_get(s->layer[LAYER_ENV], name);
        if (name.n > 0 && value == NULL)
            value = map_get(s->layer[LAYER_FILE], name);
        if (value != NULL)
            buf_add_str(&out, value);
        else if (dollar < rest.n)
            buf_add(&out, rest.p + dollar, 1 + name.n);
        rest = bytes_from(rest, dollar + 1 + name.n);
    }
    return buf_steal(&out);
}

/* What the member holds now, for conf_lookup(); NULL: not a text. */
static const char *
member_text(const struct conf *conf, const struct conf_row *row)
{
    return conf_row_is_text(row)
               ? *(char *const *)((const char *)conf + row->at)
               : NULL;
}

static int
load_row(struct settings *set, const struct sources *s,
         const struct conf_row *row, struct err *err)
{
    auto_free char *found = NULL, *expanded = NULL;
    const char *name = row->names[0], *text = row->preset;
    int rc = find_value(&found, &name, s, row, err);

    if (rc < 0)
        return -1;
    if (rc > 0) {
        map_put_str(set->given, row->names[0], (void *)name);
        if (!conf_row_takes_file(row))
            expanded = expand(s, found);
        text = expanded != NULL ? expanded : found;
    }
    if (text == NULL)
        return 0;
    rc = conf_value_set(&set->conf, row, name, text, err);
    if (rc == 0) {
        const char *held = member_text(&set->conf, row);

        put_text(set->vars, row->names[0], held != NULL ? held : text);
        put_text(set->vars, name, held != NULL ? held : text);
    }
    if (found != NULL)
        wipe(found, strlen(found));
    return rc;
}

/* ---- what follows from several rows -------------------------------------- */

static void
set_derived(struct settings *set, char **member, const char *name, char *text)
{
    if (*member == NULL && text != NULL) {
        *member = xstrdup(text);
        put_text(set->vars, name, text);
    }
    free(text);
}

/* Where a listener of this process is reached from this process; NULL while
 * its port is not known. */
static char *
own_url(const struct conf *c, uint16_t port)
{
    const char *host = c->listen;
    bool tls = c->https_cert != NULL;

    if (port == 0)
        return NULL;
    if (host == NULL || str_eq(host, "0.0.0.0") || str_eq(host, "::"))
        host = tls ? "localhost" : "127.0.0.1";
    return xasprintf(strchr(host, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
                     tls ? "https" : "http", host, port);
}

static void
derive(struct settings *set)
{
    struct conf *c = &set->conf;
    char name[256] = "localhost";

    if ((c->roles & ROLE_CLIENT) != 0 && (c->roles & ROLE_AGENT) != 0) {
        set_derived(set, &c->cr_agent_url, "CR_AGENT_URL",
                    own_url(c, c->agent_port));
        set_derived(set, &c->broker_client_url, "BROKER_CLIENT_URL",
                    own_url(c, c->client_port));
    }
    if (c->roles == ROLE_SERVER) {
        if (!conf_is_given(c, "CRAB_SERVER_PORT") && conf_is_given(c, "PORT"))
            c->server_port = c->client_port;
        if (c->server_accept == NULL)
            c->server_accept = xstrdup(c->accept);
    }
    if (c->https_proxy == NULL)
        c->https_proxy = xstrdup(c->http_proxy);
    if (c->http_proxy == NULL)
        c->http_proxy = xstrdup(c->https_proxy);
    gethostname(name, sizeof(name) - 1);
    set_derived(set, &c->host_id, "CRAB_HOST_ID", xstrdup(name));
}

static int
check_together(const struct conf *c, struct err *err)
{
    if ((c->https_cert == NULL) != (c->https_key == NULL))
        return err_set(err, ERR_INPUT, "HTTPS_CERT and HTTPS_KEY belong "
                                       "together, but only one is given");
    return 0;
}

/* ---- the whole ----------------------------------------------------------- */

/* Variables that are no settings: rules and registries may ask for them. */
static void
keep_plain(struct settings *set, const struct sources *s)
{
    static const enum layer order[] = { LAYER_FILE, LAYER_ENV };
    struct bytes name;
    void *text;

    for (size_t i = 0; i < N_ELEMENTS(order); i++) {
        for (size_t at = 0;
             map_next(s->layer[order[i]], &at, &name, &text);) {
            if (conf_row_named(name) == NULL)
                free(map_put(set->vars, name, xstrdup(text)));
        }
    }
}

static int
load_rows(struct settings *set, const struct sources *s, struct err *err)
{
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        if (load_row(set, s, row, err) < 0)
            return -1;
    }
    return 0;
}

int
conf_load(struct conf **out, const char *file, char *const *env,
          const char *const *flags, struct err *err)
{
    struct settings *set = xnew(struct settings);
    struct sources s;
    int rc = -1;

    *out = NULL;
    set->vars = map_new();
    set->given = map_new();
    for (int i = 0; i < N_LAYERS; i++)
        s.layer[i] = map_new();
    gather_env(s.layer[LAYER_ENV], env != NULL ? env : environ);
    if (gather_flags(s.layer[LAYER_FLAGS], flags, err) == 0 &&
        gather_file(s.layer[LAYER_FILE], file, err) == 0 &&
        conf_check_names(s.layer[LAYER_FILE], err) == 0 &&
        conf_check_names(s.layer[LAYER_ENV], err) == 0) {
        keep_plain(set, &s);
        rc = load_rows(set, &s, err);
    }
    if (rc == 0) {
        derive(set);
        rc = check_together(&set->conf, err);
    }
    sources_clear(&s);
    if (rc < 0) {
        conf_free(&set->conf);
        return -1;
    }
    *out = &set->conf;
    return 0;
}

static struct settings *
settings_of(const struct conf *conf)
{
    return (struct settings *)(uintptr_t)conf;
}

void
conf_free(struct conf *conf)
{
    const struct conf_row *row;

    if (conf == NULL)
        return;
    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;)
        conf_value_clear(conf, row);
    free_texts(settings_of(conf)->vars);
    map_free(settings_of(conf)->given);
    free(settings_of(conf));
}

/* "crAgentUrl" -> "CR_AGENT_URL": rules may spell it so. */
static char *
from_camel(const char *name)
{
    struct buf out = BUF_INIT(512);

    for (; *name != '\0'; name++) {
        if (*name >= 'A' && *name <= 'Z')
            buf_add_char(&out, '_');
        buf_add_char(&out, *name >= 'a' && *name <= 'z'
                               ? (char)(*name - 'a' + 'A')
                               : *name);
    }
    return buf_steal(&out);
}

const char *
conf_lookup(const struct conf *conf, const char *name)
{
    const struct map *vars = settings_of(conf)->vars;
    const char *text = map_get_str(vars, name);

    if (text != NULL || *name < 'a' || *name > 'z')
        return text;

    auto_free char *upper = from_camel(name);
    return map_get_str(vars, upper);
}

bool
conf_is_given(const struct conf *conf, const char *name)
{
    const struct conf_row *row = conf_row_named(bytes_str(name));

    return row != NULL &&
           map_get_str(settings_of(conf)->given, row->names[0]) != NULL;
}

bool
conf_is_flag(const char *text)
{
    return str_starts(text, "--") && conf_row_flagged(text + 2) != NULL;
}
