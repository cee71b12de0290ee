#include <criterion/criterion.h>

#include "layer-rig.h"
#include "zip-rig.h"

#define POM "groupId=com.g\nartifactId=lib\nversion=1.0\n"
#define POM_PATH "META-INF/maven/com.g/lib/pom.properties"
/* sha1sum of the empty file. */
#define SHA1_OF_NOTHING "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static struct zip_rig jar = ZIP_RIG;

static struct jx *
line_of(struct bytes archive)
{
    return rig_one("app/lib.jar", archive, "jar");
}

static struct jx *
archives(const struct jx *line)
{
    return jx_arr(jx_get(line, "d"), "archives");
}

/* The poms of the n-th archive, without those that tell of no triple. */
#define expect_poms(line, n, want) \
    rig_expect_json(jx_arr(jx_at(archives(line), n), "poms"), want)

#define expect_triple(text, want) \
    do { \
        struct zip_rig z_ = ZIP_RIG; \
        zip_rig_add(&z_, "x/pom.properties", bytes_str(text)); \
        auto_jx struct jx *l_ = line_of(zip_rig_end(&z_)); \
        expect_poms(l_, 0, want); \
        zip_rig_clear(&z_); \
    } while (0)

#define TRIPLE(g, a, v) "[\"" g "\\n" a "\\n" v "\\na\"]"

Test(jar, values_end_at_the_second_equals_sign_and_are_trimmed)
{
    expect_triple("#c\ngroupId= g=h\r\nartifactId=a\t\nversion=1=2\n",
                  TRIPLE("g", "a", "1"));
}

Test(jar, the_last_of_equal_keys_counts)
{
    expect_triple("groupId=g\nversion=1\nartifactId=a\nversion=2\n",
                  TRIPLE("g", "a", "2"));
    expect_triple("groupId=g\nversion=1\nartifactId=a\nversion=\n", "[]");
}

Test(jar, keys_begin_their_line_and_all_three_are_needed)
{
    expect_triple("groupId=g\nartifactId=a\n version=1\n", "[]");
    expect_triple("groupId=g\nartifactId=a\nversion =1\n", "[]");
    expect_triple("groupId=g\nversion=1\n", "[]");
}

Test(jar, bytes_that_are_no_text_are_replaced)
{
    expect_triple("groupId=\xff\nartifactId=\xc3\xa9\nversion=1",
                  TRIPLE("\xef\xbf\xbd", "\xc3\xa9", "1"));
}

Test(jar, a_pom_in_its_proper_place_is_marked)
{
    zip_rig_add(&jar, POM_PATH, bytes_str(POM));
    zip_rig_add(&jar, "META-INF/maven/g/lib/pom.properties", bytes_str(POM));
    auto_jx struct jx *line = line_of(zip_rig_end(&jar));
    expect_poms(line, 0,
                "[\"com.g\\nlib\\n1.0\",\"com.g\\nlib\\n1.0\\na\"]");
}

Test(jar, an_empty_one_and_one_that_is_none_have_a_checksum)
{
    auto_jx struct jx *empty = line_of(BYTES_NONE);
    /* printf hello | sha1sum */
    auto_jx struct jx *text = line_of(bytes_str("hello"));

    rig_expect_json(archives(empty), "[{\"sha1\":\"" SHA1_OF_NOTHING "\"}]");
    rig_expect_json(archives(text),
                    "[{\"sha1\":"
                    "\"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\"}]");
}

Test(jar, an_archive_comes_before_those_in_it)
{
    struct zip_rig b = ZIP_RIG, c = ZIP_RIG;

    zip_rig_add(&c, POM_PATH, bytes_str(POM));
    zip_rig_store(&b, "c.jar", zip_rig_end(&c));
    zip_rig_add(&jar, "l/b.war", zip_rig_end(&b));
    zip_rig_add(&jar, "d.jar", BYTES_NONE);
    auto_jx struct jx *line = line_of(zip_rig_end(&jar));
    struct jx *list = archives(line);

    cr_assert_eq(jx_count(list), 4);
    cr_expect_str_eq(jx_str(jx_at(list, 1), "n"), "l/b.war");
    cr_expect_eq(jx_int(jx_at(list, 1), "up", -1), 0);
    cr_expect_str_eq(jx_str(jx_at(list, 2), "n"), "c.jar");
    cr_expect_eq(jx_int(jx_at(list, 2), "up", -1), 1);
    cr_expect_eq(jx_count(jx_arr(jx_at(list, 2), "poms")), 1);
    cr_expect_str_eq(jx_str(jx_at(list, 3), "n"), "d.jar");
    cr_expect_str_eq(jx_str(jx_at(list, 3), "sha1"), SHA1_OF_NOTHING);
    zip_rig_clear(&b);
    zip_rig_clear(&c);
}

