#include <criterion/criterion.h>
#include <unistd.h>

#include "layer-rig.h"
#include "worker/image/image.h"
#include "worker/layer.h"
#include "worker/limits.h"

#include <zlib.h>

/* A file without a name that holds these bytes. */
static int
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

static void
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
static const char *
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

static const struct {
    const char *path, *body;
} specimen[] = {
    { "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n" },
    { "var/lib/dpkg/status", "Package: a\nVersion: 1\nDepends: b\n\n"
                             "Package: b\nVersion: 2\nSource: s\n" },
    { "var/lib/apt/extended_states", "Package: b\nAuto-Installed: 1\n" },
    { "usr/bin/node", "\177ELF" },
    { "opt/java/openjdk/release", "JAVA_VERSION=\"17\"\n" },
};

#define N_FILES N_ELEMENTS(specimen)

/* The files spread over layers: bit i of `cuts` ends a layer behind file i. */
static void
facts_of_split(unsigned cuts, struct buf *lines)
{
    struct buf records[N_FILES];
    auto_buf struct buf tar = RIG_BUF;
    size_t n = 0;

    for (size_t i = 0; i < N_FILES; i++) {
        rig_file(&tar, specimen[i].path, specimen[i].body);
        if (i + 1 < N_FILES && (cuts & 1u << i) == 0)
            continue;
        records[n] = (struct buf)RIG_BUF;
        rig_record(&tar, &records[n++]);
        buf_reset(&tar);
    }
    cr_assert_str_eq(assemble("", records, n, lines), "");
    for (size_t i = 0; i < n; i++)
        buf_clear(&records[i]);
}

Test(image, any_split_into_layers_gives_the_same_facts)
{
    auto_buf struct buf whole = RIG_BUF;

    facts_of_split(0, &whole);
    cr_assert_gt(whole.n, 0);
    for (unsigned cuts = 1; cuts < 1u << (N_FILES - 1); cuts++) {
        auto_buf struct buf lines = RIG_BUF;

        facts_of_split(cuts, &lines);
        cr_expect_str_eq(buf_cstr(&lines), buf_cstr(&whole), "%x", cuts);
    }
}

/* How many hashes the fact keyBinariesHashes has. */
static int
count_hashes(const char *extra, const struct buf *record)
{
    auto_buf struct buf lines = RIG_BUF;
    const char *at;
    int n = 0;

    cr_assert_str_eq(assemble(extra, record, 1, &lines), "");
    at = strstr(buf_cstr(&lines), "\"keyBinariesHashes\"");
    if (at == NULL)
        return 0;
    for (at = strchr(at, '['); *at != ']'; at++)
        n += *at == ',';
    return n + 1;
}

Test(image, key_binaries_are_programs_of_that_name)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_file(&tar, "usr/bin/node", "\177ELF a");
    rig_file(&tar, "usr/share/bash-completion/completions/java", "complete");
    rig_file(&tar, "usr/bin/deno.d/not-node", "\177ELF b");
    rig_record(&tar, &record);
    cr_expect_eq(count_hashes("", &record), 1);
    cr_expect_eq(count_hashes("\"compat\":true,", &record), 3);
}

static void
gzip(struct bytes in, struct buf *out)
{
    z_stream z = { 0 };
    size_t room = in.n + 1000;

    cr_assert_eq(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY),
                 Z_OK);
    z.next_in = (uint8_t *)(uintptr_t)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = buf_room(out, room);
    z.avail_out = (uInt)room;
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n += room - z.avail_out;
    deflateEnd(&z);
}

/* Mode layer over stored bytes; its record, of a variant. */
static void
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

static void
stored_record(struct bytes stored, struct buf *record)
{
    variant_record(stored, &(struct analyzer_variant){ .n_include = 0 },
                   record);
}

