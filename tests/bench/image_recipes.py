"""The images the benchmarks scan, made from Debian and npm packages (see
tests/peer/kitchen.py), and some no registry would take."""
import os
import pathlib
import random
import subprocess
import tarfile
import zipfile

MINIMAL = """apt base-files base-passwd bash bsdutils coreutils dash debconf debian-archive-keyring debianutils
diffutils dpkg findutils gcc-12-base gpgv grep gzip hostname init-system-helpers libacl1 libapt-pkg6.0 libattr1
libaudit-common libaudit1 libblkid1 libbz2-1.0 libc-bin libc6 libcap-ng0 libcap2 libcom-err2 libcrypt1 libdb5.3
libdebconfclient0 libffi8 libgcc-s1 libgcrypt20 libgmp10 libgnutls30 libgpg-error0 libgssapi-krb5-2 libhogweed6
libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 liblz4-1 liblzma5 libmd0 libmount1 libnettle8 libp11-kit0
libpam-modules libpam-runtime libpam0g libpcre2-8-0 libseccomp2 libselinux1 libsemanage2 libsepol2 libsmartcols1
libss2 libssl3 libstdc++6 libsystemd0 libtasn1-6 libtinfo6 libudev1 libunistring2 libuuid1 libxxhash0 libzstd1
login logsave mawk mount ncurses-base ncurses-bin passwd perl-base sed sysvinit-utils tar tzdata util-linux
util-linux-extra zlib1g""".split()
JAVA = """libspring-core-java libspring-web-java libspring-beans-java libspring-context-java libhibernate3-java
libjackson2-core-java libjackson2-databind-java libtomcat10-java libeclipse-jdt-core-java libguava-java
liblog4j2-java libcommons-io-java libcommons-lang3-java libcommons-collections4-java libmaven3-core-java
libnetty-java libjetty9-java libgradle-core-java libgradle-plugins-java groovy libbcprov-java libxerces2-java
libxalan2-java libbatik-java libfop-java liblucene4.10-java libprotobuf-java antlr4 scala-library
libkotlin-java libclojure-java jruby""".split()
PYTHON = """python3-requests python3-urllib3 python3-flask python3-werkzeug python3-jinja2 python3-markupsafe
python3-click python3-django python3-numpy python3-scipy python3-pandas python3-yaml python3-cryptography
python3-sqlalchemy python3-twisted python3-attr python3-jsonschema python3-setuptools python3-pip python3-wheel
python3-matplotlib python3-pil python3-lxml python3-psycopg2 python3-redis python3-boto3 python3-botocore""".split()
GO = "restic rclone gh hugo caddy skopeo".split()
NODE = {"name": "portal", "version": "1.0.0", "dependencies": {
    "express": "^4.19.0", "webpack": "^5.90.0", "jest": "^29.0.0", "typescript": "5.x", "eslint": "^8.50.0",
    "@angular/cli": "^17.0.0", "react-scripts": "5.0.1", "lodash": "^4.17.0", "rxjs": "^7.8.0", "date-fns": "^3.0.0"}}


def some(k, root, names, **kw):
    """Those of the packages that there are."""
    from kitchen import Missing
    for name in names:
        try:
            k.debs(root, name, database=False)
        except Missing:
            pass


def minimal(k, out):
    k.debs(k.layer(), *MINIMAL)
    return k.oci(out, coding="gzip")


def seven_layers(k, out):
    k.debs(k.layer(), *MINIMAL)
    some(k, k.layer(), ["openjdk-17-jre-headless"])
    some(k, k.layer(), JAVA)
    some(k, k.layer(), PYTHON)
    some(k, k.layer(), GO)
    k.npm(k.layer() / "srv/portal", NODE, "install", "--legacy-peer-deps")
    k.write(k.layer(), "/srv/requirements.txt", "flask\ndjango\nrequests\nnumpy\npandas\n")
    return k.oci(out, coding="gzip")


def node_modules(k, out):
    root = k.layer()
    k.npm(root / "app", {"name": "app", "version": "1.0.0", "dependencies": {
        "react-scripts": "5.0.1"}}, "install", "--no-package-lock", "--legacy-peer-deps")
    for path in sorted(root.rglob("*"), reverse=True):
        if not path.is_dir() and path.name != "package.json":
            path.unlink()
    return k.oci(out, coding="gzip")


def on_shared_base(n):
    def recipe(k, out):
        k.debs(k.layer(), *MINIMAL)
        some(k, k.layer(), ["openjdk-17-jre-headless", "libspring-core-java", "libtomcat10-java"])
        k.write(k.layer(), f"/app{n}/config", f"{n}\n" * 1000)
        return k.oci(out, coding="gzip")
    recipe.__name__ = f"batch{n}"
    return recipe


# ---- oversized: layers alone, written as they are needed ----------------------


def many_files(stream):
    """Three million empty files."""
    header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT))
    base = sum(header[:148]) + 8 * 32 + sum(header[156:])
    for i in range(3_000_000):
        name = b"d%04d/f%07d" % (i // 1000, i)
        header[0:100] = name.ljust(100, b"\0")
        header[148:156] = b"%06o\0 " % (base - ord("x") + sum(name))
        stream.write(header)
    stream.write(bytes(1024))


def ten_gigabytes(stream):
    """One file of 10 GB nobody reads, and a package list."""
    info = tarfile.TarInfo("var/lib/data")
    info.size = 10 << 30
    stream.write(info.tobuf(tarfile.GNU_FORMAT))
    piece = random.Random(1).randbytes(1 << 20)
    for _ in range(10 << 10):
        stream.write(piece)
    stream.write(bytes(1024))


def large_jar(stream):
    """A jar of 2 GB."""
    path = pathlib.Path(os.environ.get("TMPDIR", "/var/tmp")) / f"large-{os.getpid()}.jar"
    piece = random.Random(2).randbytes(1 << 20)
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as z:
            with z.open("data.bin", "w", force_zip64=True) as member:
                for _ in range(2 << 10):
                    member.write(piece)
            z.writestr("META-INF/maven/a/large/pom.properties", "groupId=a\nartifactId=large\nversion=1\n")
        info = tarfile.TarInfo("app/large.jar")
        info.size = path.stat().st_size
        stream.write(info.tobuf(tarfile.GNU_FORMAT))
        with open(path, "rb") as jar:
            while chunk := jar.read(1 << 20):
                stream.write(chunk)
        stream.write(bytes(-info.size % 512 + 1024))
    finally:
        path.unlink(missing_ok=True)


IMAGES = [minimal, seven_layers, node_modules]
BATCH = [on_shared_base(n) for n in range(10)]
LAYERS = [many_files, ten_gigabytes, large_jar]
