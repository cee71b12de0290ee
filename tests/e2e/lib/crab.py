"""crabd and crab under test, and what both ends of a scan need."""
import base64
import json
import os
import pathlib
import subprocess
import uuid

import proc
import web

SRC = pathlib.Path(os.environ.get("SRCDIR", pathlib.Path(__file__).resolve().parents[3]))
BUILD = pathlib.Path(os.environ.get("BUILDDIR", SRC / "build"))
CRAB = os.environ.get("CRAB", str(BUILD / "crab"))
CRABD = os.environ.get("CRABD", str(BUILD / "crabd"))
WORKER = os.environ.get("CRAB_WORKER", str(BUILD / "crab-worker"))
VECTORS = SRC / "tests/vectors"


def credentials(base, username, password, kind="generic"):
    """A credentials document as the broker client makes it."""
    text = json.dumps({"type": kind, "username": username, "password": password, "registryBase": base})
    return base64.b64encode((text + "\n").encode()).decode()


class Crabd:
    def __init__(self, work, name="crabd", role=None, **env):
        self.work, self.name, self.role = work, name, role
        self.env = {
            "CRAB_WORKER": WORKER, "CRAB_LISTEN": "127.0.0.1", "CRAB_LOG_FORMAT": "json",
            "CRAB_STATE_DIR": work / f"{name}.state", "LOG_LEVEL": "debug", **env}
        self.program = None
        self.start()

    def start(self):
        argv = [CRABD] + (["--role", self.role] if self.role else [])
        before = self.started_lines()
        self.program = proc.Program(self.name, argv, self.log, env=self.env)
        self.program.wait_for(lambda: len(self.started_lines()) > len(before), "crabd started")
        line = self.started_lines()[-1]
        self.server_url = f"http://127.0.0.1:{line.get('serverPort')}"
        self.agent_url = f"http://127.0.0.1:{line.get('agentPort')}"
        self.client_url = f"http://127.0.0.1:{line.get('clientPort')}"

    @property
    def log(self):
        return self.work / f"{self.name}.log"

    def lines(self):
        if not self.log.exists():
            return []
        out = []
        for text in self.log.read_text(errors="replace").splitlines():
            try:
                out.append(json.loads(text))
            except ValueError:
                pass
        return out

    def started_lines(self):
        return [l for l in self.lines() if l.get("msg") == "crabd started"]

    def kill(self):
        """kill -9, and its workers die with it."""
        self.program.kill()

    def stop(self):
        return self.program.stop()


def client_env(server_url, token, registry, username=None, password=None, **more):
    """Settings of a client+agent process for one registry."""
    env = {"BROKER_TOKEN": token, "BROKER_SERVER_URL": server_url,
           "PORT": proc.free_port(), "SNYK_PORT": proc.free_port(),
           "CR_TYPE": "generic", "CR_BASE": registry, "CRAB_ALLOW_HTTP": "127.0.0.1"}
    if username is not None:
        env.update(CR_USERNAME=username, CR_PASSWORD=password)
    env.update(more)
    return env


def new_token():
    return str(uuid.uuid4())


def ask_scan(server_url, token, image, **members):
    """POST /scan through a broker server, credentials by substitution."""
    return web.request("POST", f"{server_url}/broker/{token}/scan", body={"image": image, **members},
                       headers={"x-broker-var-sub": "authorization", "authorization": "${CR_CREDENTIALS}"})


class Callbacks:
    """An API stand-in behind the server: keeps what it is sent."""

    def __init__(self):
        self.server = web.Server(lambda r: (200, {"content-type": "application/json"}, b'{"ok":true}'))
        self.url = self.server.url

    def bodies(self, path):
        return [r.json() for r in list(self.server.requests) if r.path == path]

    def results(self, job):
        return [b for b in self.bodies("/api/v2/import/result") if b["id"] == job]

    def done(self, job):
        return [b for b in self.bodies("/api/v2/import/done") if b["id"] == job]

    def wait_done(self, job, deadline_s=proc.DEADLINE_S):
        return proc.wait_until(lambda: self.done(job), f"done callback of {job}", deadline_s)[0]


def crab(*argv, env=None, stdin=None):
    """The command line: (exit code, stdout, stderr)."""
    clean = {"PATH": os.environ["PATH"], "CRAB_WORKER": WORKER, "CRAB_ALLOW_HTTP": "127.0.0.1"}
    clean.update({k: str(v) for k, v in (env or {}).items()})
    done = subprocess.run([CRAB, *map(str, argv)], capture_output=True, text=True, env=clean,
                          input=stdin if stdin is not None else "", timeout=100)
    return done.returncode, done.stdout, done.stderr


def facts(result):
    """type -> data of a scan result."""
    return {f["type"]: f["data"] for f in result["facts"]}