Test(image, any_compression_gives_the_same_facts)
{
    auto_buf struct buf tar = RIG_BUF, packed = RIG_BUF;
    auto_buf struct buf plain_facts = RIG_BUF, gzip_facts = RIG_BUF;
    struct buf plain = RIG_BUF, unpacked = RIG_BUF;

    for (size_t i = 0; i < N_FILES; i++)
        rig_file(&tar, specimen[i].path, specimen[i].body);
    rig_end(&tar);
    gzip(buf_bytes(&tar), &packed);
    stored_record(buf_bytes(&tar), &plain);
    stored_record(buf_bytes(&packed), &unpacked);
    cr_assert_str_eq(assemble("", &plain, 1, &plain_facts), "");
    cr_assert_str_eq(assemble("", &unpacked, 1, &gzip_facts), "");
    cr_expect_str_eq(buf_cstr(&gzip_facts), buf_cstr(&plain_facts));
    cr_expect_lt(bytes_find_str(buf_bytes(&gzip_facts), "s/b@2"),
                 gzip_facts.n);
    buf_clear(&plain);
    buf_clear(&unpacked);
}

static struct buf
record_of(const char *path, const char *body)
{
    auto_buf struct buf tar = RIG_BUF;
    struct buf record = RIG_BUF;

    rig_file(&tar, path, body);
    rig_record(&tar, &record);
    return record;
}

Test(image, one_broken_file_costs_the_peer_everything_and_us_nothing)
{
    struct buf records[2] = {
        record_of("etc/os-release", "NAME=only\n"),
        record_of("var/lib/dpkg/status", "Version: 1\nPackage: a\nVersion: 1\n"),
    };
    auto_buf struct buf lines = RIG_BUF, none = RIG_BUF;

    cr_expect_str_eq(assemble("\"compat\":true,", records, 1, &none),
                     "Failed to detect OS release");
    cr_expect_str_eq(assemble("\"compat\":true,", records + 1, 1, &none),
                     "Failed to detect installed OS packages");
    cr_expect_eq(none.n, 0);
    cr_expect_str_eq(assemble("", records, 2, &lines), "");
    cr_expect_lt(bytes_find_str(buf_bytes(&lines), "\"a@1\""), lines.n);
    cr_expect_lt(bytes_find_str(buf_bytes(&lines), "unknown:0.0"), lines.n);
    cr_expect_lt(bytes_find_str(buf_bytes(&lines),
                                "/etc/os-release: osrelease: names no system"),
                 lines.n);
    buf_clear(&records[0]);
    buf_clear(&records[1]);
}

Test(image, removed_packages_are_reported_by_the_peer_only)
{
    struct buf record = record_of("var/lib/dpkg/status",
                                  "Package: gone\nVersion: 1\n"
                                  "Status: deinstall ok config-files\n\n"
                                  "Package: here\nVersion: 1\n"
                                  "Status: install ok installed\n");
    auto_buf struct buf right = RIG_BUF, compat = RIG_BUF;

    cr_expect_str_eq(assemble("", &record, 1, &right), "");
    cr_expect_str_eq(assemble("\"compat\":true,", &record, 1, &compat), "");
    cr_expect_lt(bytes_find_str(buf_bytes(&right), "here@1"), right.n);
    cr_expect_eq(bytes_find_str(buf_bytes(&right), "gone@1"), right.n);
    cr_expect_lt(bytes_find_str(buf_bytes(&compat), "gone@1"), compat.n);
    buf_clear(&record);
}

Test(image, names_of_a_pull_come_from_the_reference_and_its_digests)
{
    auto_buf struct buf lines = RIG_BUF;

#define D "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    cr_expect_str_eq(assemble("\"manifestDigest\":\"" D "\",", NULL, 0,
                              &lines), "");
    cr_expect_lt(bytes_find_str(buf_bytes(&lines),
                                "[\"image.tar:latest\",\"image.tar@" D "\"]"),
                 lines.n);
}

Test(image, a_record_cut_short_ends_it)
{
    struct buf record = record_of("etc/os-release", "ID=a\n");
    auto_buf struct buf lines = RIG_BUF;

    record.n -= 2;
    cr_expect_str_eq(assemble("", &record, 1, &lines),
                     "layer 0: record: no end line");
    cr_expect_eq(lines.n, 0);
    buf_clear(&record);
}

Test(image, a_layer_that_was_not_read_contributes_nothing)
{
    struct buf records[2] = { record_of("etc/os-release", "ID=a\n"), RIG_BUF };
    auto_buf struct buf lines = RIG_BUF;

    cr_expect_str_eq(assemble("", records, 2, &lines), "");
    cr_expect_lt(bytes_find_str(buf_bytes(&lines), "a:unstable"), lines.n);
    buf_clear(&records[0]);
}

