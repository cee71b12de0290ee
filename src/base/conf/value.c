/* One value: text into the member its row names, or why it cannot be. */
#include "base/conf/conf-private.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

static int
bad_value(struct err *err, const char *name, const char *text,
          const char *wanted)
{
    return err_set(err, ERR_INPUT, "%s: %.200s: %s", name, text, wanted);
}

static void *
member(struct conf *conf, const struct conf_row *row)
{
    return (char *)conf + row->at;
}

static void
put_text(struct conf *conf, const struct conf_row *row, struct bytes text)
{
    char **to = member(conf, row);

    free(*to);
    *to = bytes_dup(text);
}

static int
set_url(struct conf *conf, const struct conf_row *row, const char *name,
        const char *text, struct err *err)
{
    auto_free char *whole = strstr(text, "://") != NULL
                                ? xstrdup(text)
                                /* As the original does; as curl does. */
                                : xasprintf("%s://%s",
                                            row->type == CONF_PROXY ? "http"
                                                                    : "https",
                                            text);
    struct bytes url = bytes_str(whole);
    size_t scheme = str_istarts(whole, "https://")  ? 8
                    : str_istarts(whole, "http://") ? 7
                                                    : 0;

    while (url.n > scheme && url.p[url.n - 1] == '/')
        url.n--;
    if (scheme == 0 || url.n == scheme ||
        strpbrk(whole, " \t\r\n\"<>") != NULL)
        /* The value is not shown: it may hold a password. */
        return err_set(err, ERR_INPUT,
                       "%s: not an http:// or https:// URL", name);
    put_text(conf, row, url);
    return 0;
}

static int
set_hosts(struct conf *conf, const struct conf_row *row, const char *name,
          const char *text, struct err *err)
{
    struct bytes rest = bytes_str(text), piece;

    while (bytes_next(&rest, ',', &piece)) {
        auto_free char *host = bytes_dup(bytes_trim(piece));

        if (*host == '\0' || strpbrk(host, " \t/@\"") != NULL)
            return bad_value(err, name, text,
                             "a list of host or host:port, separated by "
                             "commas, is wanted");
    }
    put_text(conf, row, bytes_str(text));
    return 0;
}

static bool
is_choice(const char *choices, const char *text)
{
    struct bytes rest = bytes_str(choices), piece;

    while (bytes_next(&rest, ' ', &piece)) {
        if (bytes_is(piece, text))
            return true;
    }
    return false;
}

static int
set_choice(struct conf *conf, const struct conf_row *row, const char *name,
           const char *text, struct err *err)
{
    auto_free char *lower = str_lower(xstrdup(text));

    if (!is_choice(row->choices, lower))
        return err_set(err, ERR_INPUT, "%s: %.200s: one of %s is wanted", name,
                       text, row->choices);
    put_text(conf, row, bytes_str(lower));
    return 0;
}

static int
parse_bool(bool *out, const char *text)
{
    *out = str_is_true(text);
    return *out || is_choice("false no 0 off False FALSE No NO Off OFF", text)
               ? 0
               : -1;
}

static int
parse_seconds(const char *text, uint64_t *out)
{
    uint64_t ms;

    if (str_to_u64(text, out))
        return 0;
    if (duration_parse(text, &ms) < 0)
        return -1;
    *out = ms / 1000;
    return 0;
}

/* What a number may be written as, by type. */
static const char *
parse_number(const struct conf_row *row, const char *text, uint64_t *out)
{
    switch (row->type) {
    case CONF_BYTES:
        return size_parse(text, out) == 0
                   ? NULL
                   : "a size is wanted, such as 512MiB or 2GiB";
    case CONF_DURATION:
        return duration_parse(text, out) == 0
                   ? NULL
                   : "a duration is wanted, such as 250ms, 30s or 5m";
    case CONF_SECONDS:
        return parse_seconds(text, out) == 0
                   ? NULL
                   : "seconds are wanted, such as 3600 or 1h";
    default:
        if (row->type == CONF_COUNT && str_eq(row->preset, "auto") &&
            str_eq(text, "auto")) {
            *out = conf_usable_cpus();
            return NULL;
        }
        return str_to_u64(text, out) ? NULL : "a whole number is wanted";
    }
}

