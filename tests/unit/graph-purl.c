#include <criterion/criterion.h>

#include "base/str.h"
#include "worker/graph/purl.h"

static const struct {
    const char *os, *version, *name, *pkg_version, *upstream, *want;
} cases[] = {
    { "debian", "12", "libstdc++6", "12.2.0-14", "gcc-12",
      "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?distro=debian-bookworm"
      "&upstream=gcc-12" },
    { "debian", "12", "bash", "5.2.15-2+b2", "bash@5.2.15-2",
      "pkg:deb/debian/bash@5.2.15-2%2Bb2?distro=debian-bookworm"
      "&upstream=bash%405.2.15-2" },
    { "ubuntu", "22.04", "a", "1:1.0~x", NULL,
      "pkg:deb/ubuntu/a@1:1.0~x?distro=ubuntu-22.04" },
    { "debian", "unstable", "a/b", "1", "s,t:u/v",
      "pkg:deb/debian/a%2Fb@1?distro=debian-sid&upstream=s%2Ct%3Au/v" },
    { "my os:1/2", "9", "a(b)*'!", "\xc3\xa9", NULL,
      "pkg:deb/my%20os:1/2/a(b)*'!@%C3%A9?distro=my%20os%3A1/2-stretch" },
};

Test(purl, each_part_keeps_its_own_characters)
{
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_free char *distro = purl_deb_distro(cases[i].os,
                                                 cases[i].version, true);
        const struct purl_qualifier quals[] = {
            { "distro", distro },
            { "upstream", cases[i].upstream },
            { NULL, NULL },
        };
        auto_buf struct buf out = BUF_INIT(1 << 16);

        purl_write(&out, "deb", cases[i].os, cases[i].name,
                   cases[i].pkg_version, quals);
        cr_expect_str_eq(buf_cstr(&out), cases[i].want);
    }
}

Test(purl, empty_parts_are_left_out)
{
    const struct purl_qualifier quals[] = { { NULL, NULL } };
    auto_buf struct buf out = BUF_INIT(100);

    purl_write(&out, "apk", "", "musl", NULL, quals);
    cr_expect_str_eq(buf_cstr(&out), "pkg:apk/musl");
}

Test(purl, code_names_are_debians)
{
    auto_free char *debian = purl_deb_distro("debian", "12", false);
    auto_free char *other = purl_deb_distro("raspbian", "12", false);
    auto_free char *peers = purl_deb_distro("raspbian", "12", true);

    cr_expect_str_eq(debian, "debian-bookworm");
    cr_expect_str_eq(other, "raspbian-12");
    cr_expect_str_eq(peers, "raspbian-bookworm");
}
