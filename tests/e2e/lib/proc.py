"""Programs under test: started, watched, ended by pid; never by name."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

DEADLINE_S = 60
_running = []


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Polls until condition() is truthy and gives its value."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}")
        threading.Event().wait(0.02)


class Workdir:
    """A temporary directory that goes with the test program."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="crab-test."))

    def __truediv__(self, name):
        return self.path / name

    def __str__(self):
        return str(self.path)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Program:
    """One process with its output in a file."""

    def __init__(self, name, argv, log, env=None, cwd=None):
        self.name = name
        self.log = pathlib.Path(log)
        self.argv = [str(a) for a in argv]
        clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        for keep in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if keep in os.environ:
                clean[keep] = os.environ[keep]
        clean.update({k: str(v) for k, v in (env or {}).items()})
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env=clean, cwd=cwd)
        _running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def text(self):
        return self.log.read_text(errors="replace")

    def alive(self):
        return self.process.poll() is None

    def wait_for(self, condition, what, deadline_s=DEADLINE_S):
        """As wait_until(), but a process that ended is a failure at once."""
        def tested():
            value = condition()
            if not value and not self.alive():
                raise AssertionError(
                    f"{self.name} ended ({self.process.returncode}) before: {what}\n{self.tail()}")
            return value
        return wait_until(tested, f"{what} ({self.name})", deadline_s)

    def wait_line(self, text, deadline_s=DEADLINE_S):
        self.wait_for(lambda: text in self.text(), f"log line with {text!r}", deadline_s)

    def tail(self, n=40):
        return "\n".join(self.text().splitlines()[-n:])

    def peak_rss_mib(self):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        return 0.0

    def rss_mib(self):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def kill(self, signo=signal.SIGKILL):
        if self.alive():
            self.process.send_signal(signo)
        self.process.wait(30)

    def stop(self):
        """SIGTERM, and SIGKILL for one that does not listen."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        if self in _running:
            _running.remove(self)
        return self.process.returncode


def stop_all():
    for program in list(reversed(_running)):
        program.stop()


def all_logs():
    return "\n".join(f"--- {p.name}\n{p.tail(12)}" for p in _running)


def run(argv, **kw):
    """A command to its end; its output is in the exception when it fails."""
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **kw)
    if done.returncode != 0:
        raise AssertionError(f"{argv[0]} failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
    return done.stdout


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
