#!/usr/bin/env python3
"""What the service costs: start to connected, memory idle and while relaying,
CPU of a request through the tunnel beside the peer's client, a scan of known
layers. Prints one row a figure; medians where there are several runs."""
import os
import pathlib
import re
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e/lib"))
import crab
import images
import peer
import proc
import registry
import rude
import tap
import web

work = proc.Workdir()
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "10000"))


def row(what, value, mark=""):
    print(f"| {what} | {value} | {mark} |", flush=True)


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connected(url, token):
    a = web.try_get(f"{url}/connection-status/{token}")
    return a is not None and a.status == 200


def start_to_connected(server_url, base):
    """From exec to the line that says the tunnel is open, by the clock of the
    log lines and of this process (one machine, one clock)."""
    took = []
    for n in range(RUNS):
        token = crab.new_token()
        env = crab.client_env(server_url, token, base, "u", "p")
        started = time.time()
        daemon = crab.Crabd(work, f"start{n}", LOG_LEVEL="info", **env)
        line = lambda: next((l for l in daemon.lines()
                             if l.get("msg", "").startswith("Successfully established")), None)
        first = proc.wait_until(line, "tunnel")
        took.append((parse_time(first["time"]) - started) * 1000)
        daemon.stop()
    return statistics.median(took)


def parse_time(text):
    import datetime
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def load(url, n):
    """n requests, 16 at a time on connections that stay: requests a second and
    the 99th percentile in ms. By ab(1), which costs little beside the server."""
    said = proc.run(["ab", "-q", "-k", "-l", "-n", str(n), "-c", "16", url])
    tap.equal([l for l in said.splitlines() if l.startswith("Non-2xx")], [], "answers other than 200")
    tap.equal(re.search(r"Failed requests: +(\d+)", said).group(1), "0", "failed requests")
    return (float(re.search(r"Requests per second: +([\d.]+)", said).group(1)),
            int(re.search(r"^ +99% +(\d+)", said, re.M).group(1)))