/* ---- content manifests ------------------------------------------------- */

/* Two layers: one with a manifest that is no JSON, hidden by the upper one. */
static const char *
scan_spoilt(const char *extra, struct buf *lines)
{
    auto_buf struct buf lower = RIG_BUF, upper = RIG_BUF;
    struct buf records[2] = { RIG_BUF, RIG_BUF };
    const char *text;

    rig_file(&lower, "root/buildinfo/content_manifests/a", "{");
    rig_file(&lower, "lib/apk/db/installed", "P:lost\nV:1\n");
    rig_file(&upper, "root/buildinfo/content_manifests/a", "{}");
    rig_file(&upper, "etc/os-release", "ID=x\n");
    rig_record(&lower, &records[0]);
    rig_record(&upper, &records[1]);
    text = assemble(extra, records, 2, lines);
    buf_clear(&records[0]);
    buf_clear(&records[1]);
    return text;
}

Test(image, a_content_manifest_that_is_no_json_costs_nothing)
{
    auto_buf struct buf lines = RIG_BUF;

    cr_expect_str_eq(scan_spoilt("", &lines), "");
    cr_expect_not_null(strstr(buf_cstr(&lines), "\"lost\""));
    cr_expect_not_null(strstr(buf_cstr(&lines), "rpmcontent: "));
}

Test(image, compat_it_ends_the_scan_of_a_docker_archive)
{
    auto_buf struct buf lines = RIG_BUF;

    cr_expect_str_eq(scan_spoilt("\"compat\":true,\"layerNames\":"
                                 "[\"a.tar\",\"b.tar\"],", &lines),
                     "Error reading tar archive");
}

Test(image, compat_an_oci_image_loses_the_layer)
{
    auto_buf struct buf lines = RIG_BUF;

    cr_expect_str_eq(scan_spoilt("\"compat\":true,\"layerNames\":"
                                 "[\"sha256:a\",\"sha256:b\"],", &lines), "");
    cr_expect_null(strstr(buf_cstr(&lines), "\"lost\""));
    cr_expect_not_null(strstr(buf_cstr(&lines), "\"x:unstable\""));
}

/* ---- files that patterns name -------------------------------------------- */

static const char *const include[] = { "**/*.lock" };
static const char *const exclude[] = { "/tmp/**" };
static const struct analyzer_variant locks = { include, 1, exclude, 1 };

#define LOCKS \
    "\"options\":{\"globsToFind\":{\"include\":[\"**/*.lock\"]," \
    "\"exclude\":[\"/tmp/**\"]}},"

/* The fact imageManifestFiles of these layers, "" without; each gets its end
 * here. Owned by the caller. */
static char *
named_files(const char *extra, struct buf *tars, size_t n)
{
    static const char fact[] = "{\"type\":\"imageManifestFiles\",\"data\":";
    struct buf records[4];
    auto_buf struct buf lines = RIG_BUF;
    const char *at;

    for (size_t i = 0; i < n; i++) {
        rig_end(&tars[i]);
        records[i] = (struct buf)RIG_BUF;
        variant_record(buf_bytes(&tars[i]), &locks, &records[i]);
    }
    cr_assert_str_eq(assemble(extra, records, n, &lines), "");
    for (size_t i = 0; i < n; i++)
        buf_clear(&records[i]);
    at = strstr(buf_cstr(&lines), fact);
    if (at == NULL)
        return xstrdup("");
    at += sizeof(fact) - 1;
    return xstrndup(at, strcspn(at, "]") + 1);
}

#define FILE_X(name, path) \
    "{\"name\":\"" name "\",\"path\":\"" path "\",\"contents\":\"eA==\"}"

Test(image, files_that_patterns_name_are_reported_as_they_are)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "app/b.lock", "x");
    rig_file(&tar, "a.lock", "x");
    rig_file(&tar, "tmp/c.lock", "x");
    rig_file(&tar, "app/d.txt", "x");
    rig_file(&tar, "app/empty.lock", "");
    fact = named_files(LOCKS, &tar, 1);
    cr_expect_str_eq(fact, "[" FILE_X("b.lock", "/app") ","
                               FILE_X("a.lock", "/") "]");
}

