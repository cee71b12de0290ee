/* Members of the image config, renamed and otherwise left alone. */
#include "worker/graph/configfacts.h"

#include "base/jstext.h"
#include "base/str.h"
#include "worker/graph/truncate.h"

struct rename {
    const char *from, *to;
    bool keys_only; /* an object of which the keys count */
};

static const struct rename container_members[] = {
    { "User", "user", false },
    { "ExposedPorts", "exposedPorts", true },
    { "Env", "env", false },
    { "Entrypoint", "entrypoint", false },
    { "Cmd", "cmd", false },
    { "Volumes", "volumes", true },
    { "WorkingDir", "workingDir", false },
    { "StopSignal", "stopSignal", false },
    { "ArgsEscaped", "argsEscaped", false },
};

static const struct rename history_members[] = {
    { "created", "created", false },
    { "author", "author", false },
    { "created_by", "createdBy", false },
    { "comment", "comment", false },
    { "empty_layer", "emptyLayer", false },
};

int
configfacts_check(const struct jx *config, bool compat, struct err *err)
{
    if (compat && jx_get(config, "rootfs") == NULL)
        return err_set(err, ERR_INPUT,
                       "Failed to extract rootfs array from image config");
    return 0;
}

static struct jx *
keys_of(const struct jx *obj)
{
    struct jx *keys = jx_new_arr(), *v;
    const char **names = xcalloc(jx_count(obj), sizeof(*names));
    const char *key;
    void *at = NULL;
    size_t n = 0;

    while (jx_next(obj, &at, &key, &v))
        names[n++] = key;
    js_order_keys(names, n);
    for (size_t i = 0; i < n; i++)
        jx_append(keys, jx_new_str(bytes_str(names[i])));
    free(names);
    return keys;
}

/* Members that are there, null too, under their new names. */
static struct jx *
renamed(const struct jx *from, const struct rename *members, size_t n)
{
    struct jx *to = jx_new_obj();

    for (size_t i = 0; i < n; i++) {
        const struct jx *v = jx_get(from, members[i].from);

        if (!jx_has(from, members[i].from))
            continue;
        jx_set(to, members[i].to,
               v != NULL && members[i].keys_only ? keys_of(v) : jx_copy(v));
    }
    return to;
}

struct jx *
configfacts_container(const struct jx *config, struct jx *told)
{
    const struct jx *inner = jx_obj(config, "config");

    if (inner == NULL)
        return NULL;
    return truncate_fact("containerConfig",
                         renamed(inner, container_members,
                                 N_ELEMENTS(container_members)),
                         told);
}

struct jx *
configfacts_history(const struct jx *config, struct jx *told)
{
    const struct jx *history = jx_arr(config, "history");
    struct jx *data;

    if (jx_count(history) == 0)
        return NULL;
    data = jx_new_arr();
    for (size_t i = 0; i < jx_count(history); i++)
        jx_append(data, renamed(jx_at(history, i), history_members,
                                N_ELEMENTS(history_members)));
    return truncate_fact("history", data, told);
}

const struct jx *
configfacts_labels(const struct jx *config)
{
    return jx_obj(jx_obj(config, "config"), "Labels");
}

const struct jx *
configfacts_diff_ids(const struct jx *config)
{
    const struct jx *ids = jx_arr(jx_get(config, "rootfs"), "diff_ids");

    return jx_count(ids) > 0 ? ids : NULL;
}

char *
configfacts_platform(const struct jx *config)
{
    const char *os = jx_str(config, "os");
    const char *arch = jx_str(config, "architecture");

    if (str_is_empty(os) || str_is_empty(arch))
        return NULL;
    return xasprintf("%s/%s", os, arch);
}
