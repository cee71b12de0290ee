/* Scans of archives; the index worker's lines are written by the test. */
#include "scan-rig.h"

#include "base/json/jw.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
/* What lies in the file, at 0 and at 6. */
#define CONTENT "bottomBROKEN"

static void
add_line(struct buf *out, const char *name, int offset, int size,
         const char *body)
{
    struct jw w;

    jw_init(&w, out);
    jw_obj(&w);
    jw_key_str(&w, "n", name);
    jw_key_str(&w, "t", "file");
    jw_key_int(&w, "o", offset);
    jw_key_int(&w, "s", size);
    jw_key_opt(&w, "b", body);
    jw_end(&w);
    buf_add_char(out, '\n');
}

/* A docker archive of one layer whose diff id is said to be `diff_id`. */
static void
docker_archive(struct scan_rig *r, const char *coding, const char *diff_id)
{
    auto_buf struct buf index = BUF_INIT(100000);
    auto_free char *config =
        xasprintf("{\"rootfs\":{\"diff_ids\":[\"%s\"]}}", diff_id);

    buf_addf(&index, "{\"index\":1,\"coding\":\"%s\"}\n", coding);
    add_line(&index, "manifest.json", 0, 1,
             "[{\"Config\":\"" HEX ".json\",\"Layers\":[\"a.tar\"]}]");
    add_line(&index, HEX ".json", 0, 1, config);
    add_line(&index, "a.tar", 0, 6, NULL);
    buf_add_str(&index, "{\"end\":true}\n");
    rig_write(r, "index", buf_cstr(&index));
    rig_write(r, "image.tar", CONTENT);
}

static void
scan_archive(struct scan_rig *r, struct scan_log *log, enum source_kind kind,
             bool compat)
{
    auto_free char *path = xasprintf("%s/image.tar", r->dir);
    struct scan_request req = { .source = { .kind = kind, .path = path },
                                .compat = compat };

    rig_scan_spec(r, log, &req);
    cr_assert_not_null(log->scan, "%s", log->err.text);
    turn_until(r->loop, log->ends > 0);
}

Test(scan_archive, a_layer_is_a_range_of_the_file)
{
    struct digest d = digest_of(bytes_str("bottom"));
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    docker_archive(&r, "plain", d.text);
    scan_archive(&r, &log, SOURCE_DOCKER_ARCHIVE, false);
    cr_expect_str_eq(log.err.text, "");

    auto_free char *input = rig_file(&r, "image");
    cr_expect_not_null(strstr(input, "\"p\":\"bottom\""));
    cr_expect_not_null(strstr(input, "\"target\":\"image.tar\""));
    cr_expect_not_null(strstr(input, "\"manifestDigest\":null"));
    log_clear(&log);
    rig_stop(&r);
}

Test(scan_archive, the_configs_diff_ids_decide_unless_compat)
{
    struct digest other = digest_of(bytes_str("other"));
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    docker_archive(&r, "plain", other.text);
    scan_archive(&r, &log, SOURCE_DOCKER_ARCHIVE, false);
    cr_expect_str_eq(err_code(&log.err), "DIGEST_MISMATCH");
    cr_expect_not_null(strstr(log.err.text, "a.tar"));
    log_clear(&log);
    scan_archive(&r, &log, SOURCE_DOCKER_ARCHIVE, true);
    cr_expect_str_eq(log.err.text, "");
    log_clear(&log);
    rig_stop(&r);
}

Test(scan_archive, of_a_compressed_one_the_worker_gets_all_and_a_place)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    docker_archive(&r, "gzip", "unknown");
    rig_write(&r, "image.tar", "bottomrest");
    scan_archive(&r, &log, SOURCE_DOCKER_ARCHIVE, false);
    cr_expect_str_eq(log.err.text, "");

    auto_free char *calls = rig_file(&r, "calls");
    auto_free char *input = rig_file(&r, "image");
    cr_expect_not_null(strstr(calls, "--diff-id --member 0:6"), "%s", calls);
    cr_expect_not_null(strstr(input, "\"p\":\"bottomrest\""));
    log_clear(&log);
    rig_stop(&r);
}

