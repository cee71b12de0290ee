#include <criterion/criterion.h>

#include "layer-rig.h"
#include "worker/graph/facts.h"
#include "zip-rig.h"

#define POM(g, a, v) "groupId=" g "\nartifactId=" a "\nversion=" v "\n"
#define HOME(g, a)   "META-INF/maven/" g "/" a "/pom.properties"

static struct buf tar = RIG_BUF;
static struct image_options options;
static struct err err;

static void
init(void)
{
    options = (struct image_options){ .nested_jars_depth = 1 };
}

/* A jar with one file in it, appended to the layer. */
static void
put(const char *path, const char *entry, struct bytes text)
{
    struct zip_rig z = ZIP_RIG;

    zip_rig_add(&z, entry, text);
    rig_bytes(&tar, path, zip_rig_end(&z));
    zip_rig_clear(&z);
}

static void
put_pom(const char *path, const char *entry, const char *text)
{
    put(path, entry, bytes_str(text));
}

static int
collect(struct bytes line, void *arg, struct err *why)
{
    (void)why;
    jx_append(arg, jx_parse(line, SIZE_MAX, NULL));
    return 0;
}

/* Scan results of an image; NULL when there are none. The caller's. */
static struct jx *
results_of(const struct merge *files, bool compat)
{
    auto_jx struct jx *config = jx_parse(bytes_str("{\"rootfs\":{}}"), 99, NULL);
    struct image image = { .compat = compat, .options = &options,
                           .files = files, .config = config,
                           .target = "reg/app:1" };
    auto_facts struct facts *facts = facts_new(&image, &err);
    auto_jx struct jx *results = jx_new_arr();

    cr_assert_not_null(facts);
    return facts_write(facts, collect, results, &err) == 0 ? steal(results)
                                                           : NULL;
}

static struct jx *
scan(bool compat)
{
    auto_merge struct merge *files = rig_merge(compat, &tar, 1);

    return results_of(files, compat);
}

/* "folder: location g:a:v|- (dependency,dependency) …;" for each folder. */
static void
describe_fingerprint(const struct jx *f, struct buf *out)
{
    const struct jx *deps = jx_arr(f, "dependencies");

    buf_addf(out, " %s ", jx_str(f, "location"));
    if (jx_str(f, "digest") != NULL)
        buf_add_char(out, '-');
    else
        buf_addf(out, "%s:%s:%s", jx_str(f, "groupId"),
                 jx_str(f, "artifactId"), jx_str(f, "version"));
    for (size_t i = 0; i < jx_count(deps); i++)
        buf_addf(out, "+%s:%s", jx_str(jx_at(deps, i), "artifactId"),
                 jx_str(jx_at(deps, i), "version"));
}

static void
describe(bool compat, struct buf *out)
{
    auto_jx struct jx *results = scan(compat);

    if (results == NULL) {
        buf_add_str(out, err.text);
        return;
    }
    for (size_t i = 1; i < jx_count(results); i++) {
        const struct jx *data =
            jx_obj(jx_at(jx_arr(jx_at(results, i), "facts"), 0), "data");
        const struct jx *list = jx_arr(data, "fingerprints");

        buf_addf(out, "%s:", jx_str(data, "path"));
        for (size_t k = 0; k < jx_count(list); k++)
            describe_fingerprint(jx_at(list, k), out);
        buf_add_char(out, ';');
    }
}

#define expect_jars(compat, want) \
    do { \
        auto_buf struct buf got_ = RIG_BUF; \
        describe(compat, &got_); \
        cr_expect_str_eq(buf_cstr(&got_), want); \
    } while (0)
/* Both modes. */
#define expect_same(want) \
    do { \
        struct buf keep_ = RIG_BUF; \
        buf_add_bytes(&keep_, buf_bytes(&tar)); \
        expect_jars(true, want); \
        buf_clear(&tar); \
        tar = keep_; \
        expect_jars(false, want); \
    } while (0)
#define expect_modes(compat_, right_) \
    do { \
        struct buf keep_ = RIG_BUF; \
        buf_add_bytes(&keep_, buf_bytes(&tar)); \
        expect_jars(true, compat_); \
        buf_clear(&tar); \
        tar = keep_; \
        expect_jars(false, right_); \
    } while (0)

Test(jars, a_result_is_a_folder_in_the_order_of_files, .init = init)
{
    put_pom("b/x.jar", HOME("g", "x"), POM("g", "x", "1"));
    put_pom("a/y-2.jar", HOME("g", "y"), POM("g", "y", "2"));
    rig_file(&tar, "b/z.jar", "");
    expect_same("/b: /b/x.jar g:x:1 /b/z.jar -;/a: /a/y-2.jar g:y:2;");
}

