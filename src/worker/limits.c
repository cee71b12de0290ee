/* The ceilings of one run, as options. */
#include "worker/limits.h"

#include <string.h>

#include "base/str.h"

#define AT(member) .at = offsetof(struct limits, member)

const struct limit_option limit_options[] = {
    { "plain-limit", "BYTES", AT(plain_bytes), .preset = 64ULL << 30,
      .doc = "uncompressed bytes of the input" },
    { "ratio-limit", "COUNT", AT(ratio), .preset = 1100,
      .doc = "uncompressed bytes per compressed byte, after the first MiB" },
    { "entries-limit", "COUNT", AT(entries), .preset = 10000000,
      .doc = "entries of the tar archive" },
    { "path-limit", "BYTES", AT(path_bytes), .preset = 4096,
      .doc = "length of a name or of a link's target" },
    { "product-limit", "BYTES", AT(product_bytes), .preset = 64ULL << 20,
      .doc = "size of one file that is kept in memory to be read" },
    { "hold-limit", "BYTES", AT(hold_bytes), .preset = 8ULL << 20,
      .doc = "of jars, programs and databases, what stays in memory" },
    { "scratch-limit", "BYTES", AT(scratch_bytes), .preset = 4ULL << 30,
      .doc = "size of the unlinked file that holds the rest" },
    { "nesting-limit", "COUNT", AT(nesting), .preset = 8,
      .doc = "archives within archives" },
    { "memory-limit", "BYTES", AT(memory_bytes), .preset = 512ULL << 20,
      .doc = "address space of this process" },
    { "cpu-limit", "SECONDS", AT(cpu_s), .preset = 3600,
      .doc = "processor time of this process" },
    { .name = NULL },
};

static uint64_t *
field(struct limits *limits, const struct limit_option *option)
{
    return (uint64_t *)(void *)((char *)limits + option->at);
}

void
limits_init(struct limits *limits)
{
    for (const struct limit_option *o = limit_options; o->name != NULL; o++)
        *field(limits, o) = o->preset;
}

int
limits_set(struct limits *limits, const struct limit_option *option,
           const char *text, struct err *err)
{
    uint64_t *value = field(limits, option);
    bool fine = strcmp(option->unit, "BYTES") == 0
                    ? size_parse(text, value) == 0
                    : str_to_u64(text, value);

    return fine ? 0
                : err_set(err, ERR_INPUT, "--%s: not a number of %s: %.100s",
                          option->name, option->unit, text);
}

struct ar_limits
limits_for_archive(const struct limits *limits)
{
    return (struct ar_limits){
        .plain_bytes = limits->plain_bytes,
        .ratio = limits->ratio,
        .entries = limits->entries,
        .path_bytes = limits->path_bytes,
    };
}
