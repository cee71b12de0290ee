#!/usr/bin/env python3
"""One gzip layer of 1.2 GB through one worker, beside what it cannot be faster
than: inflating it with igzip and hashing it with openssl. All on one
processor, in turn, medians."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
WORKER = os.environ.get("CRAB_WORKER", "./crab-worker")
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
CACHE = pathlib.Path(os.environ.get("BENCH_DIR", pathlib.Path.home() / ".cache/crab-bench"))
CPU = str(min(os.sched_getaffinity(0)))


def run(argv, layer):
    """(CPU seconds, peak MiB) of a command with the layer on stdin."""
    with open(layer, "rb") as stdin, open(os.devnull, "wb") as null:
        child = subprocess.Popen(["taskset", "-c", CPU, *argv], stdin=stdin, stdout=null)
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{argv[0]} failed ({status})")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    layer = CACHE / "layer.tar.gz"
    subprocess.run([HERE / "mklayer.sh", layer], check=True)
    if shutil.which("igzip") is None:
        sys.exit("igzip is not installed (Debian package isal)")
    reference = {"igzip -d": ["igzip", "-d", "-c"], "openssl dgst -sha256": ["openssl", "dgst", "-sha256"]}
    cpu = {name: [] for name in (*reference, "crab-worker layer")}
    peak = 0
    for n in range(RUNS + 1):  # the first round warms the page cache
        for name, argv in (*reference.items(), ("crab-worker layer", [WORKER, "layer"])):
            seconds, mib = run(argv, layer)
            if n > 0:
                cpu[name].append(seconds)
                if name.startswith("crab"):
                    peak = max(peak, mib)
    median = {name: statistics.median(values) for name, values in cpu.items()}
    floor = sum(median[name] for name in reference)
    # The service hashes the compressed bytes itself, before the worker sees them.
    ours = median["crab-worker layer"] + median["openssl dgst -sha256"]
    print("| what | measured | mark |\n|---|---|---|")
    print(f"| layer | {layer.stat().st_size / 1e6:.0f} MB compressed | |")
    for name, value in median.items():
        print(f"| CPU, {name} (median of {RUNS}) | {value:.2f} s | |")
    print(f"| CPU, worker + hashing : igzip -d + openssl dgst -sha256 | {ours / floor:.2f} | ≤ 1.25 |")
    print(f"| memory, one worker (peak) | {peak:.1f} MiB | ≤ 32 MiB |")


main()
