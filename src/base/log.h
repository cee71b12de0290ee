/*
 * base/log.h: one event, one line; the message is constant, facts are fields.
 *
 *     log_info("layer fetched", LOG_STR("repo", repo), LOG_BYTES("size", n),
 *              LOG_MS("took", now - start));
 *
 * JSON lines (bunyan's members and level numbers, as operators' alerts know
 * them: broker-protocol.md §l), or plain text on a terminal. A line is one
 * write(2): lines of several processes never interleave. Every string is
 * cleaned of the secrets made known to log_redact().
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum log_level {
    LOG_LEVEL_TRACE = 10,
    LOG_LEVEL_DEBUG = 20,
    LOG_LEVEL_INFO = 30,
    LOG_LEVEL_WARN = 40,
    LOG_LEVEL_ERROR = 50,
    LOG_LEVEL_FATAL = 60,
    LOG_LEVEL_NONE = 99,
};

enum log_type {
    LOG_T_END,
    LOG_T_STR,
    LOG_T_INT,
    LOG_T_BOOL,
    LOG_T_ERR,
    LOG_T_URL,
};

struct log_field {
    const char *key;
    enum log_type type;
    const char *str; /* NULL is left out */
    int64_t num;
    const struct err *err;
};

#define LOG_STR(k, v)   { .key = (k), .type = LOG_T_STR, .str = (v) }
#define LOG_INT(k, v)   { .key = (k), .type = LOG_T_INT, .num = (int64_t)(v) }
#define LOG_BYTES(k, v) LOG_INT(k "Bytes", v)
#define LOG_MS(k, v)    LOG_INT(k "Ms", v)
#define LOG_BOOL(k, v)  { .key = (k), .type = LOG_T_BOOL, .num = (v) }
/* The text under "error", the code under "code". */
#define LOG_ERR(e)      { .key = "error", .type = LOG_T_ERR, .err = (e) }
/* User-info and query are cut off. */
#define LOG_URL(k, v)   { .key = (k), .type = LOG_T_URL, .str = (v) }

void log_at(enum log_level level, const char *msg,
            const struct log_field *fields);

#define LOG_FIELDS_(...)                                                       \
    ((const struct log_field[]){                                               \
        __VA_ARGS__ __VA_OPT__(,) { .type = LOG_T_END } })
#define LOG_AT_(level, msg, ...) log_at(level, msg, LOG_FIELDS_(__VA_ARGS__))
#define log_trace(msg, ...) LOG_AT_(LOG_LEVEL_TRACE, msg, __VA_ARGS__)
#define log_debug(msg, ...) LOG_AT_(LOG_LEVEL_DEBUG, msg, __VA_ARGS__)
#define log_info(msg, ...)  LOG_AT_(LOG_LEVEL_INFO, msg, __VA_ARGS__)
#define log_warn(msg, ...)  LOG_AT_(LOG_LEVEL_WARN, msg, __VA_ARGS__)
#define log_error(msg, ...) LOG_AT_(LOG_LEVEL_ERROR, msg, __VA_ARGS__)

enum log_form { LOG_FORM_AUTO, LOG_FORM_JSON, LOG_FORM_TEXT };

/*
 * Where and how. `name` goes into every JSON line (borrowed for ever). Before
 * the first call: name "crab", fd 2, level info, form AUTO (text on a tty).
 */
void log_setup(const char *name, int fd, enum log_level level,
               enum log_form form);
bool log_wants(enum log_level level);
/* "trace" "debug" "info" "warn" "error" "fatal", any case; -1 otherwise. */
int log_level_parse(const char *s, enum log_level *out);
const char *log_level_name(enum log_level level);

/*
 * Replace every occurrence of `value` (ASCII case ignored) in any logged
 * string by "${name}". Values of fewer than 3 characters are ignored. Both
 * are copied. At most 64 are kept.
 */
void log_redact(const char *name, const char *value);
void log_redact_forget(void);
/* The same cleaning for text that leaves by other ways. Appends to `out`. */
int log_clean(struct buf *out, struct bytes text);

#endif