def per_request(server_url, token, pid):
    """CPU of the process in µs a request, requests a second, 99th percentile in ms."""
    url = f"{server_url}/broker/{token}/healthcheck"
    load(url, REQUESTS // 4)  # warm
    before = cpu_seconds(pid)
    rate, p99 = load(url, REQUESTS)
    return (cpu_seconds(pid) - before) / REQUESTS * 1e6, rate, p99


class PeerClient:
    """The peer's broker client, for comparison."""

    def __init__(self, server_url, token, agent_url):
        home = peer.install()
        rules = home / "accept-bench.json"
        rules.write_text('{"public":[{"method":"any","path":"/*"}],'
                         '"private":[{"method":"any","path":"/*","origin":"${CR_AGENT_URL}"}]}')
        self.program = proc.Program(
            "peer-client", ["node", home / "node_modules/snyk-broker/dist/cli/index.js", "client"],
            work / "peer-client.log", cwd=home,
            env={"BROKER_TYPE": "client", "ACCEPT": rules.name, "PORT": proc.free_port(),
                 "BROKER_TOKEN": token, "BROKER_SERVER_URL": server_url,
                 "BROKER_CLIENT_URL": "http://127.0.0.1:1", "CR_AGENT_URL": agent_url,
                 "CR_CREDENTIALS": "e30K", "PREFLIGHT_CHECKS_ENABLED": "false",
                 "IPV6_CONNECTIVITY_CHECK_ENABLED": "false", "LOG_LEVEL": "info",
                 "BROKER_VERSION": peer.VERSION, "NO_PROXY": "127.0.0.1,localhost"})


def main():
    api = crab.Callbacks()
    reg = registry.Registry(work, password=registry.PASSWORD)
    ours = crab.Crabd(work, "server", role="server", LOG_LEVEL="info", CRAB_SERVER_PORT=proc.free_port())
    print("| what | measured | mark |\n|---|---|---|")

    row("start to connected, own server (median)", f"{start_to_connected(ours.server_url, reg.host):.0f} ms", "≤ 50 ms")

    token = crab.new_token()
    daemon = crab.Crabd(work, "idle", LOG_LEVEL="info", **crab.client_env(
        ours.server_url, token, reg.host, registry.USER, registry.PASSWORD))
    proc.wait_until(lambda: connected(ours.server_url, token), "tunnel")
    time.sleep(1)
    row("memory, crabd client+agent, idle", f"{daemon.program.rss_mib():.1f} MiB", "≤ 10 MiB")
    row("memory, crabd server, idle", f"{ours.program.rss_mib():.1f} MiB", "≤ 10 MiB")

    big = b'{"x":"' + b"a" * 9_900_000 + b'"}'
    answer = web.request("POST", daemon.client_url + "/api/v2/import/done", body=big,
                         headers={"content-type": "application/json"})
    tap.equal(answer.status, 200, "callback of 9.9 MB")
    row("memory, crabd client, peak after relaying a 9.9 MB callback", f"{daemon.program.peak_rss_mib():.1f} MiB", "≤ 40 MiB")

    known_layers(reg, ours)
    try:
        through_the_tunnel(ours, daemon, api)
    except tap.Skip as why:
        print(f"(beside the peer: {why})")


def known_layers(reg, ours):
    """The time against the registry itself; that no layer is asked for, through
    a relay that remembers requests."""
    layout = images.Layout(work / "known")
    status = images.dpkg_status({f"package-{n}": f"1.{n}" for n in range(400)})
    manifest = layout.image("k", [
        images.tar({"etc/os-release": images.OS_RELEASE, "var/lib/dpkg/status": status}),
        images.tar({"srv/data": os.urandom(1 << 20)})])
    reg.push(layout, "k", "team/known")
    relay = rude.Rude(reg.port)
    scan_times(ours, "watched", relay.host, 1)
    relay.seen.clear()
    scan_times(ours, "watched", relay.host, 1)
    blobs = [p for _, p, _ in relay.seen if any(l["digest"] in p for l in manifest["layers"])]
    tap.equal(blobs, [], "layer requests")
    took = scan_times(ours, "known", reg.host, RUNS + 1)
    row("image whose layers are all known (median)", f"{statistics.median(took[1:]):.0f} ms, no layer request", "< 50 ms")


def scan_times(ours, name, host, n):
    """Milliseconds from the claim of a job to its end, n scans of one image."""
    token = crab.new_token()
    daemon = crab.Crabd(work, name, LOG_LEVEL="info", **crab.client_env(
        ours.server_url, token, host, registry.USER, registry.PASSWORD))
    proc.wait_until(lambda: connected(ours.server_url, token), "tunnel")
    took = []
    for _ in range(n):
        job = crab.ask_scan(ours.server_url, token, "team/known:k").json()["id"]
        line = lambda: next((l for l in daemon.lines() if l.get("jobId") == job and l.get("msg") == "scan finished"), None)
        took.append(proc.wait_until(line, "scan")["tookMs"])
    daemon.stop()
    return took


def client_alone(name, server_url, agent_url):
    """The client role in a process of its own, as the peer's is."""
    token = crab.new_token()
    env = crab.client_env(server_url, token, "127.0.0.1:1", "u", "p")
    env["CR_AGENT_URL"] = agent_url
    return token, crab.Crabd(work, name, role="client", LOG_LEVEL="info", **env)


def through_the_tunnel(ours, daemon, api):
    agent_url = daemon.agent_url
    token, mine = client_alone("own", ours.server_url, agent_url)
    proc.wait_until(lambda: connected(ours.server_url, token), "tunnel")
    own, own_rate, own_p99 = per_request(ours.server_url, token, mine.program.pid)
    row("our client, our server: CPU per request", f"{own:.0f} µs, {own_rate:.0f} requests/s, p99 {own_p99} ms")
    theirs = peer.BrokerServer(work, api.url)
    token, beside = client_alone("beside", theirs.url, agent_url)
    proc.wait_until(lambda: theirs.connected(token), "tunnel")
    other = crab.new_token()
    client = PeerClient(theirs.url, other, agent_url)
    proc.wait_until(lambda: theirs.connected(other), "the peer's tunnel")
    us, rate, p99 = per_request(theirs.url, token, beside.program.pid)
    them, their_rate, their_p99 = per_request(theirs.url, other, client.program.pid)
    row("our client, the peer's server: CPU per request", f"{us:.0f} µs, {rate:.0f} requests/s, p99 {p99} ms")
    row("the peer's client, the peer's server: CPU per request",
        f"{them:.0f} µs, {their_rate:.0f} requests/s, p99 {their_p99} ms")
    row("CPU of the clients, both at the peer's server", f"1/{them / us:.1f}", "≤ 1/5")
    row("CPU of our pair's client to the peer's pair's", f"1/{them / own:.1f}", "≤ 1/5")
    row("requests/s of our pair to the peer's pair", f"{own_rate / their_rate:.1f} ×", "≥ 5 ×")
    row("p99 of our pair to the peer's pair", f"{own_p99} : {their_p99} ms", "≤ 1/5")
    row("memory, peer's client after that load", f"{client.program.rss_mib():.0f} MiB")
    row("memory, our client after that load", f"{beside.program.rss_mib():.1f} MiB")
    theirs.stop()


try:
    main()
finally:
    proc.stop_all()
    work.remove()
