/* An OCI layout in a directory: blobs are files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/oci/ref.h"
#include "base/str.h"
#include "engine/source/member-path.h"
#include "engine/source/source-private.h"

struct oci_dir {
    struct source source; /* first */
    int dir_fd;           /* owns; -1 without */
    struct buf json;      /* the file last looked at */
};

static int
open_blob(struct oci_dir *d, const char *path, uint64_t *size)
{
    int fd = openat(d->dir_fd, path,
                    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0)
        *size = (uint64_t)st.st_size;
    return fd;
}

static bool
find_json(struct bytes *out, const char *path, void *arg)
{
    struct oci_dir *d = arg;
    uint64_t size = 0;
    auto_fd int fd = open_blob(d, path, &size);
    uint8_t *to;
    ssize_t n;

    buf_reset(&d->json);
    if (fd < 0 || (to = buf_room(&d->json, (size_t)size)) == NULL)
        return false;
    while (d->json.n < size) {
        n = read(fd, to + d->json.n, (size_t)size - d->json.n);
        if (n <= 0)
            return false;
        d->json.n += (size_t)n;
    }
    *out = buf_bytes(&d->json);
    return size > 0;
}

/* "dir", or "dir:ref" when the ref is a tag's text, or a ref that is a name. */
static char *
default_name(const struct source_spec *spec)
{
    auto_free char *path = xstrdup(spec->path);
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    if (spec->ref == NULL || digest_is_valid(spec->ref))
        return xstrdup(member_base(path));
    if (!ref_tag_valid(spec->ref))
        return xstrdup(spec->ref);
    return xasprintf("%s:%s", member_base(path), spec->ref);
}

static int
check_layer(struct oci_dir *d, struct source_layer *layer, struct err *err)
{
    auto_free char *path = oci_blob_path(&layer->digest);
    uint64_t size;
    auto_fd int fd = -1;

    if (layer->foreign)
        return 0;
    fd = open_blob(d, path, &size);
    if (fd < 0)
        return err_set(err, ERR_ABSENT, "layer %s is not in it",
                       layer->digest.text);
    layer->size = size;
    return 0;
}

static int
read_dir(struct oci_dir *d, struct err *err)
{
    struct source *s = &d->source;
    struct oci_blobs blobs = { .json = find_json, .arg = d };

    if (oci_layout_read(&s->image, &blobs, &s->spec, err) < 0)
        return -1;
    for (size_t i = 0; i < s->image.n_layers; i++) {
        if (check_layer(d, &s->image.layers[i], err) < 0)
            return -1;
    }
    s->image.default_name = default_name(&s->spec);
    return 0;
}

static void
on_turn(void *arg)
{
    struct oci_dir *d = arg;
    struct err err;

    if (read_dir(d, &err) == 0) {
        source_ready(&d->source);
    } else {
        err_wrap(&err, "%s", d->source.spec.path);
        source_failed(&d->source, &err);
    }
}

static int
dir_open(struct source *s, struct err *err)
{
    struct oci_dir *d = (struct oci_dir *)s;

    buf_init(&d->json, CONFIG_MAX_BYTES);
    d->dir_fd = open(s->spec.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->dir_fd < 0)
        return err_set_errno(err, errno, "%s", s->spec.path);
    loop_defer(s->loop, on_turn, d);
    return 0;
}

static struct fetch *
dir_fetch(struct source *s, size_t layer, const struct fetch_events *events,
          void *arg, struct err *err)
{
    struct oci_dir *d = (struct oci_dir *)s;
    const struct source_layer *l = &s->image.layers[layer];
    auto_free char *path = oci_blob_path(&l->digest);
    uint64_t size;
    int fd = open_blob(d, path, &size);

    if (fd < 0) {
        err_set(err, ERR_ABSENT, "layer %s has gone", l->digest.text);
        return NULL;
    }
    return file_fetch_start(s->loop, fd, true, 0, size, &l->digest, false,
                            events, arg);
}

static void
dir_clear(struct source *s)
{
    struct oci_dir *d = (struct oci_dir *)s;

    loop_undefer(s->loop, on_turn, d);
    if (d->dir_fd > 0)
        close(d->dir_fd);
    d->dir_fd = -1;
    buf_clear(&d->json);
}

const struct source_ops source_oci_dir = {
    .size = sizeof(struct oci_dir),
    .open = dir_open,
    .fetch = dir_fetch,
    .clear = dir_clear,
};
