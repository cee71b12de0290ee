"""What images are made of: Debian and npm packages, archives, layers.

Everything fetched is kept below CACHE between runs. A recipe gets a Kitchen,
makes folders that become layers, and serves them as one archive.
"""
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

CACHE = pathlib.Path(os.environ.get(
    "TEST_PEER_DIR", pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "crab-peer"))
EPOCH = "2024-05-01T10:00:00Z"
DEBIAN = """PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
ID=debian
"""


class Missing(Exception):
    """Something could not be fetched here."""


def run(argv, **kw):
    try:
        done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    except FileNotFoundError as gone:
        raise Missing(f"{gone.filename} is not installed (contrib/setup peer)") from None
    if done.returncode != 0:
        raise Missing(f"{' '.join(map(str, argv))}: {done.stdout.strip()[-600:]}")
    return done.stdout


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Kitchen:
    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.layers = []

    # ---- layers ------------------------------------------------------------

    def layer(self):
        """A new layer: an empty folder to be filled."""
        root = self.work / f"layer{len(self.layers)}"
        root.mkdir()
        self.layers.append(root)
        return root

    def write(self, root, path, data):
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return file

    # ---- packages ----------------------------------------------------------

    def debs(self, root, *names, database=True):
        """Unpacks Debian packages, and writes the database that lists them."""
        store = CACHE / "debs"
        store.mkdir(parents=True, exist_ok=True)
        status = ""
        for name in names:
            found = sorted(store.glob(f"{name}_*.deb"))
            if not found:
                run(["apt-get", "download", "-qq", name], cwd=store)
                found = sorted(store.glob(f"{name}_*.deb"))
            run(["dpkg-deb", "-x", found[-1], root])
            fields = run(["dpkg-deb", "-f", found[-1]])
            status += fields.replace("\nVersion:", "\nStatus: install ok installed\nVersion:", 1) + "\n"
        if database:
            self.write(root, "/etc/os-release", DEBIAN)
            self.write(root, "/var/lib/dpkg/status", status)

    def npm(self, folder, manifest, *argv, tool=("npm",), keep=True):
        """A project with what `tool` makes of it in `folder`; without `keep`
        only the manifest and the lock file stay."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps(manifest, indent=2))
        env = dict(os.environ, npm_config_cache=str(CACHE / "npm"), npm_config_fund="false",
                   npm_config_audit="false", npm_config_ignore_scripts="true",
                   npm_config_update_notifier="false", npm_config_yes="true",
                   YARN_CACHE_FOLDER=str(CACHE / "yarn"), YARN_ENABLE_TELEMETRY="0",
                   YARN_ENABLE_IMMUTABLE_INSTALLS="false", YARN_ENABLE_SCRIPTS="false")
        run([*tool, *argv], cwd=folder, env=env)
        if not keep:
            for entry in folder.iterdir():
                if entry.name in ("package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"):
                    continue
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()

    # ---- archives ----------------------------------------------------------

    def _tar(self, root):
        return subprocess.run(
            ["tar", "--sort=name", "--numeric-owner", "--owner=0", "--group=0", "--mtime=@0",
             "--format=gnu", "-cf", "-", "."], cwd=root, stdout=subprocess.PIPE, check=True).stdout

    def _config(self, tars, history, config):
        return json.dumps({
            "architecture": "amd64", "os": "linux", "created": EPOCH, "config": config or {"Cmd": ["/bin/sh"]},
            "history": history or [], "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(t) for t in tars]},
        }).encode()

    def docker(self, path, history=None, config=None):
        """A docker-archive of the layers."""
        tars = [self._tar(root) for root in self.layers]
        config = self._config(tars, history, config)
        name = sha256(config) + ".json"
        names = [sha256(t) + ".tar" for t in tars]
        manifest = json.dumps([{"Config": name, "RepoTags": None, "Layers": names}]).encode()
        with tarfile.open(path, "w") as out:
            for member, data in [*zip(names, tars), (name, config), ("manifest.json", manifest)]:
                info = tarfile.TarInfo(member)
                info.size = len(data)
                out.addfile(info, io.BytesIO(data))
        return "docker-archive"

    def oci(self, path, history=None, config=None, coding=None):
        """An oci-archive; the layers gzip, zstd and plain by turns, or all
        of one coding."""
        blobs = {}

        def blob(data):
            blobs[sha256(data)] = data
            return {"digest": "sha256:" + sha256(data), "size": len(data)}

        tars = [self._tar(root) for root in self.layers]
        stored = []
        for n, tar in enumerate(tars):
            if coding == "gzip" or (coding is None and n % 3 == 0):
                kind, data = "+gzip", gzip.compress(tar, 6, mtime=0)
            elif coding is None and n % 3 == 1 and shutil.which("zstd"):
                kind = "+zstd"
                data = subprocess.run(["zstd", "-q", "-c"], input=tar, stdout=subprocess.PIPE, check=True).stdout
            else:
                kind, data = "", tar
            stored.append({"mediaType": f"application/vnd.oci.image.layer.v1.tar{kind}", **blob(data)})
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                               **blob(self._config(tars, history, config))},
                    "layers": stored}
        index = {"schemaVersion": 2, "manifests": [{"mediaType": manifest["mediaType"],
                                                    **blob(json.dumps(manifest).encode())}]}
        with tarfile.open(path, "w") as out:
            members = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode(),
                       **{f"blobs/sha256/{h}": d for h, d in blobs.items()}}
            for member, data in members.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                out.addfile(info, io.BytesIO(data))
        return "oci-archive"
