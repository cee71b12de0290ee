/* The release files in the order they are believed. */
#include "worker/graph/osdetect.h"

#include <string.h>

#include "base/jstext.h"
#include "base/str.h"

static const char *const release_files[] = {
    "/etc/os-release",     "/usr/lib/os-release", "/etc/lsb-release",
    "/etc/debian_version", "/etc/alpine-release", "/etc/oracle-release",
    "/etc/redhat-release", "/etc/centos-release",
};

#define CHISEL_MANIFEST "/var/lib/chisel/manifest.wall"

void
os_clear(struct os *os)
{
    free(os->name);
    free(os->version);
    free(os->pretty);
    *os = (struct os){ 0 };
}

static bool
read_files(struct os *out, const struct merge *files, bool *had_one)
{
    struct merged file;

    *had_one = false;
    for (size_t i = 0; i < N_ELEMENTS(release_files); i++) {
        if (!merge_find(files, release_files[i], "osrelease", &file) ||
            file.data == NULL)
            continue;
        *had_one = true;
        if (jx_str(file.data, "name") == NULL ||
            jx_str(file.data, "version") == NULL)
            continue;
        out->name = xstrdup(jx_str(file.data, "name"));
        out->version = xstrdup(jx_str(file.data, "version"));
        out->pretty = xstrdup(jx_str(file.data, "pretty"));
        return true;
    }
    return false;
}

static void
without_files(struct os *out, const struct merge *files, bool base_is_scratch)
{
    struct merged m;
    bool chisel = merge_find(files, CHISEL_MANIFEST, "chisel", &m);

    out->name = xstrdup(chisel           ? "chisel"
                        : base_is_scratch ? "scratch"
                                          : "unknown");
    out->version = xstrdup("0.0");
}

static bool
is_named(const struct os *os, const char *name)
{
    return bytes_is(js_trim(bytes_str(os->name)), name);
}

/* Before a release Debian writes "trixie/sid"; that is no version. */
static void
name_unstable(struct os *os)
{
    if (!is_named(os, "debian") || !str_ends(os->version, "/sid"))
        return;
    free(os->version);
    os->version = xstrdup("unstable");
}

static void
rename_some(struct os *os)
{
    if (is_named(os, "ol")) {
        free(os->name);
        os->name = xstrdup("oracle");
    }
    if (is_named(os, "sles") && *os->version != '\0' &&
        strchr(os->version, '.') == NULL) {
        char *round = xasprintf("%s.0", os->version);

        free(os->version);
        os->version = round;
    }
}

int
os_detect(struct os *out, const struct merge *files, bool compat,
          bool base_is_scratch, struct err *err)
{
    bool had_one;

    *out = (struct os){ 0 };
    if (!read_files(out, files, &had_one)) {
        if (had_one && compat)
            return err_set(err, ERR_INPUT, "Failed to detect OS release");
        out->unreadable = had_one;
        without_files(out, files, base_is_scratch);
    }
    rename_some(out);
    if (!compat)
        name_unstable(out);
    return 0;
}
