#!/usr/bin/env python3
"""TAP: crab beside the real scanner it replaces, on images made on the spot.

    make check-peer            or  tests/peer/check.py [NAME ...]

Every image is made once (recipes.py) and kept. Both scan it, crab with
--compat; facts-diff.mjs must say identical or equivalent. Ends with a count.
"""
import hashlib
import inspect
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import kitchen
import recipes

VERSION = "9.20.2"
CRAB = os.environ.get("CRAB", "crab")
DIFF = HERE.parent / "vectors/facts-diff.mjs"


def install_peer():
    home = kitchen.CACHE / f"scanner-{VERSION}"
    if not (home / "node_modules/snyk-docker-plugin/package.json").exists():
        home.mkdir(parents=True, exist_ok=True)
        # The newest of one of its dependencies is not always published.
        (home / "package.json").write_text('{"private":true,"overrides":{"shescape":"2.1.12"}}')
        kitchen.run(["npm", "install", "--no-fund", "--no-audit", "--loglevel=error",
                     f"snyk-docker-plugin@{VERSION}"], cwd=home)
    return home


def make(recipe):
    """(archive, its kind, options); made again when the recipe changed."""
    text = inspect.getsource(recipe) + json.dumps([recipes.EXPRESS, recipes.WEB]) + inspect.getsource(kitchen)
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    home = kitchen.CACHE / "images" / f"{recipe.__name__}-{mark}"
    if not (home / "case.json").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as work:
            served = recipe(kitchen.Kitchen(work), home / "image.tar")
        kind, options = served if isinstance(served, tuple) else (served, {})
        (home / "options.json").write_text(json.dumps(options))
        (home / "case.json").write_text(json.dumps({"type": kind}))
    return home, json.loads((home / "case.json").read_text())["type"]


def scan(argv, home, out, **env):
    started = time.monotonic()
    with open(out, "wb") as stdout:
        done = subprocess.run(argv, cwd=home, stdout=stdout, stderr=subprocess.PIPE, env=dict(os.environ, **env))
    return time.monotonic() - started, done.stderr.decode(errors="replace")


def compare(peer, home, kind):
    """What facts-diff.mjs says last, and the lines before it."""
    want, got = home / "peer.json", home / "crab.json"
    theirs, _ = scan(["node", HERE / "run-peer.mjs", f"{kind}:image.tar", "--options", "options.json"], home, want,
                     SDP_ROOT=str(peer))
    with tempfile.TemporaryDirectory() as state:
        ours, log = scan([CRAB, "scan", "--compat", "--format", "snyk", "--options", "options.json",
                          f"{kind}:image.tar"], home, got, CRAB_STATE_DIR=state)
    said = subprocess.run(["node", DIFF, want, got], stdout=subprocess.PIPE, text=True).stdout.strip().split("\n")
    results = json.loads(want.read_text() or "{}").get("scanResults")
    size = f"{len(results)} results" if results is not None else "an error"
    return said[-1], said[:-1] + log.split("\n")[-5:], f"{size}, {theirs:.1f} s and {ours:.1f} s"


def main():
    chosen = [r for r in recipes.RECIPES if not sys.argv[1:] or r.__name__ in sys.argv[1:]]
    peer = install_peer()
    count = {"identical": 0, "equivalent": 0, "different": 0}
    print(f"1..{len(chosen)}")
    for n, recipe in enumerate(chosen, 1):
        try:
            verdict, why, note = compare(peer, *make(recipe))
        except kitchen.Missing as missing:
            verdict, why, note = "different", [str(missing)], "not made"
        word = verdict.split(":")[0]
        count[word if word in count else "different"] += 1
        good = word in ("identical", "equivalent")
        print(f"{'ok' if good else 'not ok'} {n} - {recipe.__name__}: {verdict} ({note})", flush=True)
        for line in [] if good else why:
            print(f"# {line}")
    print(f"# {count['identical']} identical, {count['equivalent']} equivalent, {count['different']} different")
    sys.exit(1 if count["different"] else 0)


if __name__ == "__main__":
    main()
