"""Runs a command and writes what it used, as JSON, into a file.

    python3 -S measure.py FILE COMMAND ...

A process's peak memory counts from the fork on, so a large test program must
not start the command itself: its own memory would be taken for the command's.
"""
import json
import os
import sys
import time



def pages_written():
    """By the whole machine: a process is only charged for pages it made dirty,
    whether they ever reach a disk or are cut from a file before."""
    with open("/proc/vmstat") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("nr_written "))


written = pages_written()
started = time.monotonic()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as out:
    json.dump({"wall_s": time.monotonic() - started, "cpu_s": usage.ru_utime + usage.ru_stime,
               "peak_bytes": usage.ru_maxrss * 1024, "dirtied_bytes": usage.ru_oublock * 512,
               "written_bytes": (pages_written() - written) * os.sysconf("SC_PAGE_SIZE")}, out)
sys.exit(os.waitstatus_to_exitcode(status) & 0xff)
