/*
 * Archives: an index worker tells where things lie, one of three forms tells
 * what they mean, and a layer is a range of the file. Of a compressed archive
 * the layer worker gets all, and is told which part is its layer.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/source/member-path.h"
#include "engine/source/range.h"
#include "engine/source/source-private.h"

struct archive {
    struct source source; /* first */
    int fd;               /* owns; -1 without */
    struct indexing *indexing; /* owns while it runs */
    bool is_plain;
    struct place *places; /* owns; one for each layer */
    char member[64];      /* "OFFSET:SIZE" of source_layer_args() */
    const char *args[3];
};

static const struct form {
    enum source_kind kind;
    const char *name;
    archive_form read, read_compat;
} forms[] = {
    { SOURCE_DOCKER_ARCHIVE, "docker archive", docker_archive_form,
      docker_archive_form },
    { SOURCE_OCI_ARCHIVE, "OCI layout", oci_archive_form, oci_compat_form },
    { SOURCE_KANIKO_ARCHIVE, "kaniko archive", kaniko_archive_form,
      kaniko_archive_form },
};

int
invalid_archive(struct err *err, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set_code(err, ERR_INPUT, "INVALID_ARCHIVE", "%s", text);
}

static int
try_form(struct archive *a, const struct form *form,
         const struct archive_index *index, struct err *err)
{
    struct source *s = &a->source;
    archive_form read = s->spec.compat ? form->read_compat : form->read;

    if (read(&s->image, &a->places, index, &s->spec, err) == 0)
        return 0;
    source_image_clear(&s->image);
    free(a->places);
    a->places = NULL;
    return err_wrap(err, "as %s", form->name);
}

/* The named form, then the others in the peer's order. */
static int
choose_form(struct archive *a, const struct archive_index *index,
            struct err *err)
{
    enum source_kind named = a->source.spec.kind;
    struct err first = { 0 }, other;

    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        if (forms[i].kind == named &&
            try_form(a, &forms[i], index, &first) == 0)
            return 0;
    }
    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        if (forms[i].kind != named &&
            try_form(a, &forms[i], index, &other) == 0) {
            log_info("the archive has another form than named",
                     LOG_STR("form", forms[i].name), LOG_ERR(&first));
            return 0;
        }
        /* A platform that is not there says more than "no docker archive". */
        if (forms[i].kind != named && !str_eq(other.code, "INVALID_ARCHIVE") &&
            str_eq(first.code, "INVALID_ARCHIVE"))
            first = other;
    }
    if (a->source.spec.compat || str_eq(first.code, "INVALID_ARCHIVE"))
        return err_set_code(err, ERR_INPUT, "INVALID_ARCHIVE",
                            "Unsupported archive type. Please use a Docker "
                            "archive, OCI image layout, or Kaniko-compatible "
                            "tarball.");
    *err = first;
    return -1;
}

static void
on_index(struct archive_index *taken, const struct err *why, void *arg)
{
    struct archive *a = arg;
    auto_archive_index struct archive_index *index = taken;
    struct source *s = &a->source;
    struct err err;

    a->indexing = NULL;
    if (index == NULL) {
        source_failed(s, why);
        return;
    }
    a->is_plain = index->is_plain;
    if (choose_form(a, index, &err) < 0) {
        source_failed(s, &err);
        return;
    }
    s->image.default_name = xstrdup(member_base(s->spec.path));
    source_ready(s);
}

static int
open_file(const char *path, struct err *err)
{
    struct stat st;
    /* Not to wait for ever for somebody to open a FIFO's other end. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_ABSENT, "The provided archive path does not "
                                        "exist on the filesystem");
    if (fd < 0)
        return err_set_errno(err, errno, "%s", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(err, ERR_INPUT, "The provided archive path is not a "
                                       "file");
    }
    return fd;
}

static int
archive_open(struct source *s, struct err *err)
{
    struct archive *a = (struct archive *)s;

    a->fd = open_file(s->spec.path, err);
    if (a->fd < 0)
        return -1;
    a->indexing = indexing_start(s->loop, s->pool, a->fd, s->spec.worker_args,
                                 on_index, a, err);
    return a->indexing != NULL ? 0 : -1;
}

static const char *const *
archive_layer_args(struct source *s, size_t layer)
{
    struct archive *a = (struct archive *)s;
    const struct place *p = &a->places[layer];

    if (a->is_plain)
        return NULL;
    snprintf(a->member, sizeof(a->member), "%" PRIu64 ":%" PRIu64, p->offset,
             p->size);
    a->args[0] = "--member";
    a->args[1] = a->member;
    return a->args;
}

static struct fetch *
archive_fetch(struct source *s, size_t layer,
              const struct fetch_events *events, void *arg, struct err *err)
{
    struct archive *a = (struct archive *)s;
    struct place p = { 0, RANGE_TO_END };

    (void)err;
    if (a->is_plain)
        p = a->places[layer];
    return file_fetch_start(s->loop, a->fd, false, p.offset, p.size,
                            &s->image.layers[layer].digest, !a->is_plain,
                            events, arg);
}

static void
archive_clear(struct source *s)
{
    struct archive *a = (struct archive *)s;

    if (a->indexing != NULL)
        indexing_cancel(a->indexing);
    a->indexing = NULL;
    if (a->fd > 0)
        close(a->fd);
    a->fd = -1;
    free(a->places);
    a->places = NULL;
}

const struct source_ops source_archive = {
    .size = sizeof(struct archive),
    .open = archive_open,
    .layer_args = archive_layer_args,
    .fetch = archive_fetch,
    .clear = archive_clear,
};
