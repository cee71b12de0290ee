/* Texts of Go programs that need a second look. */
#include "worker/graph/gotext.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define REVISION_CHARS 12

char *
gotext_latin1(const char *text)
{
    struct buf out = BUF_INIT(SIZE_MAX / 4);

    utf8_add_latin1(&out, bytes_str(text));
    return buf_steal(&out);
}

/* ---- versions of Go ------------------------------------------------------ */

static size_t
digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* Chars of "1.2" or "1.2.3" at the start; 0: neither. */
static size_t
numbers(const char *s, unsigned *n_parts)
{
    size_t n = digits(s);

    *n_parts = n > 0;
    while (*n_parts > 0 && *n_parts < 3 && s[n] == '.' &&
           digits(s + n + 1) > 0) {
        n += 1 + digits(s + n + 1);
        ++*n_parts;
    }
    return *n_parts > 1 ? n : 0;
}

static char *
complete(const char *s, size_t n, unsigned n_parts)
{
    return xasprintf("%.*s%s", (int)n, s, n_parts == 2 ? ".0" : "");
}

char *
gotext_plain_version(const char *go)
{
    unsigned n_parts;
    size_t n;

    if (!str_starts(go, "go"))
        return NULL;
    n = numbers(go + 2, &n_parts);
    return n > 0 && go[2 + n] == '\0' ? complete(go + 2, n, n_parts) : NULL;
}

/* Chars of "rc1", "beta2", "alpha1". */
static size_t
early(const char *s)
{
    static const char *const words[] = { "rc", "beta", "alpha" };

    for (size_t i = 0; i < N_ELEMENTS(words); i++) {
        size_t n = strlen(words[i]);

        if (strncmp(s, words[i], n) == 0 && digits(s + n) > 0)
            return n + digits(s + n);
    }
    return 0;
}

char *
gotext_version(const char *go)
{
    unsigned n_parts;
    size_t n, n_early;

    if (!str_starts(go, "go"))
        return NULL;
    n = numbers(go + 2, &n_parts);
    n_early = early(go + 2 + n);
    if (n == 0)
        return NULL;
    return n_early > 0 ? xstrndup(go + 2, n + n_early)
                       : complete(go + 2, n, n_parts);
}

/* ---- versions of modules ------------------------------------------------- */

/* The major version that ends a module's name: "/v2", "gopkg.in/x.v2". */
static const char *
major_of(const char *module)
{
    const char *slash = strrchr(module, '/');
    const char *v = slash != NULL ? slash + 1 : module;

    if (str_starts(module, "gopkg.in/") && strrchr(v, '.') != NULL)
        v = strrchr(v, '.') + 1;
    return v[0] == 'v' && v[1] != '0' && digits(v + 1) > 0 &&
                   v[1 + digits(v + 1)] == '\0'
               ? v
               : "v0";
}

/* "2023-01-02T15:04:05Z" as its digits. */
static bool
stamp_of(const char *time, char out[15])
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    size_t n = 0;

    if (strlen(time) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] != 'd' ? time[i] != form[i] : !isdigit(time[i]))
            return false;
        if (form[i] == 'd')
            out[n++] = time[i];
    }
    out[n] = '\0';
    return true;
}

char *
gotext_pseudo_version(const char *module, const char *revision,
                      const char *time)
{
    char stamp[15];

    if (module == NULL || revision == NULL || time == NULL ||
        strspn(revision, "0123456789abcdef") < REVISION_CHARS ||
        !stamp_of(time, stamp))
        return NULL;
    return xasprintf("%s.0.0-%s-%.*s", major_of(module), stamp,
                     REVISION_CHARS, revision);
}

bool
gotext_is_folder(const char *name)
{
    return str_starts(name, "./") || str_starts(name, "../") ||
           str_starts(name, "/");
}
