/* Log lines: forming, cleaning, writing. Never fails, never blocks for long:
 * what cannot be written is lost. */
#include "base/log.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json/jw.h"
#include "base/secret.h"
#include "base/str.h"

#define LINE_MAX_BYTES  (64 * 1024)
#define FIELD_MAX_BYTES (16 * 1024)
#define REDACT_MAX      64

static struct {
    const char *name;
    int fd;
    enum log_level level;
    enum log_form form;
    char hostname[65];
    struct {
        char *name, *value;
        size_t n; /* of the value */
    } redact[REDACT_MAX];
    size_t n_redact;
    bool may_start[256]; /* a secret, with this byte */
} conf = { .name = "crab", .fd = 2, .level = LOG_LEVEL_INFO };

static const struct {
    enum log_level level;
    const char *name;
} levels[] = {
    { LOG_LEVEL_TRACE, "trace" }, { LOG_LEVEL_DEBUG, "debug" },
    { LOG_LEVEL_INFO, "info" },   { LOG_LEVEL_WARN, "warn" },
    { LOG_LEVEL_ERROR, "error" }, { LOG_LEVEL_FATAL, "fatal" },
};

int
log_level_parse(const char *s, enum log_level *out)
{
    for (size_t i = 0; i < N_ELEMENTS(levels); i++) {
        if (str_ieq(s, levels[i].name)) {
            *out = levels[i].level;
            return 0;
        }
    }
    return -1;
}

const char *
log_level_name(enum log_level level)
{
    for (size_t i = 0; i < N_ELEMENTS(levels); i++) {
        if (level == levels[i].level)
            return levels[i].name;
    }
    return "none";
}

void
log_setup(const char *name, int fd, enum log_level level, enum log_form form)
{
    conf.name = name;
    conf.fd = fd;
    conf.level = level;
    conf.form = form == LOG_FORM_AUTO
                    ? (isatty(fd) ? LOG_FORM_TEXT : LOG_FORM_JSON)
                    : form;
    /* Now: a caged worker cannot ask later. */
    gethostname(conf.hostname, sizeof(conf.hostname) - 1);
}

bool
log_wants(enum log_level level)
{
    return level >= conf.level;
}

void
log_redact(const char *name, const char *value)
{
    if (value == NULL || strlen(value) < 3 || conf.n_redact == REDACT_MAX)
        return;
    for (size_t i = 0; i < conf.n_redact; i++) {
        if (strcmp(conf.redact[i].value, value) == 0)
            return;
    }
    conf.redact[conf.n_redact].name = xstrdup(name);
    conf.redact[conf.n_redact].value = xstrdup(value);
    conf.redact[conf.n_redact].n = strlen(value);
    conf.may_start[(unsigned char)tolower((unsigned char)value[0])] = true;
    conf.may_start[(unsigned char)toupper((unsigned char)value[0])] = true;
    conf.n_redact++;
}

void
log_redact_forget(void)
{
    for (size_t i = 0; i < conf.n_redact; i++) {
        wipe(conf.redact[i].value, conf.redact[i].n);
        free(conf.redact[i].name);
        free(conf.redact[i].value);
    }
    conf.n_redact = 0;
    memset(conf.may_start, 0, sizeof(conf.may_start));
}

/* Length of the longest known secret that starts at p; *name tells which. */
static size_t
secret_at(struct bytes text, const char **name)
{
    size_t best = 0;

    for (size_t i = 0; i < conf.n_redact; i++) {
        size_t n = conf.redact[i].n;

        if (n > best && n <= text.n &&
            strncasecmp((const char *)text.p, conf.redact[i].value, n) == 0) {
            best = n;
            *name = conf.redact[i].name;
        }
    }
    return best;
}

/* As much of it as fits; -1 when that is not all. */
static int
add_cut(struct buf *out, struct bytes text)
{
    size_t room = out->limit - out->n;

    buf_add_bytes(out, bytes_to(text, room));
    return text.n <= room ? 0 : -1;
}

int
log_clean(struct buf *out, struct bytes text)
{
    const char *name = NULL;
    size_t from = 0, at = 0; /* what lies between them holds no secret */

    while (at < text.n) {
        size_t n = conf.may_start[text.p[at]]
                       ? secret_at(bytes_from(text, at), &name)
                       : 0;

        if (n == 0) {
            at++;
            continue;
        }
        if (add_cut(out, bytes_from(bytes_to(text, at), from)) < 0 ||
            buf_addf(out, "${%s}", name) < 0)
            return -1;
        at += n;
        from = at;
    }
    return add_cut(out, bytes_from(text, from));
}

