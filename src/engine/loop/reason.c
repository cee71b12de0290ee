/* What a child tells on stderr, and why it failed. Every line is hostile: it
 * is parsed with a ceiling and said again in our own log, as our own line. */
#include "engine/loop/proc-private.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/json/jx.h"
#include "base/log.h"
#include "base/str.h"

#define LINE_BYTES  (16 * 1024)
#define LINES_MAX   10000 /* of one child; more is noise, or malice */
#define FIELDS_MAX  16
#define CODES_MAX   256
#define CODE_LENGTH 48

void
reason_init(struct reason *r, pid_t pid)
{
    *r = (struct reason){ .pid = pid };
    buf_init(&r->line, LINE_BYTES);
}

void
reason_clear(struct reason *r)
{
    buf_clear(&r->line);
}

/*
 * struct err borrows its code for ever, so codes are kept for ever: few, and
 * of a form that only code constants and the names of the peer's errors
 * ("ParseError") have. NULL for anything else.
 */
static const char *
intern_code(const char *code)
{
    static char *codes[CODES_MAX];
    static size_t n_codes;
    size_t n = code != NULL ? strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "abcdefghijklmnopqrstuvwxyz"
                                           "0123456789_")
                            : 0;

    if (n == 0 || n > CODE_LENGTH || code[n] != '\0')
        return NULL;
    for (size_t i = 0; i < n_codes; i++) {
        if (strcmp(codes[i], code) == 0)
            return codes[i];
    }
    if (n_codes == CODES_MAX)
        return NULL;
    return codes[n_codes++] = xstrdup(code);
}

static enum err_kind
kind_of_name(const char *name)
{
    for (int k = ERR_NONE + 1; k < ERR_KINDS; k++) {
        if (str_eq(name, err_kind_name((enum err_kind)k)))
            return (enum err_kind)k;
    }
    return ERR_INTERNAL;
}

static void
take_error(struct reason *r, const struct jx *e)
{
    const char *text = jx_str(e, "text");

    err_set_code(&r->err, kind_of_name(jx_str(e, "kind")),
                 intern_code(jx_str(e, "code")), "%s",
                 text != NULL ? text : "no reason given");
}

/* Members that every line of ours gets anyway. */
static bool
is_envelope(const char *key)
{
    static const char *const keys[] = { "name", "hostname", "pid", "level",
                                        "msg",  "time",     "v",   "worker" };

    for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
        if (strcmp(key, keys[i]) == 0)
            return true;
    }
    return false;
}

static enum log_level
level_of(const struct jx *line)
{
    switch (jx_int(line, "level", LOG_LEVEL_INFO)) {
    case LOG_LEVEL_TRACE:
        return LOG_LEVEL_TRACE;
    case LOG_LEVEL_DEBUG:
        return LOG_LEVEL_DEBUG;
    case LOG_LEVEL_INFO:
        return LOG_LEVEL_INFO;
    default:
        return LOG_LEVEL_WARN; /* a worker's end is for us to judge */
    }
}

static bool
field_of(struct log_field *f, const char *key, const struct jx *v)
{
    f->key = key;
    switch (jx_type(v)) {
    case JX_STR:
        f->type = LOG_T_STR;
        f->str = jx_str_value(v);
        return true;
    case JX_INT:
        f->type = LOG_T_INT;
        f->num = jx_int_value(v, 0);
        return true;
    case JX_BOOL:
        f->type = LOG_T_BOOL;
        f->num = jx_bool_value(v, false);
        return true;
    default:
        return false;
    }
}

static void
pass_on(const struct reason *r, const struct jx *line)
{
    struct log_field fields[FIELDS_MAX + 2] = { LOG_INT("worker", r->pid) };
    size_t n = 1;
    void *at = NULL;
    const char *key;
    struct jx *v;

    while (n <= FIELDS_MAX && jx_next(line, &at, &key, &v)) {
        if (!is_envelope(key) && field_of(&fields[n], key, v))
            n++;
    }
    fields[n] = (struct log_field){ .type = LOG_T_END };
    log_at(level_of(line), jx_str(line, "msg"), fields);
}

static void
take_line(struct reason *r, struct bytes text)
{
    auto_jx struct jx *line = NULL;
    auto_free char *plain = NULL;

    text = bytes_trim(text);
    if (text.n == 0)
        return;
    if (r->n_lines++ == LINES_MAX)
        log_warn("worker says too much", LOG_INT("worker", r->pid));
    if (bytes_starts(text, "{"))
        line = jx_parse_lossy(text, LINE_BYTES, NULL);
    if (jx_is_obj(jx_get(line, "error")))
        take_error(r, jx_get(line, "error"));
    else if (r->n_lines > LINES_MAX)
        return;
    else if (jx_str(line, "msg") != NULL)
        pass_on(r, line);
    else
        log_warn("worker says", LOG_INT("worker", r->pid),
                 LOG_STR("text", plain = bytes_dup(text)));
}

static void
end_line(struct reason *r)
{
    if (!r->cut)
        take_line(r, buf_bytes(&r->line));
    r->cut = false;
    buf_reset(&r->line);
}

void
reason_feed(struct reason *r, struct bytes chunk)
{
    while (chunk.n > 0) {
        size_t n = bytes_find(chunk, '\n');

        if (!r->cut && buf_add(&r->line, chunk.p, n) < 0) {
            log_warn("worker line too long", LOG_INT("worker", r->pid));
            r->cut = true;
        }
        if (n == chunk.n)
            return;
        end_line(r);
        chunk = bytes_from(chunk, n + 1);
    }
}

void
reason_end(struct reason *r)
{
    if (r->line.n > 0 || r->cut)
        end_line(r);
}

static const struct fate {
    int signo;
    enum err_kind kind;
    const char *code, *text;
} fates[] = {
    { SIGXCPU, ERR_LIMIT, "WORKER_CPU", "worker used up its CPU time" },
    { SIGKILL, ERR_LIMIT, "WORKER_KILLED",
      "worker was killed: out of memory or CPU time" },
    { SIGXFSZ, ERR_LIMIT, "WORKER_DISK", "worker wrote too large a file" },
    { SIGSYS, ERR_INTERNAL, "WORKER_SANDBOX",
      "worker was stopped by its sandbox" },
};

static void
set_signal_reason(int signo, struct err *err)
{
    for (size_t i = 0; i < N_ELEMENTS(fates); i++) {
        if (fates[i].signo == signo) {
            err_set_code(err, fates[i].kind, fates[i].code, "%s",
                         fates[i].text);
            return;
        }
    }
    err_set_code(err, ERR_INTERNAL, "WORKER_CRASHED", "worker died of SIG%s",
                 sigabbrev_np(signo) != NULL ? sigabbrev_np(signo) : "?");
}

void
reason_of_exit(struct reason *r, int wait_status, struct err *err)
{
    err_clear(err);
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return;
    if (r->err.kind != ERR_NONE)
        *err = r->err;
    else if (WIFSIGNALED(wait_status))
        set_signal_reason(WTERMSIG(wait_status), err);
    else
        err_set_code(err, ERR_INTERNAL, "WORKER_FAILED",
                     "worker ended with status %d and no reason",
                     WEXITSTATUS(wait_status));
}
