/*
 * Docker Hub (registries.md §B7): many ways to spell its host, and official
 * images live below "library/".  Any other host under this type is a plain
 * registry.
 */
#include "engine/registry/flavours/flavour.h"

#include <string.h>

#include "base/str.h"

#define API_HOST "registry-1.docker.io"

static const char *const hosts[] = {
    API_HOST, "docker.io", "index.docker.io", "registry.hub.docker.com",
    "hub.docker.com", NULL,
};

static bool
is_hub(const char *host)
{
    for (size_t i = 0; hosts[i] != NULL; i++) {
        if (str_eq(hosts[i], host))
            return true;
    }
    return false;
}

static const char *
api_host(const char *host)
{
    return is_hub(host) ? API_HOST : host;
}

static char *
repo_name(const char *host, const char *repo)
{
    if (is_hub(host) && strchr(repo, '/') == NULL)
        return xasprintf("library/%s", repo);
    return xstrdup(repo);
}

const struct flavour flavour_dockerhub = {
    .name = "docker-hub",
    .aliases = (const char *const[]){ "DockerHub", NULL },
    .hosts = hosts,
    .base = API_HOST,
    .api_host = api_host,
    .repo_name = repo_name,
};