Test(jars, a_result_tells_its_folder_and_the_images_name, .init = init)
{
    rig_file(&tar, "app/x.jar", "");
    auto_jx struct jx *results = scan(false);
    const struct jx *r = jx_at(results, 1);

    rig_expect_json(jx_obj(r, "identity"),
                    "{\"type\":\"maven\",\"targetFile\":\"/app\"}");
    rig_expect_json(
        jx_at(jx_arr(r, "facts"), 0),
        "{\"type\":\"jarFingerprints\",\"data\":{\"path\":\"/app\","
        "\"origin\":\"reg/app:1\",\"fingerprints\":[{\"location\":"
        "\"/app/x.jar\",\"digest\":"
        "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\",\"dependencies\":[]}]"
        "}}");
}

Test(jars, a_folders_name_owns_coordinates_for_the_peer_only, .init = init)
{
    put_pom("opt/guava/x-core.jar", HOME("g", "guava"),
            POM("g", "guava", "31"));
    expect_modes("/opt/guava: /opt/guava/x-core.jar g:guava:31;",
                 "/opt/guava: /opt/guava/x-core.jar -+guava:31;");
}

Test(jars, of_two_that_fit_the_name_the_version_decides, .init = init)
{
    struct zip_rig z = ZIP_RIG;

    zip_rig_add(&z, HOME("g", "log4j-1.2-api"),
                bytes_str(POM("g", "log4j-1.2-api", "2.17")));
    zip_rig_add(&z, HOME("g", "log4j"), bytes_str(POM("g", "log4j", "9")));
    rig_bytes(&tar, "a/log4j-1.2-api-2.17.jar", zip_rig_end(&z));
    zip_rig_clear(&z);
    expect_modes("/a: /a/log4j-1.2-api-2.17.jar g:log4j:9;",
                 "/a: /a/log4j-1.2-api-2.17.jar g:log4j-1.2-api:2.17"
                 "+log4j:9;");
}

Test(jars, coordinates_out_of_place_are_of_something_swallowed, .init = init)
{
    put_pom("a/x-1.jar", "shaded/pom.properties", POM("g", "x", "1"));
    expect_modes("/a: /a/x-1.jar g:x:1;", "/a: /a/x-1.jar -+x:1;");
}

/* /a/app.jar with two poms, and a manifest that tells which. */
static void
put_renamed(const char *manifest)
{
    struct zip_rig z = ZIP_RIG;

    zip_rig_add(&z, "META-INF/MANIFEST.MF", bytes_str(manifest));
    zip_rig_add(&z, HOME("org.g", "x"), bytes_str(POM("org.g", "x", "1")));
    zip_rig_add(&z, HOME("org.h", "y"), bytes_str(POM("org.h", "y", "2")));
    rig_bytes(&tar, "a/app.jar", zip_rig_end(&z));
    zip_rig_clear(&z);
}

Test(jars, a_renamed_file_is_known_by_the_manifests_title, .init = init)
{
    put_renamed("Implementation-Title: y\n");
    expect_modes("/a: /a/app.jar -+x:1+y:2;",
                 "/a: /a/app.jar org.h:y:2+x:1;");
}

Test(jars, a_renamed_file_is_known_by_its_bundles_name, .init = init)
{
    put_renamed("Bundle-SymbolicName: org.g.x;singleton:=true\n");
    expect_jars(false, "/a: /a/app.jar org.g:x:1+y:2;");
}

Test(jars, a_manifest_that_fits_two_tells_nothing, .init = init)
{
    put_renamed("Implementation-Title: y\nBundle-SymbolicName: x\n");
    expect_jars(false, "/a: /a/app.jar -+x:1+y:2;");
}

Test(jars, a_name_before_the_artifacts_is_the_distributors, .init = init)
{
    put_pom("a/jetty9-http2-client.jar", HOME("g", "http2-client"),
            POM("g", "http2-client", "9.4"));
    put_pom("b/org-acme-ext-1.0.jar", HOME("org.acme", "ext"),
            POM("org.acme", "ext", "1.0"));
    put_pom("c/plexus-utils2.jar", HOME("p", "plexus-utils"),
            POM("p", "plexus-utils", "3.4"));
    expect_same("/a: /a/jetty9-http2-client.jar g:http2-client:9.4;"
                "/b: /b/org-acme-ext-1.0.jar org.acme:ext:1.0;"
                "/c: /c/plexus-utils2.jar p:plexus-utils:3.4;");
}

Test(jars, a_name_that_goes_on_is_another_artifacts, .init = init)
{
    put_pom("a/my-guava-tools.jar", HOME("g", "guava"),
            POM("g", "guava", "31"));
    put_pom("b/notguava.jar", HOME("g", "guava"), POM("g", "guava", "31"));
    expect_jars(false, "/a: /a/my-guava-tools.jar -+guava:31;"
                       "/b: /b/notguava.jar -+guava:31;");
}

