"""The real docker-registry (Debian's), anonymous or behind a password, TLS or
a token server; and skopeo to fill it."""
import os
import shutil
import subprocess

import proc
import tap
import web

USER, PASSWORD = "robot", 'pa ss"w\\ord$1'


def need():
    for program in ("docker-registry", "skopeo", "htpasswd"):
        if shutil.which(program) is None:
            raise tap.Skip(f"{program} is not installed")


class Registry:
    def __init__(self, work, name="registry", password=None, tls=None, extra="", data=None):
        need()
        self.work, self.name = work, name
        self.password = password
        self.data = data or work / f"{name}.data"
        self.port = proc.free_port()
        self.host = f"127.0.0.1:{self.port}"
        http = f'  addr: "{self.host}"\n'
        if tls:
            http += f"  tls: {{certificate: {tls[1]}, key: {tls[2]}}}\n"
        auth = ""
        if password is not None:
            hashed = proc.run(["htpasswd", "-Bbn", USER, password]).strip()
            (work / f"{name}.htpasswd").write_text(hashed + "\n")
            auth = f"auth: {{htpasswd: {{realm: basic-realm, path: {work}/{name}.htpasswd}}}}\n"
        (work / f"{name}.yml").write_text(
            "version: 0.1\nlog: {level: error}\n"
            f"storage:\n  filesystem: {{rootdirectory: {self.data}}}\n  delete: {{enabled: true}}\n"
            f"http:\n{http}{auth}{extra}")
        self.tls = tls
        self.program = None
        self.start()

    def start(self):
        self.program = proc.Program(self.name, ["docker-registry", "serve", self.work / f"{self.name}.yml"],
                                    self.work / f"{self.name}.log")
        self.program.wait_for(self.listening, "registry listens")

    def listening(self):
        import socket
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def push(self, layout, tag, repo, as_tag=None, docker=False):
        """From an OCI layout directory, by skopeo."""
        argv = ["skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false"]
        if self.password is not None:
            argv += ["--dest-creds", f"{USER}:{self.password}"]
        if docker:
            argv += ["--format", "v2s2"]
        argv += [f"oci:{layout.path}:{tag}", f"docker://{self.host}/{repo}:{as_tag or tag}"]
        proc.run(argv)

    def push_archive(self, archive, repo, tag):
        """From a vector's docker-archive or oci-archive, by skopeo."""
        argv = ["skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false"]
        if self.password is not None:
            argv += ["--dest-creds", f"{USER}:{self.password}"]
        proc.run(argv + [archive, f"docker://{self.host}/{repo}:{tag}"])

    def stop(self):
        self.program.stop()


def make_tls(work):
    """A CA and a server certificate for 127.0.0.1: (ca, cert, key)."""
    ca, ca_key, key, csr, cert = (work / n for n in ("ca.crt", "ca.key", "srv.key", "srv.csr", "srv.crt"))
    ext = work / "srv.ext"
    ext.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", ca_key, "-out", ca, "-subj", "/CN=test CA", "-days", "30"], **quiet)
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", csr, "-subj", "/CN=127.0.0.1"], **quiet)
    subprocess.run(["openssl", "x509", "-req", "-in", csr, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial",
                    "-out", cert, "-days", "30", "-extfile", ext], **quiet)
    return ca, cert, key


def environment_is_clean():
    """docker-registry takes its settings from REGISTRY_* too."""
    for name in list(os.environ):
        if name.startswith("REGISTRY_"):
            del os.environ[name]


environment_is_clean()
__all__ = ["Registry", "USER", "PASSWORD", "make_tls", "need", "web"]
