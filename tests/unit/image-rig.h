/* An image in memory: records of its layers in, the lines of its results out;
 * through the same doors as the worker. */
#ifndef TESTS_UNIT_IMAGE_RIG_H
#define TESTS_UNIT_IMAGE_RIG_H

#include <criterion/criterion.h>
#include <unistd.h>

#include "layer-rig.h"
#include "worker/image/image.h"
#include "worker/layer.h"
#include "worker/limits.h"

/* A file without a name that holds these bytes. */
static inline int
file_of(struct bytes b)
{
    FILE *f = tmpfile();
    int fd;

    cr_assert_not_null(f);
    cr_assert(b.n == 0 || fwrite(b.p, 1, b.n, f) == b.n);
    fflush(f);
    fd = dup(fileno(f));
    fclose(f);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static inline void
content_of(int fd, struct buf *out)
{
    uint8_t chunk[4096];
    ssize_t n;

    lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, chunk, sizeof(chunk))) > 0)
        buf_add(out, chunk, (size_t)n);
}

#define CONFIG \
    "{\"os\":\"linux\",\"architecture\":\"amd64\"," \
    "\"rootfs\":{\"diff_ids\":[\"sha256:1\"]}}"

/* One run of mode image over these records; the error's text or "". */
static inline const char *
assemble(const char *extra, const struct buf *records, size_t n,
         struct buf *lines)
{
    static struct err err;
    auto_buf struct buf header = RIG_BUF, in = RIG_BUF;
    struct limits limits;
    int in_fd, out_fd, rc;

    buf_addf(&header, "{\"image\":1,%s\"target\":\"image.tar\",\"imageId\":"
                      "\"sha256:0\",\"config\":" CONFIG ",\"records\":[",
             extra);
    for (size_t i = 0; i < n; i++)
        buf_addf(&header, "%s%zu", i > 0 ? "," : "", records[i].n);
    buf_add_str(&header, "]}");
    buf_addf(&in, "%zu\n", header.n);
    buf_add_bytes(&in, buf_bytes(&header));
    for (size_t i = 0; i < n; i++)
        buf_add_bytes(&in, buf_bytes(&records[i]));
    limits_init(&limits);
    in_fd = file_of(buf_bytes(&in));
    out_fd = file_of(BYTES_NONE);
    err_clear(&err);
    rc = image_run(in_fd, out_fd, &limits, &err);
    content_of(out_fd, lines);
    close(in_fd);
    close(out_fd);
    cr_assert(rc == 0 || err.text[0] != '\0');
    return rc < 0 ? err.text : "";
}

/* Mode layer over stored bytes; its record, of a variant. */
static inline void
variant_record(struct bytes stored, const struct analyzer_variant *variant,
               struct buf *record)
{
    const struct layer_options options = { .variant = *variant };
    struct limits limits;
    struct err err;
    int in_fd = file_of(stored), out_fd = file_of(BYTES_NONE);

    limits_init(&limits);
    limits.product_bytes = 4096;
    cr_assert_eq(layer_run(in_fd, out_fd, &options, &limits, &err), 0, "%s",
                 err.text);
    content_of(out_fd, record);
    close(in_fd);
    close(out_fd);
}

static inline void
stored_record(struct bytes stored, struct buf *record)
{
    variant_record(stored, &(struct analyzer_variant){ .n_include = 0 },
                   record);
}

#endif