/* n archives in each other, the innermost a plain file. */
static void
nest(unsigned n, struct buf *out)
{
    buf_add_str(out, "the end");
    while (n-- > 0) {
        struct zip_rig z = ZIP_RIG;

        zip_rig_add(&z, "x.jar", buf_bytes(out));
        buf_reset(out);
        buf_add_bytes(out, zip_rig_end(&z));
        zip_rig_clear(&z);
    }
}

Test(jar, beyond_the_ceiling_archives_are_told_of_but_not_opened)
{
    auto_buf struct buf deep = RIG_BUF;

    nest(50, &deep);
    auto_jx struct jx *line = line_of(buf_bytes(&deep));
    struct jx *list = archives(line);

    cr_assert_eq(jx_count(list), RIG_NESTING + 2);
    cr_expect_not_null(jx_str(jx_at(list, RIG_NESTING), "sha1"));
    cr_expect(jx_bool(jx_at(list, RIG_NESTING + 1), "closed", false));
}

Test(jar, a_damaged_member_costs_no_other)
{
    zip_rig_add(&jar, "a/pom.properties", bytes_str(POM));
    zip_rig_central(&jar)[16] ^= 1;
    zip_rig_local(&jar)[14] ^= 1;
    zip_rig_raw(&jar, "b.jar", 99, bytes_str("?"), bytes_str("?"));
    zip_rig_add(&jar, "c/pom.properties", bytes_str(POM));
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    rig_bytes(&tar, "app/lib.jar", zip_rig_end(&jar));
    rig_record(&tar, &record);
    auto_jx struct jx *lines = rig_lines(&record, "jar");
    auto_jx struct jx *warnings = rig_lines(&record, NULL);

    expect_poms(jx_at(lines, 0), 0,
                TRIPLE("com.g", "lib", "1.0"));
    rig_expect_json(jx_obj(jx_at(archives(jx_at(lines, 0)), 0), "fault"),
                    "{\"i\":0,\"n\":\"a/pom.properties\",\"f\":\"crc\","
                    "\"size\":41}");
    rig_expect_json(jx_at(archives(jx_at(lines, 0)), 1),
                    "{\"n\":\"b.jar\",\"up\":0,\"bad\":{\"i\":1,"
                    "\"n\":\"b.jar\",\"f\":\"method\",\"size\":1}}");
    cr_assert_eq(jx_count(warnings), 2);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "jar: a/pom.properties: checksum is wrong");
    cr_expect_str_eq(jx_str(jx_at(warnings, 1), "warning"),
                     "jar: b.jar: unknown compression method 99");
}

Test(jar, other_kinds_are_archives_only_if_they_look_like_it)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    zip_rig_add(&jar, "x.jar", BYTES_NONE);
    rig_bytes(&tar, "a.ear", zip_rig_end(&jar));
    rig_file(&tar, "b.rar", "Rar!\x1a\7");
    rig_file(&tar, "c.JAR", "");
    rig_record(&tar, &record);
    auto_jx struct jx *lines = rig_lines(&record, "jar");
    auto_jx struct jx *warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(lines), 3);
    cr_expect(jx_has(jx_at(lines, 0), "d"));
    /* They hide what a lower layer has there. */
    rig_expect_json(jx_at(lines, 1), "{\"i\":1,\"p\":\"/b.rar\",\"k\":\"jar\"}");
    rig_expect_json(jx_at(lines, 2), "{\"i\":2,\"p\":\"/c.JAR\",\"k\":\"jar\"}");
    cr_expect_eq(jx_count(warnings), 0);
}

Test(jar, a_bomb_is_refused_before_it_is_inflated)
{
    auto_buf struct buf packed = RIG_BUF, zeros = RIG_BUF;

    /* 200 MiB of zeros in 200 KiB: more than 100 for each byte. */
    memset(buf_room(&zeros, 1u << 20), 0, 1u << 20);
    zeros.n = 1u << 20;
    zip_rig_deflate(&packed, buf_bytes(&zeros));
    zip_rig_raw(&jar, "x.jar", 8, buf_bytes(&packed), buf_bytes(&zeros));
    zip_put32(zip_rig_central(&jar) + 24, 200u << 20);
    auto_jx struct jx *line = line_of(zip_rig_end(&jar));
    rig_expect_json(jx_obj(jx_at(archives(line), 1), "bad"),
                    "{\"i\":0,\"n\":\"x.jar\",\"f\":\"refused\","
                    "\"size\":209715200}");
}