Test(jars, of_several_the_end_of_the_name_tells_nothing, .init = init)
{
    struct zip_rig z = ZIP_RIG;

    zip_rig_add(&z, HOME("g", "x"), bytes_str(POM("g", "x", "1")));
    zip_rig_add(&z, HOME("h", "y"), bytes_str(POM("h", "y", "2")));
    rig_bytes(&tar, "a/my-x.jar", zip_rig_end(&z));
    zip_rig_clear(&z);
    expect_jars(false, "/a: /a/my-x.jar -+x:1+y:2;");
}

Test(jars, one_artifact_is_better_known_by_its_checksum, .init = init)
{
    put_pom("a/mssql-jdbc.jar",
            HOME("com.microsoft.sqlserver", "mssql-jdbc"),
            POM("com.microsoft.sqlserver", "mssql-jdbc", "1"));
    expect_same("/a: /a/mssql-jdbc.jar -;");
}

/* x.jar > y.jar > z.jar, and a web archive with w.jar. */
static void
put_nested(void)
{
    struct zip_rig z = ZIP_RIG, y = ZIP_RIG;

    zip_rig_add(&z, HOME("g", "z"), bytes_str(POM("g", "z", "1")));
    zip_rig_add(&y, "z.jar", zip_rig_end(&z));
    put("a/x.jar", "l/y.jar", zip_rig_end(&y));
    put("a/v.war", "WEB-INF/lib/w.jar", BYTES_NONE);
    zip_rig_clear(&z);
    zip_rig_clear(&y);
}

Test(jars, the_depth_tells_how_far_to_look, .init = init)
{
    put_nested();
    expect_same("/a: /a/x.jar - /a/x.jar/l/y.jar - "
                "/a/v.war/WEB-INF/lib/w.jar -;");
}

Test(jars, depth_none_is_what_lies_in_the_image, .init = init)
{
    put_nested();
    options.nested_jars_depth = 0;
    expect_same("/a: /a/x.jar -;");
}

Test(jars, a_depth_between_two_counts_as_the_next_one, .init = init)
{
    put_nested();
    options.nested_jars_depth = 1.5;
    expect_same("/a: /a/x.jar - /a/x.jar/l/y.jar - "
                "/a/x.jar/l/y.jar/z.jar g:z:1 /a/v.war/WEB-INF/lib/w.jar -;");
}

Test(jars, what_the_worker_did_not_open_is_warned_of, .init = init)
{
    struct zip_rig z = ZIP_RIG;
    auto_buf struct buf b = RIG_BUF;

    for (int i = 0; i < RIG_NESTING + 1; i++) {
        zip_rig_add(&z, "x.jar", buf_bytes(&b));
        buf_reset(&b);
        buf_add_bytes(&b, zip_rig_end(&z));
        zip_rig_clear(&z);
        z = (struct zip_rig)ZIP_RIG;
    }
    rig_bytes(&tar, "a.jar", buf_bytes(&b));
    options.nested_jars_depth = RIG_NESTING + 1;
    auto_jx struct jx *results = scan(false);
    const struct jx *facts = jx_arr(jx_at(results, 0), "facts");
    const struct jx *last = jx_at(facts, jx_count(facts) - 1);

    cr_assert_str_eq(jx_str(last, "type"), "pluginWarnings");
    rig_expect_json(jx_arr(jx_obj(last, "data"), "fileWarnings"),
                    "[\"/a.jar: archives nested too deeply, not opened: 1\"]");
}

Test(jars, a_web_archive_of_an_application_is_no_level, .init = init)
{
    struct zip_rig war = ZIP_RIG;

    zip_rig_add(&war, "WEB-INF/lib/w.jar", BYTES_NONE);
    put("a/x.ear", "x.war", zip_rig_end(&war));
    zip_rig_clear(&war);
    expect_modes("", "/a: /a/x.ear/x.war/WEB-INF/lib/w.jar -;");
}

Test(jars, names_in_capitals_are_names, .init = init)
{
    put("a/X.JAR", "Y.Jar", BYTES_NONE);
    expect_modes("", "/a: /a/X.JAR - /a/X.JAR/Y.Jar -;");
}

Test(jars, a_folder_of_other_archives_alone_needs_a_jar_in_one, .init = init)
{
    put("a/x.ear", "readme", BYTES_NONE);
    put("b/x.war", "readme", BYTES_NONE);
    expect_same("/b:;");
}

Test(jars, system_jars_come_when_asked_for, .init = init)
{
    rig_file(&tar, "usr/lib/x.jar", "");
    rig_file(&tar, "usr/library/y.jar", "");
    rig_file(&tar, "usr/share/java/z.jar", "");
    expect_modes("/usr/share/java: /usr/share/java/z.jar -;",
                 "/usr/library: /usr/library/y.jar -;"
                 "/usr/share/java: /usr/share/java/z.jar -;");
}

