/*
 * Eight commands, a verb each, and flags allowed before or behind the verb.
 * Every word of a match is followed by white space, so what is taken greedily
 * never has to be given back.
 */
#include "worker/graph/installcmd.h"

#include "base/auto.h"
#include "base/jstext.h"

struct command {
    const char *name, *verb;
    const char *const *before; /* flags before the verb; NULL: none */
    const char *const *behind;
};

static const char *const apk_flags[] = { "--update", "-u", "--no-cache", NULL };
static const char *const apt_flags[] = { "--assume-yes", "--yes", "-y", NULL };
static const char *const dnf_flags[] = { "--assumeyes", "--best", "--nodocs",
                                         "--allowerasing", "-y", NULL };
static const char *const microdnf_flags[] = { "--nodocs", "--best",
                                              "--assumeyes", "-y", NULL };

static const struct command commands[] = {
    { "rpm", "-i", NULL, NULL },
    { "rpm", "--install", NULL, NULL },
    { "apk", "add", apk_flags, apk_flags },
    { "apt-get", "install", apt_flags, apt_flags },
    { "apt", "install", apt_flags, NULL },
    { "dnf", "install", dnf_flags, dnf_flags },
    { "microdnf", "install", microdnf_flags, microdnf_flags },
    { "yum", "install", NULL, NULL },
    { "aptitude", "install", NULL, NULL },
};

static size_t
spaces(struct bytes text)
{
    size_t n = 0;

    for (size_t k; (k = js_space(bytes_from(text, n))) > 0;)
        n += k;
    return n;
}

/* A word and the white space behind it; 0: it is not here. */
static size_t
word(struct bytes text, const char *s)
{
    size_t n = strlen(s), blank;

    if (!bytes_starts(text, s))
        return 0;
    blank = spaces(bytes_from(text, n));
    return blank > 0 ? n + blank : 0;
}

static size_t
flags(struct bytes text, const char *const *names)
{
    size_t n = 0, k = 1;

    while (names != NULL && k > 0) {
        k = 0;
        for (size_t i = 0; names[i] != NULL && k == 0; i++)
            k = word(bytes_from(text, n), names[i]);
        n += k;
    }
    return n;
}

static size_t
match(struct bytes text, const struct command *c)
{
    size_t n = word(text, c->name), k;

    if (n == 0)
        return 0;
    n += flags(bytes_from(text, n), c->before);
    k = word(bytes_from(text, n), c->verb);
    if (k == 0)
        return 0;
    n += k;
    return n + flags(bytes_from(text, n), c->behind);
}

bool
installcmd_find(struct bytes text, size_t *at, size_t *len)
{
    for (size_t i = 0; i < text.n; i++) {
        for (size_t k = 0; k < N_ELEMENTS(commands); k++) {
            *len = match(bytes_from(text, i), &commands[k]);
            if (*len > 0) {
                *at = i;
                return true;
            }
        }
    }
    return false;
}
