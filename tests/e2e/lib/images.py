"""Images as OCI layouts, written by hand: deterministic digests."""
import gzip
import hashlib
import io
import json
import pathlib
import tarfile

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(files):
    """files: path -> bytes (or a TarInfo for anything but a plain file)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for path, data in files.items():
            if isinstance(data, tarfile.TarInfo):
                t.addfile(data)
                continue
            info = tarfile.TarInfo(path)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def dpkg_status(packages):
    """packages: name -> version."""
    return "".join(f"Package: {n}\nStatus: install ok installed\nVersion: {v}\n\n"
                   for n, v in packages.items()).encode()


OS_RELEASE = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'


class Layout:
    """An OCI layout directory; tags name manifests."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        (self.path / "blobs/sha256").mkdir(parents=True)
        (self.path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        self.entries = []

    def blob(self, data):
        d = digest(data)
        (self.path / "blobs/sha256" / d[7:]).write_bytes(data)
        return {"digest": d, "size": len(data)}

    def image(self, tag, layers, config=None):
        """layers: plain tars, bottom first. Gives the manifest."""
        stored = [{"mediaType": LAYER, **self.blob(gzip.compress(t, 6, mtime=0))} for t in layers]
        cfg = {"architecture": "amd64", "os": "linux", "created": "2024-05-01T10:00:00Z",
               "config": {"Cmd": ["/bin/sh"]},
               "rootfs": {"type": "layers", "diff_ids": [digest(t) for t in layers]},
               **(config or {})}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                    "config": {"mediaType": CONFIG, **self.blob(json.dumps(cfg).encode())},
                    "layers": stored}
        entry = {"mediaType": MANIFEST, **self.blob(json.dumps(manifest).encode()),
                 "annotations": {"org.opencontainers.image.ref.name": tag}}
        self.entries.append(entry)
        (self.path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": self.entries}))
        manifest["digest"] = entry["digest"]
        return manifest