/* Each of them may be inflated, all of them may not. */
Test(jar, members_that_share_a_bomb_are_counted_each)
{
    auto_buf struct buf zeros = RIG_BUF;
    uint8_t header[46 + 5];
    size_t n_refused = 0;

    memset(buf_room(&zeros, 8u << 20), 0, 8u << 20);
    zeros.n = 8u << 20;
    zip_rig_add(&jar, "x.jar", buf_bytes(&zeros));
    memcpy(header, jar.directory.p, sizeof(header));
    for (int i = 0; i < 99; i++) {
        buf_add(&jar.directory, header, sizeof(header));
        jar.n++;
    }
    auto_jx struct jx *line = line_of(zip_rig_end(&jar));
    for (size_t i = 1; i < jx_count(archives(line)); i++)
        n_refused += jx_has(jx_at(archives(line), i), "bad");
    cr_expect_gt(n_refused, 80);
    cr_expect_lt(n_refused, 99);
}

/* 64 MiB may be inflated, and 100 bytes for each of the jar's. */
Test(jar, poms_that_share_a_bomb_are_counted_each)
{
    auto_buf struct buf zeros = RIG_BUF;
    uint8_t header[46 + 16];

    memset(buf_room(&zeros, 1u << 20), 0, 1u << 20);
    zeros.n = 1u << 20;
    zip_rig_add(&jar, "x/pom.properties", buf_bytes(&zeros));
    memcpy(header, jar.directory.p, sizeof(header));
    for (int i = 0; i < 99; i++) {
        buf_add(&jar.directory, header, sizeof(header));
        jar.n++;
    }
    auto_jx struct jx *line = line_of(zip_rig_end(&jar));
    const struct jx *fault = jx_obj(jx_at(archives(line), 0), "fault");

    cr_expect_str_eq(jx_str(fault, "f"), "refused");
    cr_expect_eq(jx_int(fault, "i", -1),
                 ((64 << 20) + 100 * (int64_t)jar.out.n) >> 20);
}

/* n empty archives whose names take 60000 bytes each. */
static void
add_long_names(struct zip_rig *z, int n)
{
    auto_buf struct buf name = RIG_BUF;

    for (int i = 0; i < 60000; i++)
        buf_add_char(&name, 'n');
    buf_add_str(&name, ".jar");
    for (int i = 0; i < n; i++)
        zip_rig_store(z, buf_cstr(&name), BYTES_NONE);
}

Test(jar, a_directory_of_too_many_names_keeps_its_beginning)
{
    add_long_names(&jar, 100);
    auto_jx struct jx *line = line_of(zip_rig_end(&jar));
    cr_expect_gt(jx_count(archives(line)), 30);
    cr_expect_lt(jx_count(archives(line)), 40);
}

Test(jar, what_would_take_too_much_to_tell_is_a_checksum_and_a_warning)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    struct zip_rig inner = ZIP_RIG;

    add_long_names(&inner, 30);
    zip_rig_end(&inner);
    for (int i = 0; i < 5; i++)
        zip_rig_store(&jar, "x.jar", buf_bytes(&inner.out));
    rig_bytes(&tar, "app/lib.jar", zip_rig_end(&jar));
    rig_record(&tar, &record);
    auto_jx struct jx *lines = rig_lines(&record, "jar");
    auto_jx struct jx *warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(archives(jx_at(lines, 0))), 1);
    cr_expect_eq(jx_count(jx_at(archives(jx_at(lines, 0)), 0)), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "jar: what is in it takes more than 4194304 bytes to "
                     "tell");
    zip_rig_clear(&inner);
}

Test(jar, cut_anywhere_it_is_a_checksum_and_a_warning)
{
    struct zip_rig inner = ZIP_RIG;

    zip_rig_add(&inner, POM_PATH, bytes_str(POM));
    zip_rig_store(&jar, "x.jar", zip_rig_end(&inner));
    zip_rig_add(&jar, POM_PATH, bytes_str(POM));
    zip_rig_end(&jar);
    for (size_t n = 0; n < jar.out.n; n++) {
        auto_jx struct jx *line = line_of(bytes_to(buf_bytes(&jar.out), n));
        struct jx *list = archives(line);

        cr_expect_eq(jx_count(list), 1, "%zu", n);
        cr_expect_not_null(jx_str(jx_at(list, 0), "sha1"), "%zu", n);
    }
    zip_rig_clear(&inner);
}
