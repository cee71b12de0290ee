"""The real peers from npm: the snyk-broker server, under Node 20."""
import json
import os
import pathlib
import shutil
import subprocess

import proc
import tap
import web

VERSION = "5.22.14"
CONFIG = {
    "CONNECTIONS_MANAGER": {"watcher": {"interval": 60000}},
    "DISPATCHER_URL_PREFIX": "/hidden/broker",
    "REMOTE_WORKLOAD_NAME": "BrokerWorkload",
    "REMOTE_WORKLOAD_MODULE_PATH": "../broker-workload/websocketRequests",
    "CLIENT_WORKLOAD_NAME": "BrokerClientRequestWorkload",
    "CLIENT_WORKLOAD_MODULE_PATH": "../broker-workload/clientLocalRequests",
    "SUPPORTED_BROKER_TYPES": [], "FILTER_RULES_PATHS": {},
}


def directory():
    """Where the peers are installed, kept between runs."""
    fallback = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "crab-peer"
    return pathlib.Path(os.environ.get("TEST_PEER_DIR", fallback))


def install():
    """snyk-broker below directory(); Skip when this machine cannot."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise tap.Skip("node and npm are not installed")
    major = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.split(".")[0]
    if major != "v20":
        raise tap.Skip(f"the peer needs Node 20, this is {major}")
    home = directory() / f"broker-{VERSION}"
    if not (home / "node_modules/snyk-broker/package.json").exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private":true}')
        proc.run(["npm", "install", "--no-fund", "--no-audit", "--loglevel=error",
                  f"snyk-broker@{VERSION}"], cwd=home)
    (home / "config.default.json").write_text(json.dumps(CONFIG))
    return home


class BrokerServer:
    """The real server; callbacks go to `api_url`."""

    def __init__(self, work, api_url, port=None):
        self.home = install()
        self.work, self.api_url = work, api_url
        self.port = port or proc.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        # The rules' name is looked up beside config.default.json.
        rules = self.home / f"accept-{self.port}.json"
        rules.write_text(json.dumps({
            "private": [{"method": "any", "path": "/*", "origin": self.api_url}],
            "public": [{"method": "any", "path": "/*"}]}))
        self.program = proc.Program(
            "broker-server", ["node", self.home / "node_modules/snyk-broker/dist/cli/index.js", "server"],
            self.work / "broker-server.log", cwd=self.home,
            env={"BROKER_TYPE": "server", "ACCEPT": rules.name, "PORT": self.port,
                 "BROKER_VERSION": VERSION, "NO_PROXY": "127.0.0.1,localhost"})
        self.program.wait_for(lambda: (a := web.try_get(self.url + "/healthcheck")) and a.status == 200,
                              "broker server answers")

    def connected(self, token):
        a = web.try_get(f"{self.url}/connection-status/{token}")
        return a is not None and a.status == 200

    def stop(self):
        self.program.stop()
        (self.home / f"accept-{self.port}.json").unlink(missing_ok=True)