Test(image, named_files_are_the_systems_and_no_applications)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "a.lock", "x");
    fact = named_files("\"options\":{\"exclude-app-vulns\":true,"
                       "\"globsToFind\":{\"include\":[\"**\"]}},",
                       &tar, 1);
    cr_expect_str_eq(fact, "[" FILE_X("a.lock", "/") "]");
}

Test(image, what_a_record_holds_and_no_option_names_is_not_reported)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "a.lock", "x");
    fact = named_files("", &tar, 1);
    cr_expect_str_eq(fact, "");
}

Test(image, a_hard_link_is_a_named_file_when_its_own_name_says_so)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "store/1.lock", "x");
    rig_hardlink(&tar, "app/yarn.lock", "store/1.lock");
    rig_hardlink(&tar, "app/package.json", "store/1.lock");
    fact = named_files(LOCKS, &tar, 1);
    cr_expect_str_eq(fact, "[" FILE_X("1.lock", "/store") ","
                               FILE_X("yarn.lock", "/app") "]");
}

Test(image, an_empty_file_hides_a_named_one_unless_compatible)
{
    struct buf tars[2] = { RIG_BUF, RIG_BUF };
    auto_free char *right = NULL, *compat = NULL;

    rig_file(&tars[0], "a.lock", "x");
    rig_file(&tars[1], "a.lock", "");
    right = named_files(LOCKS, tars, 2);
    compat = named_files("\"compat\":true," LOCKS, tars, 2);
    cr_expect_str_eq(right, "");
    cr_expect_str_eq(compat, "[" FILE_X("a.lock", "/") "]");
    buf_clear(&tars[0]);
    buf_clear(&tars[1]);
}

Test(image, a_named_file_that_is_too_large_is_a_warning)
{
    static char large[5000];
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    memset(large, 'x', sizeof(large) - 1);
    rig_file(&tar, "a.lock", large);
    rig_file(&tar, "b.lock", "x");
    rig_end(&tar);
    variant_record(buf_bytes(&tar), &locks, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "p"), "/a.lock");
}

/* ---- names of application files ------------------------------------------ */

/* Identities and facts of the results behind the system's. */
static char *
app_files(const char *extra, struct buf *tars, size_t n)
{
    struct buf records[4];
    auto_buf struct buf lines = RIG_BUF;
    const char *rest;

    for (size_t i = 0; i < n; i++) {
        records[i] = (struct buf)RIG_BUF;
        rig_record(&tars[i], &records[i]);
    }
    cr_assert_str_eq(assemble(extra, records, n, &lines), "");
    for (size_t i = 0; i < n; i++)
        buf_clear(&records[i]);
    rest = strchr(buf_cstr(&lines), '\n');
    return xstrdup(rest + 1);
}

#define COLLECT "\"options\":{\"collect-application-files\":\"true\"},"

Test(image, application_files_are_named_below_their_common_folder)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *results = NULL;

    rig_file(&tar, "srv/app/src/a.js", "x");
    rig_file(&tar, "srv/app/src/types.d.ts", "x");
    rig_file(&tar, "srv/app/node_modules/b/b.js", "x");
    rig_file(&tar, "srv/app/empty.js", "");
    rig_file(&tar, "srv/apps/b.ts", "x");
    rig_file(&tar, "usr/lib/c.js", "x");
    rig_file(&tar, "opt/tool/x.py", "x");
    rig_file(&tar, "opt/tool/lib/site-packages/y.py", "x");
    results = app_files(COLLECT, &tar, 1);
    cr_expect_not_null(
        strstr(results, "{\"identity\":{\"type\":\"npm\",\"targetFile\":\"/srv\"},"
                        "\"facts\":[{\"type\":\"applicationFiles\",\"data\":"
                        "[{\"language\":\"node\",\"fileHierarchy\":["
                        "{\"path\":\"app/src/a.js\"},"
                        "{\"path\":\"apps/b.ts\"}]}]},"),
        "%s", results);
    cr_expect_not_null(
        strstr(results, "\n{\"identity\":{\"type\":\"python\",\"targetFile\":"
                        "\"/opt/tool\"},\"facts\":[{\"type\":"
                        "\"applicationFiles\",\"data\":[{\"language\":\"python\","
                        "\"fileHierarchy\":[{\"path\":\"x.py\"}]}]},"),
        "%s", results);
}

