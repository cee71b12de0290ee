/* How many CPUs we may use: what the scheduler lets us have, and no more
 * than the container's quota pays for. */
#include "base/conf/conf-private.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "base/conf/file.h"
#include "base/str.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

unsigned
conf_cpus_of_quota(struct bytes cpu_max)
{
    struct bytes rest = bytes_trim(cpu_max), quota_text;
    uint64_t quota, period;

    /* "max 100000" has no number in front. */
    if (!bytes_next(&rest, ' ', &quota_text) ||
        !bytes_to_u64(quota_text, &quota) || !bytes_to_u64(rest, &period) ||
        quota == 0 || period == 0)
        return 0;
    quota = quota / period + (quota % period > 0);
    return quota < 4096 ? (unsigned)quota : 4096;
}

static unsigned
quota_of(const char *dir)
{
    auto_free char *v2 = xasprintf("%s/cpu.max", dir);
    auto_buf struct buf text = BUF_INIT(256);

    if (conf_read_file(&text, v2, NULL) < 0)
        return 0;
    return conf_cpus_of_quota(buf_bytes(&text));
}

static unsigned
least(unsigned a, unsigned b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* cgroup v1 splits what v2 has in one file. */
static unsigned
quota_v1(void)
{
    auto_buf struct buf both = BUF_INIT(256);

    if (conf_read_file(&both, CGROUP_ROOT "/cpu/cpu.cfs_quota_us", NULL) < 0)
        return 0;
    both.n = bytes_trim(buf_bytes(&both)).n;
    buf_add_char(&both, ' ');
    if (conf_read_file(&both, CGROUP_ROOT "/cpu/cpu.cfs_period_us", NULL) < 0)
        return 0;
    /* "-1" (no quota) is no number either. */
    return conf_cpus_of_quota(buf_bytes(&both));
}

/* The smallest quota of our cgroup and of those around it. */
static unsigned
cgroup_cpus(void)
{
    auto_buf struct buf text = BUF_INIT(64 * 1024);
    struct bytes rest, line;
    unsigned n = least(quota_of(CGROUP_ROOT), quota_v1());

    if (conf_read_file(&text, "/proc/self/cgroup", NULL) < 0)
        return n;
    rest = buf_bytes(&text);
    while (bytes_next(&rest, '\n', &line)) {
        if (!bytes_starts(line, "0::/"))
            continue;
        line = bytes_from(line, 3);

        auto_free char *dir = xasprintf(CGROUP_ROOT "%.*s", BYTES_FMT(line));
        while (strlen(dir) > strlen(CGROUP_ROOT)) {
            n = least(n, quota_of(dir));
            *strrchr(dir, '/') = '\0';
        }
    }
    return n;
}

unsigned
conf_usable_cpus(void)
{
    cpu_set_t set;
    int n = 1;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        n = CPU_COUNT(&set);
    else /* more CPUs than a cpu_set_t has bits */
        n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return least(n > 0 ? (unsigned)n : 1, cgroup_cpus());
}
