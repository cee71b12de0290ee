/* Lines of an index worker, and what each form makes of the members. The
 * worker is ours, but what it tells comes from the archive. */
#include "engine/source/archive-index.h"
#include "engine/source/source-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct archive_index *
read_index(struct bytes all)
{
    auto_index_reader struct index_reader *r = index_reader_new();
    struct err err;

    if (index_reader_feed(r, bytes_str("{\"index\":1}\n"), &err) < 0 ||
        index_reader_feed(r, bytes_to(all, all.n / 2), &err) < 0 ||
        index_reader_feed(r, bytes_from(all, all.n / 2), &err) < 0 ||
        index_reader_feed(r, bytes_str("\n{\"end\":true}\n"), &err) < 0)
        return NULL;
    return index_reader_finish(r, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const archive_form forms[] = { docker_archive_form,
                                          kaniko_archive_form,
                                          oci_archive_form, oci_compat_form };
    auto_archive_index struct archive_index *x =
        read_index(bytes_of(data, size));

    for (size_t i = 0; x != NULL && i < 2 * N_ELEMENTS(forms); i++) {
        struct source_spec spec = { .compat = i % 2 == 1 };
        struct source_image image = { 0 };
        struct place *places = NULL;
        struct err err;

        forms[i / 2](&image, &places, x, &spec, &err);
        source_image_clear(&image);
        free(places);
    }
    return 0;
}
