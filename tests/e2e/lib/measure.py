"""Runs a command and writes what it used, as JSON, into a file.

    python3 -S measure.py FILE COMMAND ...

A process's peak memory counts from the fork on, so a large test program must
not start the command itself: its own memory would be taken for the command's.
"""
import json
import os
import sys
import time

started = time.monotonic()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as out:
    json.dump({"wall_s": time.monotonic() - started, "cpu_s": usage.ru_utime + usage.ru_stime,
               "peak_bytes": usage.ru_maxrss * 1024, "written_bytes": usage.ru_oublock * 512}, out)
sys.exit(os.waitstatus_to_exitcode(status) & 0xff)