/* scheme://user:pass@host/path?query -> scheme://host/path */
static void
add_url(struct buf *out, const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *rest = scheme != NULL ? scheme + 3 : url;
    size_t path = strcspn(rest, "/?#"), end = strcspn(rest, "?#");
    const char *at = memrchr(rest, '@', path);

    buf_add(out, url, (size_t)(rest - url));
    if (at != NULL && scheme != NULL) {
        path = (size_t)(at + 1 - rest);
        rest += path;
        end -= path;
    }
    buf_add(out, rest, end);
}

/*
 * What may be shown of a field; a longer one is cut. Cleaned before it is
 * cut, so that no first half of a secret stays at the end.
 */
static void
field_text(struct buf *out, const struct log_field *f)
{
    auto_buf struct buf url = BUF_INIT(SIZE_MAX / 2);
    auto_buf struct buf clean = BUF_INIT(FIELD_MAX_BYTES);

    if (f->type == LOG_T_URL) {
        add_url(&url, f->str);
        log_clean(&clean, buf_bytes(&url));
    } else {
        log_clean(&clean, bytes_str(f->str));
    }
    buf_add_bytes(out, buf_bytes(&clean));
}

static void
json_string(struct jw *w, const char *key, const struct log_field *f)
{
    auto_buf struct buf clean = BUF_INIT(LINE_MAX_BYTES / 2);

    field_text(&clean, f);
    jw_key(w, key);
    jw_bytes(w, buf_bytes(&clean));
}

static void
json_line(struct buf *line, enum log_level level, const char *msg,
          const struct log_field *f)
{
    struct jw w;
    char when[32];

    if (conf.hostname[0] == '\0')
        gethostname(conf.hostname, sizeof(conf.hostname) - 1);
    jw_init(&w, line);
    jw_obj(&w);
    jw_key_str(&w, "name", conf.name);
    jw_key_str(&w, "hostname", conf.hostname);
    jw_key_int(&w, "pid", getpid());
    jw_key_int(&w, "level", level);
    for (; f->type != LOG_T_END; f++) {
        if (f->type == LOG_T_INT) {
            jw_key_int(&w, f->key, f->num);
        } else if (f->type == LOG_T_BOOL) {
            jw_key(&w, f->key);
            jw_bool(&w, f->num != 0);
        } else if (f->type == LOG_T_ERR && f->err != NULL) {
            struct log_field text = LOG_STR("", f->err->text);

            json_string(&w, "error", &text);
            /* The codes that follow from a kind are for a registry's
             * callers; whoever means one has set it. */
            jw_key_str(&w, "kind", err_kind_name(f->err->kind));
            jw_key_opt(&w, "code", f->err->code);
        } else if (f->str != NULL) {
            json_string(&w, f->key, f);
        }
    }
    json_string(&w, "msg", &(struct log_field)LOG_STR("", msg));
    clock_format(clock_wall_ms(), when);
    jw_key_str(&w, "time", when);
    jw_key_int(&w, "v", 0);
    jw_end(&w);
}

static void
text_line(struct buf *line, enum log_level level, const char *msg,
          const struct log_field *f)
{
    char when[32];

    clock_format(clock_wall_ms(), when);
    buf_addf(line, "%.8s %-5s ", when + 11, log_level_name(level));
    field_text(line, &(struct log_field)LOG_STR("", msg));
    for (; f->type != LOG_T_END; f++) {
        struct log_field text = LOG_STR(f->key, f->str);

        if (f->type == LOG_T_INT) {
            buf_addf(line, "  %s=%lld", f->key, (long long)f->num);
            continue;
        }
        if (f->type == LOG_T_BOOL)
            text.str = f->num != 0 ? "true" : "false";
        else if (f->type == LOG_T_ERR && f->err != NULL)
            text.str = f->err->text;
        else if (f->str == NULL)
            continue;
        else
            text.type = f->type;
        buf_addf(line, "  %s=", f->key);
        field_text(line, &text);
    }
    /* A stranger's text must not forge a second line. */
    for (size_t i = 0; i < line->n; i++) {
        if (line->p[i] < 0x20 || line->p[i] == 0x7f)
            line->p[i] = ' ';
    }
}

void
log_at(enum log_level level, const char *msg, const struct log_field *fields)
{
    auto_buf struct buf line = BUF_INIT(LINE_MAX_BYTES);
    ssize_t rc;

    if (!log_wants(level))
        return;
    if (conf.form == LOG_FORM_AUTO)
        conf.form = isatty(conf.fd) ? LOG_FORM_TEXT : LOG_FORM_JSON;
    if (conf.form == LOG_FORM_JSON)
        json_line(&line, level, msg, fields);
    else
        text_line(&line, level, msg, fields);
    if (line.full)
        buf_reset(&line);
    if (line.n == 0)
        buf_addf(&line, "{\"level\":%d,\"msg\":\"log line too long\"}", level);
    line.limit++;
    buf_add_char(&line, '\n');
    rc = write(conf.fd, line.p, line.n);
    (void)rc;
}
