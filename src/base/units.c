/* What people write and read: sizes, durations, UUIDs. */
#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

void
uuid_new(char out[UUID_LEN + 1])
{
    uint8_t b[16];

    if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
        abort();
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(out, UUID_LEN + 1,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
             b[11], b[12], b[13], b[14], b[15]);
}

bool
uuid_valid(const char *s)
{
    if (s == NULL || strlen(s) != UUID_LEN)
        return false;
    for (int i = 0; i < UUID_LEN; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (s[i] != '-')
                return false;
        } else if (!isxdigit((unsigned char)s[i])) {
            return false;
        }
    }
    return s[14] >= '1' && s[14] <= '5' && strchr("89abAB", s[19]) != NULL;
}

struct unit {
    const char *name;
    double factor;
};

static const struct unit size_units[] = {
    { "", 1 },           { "b", 1 },
    { "k", 1024 },       { "kib", 1024 },       { "kb", 1e3 },
    { "m", 1048576 },    { "mib", 1048576 },    { "mb", 1e6 },
    { "g", 1073741824 }, { "gib", 1073741824 }, { "gb", 1e9 },
    { "t", 1099511627776.0 }, { "tib", 1099511627776.0 }, { "tb", 1e12 },
};

static const struct unit duration_units[] = {
    { "", 1 },       { "ms", 1 },      { "s", 1e3 },
    { "m", 60e3 },   { "min", 60e3 },  { "h", 3600e3 }, { "d", 86400e3 },
};

static int
unit_parse(const char *s, const struct unit *units, size_t n_units,
           uint64_t *out)
{
    uint64_t whole;
    char *end;
    double v;

    if (s == NULL || !isdigit((unsigned char)s[0]))
        return -1;
    if (str_to_u64(s, &whole)) {
        *out = whole;
        return 0;
    }
    /* strtod would also take hex, exponents and words. */
    if (s[strspn(s, "0123456789.")] == 'e' || strncasecmp(s, "0x", 2) == 0)
        return -1;
    v = strtod(s, &end);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < n_units; i++) {
        if (strcasecmp(end, units[i].name) == 0) {
            if (v * units[i].factor >= 9.2e18)
                return -1;
            *out = (uint64_t)(v * units[i].factor);
            return 0;
        }
    }
    return -1;
}

int
size_parse(const char *s, uint64_t *out_bytes)
{
    return unit_parse(s, size_units, N_ELEMENTS(size_units), out_bytes);
}

int
duration_parse(const char *s, uint64_t *out_ms)
{
    return unit_parse(s, duration_units, N_ELEMENTS(duration_units), out_ms);
}

void
size_format(uint64_t n_bytes, char out[24])
{
    static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    double v = (double)n_bytes;
    size_t i = 0;

    while (v >= 1024 && i + 1 < N_ELEMENTS(names)) {
        v /= 1024;
        i++;
    }
    snprintf(out, 24, i == 0 ? "%.0f %s" : "%.1f %s", v, names[i]);
}
