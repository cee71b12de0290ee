#include <criterion/criterion.h>

#include "base/conf/conf.h"

Test(conf_hosts, a_host_stands_for_all_its_ports)
{
    cr_expect(conf_host_listed("a.example, b.example", "b.example", 1));
    cr_expect(conf_host_listed("A.Example", "a.example", 443));
    cr_expect_not(conf_host_listed("a.example", "aa.example", 80));
    cr_expect_not(conf_host_listed("a.example", "a.example.evil", 80));
    cr_expect_not(conf_host_listed("", "", 80));
    cr_expect_not(conf_host_listed(NULL, "a.example", 80));
}

Test(conf_hosts, a_port_narrows_it)
{
    cr_expect(conf_host_listed("a.example:5000", "a.example", 5000));
    cr_expect_not(conf_host_listed("a.example:5000", "a.example", 5001));
    cr_expect_not(conf_host_listed("a.example:", "a.example", 80));
    cr_expect_not(conf_host_listed("a.example:x", "a.example", 80));
}

Test(conf_hosts, a_star_is_all_and_no_pattern)
{
    cr_expect(conf_host_listed("x, *", "anything", 1));
    cr_expect_not(conf_host_listed("*.example", "a.example", 1));
}

Test(conf_hosts, addresses_may_have_brackets)
{
    cr_expect(conf_host_listed("[::1]:5000", "::1", 5000));
    cr_expect(conf_host_listed("[::1]:5000", "[::1]", 5000));
    cr_expect_not(conf_host_listed("[::1]:5000", "::1", 5001));
    cr_expect(conf_host_listed("[fe80::1]", "fe80::1", 1));
    cr_expect(conf_host_listed("fe80::1", "fe80::1", 80));
}
