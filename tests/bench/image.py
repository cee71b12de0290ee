#!/usr/bin/env python3
"""Whole images: crab beside the scanner it replaces, in one run and in turn,
on the same processors; medians. Wall, CPU, the largest process, and what the
machine wrote to its disks meanwhile.

    tests/bench/image.py [minimal seven_layers node_modules batch layers]
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "peer")]
import check
import image_recipes
import kitchen

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
CPUS = ",".join(map(str, sorted(os.sched_getaffinity(0))[:2]))
CRAB = os.environ.get("CRAB", "./crab")
WORKER = os.environ.get("CRAB_WORKER", "./crab-worker")
MEASURE = HERE.parent / "e2e/lib/measure.py"
RUN_PEER = HERE.parent / "peer/run-peer.mjs"


def measure(argv, pour=None, **env):
    """(wall s, CPU s, peak MiB of the largest process, MiB written)."""
    with open(os.devnull, "wb") as null, tempfile.NamedTemporaryFile() as used:
        child = subprocess.Popen([sys.executable, "-S", MEASURE, used.name, "taskset", "-c", CPUS,
                                  *map(str, argv)], stdin=subprocess.PIPE if pour else None, stdout=null,
                                 stderr=subprocess.PIPE, env=dict(os.environ, **env))
        if pour:
            pour(child.stdin)
            child.stdin.close()
        said = child.stderr.read()
        if child.wait() != 0:
            sys.exit(f"{argv[0]} failed: {said.decode(errors='replace')[-500:]}")
        got = json.load(used)
    return got["wall_s"], got["cpu_s"], got["peak_bytes"] / 2**20, got["written_bytes"] / 2**20


def ours(home, kind):
    with tempfile.TemporaryDirectory() as state:
        return measure([CRAB, "scan", "--compat", "--format", "snyk", f"{kind}:{home / 'image.tar'}"],
                       CRAB_STATE_DIR=state)


def theirs(peer, home, kind):
    return measure(["node", RUN_PEER, f"{kind}:{home / 'image.tar'}"], SDP_ROOT=str(peer))


def medians(runs):
    return [statistics.median(column) for column in zip(*runs)]


def row(what, *cells):
    print("| " + " | ".join([what, *cells]) + " |", flush=True)


def show(what, peer_runs, our_runs):
    p, c = medians(peer_runs), medians(our_runs)
    row(what, f"{p[0]:.2f} s", f"{c[0]:.2f} s", f"{p[0] / c[0]:.1f}", f"{p[1]:.2f} s", f"{c[1]:.2f} s",
        f"{p[1] / c[1]:.1f}", f"{p[2]:.0f} MiB", f"{c[2]:.1f} MiB", f"{p[3]:.0f} / {c[3]:.0f} MiB")


def pairs(run_peer, run_ours):
    peer_runs, our_runs = [], []
    for n in range(RUNS + 1):  # the first round warms the page cache
        p, c = run_peer(), run_ours()
        if n > 0:
            peer_runs.append(p)
            our_runs.append(c)
    return peer_runs, our_runs


def sum_up(runs):
    runs = list(runs)
    return [sum(r[0] for r in runs), sum(r[1] for r in runs), max(r[2] for r in runs), sum(r[3] for r in runs)]


def bench_images(peer, recipes):
    for recipe in recipes:
        home, kind = check.make(recipe)
        size = (home / "image.tar").stat().st_size / 1e6
        show(f"{recipe.__name__} ({size:.0f} MB)", *pairs(lambda: theirs(peer, home, kind), lambda: ours(home, kind)))


def bench_batch(peer):
    """Ten images on one base, one after the other; ours keep their records."""
    made = [check.make(recipe) for recipe in image_recipes.BATCH]

    def all_ours():
        with tempfile.TemporaryDirectory() as state:
            return sum_up(measure([CRAB, "scan", "--compat", "--format", "snyk", f"{kind}:{home / 'image.tar'}"],
                                  CRAB_STATE_DIR=state) for home, kind in made)
    show("ten images on one base", *pairs(lambda: sum_up(theirs(peer, *m) for m in made), all_ours))


def bench_layers():
    """Layers no registry would take, streamed into one worker."""
    print("\n| layer, one worker | wall | CPU | peak memory | written |\n|---|---|---|---|---|")
    for recipe in image_recipes.LAYERS:
        wall, cpu, peak, written = measure([WORKER, "layer"], pour=recipe)
        row(recipe.__doc__.strip(), f"{wall:.1f} s", f"{cpu:.1f} s", f"{peak:.1f} MiB", f"{written:.0f} MiB")


def main():
    chosen = sys.argv[1:] or ["minimal", "seven_layers", "node_modules", "batch", "layers"]
    images = [r for r in image_recipes.IMAGES if r.__name__ in chosen]
    peer = check.install_peer()
    print(f"medians of {RUNS}, processors {CPUS}; peer first, then ours, then how many times\n\n"
          "| image | wall | | × | CPU | | × | largest process | | written |\n|---|---|---|---|---|---|---|---|---|---|")
    try:
        bench_images(peer, images)
        if "batch" in chosen:
            bench_batch(peer)
    except kitchen.Missing as missing:
        sys.exit(str(missing))
    if "layers" in chosen:
        bench_layers()


main()
