/* Files that end too early: the record is whole, and what was complete is in
 * it. Formats with tests of their own for that are not repeated here. */
#include <criterion/criterion.h>

#include "layer-rig.h"

static const struct {
    const char *path, *kind, *body;
} files[] = {
    { "var/lib/dpkg/status", "dpkg",
      "Package: a\nStatus: install ok installed\nVersion: 1:2-3\n"
      "Source: s (1)\nDepends: b (>= 1) | c, d:any\n\n"
      "Package: b\nProvides: p (= 1)\n" },
    { "var/lib/apt/extended_states", "autoinst",
      "Package: a\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 0\n" },
    { "etc/os-release", "osrelease",
      "ID=\"x\"\nVERSION_ID='1'\nPRETTY_NAME=X\n" },
    { "etc/lsb-release", "osrelease", "DISTRIB_ID=X\nDISTRIB_RELEASE=1\n" },
    { "etc/debian_version", "osrelease", "12.1\n" },
    { "etc/oracle-release", "osrelease", "Oracle Linux Server release 8.7\n" },
    { "etc/redhat-release", "osrelease", "Red Hat Enterprise 7.9 (Maipo)\n" },
    { "opt/java/openjdk/release", "javarelease",
      "# x\nJAVA_VERSION = \"17.0.1\" # y\n" },
    { "root/buildinfo/content_manifests/a", "rpmcontent",
      "{\"content_sets\":[\"a\",\"b\\u00e9\"]}" },
    { "usr/bin/node", "keybinary", "\177ELF\002\001" },
};

Test(truncated, any_end_gives_a_whole_record_with_a_line_for_the_file)
{
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        for (size_t cut = 0; cut <= strlen(files[i].body); cut++) {
            auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
            auto_jx struct jx *lines = NULL;

            rig_bytes(&tar, files[i].path, bytes_of(files[i].body, cut));
            rig_record(&tar, &record);
            lines = rig_lines(&record, files[i].kind);
            cr_expect_eq(jx_count(lines), 1, "%s cut at %zu", files[i].path,
                         cut);
        }
    }
}
