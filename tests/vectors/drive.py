#!/usr/bin/env python3
"""Scans an image archive with crab-worker alone, no engine involved.

    drive.py [--compat] [--options FILE] [--worker PROGRAM] TYPE:FILE

Prints what `crab scan --format snyk` prints. Archives are taken apart here, in
a few lines, so that a fault of the engine and one of the worker can be told
apart. Exit 0 done, 1 the scan failed.
"""
import argparse
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile


def members(path):
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {os.path.normpath(m.name): tar.extractfile(m).read()
                for m in tar if m.isreg()}


def docker_archive(files, kaniko):
    manifest = json.loads(files["manifest.json"])[0]
    wanted = "sha256:[0-9a-f]{64}" if kaniko else r"[0-9a-f]{64}\.json"
    config = [files[n] for n in files if re.search(wanted, n)][-1]
    image_id = manifest["Config"] if kaniko else manifest["Config"].split(".")[0]
    names = [os.path.normpath(n) for n in manifest["Layers"]]
    layers = [files[n] for n in names if n in files]
    return image_id, names, config, layers


def blob(files, digest):
    return files["blobs/" + digest.replace(":", "/")]


def manifests(files, index):
    for entry in index["manifests"]:
        body = json.loads(blob(files, entry["digest"]))
        if "manifests" in body:
            yield from manifests(files, body)
        else:
            yield entry.get("platform", {}), body


def oci_archive(files, platform):
    os_name, arch = (platform or "linux/amd64").split("/")[:2]
    found = list(manifests(files, json.loads(files["index.json"])))
    for its, body in found:
        if len(found) == 1 or (its.get("os"), its.get("architecture")) == (os_name, arch):
            names = [layer["digest"] for layer in body["layers"]]
            return (body["config"]["digest"], names,
                    blob(files, body["config"]["digest"]),
                    [blob(files, n) for n in names])
    sys.exit("no image for this platform")


def variant(options):
    """Arguments of mode layer for option globsToFind."""
    globs = options.get("globsToFind") or {}
    include = [g for g in globs.get("include") or [] if "composer" not in g]
    exclude = globs.get("exclude") or [] if include else []
    return [word for name, patterns in (("include", include), ("exclude", exclude))
            for pattern in patterns for word in (f"--glob-{name}", pattern)]


def worker(args, mode, stdin, more=()):
    run = subprocess.run([args.worker, mode, *more], input=stdin, capture_output=True)
    if run.returncode == 0:
        return run.stdout
    last = run.stderr.decode(errors="replace").strip().split("\n")[-1]
    try:
        text = json.loads(last)["error"]["text"]
    except (ValueError, KeyError):
        sys.exit(f"crab-worker {mode}: {last}")
    print(json.dumps({"error": {"name": "Error", "message": text}}))
    sys.exit(1)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--compat", action="store_true")
    ap.add_argument("--options")
    ap.add_argument("--worker", default=os.environ.get("CRAB_WORKER", "crab-worker"))
    ap.add_argument("source")
    args = ap.parse_args()
    kind, path = args.source.split(":", 1)
    options = json.load(open(args.options)) if args.options else {}
    files = members(path)
    if kind == "oci-archive":
        image_id, names, config, layers = oci_archive(files, options.get("platform"))
    else:
        image_id, names, config, layers = docker_archive(files, kind == "kaniko-archive")
    records = [worker(args, "layer", layer, variant(options)) for layer in layers]
    dockerfile = {}
    if options.get("file"):
        dockerfile["dockerfile"] = open(options["file"], errors="replace").read()
    header = json.dumps({
        **dockerfile, "image": 1, "compat": args.compat, "options": options,
        "target": os.path.basename(path),
        "imageId": image_id if ":" in image_id else "sha256:" + image_id,
        "config": json.loads(config), "layerNames": names,
        "records": [len(r) for r in records]}).encode()
    out = worker(args, "image", b"%d\n%s%s" % (len(header), header, b"".join(records)))
    results = [json.loads(line) for line in out.decode().split("\n")[:-1]]
    print(json.dumps({"scanResults": results}))


if __name__ == "__main__":
    main()