Test(jars, system_jars_stand_among_the_others, .init = init)
{
    rig_file(&tar, "usr/lib/x.jar", "");
    rig_file(&tar, "a/y.jar", "");
    options.include_system_jars = true;
    expect_same("/usr/lib: /usr/lib/x.jar -;/a: /a/y.jar -;");
}

Test(jars, caches_of_gradle_are_no_application, .init = init)
{
    rig_file(&tar, "root/.gradle/caches/x.jar", "");
    expect_same("");
}

/* A member whose checksum is wrong, before one that is fine. */
static void
put_damaged(bool stored)
{
    struct zip_rig z = ZIP_RIG;

    if (stored)
        zip_rig_store(&z, "b/pom.properties", bytes_str("x"));
    else
        zip_rig_add(&z, "b/pom.properties", bytes_str("x"));
    zip_rig_central(&z)[16] ^= 1;
    zip_rig_local(&z)[14] ^= 1;
    zip_rig_add(&z, HOME("g", "x"), bytes_str(POM("g", "x", "1")));
    rig_bytes(&tar, "a/x.jar", zip_rig_end(&z));
    zip_rig_clear(&z);
}

Test(jars, a_damaged_member_ends_the_peers_scan, .init = init)
{
    put_damaged(false);
    expect_modes("ADM-ZIP: CRC32 checksum failed \"b/pom.properties\"",
                 "/a: /a/x.jar g:x:1;");
}

Test(jars, the_peer_does_not_name_members_that_are_stored, .init = init)
{
    put_damaged(true);
    expect_jars(true, "ADM-ZIP: CRC32 checksum failed {0}");
}

Test(jars, what_is_too_deep_cannot_end_the_peers_scan, .init = init)
{
    struct zip_rig z = ZIP_RIG;

    zip_rig_raw(&z, "y.jar", 12, bytes_str("?"), bytes_str("?"));
    rig_bytes(&tar, "a/x.jar", zip_rig_end(&z));
    zip_rig_clear(&z);
    options.nested_jars_depth = 0;
    expect_same("/a: /a/x.jar -;");
}

Test(jars, bytes_in_front_blind_the_peer, .init = init)
{
    struct zip_rig z = ZIP_RIG;
    auto_buf struct buf all = RIG_BUF;

    zip_rig_add(&z, HOME("g", "x"), bytes_str(POM("g", "x", "1")));
    zip_rig_add(&z, "y.jar", BYTES_NONE);
    buf_add_str(&all, "#!/bin/sh\n");
    buf_add_bytes(&all, zip_rig_end(&z));
    rig_bytes(&tar, "a/x.jar", buf_bytes(&all));
    zip_rig_clear(&z);
    expect_modes("/a: /a/x.jar -;", "/a: /a/x.jar g:x:1 /a/x.jar/y.jar -;");
}

Test(jars, too_many_entries_for_the_end_record_blind_it_partly, .init = init)
{
    struct zip_rig z = ZIP_RIG;

    zip_rig_add(&z, "x/pom.properties", bytes_str(POM("g", "d", "1")));
    zip_rig_add(&z, HOME("g", "x"), bytes_str(POM("g", "x", "1")));
    zip_rig_end(&z);
    zip_put16(zip_rig_end_record(&z) + 8, 1);
    rig_bytes(&tar, "x.jar", buf_bytes(&z.out));
    zip_rig_clear(&z);
    expect_modes("/: /x.jar -+d:1;", "/: /x.jar g:x:1+d:1;");
}

/* Records are not believed: one whose archives stand in each other for ever
 * is cut, before anybody follows them all the way up. */
Test(jars, a_record_of_endless_nesting_is_cut, .init = init)
{
    auto_buf struct buf record = RIG_BUF;
    auto_merge struct merge *files = merge_new(false);

    buf_addf(&record, "{\"record\":1,\"analyzer\":\"" ANALYZER_VERSION
                      "\"}\n{\"i\":0,\"p\":\"/a.jar\",\"k\":\"jar\",\"d\":"
                      "{\"archives\":[{\"sha1\":\"0\"}");
    for (int i = 0; i < 200000; i++)
        buf_addf(&record, ",{\"n\":\"x.jar\",\"up\":%d,\"sha1\":\"1\"}", i);
    buf_addf(&record, ",{\"n\":\"y.jar\",\"up\":900000}]}}\n"
                      "{\"end\":true,\"entries\":1}\n");
    rig_merge_record(files, &record);
    merge_finish(files);
    options.nested_jars_depth = 1e9;
    auto_jx struct jx *results = results_of(files, false);
    const struct jx *fact = jx_at(jx_arr(jx_at(results, 1), "facts"), 0);

    cr_expect_eq(jx_count(jx_arr(jx_obj(fact, "data"), "fingerprints")), 65);
}