/* An OCI archive of two layers, the second of them broken. */
static void
oci_archive(struct scan_rig *r)
{
    struct digest good = digest_of(bytes_str("bottom")),
                  bad = digest_of(bytes_str("BROKEN")), d;
    const char *config = "{\"os\":\"linux\",\"architecture\":\"amd64\","
                         "\"rootfs\":{}}";
    struct digest config_digest = digest_of(bytes_str(config));
    auto_buf struct buf index = BUF_INIT(100000);
    auto_free char *manifest =
        xasprintf("{\"config\":{\"digest\":\"%s\",\"size\":1},\"layers\":["
                  "{\"digest\":\"%s\",\"size\":6},"
                  "{\"digest\":\"%s\",\"size\":6}]}",
                  config_digest.text, good.text, bad.text);
    auto_free char *list = NULL, *name = NULL;

    d = digest_of(bytes_str(manifest));
    list = xasprintf("{\"manifests\":[{\"mediaType\":\"application/vnd.oci."
                     "image.manifest.v1+json\",\"digest\":\"%s\",\"size\":1}]}",
                     d.text);
    buf_add_str(&index, "{\"index\":1,\"coding\":\"plain\"}\n");
    add_line(&index, "index.json", 0, 1, list);
    name = xasprintf("blobs/sha256/%s", digest_hex(&d));
    add_line(&index, name, 0, 1, manifest);
    free(name);
    name = xasprintf("blobs/sha256/%s", digest_hex(&config_digest));
    add_line(&index, name, 0, 1, config);
    free(name);
    name = xasprintf("blobs/sha256/%s", digest_hex(&good));
    add_line(&index, name, 0, 6, NULL);
    free(name);
    name = xasprintf("blobs/sha256/%s", digest_hex(&bad));
    add_line(&index, name, 6, 6, NULL);
    buf_add_str(&index, "{\"end\":true}\n");
    rig_write(r, "index", buf_cstr(&index));
    rig_write(r, "image.tar", CONTENT);
}

Test(scan_archive, a_broken_oci_layer_vanishes_in_compat_only)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    oci_archive(&r);
    scan_archive(&r, &log, SOURCE_OCI_ARCHIVE, false);
    cr_expect_eq(log.err.kind, ERR_INPUT);
    log_clear(&log);
    scan_archive(&r, &log, SOURCE_OCI_ARCHIVE, true);
    cr_expect_str_eq(log.err.text, "");

    auto_free char *input = rig_file(&r, "image");
    cr_expect_not_null(strstr(input, ",0]"), "%s", input);
    log_clear(&log);
    rig_stop(&r);
}

Test(scan_archive, another_form_than_named_is_found)
{
    struct digest d = digest_of(bytes_str("bottom"));
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    docker_archive(&r, "plain", d.text);
    scan_archive(&r, &log, SOURCE_KANIKO_ARCHIVE, false);
    cr_expect_str_eq(log.err.text, "");
    log_clear(&log);
    rig_write(&r, "index", "{\"index\":1,\"coding\":\"plain\"}\n{\"end\":true}\n");
    scan_archive(&r, &log, SOURCE_OCI_ARCHIVE, false);
    cr_expect_str_eq(log.err.text,
                     "Unsupported archive type. Please use a Docker archive, "
                     "OCI image layout, or Kaniko-compatible tarball.");
    log_clear(&log);
    rig_stop(&r);
}

Test(scan_archive, an_index_worker_that_fails_tells_why)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_write(&r, "image.tar", "x");
    rig_write(&r, "index", "");
    scan_archive(&r, &log, SOURCE_OCI_ARCHIVE, false);
    cr_expect_not_null(strstr(log.err.text, "it has no end"), "%s",
                       log.err.text);
    log_clear(&log);
    rig_stop(&r);
}
