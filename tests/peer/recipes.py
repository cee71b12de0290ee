"""Images rich enough to disagree about, made on the spot. A recipe fills a
Kitchen's layers and serves them: it returns the kind of archive, and maybe
options for the scanner."""
import io
import json
import random
import shutil
import zipfile

from kitchen import DEBIAN, run


def debian_system(k, out):
    """The package database of the machine this runs on."""
    root = k.layer()
    for path in ("/var/lib/dpkg/status", "/var/lib/apt/extended_states", "/etc/os-release"):
        try:
            k.write(root, path, open(path, "rb").read())
        except FileNotFoundError:
            pass
    k.debs(root, "openjdk-17-jre-headless", "debianutils", database=False)
    return k.docker(out, history=[
        {"created": "2024-01-01T00:00:00Z", "created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
        {"created": "2024-05-01T09:00:00Z", "created_by": "RUN /bin/sh -c apt-get update && apt-get install -y curl git ca-certificates # buildkit"},
        {"created": "2024-05-01T10:00:00Z", "created_by": "CMD [\"bash\"]", "empty_layer": True}])


def debian_tomcat(k, out):
    """Jars of a servlet container, a war with jars inside."""
    k.debs(k.layer(), "libtomcat10-java", "libeclipse-jdt-core-java", "libservlet-api-java")
    app = k.layer()
    k.debs(app, "libjackson2-core-java", "libjackson2-databind-java", "libcommons-io-java", "libguava-java",
           "libspring-core-java", "liblog4j2-java", database=False)
    jars = sorted(p for p in app.rglob("*.jar") if p.is_file() and not p.is_symlink())
    war = io.BytesIO()
    with zipfile.ZipFile(war, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("META-INF/maven/org.example/shop/pom.properties",
                   "#made\nversion=3.1\ngroupId=org.example\nartifactId=shop\n")
        for jar in jars[::2]:
            z.write(jar, f"WEB-INF/lib/{jar.name}")
    k.write(app, "/opt/tomcat/webapps/shop.war", war.getvalue())
    fat = io.BytesIO()
    with zipfile.ZipFile(fat, "w") as z:
        z.writestr("META-INF/maven/org.example/fat/pom.properties", "groupId=org.example\nartifactId=fat\nversion=1\n")
        for jar in jars[1::2]:
            z.write(jar, f"BOOT-INF/lib/{jar.name}")
        z.writestr("BOOT-INF/lib/inner.jar", war.getvalue())
    k.write(app, "/opt/app/fat-1.jar", fat.getvalue())
    return k.docker(out), {"nested-jars-depth": "3"}


def java_made(k, out):
    """Jars in jars with the pom.properties that tools other than Maven write, wherever they put them."""
    dice = random.Random(12)
    names = ["app", "lib", "core", "guava", "log4j-1.2-api", "log4j", "jar", "x", "caf\u00e9", "mssql-jdbc"]

    def pom():
        lines = [f"{key}{dice.choice(['=', '=', '=', '=', ' = ', ':'])}{value}{dice.choice(['', '', ' ', '=y', chr(13)])}"
                 for key, value in (("groupId", dice.choice(["com.g", "org.x", "com.microsoft.sqlserver"])),
                                    ("artifactId", dice.choice(names)), ("version", dice.choice(["1.0", "2", "${v}", ""])))
                 for _ in range(dice.choice([1, 1, 1, 1, 1, 0, 2]))]
        if dice.random() < .3:
            dice.shuffle(lines)
        return "\n".join(["#Generated"] * dice.randrange(2) + lines)

    def jar(level):
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as z:
            for n in range(dice.choice([0, 1, 1, 2, 3, 5])):
                kind = dice.random()
                if kind < .5:
                    where = dice.choice([f"META-INF/maven/com.g{n}/{dice.choice(names)}", f"shaded{n}", f"é{n}", f"{n}/my"])
                    name, text = f"{where}{dice.choice(['/', '/', '-'])}pom.properties", pom()
                elif kind < .8 and level < 4:
                    name, text = f"lib{n}/{dice.choice(names)}{dice.choice(['.jar', '-1.0.jar', '.war', '.JAR'])}", jar(level + 1)
                else:
                    name, text = f"{n}.class", dice.randbytes(40)
                z.writestr(name, text, dice.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
            z.comment = b"c" * dice.choice([0, 0, 9])
        return body.getvalue()

    root = k.layer()
    for n in range(120):
        folder = dice.choice(["/app", "/app/lib", "", "/usr/lib/x", "/usr/share/java", "/opt/guava", "/usr/library", "/x/gradle/cache"])
        k.write(root, f"{folder}/{n}-{dice.choice(names)}{dice.choice(['.jar', '-1.0.jar', '.war', '.ear', '.JAR'])}", jar(1))
    return k.docker(out), {"nested-jars-depth": "2", "include-system-jars": True}


def debian_python(k, out):
    """Installed distributions and requirements that name them in many ways."""
    k.debs(k.layer(), "python3-requests", "python3-urllib3", "python3-flask", "python3-werkzeug", "python3-jinja2",
           "python3-markupsafe", "python3-click", "python3-itsdangerous", "python3-idna", "python3-certifi",
           "python3-chardet", "python3-charset-normalizer", "python3-yaml", "python3-django", "python3-sqlparse",
           "python3-asgiref", "python3-cryptography", "python3-cffi", "python3-pycparser", "python3-six",
           "python3-dateutil", "python3-tz", "python3-attr", "python3-jsonschema", "python3-pyrsistent",
           "python3-setuptools", "python3-wheel", "python3-pip", "python3-packaging", "python3-pyparsing")
    app = k.layer()
    # Debian's dist-info says egg-info for some: what counts is what is there.
    k.write(app, "/app/requirements.txt",
            "# comment\nFlask>=2\nrequests[socks,security]==2.28.1\nDjango~=3.2\nPyYAML\n\nsix ~= 1.16\n-r other.txt\n"
            "cryptography ; python_version > '3'\ngit+https://example.test/x.git#egg=x\nnot-there==1\nattrs<=2\n")
    k.write(app, "/app/other/requirements.txt", "jsonschema\npython-dateutil!=1\npackaging===21.0\n")
    k.write(app, "/app/empty/requirements.txt", "# nothing\n")
    return k.docker(out)


def python_made(k, out):
    """Distributions by the hundred, with extras, cycles and odd versions."""
    r = random.Random(11)
    root = k.layer()
    k.write(root, "/etc/os-release", DEBIAN)
    names = [r.choice("abcdefg") + r.choice(["", "-", "_", "."]) + f"lib{i}" for i in range(150)]
    for i, name in enumerate(names):
        version = r.choice(["1.0", "2", "0.5.0b1", "2023.3.post1", "1.2.3.4", "3.0.0rc1", "1!2.0", "4.5.6+local", "10.0.1"])
        text = f"Metadata-Version: 2.1\nName: {name.capitalize() if i % 3 else name}\nVersion: {version}\n"
        for extra in ("dev", "socks"):
            text += f"Provides-Extra: {extra}\n"
        for _ in range(r.randrange(5)):
            other = r.choice(names)
            text += "Requires-Dist: " + other + r.choice(
                ["", " (>=1)", ">=1.0,<2", "[dev]", " ; extra == 'socks'", " (>=1) ; extra == \"dev\"",
                 " ; python_version < '3'", "~=1.0", "==1.0", "[socks] (!=2)"]) + "\n"
        text += "\nA description.\n"
        k.write(root, f"/usr/local/lib/python3.11/site-packages/{name.replace('-', '_')}-{version}.dist-info/METADATA", text)
    lines = [r.choice(names) + r.choice(["", "==1.0", ">=2", "[dev]", "[socks,dev]>=1", "~=1.0.0", "<=3", " # c"]) for _ in range(60)]
    k.write(root, "/srv/requirements.txt", "\n".join(lines) + "\n")
    return k.oci(out)


EXPRESS = {"name": "shop", "version": "2.1.0", "dependencies": {
    "express": "^4.19.0", "body-parser": "1.x", "lodash": ">=4 <5", "al": "npm:semver@^6.3.0", "debug": "~4.3.0"},
    "devDependencies": {"mocha": "^10.0.0"}, "optionalDependencies": {"fsevents": "^2.3.0"}}
WEB = {"name": "@corp/site", "version": "0.0.1", "dependencies": {
    "react": "^18.2.0", "react-dom": "^18.2.0", "webpack": "^5.90.0", "eslint": "^8.50.0", "chalk": "^4.1.0",
    "whatwg-url": "^14.0.0"}}


def node_lock3(k, out):
    root = k.layer()
    k.write(root, "/etc/os-release", DEBIAN)
    k.npm(root / "srv/shop", EXPRESS, "install", "--package-lock-only")
    k.npm(root / "srv/site", dict(WEB, overrides={"ansi-styles": "4.3.0", "eslint": {"chalk": "4.1.2"}}),
          "install", "--package-lock-only", "--legacy-peer-deps")
    k.npm(root / "srv/jest", {"name": "t", "dependencies": {"jest": "^29.0.0", "typescript": "5.x"}},
          "install", "--package-lock-only", "--lockfile-version", "2")
    return k.docker(out)


def node_lock1(k, out):
    root = k.layer()
    k.npm(root / "app", EXPRESS, "install", "--package-lock-only", "--lockfile-version", "1")
    k.npm(root / "app2", {"name": "w", "version": "1.0.0", "dependencies": {"webpack": "^4.40.0", "request": "^2.88.0"}},
          "install", "--package-lock-only", "--lockfile-version", "1")
    return k.docker(out)


def node_modules(k, out):
    """Installed trees without a lock file; one upper layer removes a package."""
    base = k.layer()
    k.write(base, "/etc/os-release", DEBIAN)
    k.npm(base / "srv/site", WEB, "install", "--no-package-lock")
    top = k.layer()
    k.npm(top / "opt/shop", EXPRESS, "install", "--no-package-lock", "--omit=dev")
    k.write(top, "/srv/site/node_modules/.wh.lodash.merge", "")
    k.write(top, "/srv/site/index.js", "x")
    k.write(top, "/srv/site/src/a.ts", "y")
    for lock in top.rglob(".package-lock.json"):
        lock.unlink()
    return k.oci(out), {"collect-application-files": "true"}


def node_yarn(k, out):
    root = k.layer()
    k.npm(root / "srv/shop", EXPRESS, "install", "--ignore-scripts", "--ignore-engines", "--silent",
          tool=("npx", "yarn@1.22.22"), keep=False)
    k.npm(root / "srv/site", WEB, "install", "--ignore-scripts", "--ignore-engines", "--silent",
          tool=("npx", "yarn@1.22.22"), keep=False)
    return k.docker(out)


def node_berry(k, out):
    root = k.layer()
    for version in ("3.6.4", "4.5.0"):
        tool = ("npx", f"@yarnpkg/cli-dist@{version}")
        k.npm(root / f"srv/shop{version}", EXPRESS, "install", "--mode=update-lockfile", tool=tool, keep=False)
        k.npm(root / f"srv/site{version}", dict(WEB, resolutions={"chalk": "4.1.1", "eslint/debug": "4.3.4"}),
              "install", "--mode=update-lockfile", tool=tool, keep=False)
    return k.docker(out)


def node_pnpm(k, out):
    root = k.layer()
    for major in ("7.33.7", "8.15.9", "9.12.0"):
        k.npm(root / f"srv/shop{major}", EXPRESS, "install", "--lockfile-only", "--ignore-scripts",
              tool=("npx", f"pnpm@{major}"), keep=False)
        k.npm(root / f"srv/site{major}", WEB, "install", "--lockfile-only", "--ignore-scripts",
              tool=("npx", f"pnpm@{major}"), keep=False)
    return k.docker(out)


def node_pnpm_store(k, out):
    root = k.layer()
    k.npm(root / "app", EXPRESS, "install", "--ignore-scripts", "--prod", "--store-dir", k.work / "store",
          tool=("npx", "pnpm@9.12.0"))
    (root / "app/pnpm-lock.yaml").unlink()
    return k.docker(out)


def go_programs(k, out):
    root = k.layer()
    k.debs(root, "restic", "rclone", "gh", "hugo", "caddy", "skopeo")
    # Where the candidates of the peer may lie.
    for name in ("restic", "rclone"):
        k.write(root, f"/usr/local/bin/{name}", (root / "usr/bin" / name).read_bytes())
        k.write(root, f"/opt/{name}-1.0", (root / "usr/bin" / name).read_bytes())
    return k.oci(out)


def go_made(k, out):
    """Programs with modules, built here, several ways."""
    src = k.work / "src"
    deps = ["alpha", "beta", "gamma"]
    for name in deps:
        folder = src / name
        (folder / "sub").mkdir(parents=True)
        (folder / "go.mod").write_text(f"module example.org/{name}\n\ngo 1.19\n")
        (folder / "x.go").write_text(f"package {name}\n\nimport \"example.org/{name}/sub\"\n\n"
                                     "//go:noinline\nfunc Do() string { return sub.Do() }\n")
        (folder / "sub/x.go").write_text("package sub\n\n//go:noinline\nfunc Do() string { return string(make([]byte, 3)) }\n")
    tool = src / "tool"
    tool.mkdir()
    (tool / "go.mod").write_text("module example.org/tool\n\ngo 1.19\n\n" +
                                 "".join(f"require example.org/{n} v1.{i}.0\n" for i, n in enumerate(deps)) +
                                 "".join(f"replace example.org/{n} => ../{n}\n" for n in deps))
    (tool / "main.go").write_text("package main\n\nimport (\n" + "".join(f"\t\"example.org/{n}\"\n" for n in deps) +
                                  ")\n\nfunc main() {\n" + "".join(f"\tprintln({n}.Do())\n" for n in deps) + "}\n")
    root = k.layer()
    go = shutil.which("go") or "/usr/lib/go-1.19/bin/go"
    import os
    ways = {"plain": [], "trim": ["-trimpath"], "bare": ["-ldflags=-s -w"], "pie": ["-buildmode=pie"],
            "noid": ["-ldflags=-buildid="], "vendored": ["-mod=vendor"]}
    env = dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off", GOSUMDB="off", CGO_ENABLED="0",
               GOCACHE=str(k.work / "gocache"), GOPATH=str(k.work / "gopath"))
    run([go, "mod", "vendor"], cwd=tool, env=env)
    for name, flags in ways.items():
        more = dict(env, GOFLAGS="") if name == "vendored" else env
        for arch in ("amd64", "386", "s390x") if name in ("plain", "bare") else ("amd64",):
            target = root / "usr/local/bin" / f"{name}_{arch}"
            run([go, "build", *flags, "-o", target, "."], cwd=tool, env=dict(more, GOARCH=arch))
    return k.docker(out)


def php_made(k, out):
    r = random.Random(5)
    root = k.layer()
    k.write(root, "/etc/os-release", DEBIAN)
    names = [f"{r.choice(['acme', 'symfony', 'psr'])}/p{i}" for i in range(80)]
    packages = []
    for i, name in enumerate(names):
        require = {r.choice(names[i + 1:] or names): "^1.0" for _ in range(r.randrange(4))}
        require["php"] = ">=8.1"
        if r.random() < 0.3:
            require["ext-json"] = "*"
        package = {"name": name, "version": r.choice(["v1.2.3", "2.0.0", "dev-main", "dev-master", "v3"]), "require": require}
        if package["version"].startswith("dev-"):
            package["extra"] = {"branch-alias": {r.choice(["dev-main", "dev-master"]): r.choice(["2.x-dev", "1.0.x-dev"])}}
        packages.append(package)
    k.write(root, "/var/www/composer.json", json.dumps(
        {"name": "acme/site", "version": "v2.1", "require": {n: "^1" for n in names[:12]} | {"php": "^8"},
         "require-dev": {names[20]: "*"}}))
    k.write(root, "/var/www/composer.lock", json.dumps({"packages": packages, "packages-dev": []}))
    return k.docker(out)


def dotnet_made(k, out):
    r = random.Random(6)
    root = k.layer()
    k.write(root, "/etc/os-release", DEBIAN)
    for n in range(6):
        names = [f"{r.choice(['Microsoft', 'System', 'Serilog'])}.Lib{i}" for i in range(40)]
        version = {name: f"{r.randrange(9)}.{r.randrange(9)}.0" for name in names}
        target = {f"app{n}/1.0.{n}": {"dependencies": {x: version[x] for x in names[:6]}}}
        for i, name in enumerate(names):
            target[f"{name}/{version[name]}"] = {"dependencies": {x: "1.0.0" for x in r.sample(names, 3)}} if i % 2 else {}
        libraries = {key: {"type": "project" if key.startswith("app") else "package"} for key in target}
        framework = ".NETCoreApp,Version=v8.0" + ("/linux-x64" if n % 2 else "")
        k.write(root, f"/app{n}/app{n}.deps.json", json.dumps(
            {"runtimeTarget": {"name": framework, "signature": ""}, "targets": {framework: target}, "libraries": libraries}))
    return k.docker(out)


def rpm_system(k, out):
    """A database made by rpm itself."""
    root = k.layer()
    k.write(root, "/etc/os-release", 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=38\nPRETTY_NAME="Fedora Linux 38"\n')
    r = random.Random(7)
    top = k.work / "rpmbuild"
    (top / "SPECS").mkdir(parents=True)
    for i in range(25):
        spec = top / f"SPECS/p{i}.spec"
        epoch = f"Epoch: {r.randrange(3)}\n" if i % 3 == 0 else ""
        spec.write_text(f"Name: pkg{i}\n{epoch}Version: {r.randrange(9)}.{i}\nRelease: {r.choice(['1', '2.fc38', '3~rc1'])}\n"
                        f"Summary: s\nLicense: MIT\nBuildArch: noarch\n%description\nd\n%files\n")
        run(["rpmbuild", "-bb", "--define", f"_topdir {top}", "--define", f"source_date_epoch_from_changelog 0", spec])
    database = root / "var/lib/rpm"
    database.mkdir(parents=True)
    run(["rpm", "--dbpath", database, "--initdb"])
    run(["rpm", "--dbpath", database, "-i", "--justdb", "--nodeps", *sorted(top.rglob("*.rpm"))])
    for extra in database.glob("rpmdb.sqlite-*"):
        extra.unlink()
    (database / ".rpm.lock").unlink(missing_ok=True)
    return k.docker(out)


def many_layers(k, out):
    """Everything on top of each other, with removals and replacements."""
    base = k.layer()
    k.debs(base, "libc6", "libgcc-s1", "gcc-12-base", "zlib1g", "libssl3", "openssl", "bash", "coreutils", "perl-base",
           "debianutils", "dash", "libselinux1", "libpcre2-8-0", "libtinfo6", "ca-certificates")
    java = k.layer()
    k.debs(java, "libcommons-lang3-java", "libcommons-collections3-java", "libcommons-compress-java", database=False)
    node = k.layer()
    k.npm(node / "srv/shop", EXPRESS, "install")
    go = k.layer()
    k.debs(go, "restic", database=False)
    top = k.layer()
    k.write(top, "/usr/share/java/.wh.commons-lang3.jar", "")
    k.write(top, "/srv/shop/.wh.node_modules", "")
    k.write(top, "/etc/os-release", DEBIAN.replace("12", "13"))
    k.write(top, "/app/requirements.txt", "flask\n")
    k.write(top, "/app/.wh..wh..opq", "")
    return k.oci(out, config={"Env": ["A=b"], "ExposedPorts": {"80/tcp": {}}, "Labels": {"x": "y"}}), {
        "globsToFind": {"include": ["**/requirements.txt", "**/*.conf"], "exclude": ["**/node_modules/**"]},
        "imageNameAndTag": "reg.example/team/all:9"}


RECIPES = [debian_system, debian_tomcat, java_made, debian_python, python_made, node_lock3, node_lock1, node_modules,
           node_yarn, node_berry, node_pnpm, node_pnpm_store, go_programs, go_made, php_made, dotnet_made, rpm_system, many_layers]