/* The largest value the member can hold or the row allows. */
static uint64_t
number_max(const struct conf_row *row)
{
    if (row->type == CONF_PORT)
        return UINT16_MAX;
    if (row->max > 0)
        return row->max;
    return row->type == CONF_COUNT ? UINT32_MAX : INT64_MAX;
}

static int
set_number(struct conf *conf, const struct conf_row *row, const char *name,
           const char *text, struct err *err)
{
    uint64_t v = 0, max = number_max(row);
    const char *wanted = parse_number(row, text, &v);

    if (wanted != NULL)
        return bad_value(err, name, text, wanted);
    if (v < row->min || v > max)
        return err_set(err, ERR_INPUT, "%s: %.200s: from %llu to %llu is "
                       "allowed", name, text, (unsigned long long)row->min,
                       (unsigned long long)max);
    if (row->type == CONF_PORT)
        *(uint16_t *)member(conf, row) = (uint16_t)v;
    else if (row->type == CONF_COUNT)
        *(unsigned *)member(conf, row) = (unsigned)v;
    else
        *(uint64_t *)member(conf, row) = v;
    return 0;
}

static int
set_roles(struct conf *conf, const struct conf_row *row, const char *name,
          const char *text, struct err *err)
{
    static const struct {
        const char *name;
        unsigned role;
    } roles[] = {
        { "client", ROLE_CLIENT }, { "agent", ROLE_AGENT },
        { "server", ROLE_SERVER },
    };
    struct bytes rest = bytes_str(text), piece;
    unsigned all = 0;

    while (bytes_next(&rest, ',', &piece)) {
        unsigned role = 0;

        for (size_t i = 0; i < N_ELEMENTS(roles); i++) {
            if (bytes_is(bytes_trim(piece), roles[i].name))
                role = roles[i].role;
        }
        if (role == 0)
            return bad_value(err, name, text,
                             "a list of client, agent, server is wanted");
        all |= role;
    }
    *(unsigned *)member(conf, row) = all;
    return 0;
}

int
conf_value_set(struct conf *conf, const struct conf_row *row,
               const char *name, const char *text, struct err *err)
{
    switch (row->type) {
    case CONF_TEXT:
        put_text(conf, row, bytes_str(text));
        return 0;
    case CONF_URL:
    case CONF_PROXY:
        return set_url(conf, row, name, text, err);
    case CONF_HOSTS:
        return set_hosts(conf, row, name, text, err);
    case CONF_CHOICE:
        return set_choice(conf, row, name, text, err);
    case CONF_SECRET:
        secret_free(*(struct secret **)member(conf, row));
        *(struct secret **)member(conf, row) = secret_new(text);
        return 0;
    case CONF_BOOL:
        if (parse_bool(member(conf, row), text) < 0)
            return bad_value(err, name, text, "true or false is wanted");
        return 0;
    case CONF_ZERO:
        if (!str_eq(text, "0") && !str_eq(text, "1"))
            return bad_value(err, name, text, "0 or 1 is wanted");
        *(bool *)member(conf, row) = str_eq(text, "0");
        return 0;
    case CONF_LEVEL:
        if (log_level_parse(text, member(conf, row)) < 0)
            return bad_value(err, name, text, "one of trace, debug, info, "
                                              "warn, error, fatal is wanted");
        return 0;
    case CONF_ROLES:
        return set_roles(conf, row, name, text, err);
    default:
        return set_number(conf, row, name, text, err);
    }
}

bool
conf_row_is_text(const struct conf_row *row)
{
    switch (row->type) {
    case CONF_TEXT:
    case CONF_URL:
    case CONF_PROXY:
    case CONF_HOSTS:
    case CONF_CHOICE:
        return true;
    default:
        return false;
    }
}

void
conf_value_clear(struct conf *conf, const struct conf_row *row)
{
    char **text = member(conf, row);
    struct secret **secret = member(conf, row);

    if (conf_row_is_text(row)) {
        free(*text);
        *text = NULL;
    } else if (row->type == CONF_SECRET) {
        secret_free(*secret);
        *secret = NULL;
    }
}
