#include "image-rig.h"

#include <zlib.h>

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
