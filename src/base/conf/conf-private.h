/* base/conf/conf-private.h: the rows of the table, for this folder only. */
#ifndef BASE_CONF_CONF_PRIVATE_H
#define BASE_CONF_CONF_PRIVATE_H

#include "base/conf/conf.h"
#include "base/map.h"

enum conf_type {
    CONF_TEXT,     /* char * */
    CONF_URL,      /* char *; http:// or https://, final slashes cut */
    CONF_PROXY,    /* char *; the same, http:// when no scheme is given */
    CONF_HOSTS,    /* char *; host[:port],... or * */
    CONF_CHOICE,   /* char *; one of row->choices */
    CONF_SECRET,   /* struct secret * */
    CONF_BOOL,     /* bool */
    CONF_ZERO,     /* bool; true when the text is "0" */
    CONF_PORT,     /* uint16_t; 0: any free one */
    CONF_COUNT,    /* unsigned; "auto" where the preset says so */
    CONF_NUMBER,   /* uint64_t */
    CONF_BYTES,    /* uint64_t; units */
    CONF_DURATION, /* uint64_t, milliseconds; units */
    CONF_SECONDS,  /* uint64_t, seconds; units */
    CONF_LEVEL,    /* enum log_level */
    CONF_ROLES,    /* unsigned */
};

#define CONF_MAX_NAMES 3

struct conf_row {
    /* Its name, then synonyms: the first that is given counts. */
    const char *names[CONF_MAX_NAMES];
    const char *flag; /* without "--"; NULL: none */
    enum conf_type type;
    size_t at;            /* offset in struct conf */
    const char *preset;   /* NULL: unset */
    const char *shown;    /* the preset as documents show it; NULL: as it is */
    const char *value;    /* what stands for the value in documents */
    const char *choices;  /* CONF_CHOICE: "a b c" */
    uint64_t min, max;    /* of numbers; max 0: no end */
    bool masked;          /* a secret in logs, though no struct secret */
    bool may_be_file;     /* NAME_FILE is allowed (secrets: always) */
    const char *doc;      /* sentences; the manual's text */
};

struct conf_group {
    const char *title;
    const struct conf_row *rows;
    size_t n_rows;
};

extern const struct conf_group conf_groups[];
extern const size_t conf_n_groups;

/* The row that has this name (or synonym), or NULL. */
const struct conf_row *conf_row_named(struct bytes name);
const struct conf_row *conf_row_flagged(const char *flag);
bool conf_row_takes_file(const struct conf_row *row);

/*
 * Every row in order: start with *at = 0; NULL at the end.
 */
const struct conf_row *conf_row_next(size_t *at);

/* value.c: check `text` by the row's type and store it. `name` is what the
 * user called it. */
int conf_value_set(struct conf *conf, const struct conf_row *row,
                   const char *name, const char *text, struct err *err);
void conf_value_clear(struct conf *conf, const struct conf_row *row);
/* The member is a char *, whatever it means. */
bool conf_row_is_text(const struct conf_row *row);

/* names.c: ERR_INPUT for the first name that begins with CRAB_ and is none of
 * ours; the text names the nearest one. Keys of `vars` are looked at. */
int conf_check_names(const struct map *vars, struct err *err);

/* cpus.c: CPUs this process may use: affinity and cgroup quota; at least 1. */
unsigned conf_usable_cpus(void);
/* The same rule on given files, for tests: cgroup v2's cpu.max ("max 100000",
 * "150000 100000") to whole CPUs, rounded up; 0: no ceiling. */
unsigned conf_cpus_of_quota(struct bytes cpu_max);

#endif