Test(image, application_files_are_nobodys_business_unless_asked_for)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *results = NULL, *excluded = NULL;

    rig_file(&tar, "app/a.js", "x");
    results = app_files("", &tar, 1);
    cr_expect_str_eq(results, "");
    excluded = app_files("\"options\":{\"collect-application-files\":true,"
                         "\"exclude-app-vulns\":true},", &tar, 1);
    cr_expect_str_eq(excluded, "");
}

Test(image, files_that_a_layer_removes_are_no_application_files)
{
    struct buf tars[2] = { RIG_BUF, RIG_BUF };
    auto_free char *results = NULL;

    rig_file(&tars[0], "app/a.py", "x");
    rig_file(&tars[0], "app/b/b.py", "x");
    rig_file(&tars[1], "app/.wh.a.py", "");
    results = app_files(COLLECT, tars, 2);
    cr_expect_not_null(strstr(results, "\"targetFile\":\"/app/b\""), "%s",
                       results);
    cr_expect_null(strstr(results, "a.py"));
    buf_clear(&tars[0]);
    buf_clear(&tars[1]);
}

Test(image, the_body_of_an_application_file_is_not_in_the_record)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_file(&tar, "app/a.py", "secret");
    rig_record(&tar, &record);
    cr_expect_lt(bytes_find_str(buf_bytes(&record), "/app/a.py"), record.n);
    cr_expect_eq(bytes_find_str(buf_bytes(&record), "secret"), record.n);
}

/* ---- Dockerfiles ---------------------------------------------------------- */

static void
dpkg_record(struct buf *record)
{
    auto_buf struct buf tar = RIG_BUF;

    rig_file(&tar, "var/lib/dpkg/status",
             "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n");
    rig_record(&tar, record);
}

Test(image, a_dockerfile_tells_base_and_commands_and_labels_packages)
{
    auto_buf struct buf record = RIG_BUF, lines = RIG_BUF;
    const char *text;

    dpkg_record(&record);
    cr_assert_str_eq(assemble("\"dockerfile\":\"FROM x\\nRUN apk add a\","
                              "\"options\":{\"file\":\"/no/such/file\"},",
                              &record, 1, &lines), "");
    text = buf_cstr(&lines);
    cr_expect_not_null(strstr(text, "{\"type\":\"dockerfileAnalysis\",\"data\":{"
                                    "\"baseImage\":\"x\","
                                    "\"dockerfileLayers\":{"), "%s", text);
    cr_expect_not_null(strstr(text, "\"dockerfilePackages\":{\"a\":{"
                                    "\"instruction\":\"RUN apk add a\","
                                    "\"installCommand\":\"apk add a\"}}"));
    cr_expect_not_null(strstr(text, "\"dockerLayerId\":\"UlVOIGFwayBhZGQgYQ==\""));
}

Test(image, excluding_the_base_image_goes_by_the_dockerfile)
{
    auto_buf struct buf record = RIG_BUF, lines = RIG_BUF;

    dpkg_record(&record);
    cr_assert_str_eq(assemble("\"dockerfile\":\"FROM $X\\nRUN apk add a\","
                              "\"options\":{\"exclude-base-image-vulns\":true},",
                              &record, 1, &lines), "");
    cr_expect_not_null(strstr(buf_cstr(&lines), "\"a@1\""));
    cr_expect_null(strstr(buf_cstr(&lines), "\"b@2\""));
    cr_expect_not_null(strstr(buf_cstr(&lines),
                              "\"error\":{\"code\":\"BASE_IMAGE_NON_"
                              "RESOLVABLE\"}"));
}

Test(image, an_image_from_scratch_is_called_so)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF, lines = RIG_BUF;

    rig_file(&tar, "x", "y");
    rig_record(&tar, &record);
    cr_assert_str_eq(assemble("\"dockerfile\":\"FROM scratch\",", &record, 1,
                              &lines), "");
    cr_expect_not_null(strstr(buf_cstr(&lines), "\"scratch:0.0\""));
}

Test(image, option_file_without_the_text_is_an_error)
{
    auto_buf struct buf record = RIG_BUF, lines = RIG_BUF;

    dpkg_record(&record);
    cr_expect_neq(*assemble("\"options\":{\"file\":\"/etc/passwd\"},", &record,
                            1, &lines), '\0');
    cr_expect_eq(lines.n, 0);
}
