#include <criterion/criterion.h>

#include "layer-rig.h"

/* want: "name|version|pretty", or NULL when nothing can be told. */
static const struct {
    const char *path, *text, *want;
} cases[] = {
    { "etc/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\n"
                        "PRETTY_NAME=\"Debian \"12\"\"\n",
      "debian|12|Debian 12" },
    { "usr/lib/os-release", "ID='alpine'\nID=second\n", "'alpine'|unstable|" },
    { "etc/os-release", " ID=no\n#ID=no\nXID=no\n", NULL },
    { "etc/os-release", "ID=\nID=a\r\nVERSION_ID=1\r\n", "a|1|" },
    { "etc/os-release", "ID=ol\nVERSION_ID=8.7\n", "ol|8|" },
    { "etc/os-release", "ID=a\xe2\x80\xa8VERSION_ID=3\n", "a|3|" },
    { "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\n",
      "ubuntu|18.04|" },
    { "etc/lsb-release", "DISTRIB_ID=Ubuntu\n", NULL },
    { "etc/debian_version", "12.1\n", "debian|12|" },
    { "etc/debian_version", "trixie/sid\n", "debian|trixie/sid|" },
    { "etc/debian_version", " 9\n", NULL },
    { "etc/alpine-release", "3.18.2\n", "alpine|3.18.2|" },
    { "etc/oracle-release", "Oracle Linux Server release 8.7\n", "oracle|8|" },
    { "etc/oracle-release", "Oracle 8\n", NULL },
    { "etc/redhat-release", "Red Hat Enterprise Linux release 9.2 (Plow)\n",
      "rhel|9|" },
    { "etc/redhat-release", "Foo 1 release 7.\n", "foo|7|" },
    { "etc/centos-release", "\n  x\nCentOS Linux release 7.9.2009\n",
      "centos|7|" },
    { "etc/centos-release", "CentOS\n", NULL },
};

Test(osrelease, each_file_is_read_its_own_way)
{
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_jx struct jx *line =
            rig_one(cases[i].path, bytes_str(cases[i].text), "osrelease");
        const struct jx *d = jx_get(line, "d");
        const char *pretty = jx_str(d, "pretty");
        auto_free char *got = NULL;

        cr_assert(jx_is_obj(d));
        if (cases[i].want == NULL) {
            cr_expect_null(jx_str(d, "name"), "%s", cases[i].text);
            continue;
        }
        got = xasprintf("%s|%s|%s", jx_str(d, "name"), jx_str(d, "version"),
                        pretty != NULL ? pretty : "");
        cr_expect_str_eq(got, cases[i].want);
    }
}

/* Every package's purl repeats it. */
Test(osrelease, a_version_longer_than_any_is_none)
{
    for (int more = 0; more < 2; more++) {
        auto_buf struct buf text = BUF_INIT(8192);
        auto_jx struct jx *line = NULL;

        buf_add_str(&text, "ID=a\nVERSION_ID=");
        for (int i = 0; i < 1024 + more; i++)
            buf_add_char(&text, '1');
        line = rig_one("etc/os-release", buf_bytes(&text), "osrelease");
        cr_expect_eq(jx_str(jx_get(line, "d"), "name") == NULL, more);
    }
}
