/* Which client versions are taken. */
#include <criterion/criterion.h>

#include "role/server/server-private.h"

Test(server_version, below_the_floor_is_outdated)
{
    cr_expect_eq(version_judge("4.99.999"), VERSION_OUTDATED);
    cr_expect_eq(version_judge("3.200.0"), VERSION_OUTDATED);
}

Test(server_version, the_floors_themselves_are_in)
{
    cr_expect_eq(version_judge("4.100.0"), VERSION_DEPRECATED);
    cr_expect_eq(version_judge("4.181.9"), VERSION_DEPRECATED);
    cr_expect_eq(version_judge("4.182.0"), VERSION_FINE);
    cr_expect_eq(version_judge("5.0.0"), VERSION_FINE);
}

Test(server_version, a_pre_release_is_below_its_release)
{
    cr_expect_eq(version_judge("4.100.0-rc.1"), VERSION_OUTDATED);
    cr_expect_eq(version_judge("4.100.1-rc.1"), VERSION_DEPRECATED);
    cr_expect_eq(version_judge("4.182.0-rc.1"), VERSION_DEPRECATED);
}

Test(server_version, build_data_does_not_count)
{
    cr_expect_eq(version_judge("4.182.0+a-b"), VERSION_FINE);
}

Test(server_version, local_is_fine)
{
    cr_expect_eq(version_judge("local"), VERSION_FINE);
}

Test(server_version, what_is_no_semver_is_outdated)
{
    static const char *const bad[] = { NULL, "", "5", "5.0", "5.0.0.0", "v5.0.0",
                                       "5..0", "5.0.", "5.x.0", "-5.0.0" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(version_judge(bad[i]), VERSION_OUTDATED, "%s",
                     bad[i] != NULL ? bad[i] : "none");
}
