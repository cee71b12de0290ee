/* Which settings no log may show. */
#include "base/conf/conf.h"

#include <string.h>

#include "base/conf/conf-private.h"
#include "base/str.h"

typedef void (*secret_fn)(const char *name, const char *value, void *arg);

/* user:password of a proxy's URL. */
static void
each_user_info(const struct conf *conf, const char *name, secret_fn fn,
               void *arg)
{
    const char *url = conf_lookup(conf, name), *host, *at;

    if (url == NULL || (host = strstr(url, "://")) == NULL)
        return;
    host += 3;
    at = memrchr(host, '@', strcspn(host, "/?#"));
    if (at == NULL)
        return;

    auto_free char *info = xstrndup(host, (size_t)(at - host));
    fn(name, info, arg);
    wipe(info, strlen(info));
}

/* The members of a comma list NAME_POOL. */
static void
each_of_pool(const char *name, const char *list, secret_fn fn, void *arg)
{
    struct bytes rest = bytes_str(list), piece;

    while (bytes_next(&rest, ',', &piece)) {
        auto_free char *value = bytes_dup(bytes_trim(piece));

        fn(name, value, arg);
        wipe(value, strlen(value));
    }
}

static void
each_of_row(const struct conf *conf, const struct conf_row *row, secret_fn fn,
            void *arg)
{
    for (size_t i = 0; i < CONF_MAX_NAMES && row->names[i] != NULL; i++) {
        const char *name = row->names[i], *value = conf_lookup(conf, name);
        auto_free char *pool = xasprintf("%s_POOL", name);

        if (value != NULL && str_ends(name, "_POOL"))
            each_of_pool(name, value, fn, arg);
        else if (value != NULL && conf_is_given(conf, name))
            fn(name, value, arg);
        if (conf_row_named(bytes_str(pool)) == NULL &&
            conf_lookup(conf, pool) != NULL)
            each_of_pool(pool, conf_lookup(conf, pool), fn, arg);
    }
}

void
conf_each_secret(const struct conf *conf,
                 void (*fn)(const char *name, const char *value, void *arg),
                 void *arg)
{
    /* No settings of ours, but the registry room uses them. */
    static const char *const plain[] = {
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    };
    static const char *const proxies[] = { "HTTP_PROXY", "HTTPS_PROXY" };
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        if (row->type == CONF_SECRET || row->masked)
            each_of_row(conf, row, fn, arg);
    }
    for (size_t i = 0; i < N_ELEMENTS(plain); i++) {
        if (conf_lookup(conf, plain[i]) != NULL)
            fn(plain[i], conf_lookup(conf, plain[i]), arg);
    }
    for (size_t i = 0; i < N_ELEMENTS(proxies); i++)
        each_user_info(conf, proxies[i], fn, arg);
}
