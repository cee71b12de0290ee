"""TAP: each test function is a claim; its docstring is the sentence."""
import faulthandler
import os
import signal
import sys
import traceback

CLAIM_SECONDS = 120


class Skip(Exception):
    """Raised by a test whose real counterpart is not installed."""


class _TooLong(Exception):
    pass


def _on_alarm(signo, frame):
    raise _TooLong(f"no result within {CLAIM_SECONDS} s")


def _diagnose(text):
    for line in text.rstrip().splitlines():
        print("  # " + line)


def main(namespace, on_failure=None):
    """Runs every test_* of `namespace` in the order of its definition.

    on_failure() may return text (logs) that explains a failure.
    """
    faulthandler.enable()
    signal.signal(signal.SIGALRM, _on_alarm)
    # Killed from outside: clean up through the normal way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    only = os.environ.get("ONLY", "")
    tests = [f for n, f in namespace.items() if n.startswith("test_") and only in n]
    print("TAP version 13")
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for no, test in enumerate(tests, 1):
        claim = " ".join((test.__doc__ or test.__name__).split())
        signal.alarm(CLAIM_SECONDS)
        try:
            test()
            print(f"ok {no} - {claim}")
        except Skip as why:
            if os.environ.get("TEST_NEED_PEERS"):
                failed += 1
                print(f"not ok {no} - {claim}")
                _diagnose(f"cannot be skipped here: {why}")
            else:
                print(f"ok {no} - {claim} # SKIP {why}")
        except Exception:
            failed += 1
            print(f"not ok {no} - {claim}")
            _diagnose(traceback.format_exc())
            if on_failure is not None:
                _diagnose(on_failure())
        finally:
            signal.alarm(0)
        sys.stdout.flush()
    return 1 if failed else 0


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what or 'value'}: got {got!r}, want {want!r}")


def check(condition, what):
    if not condition:
        raise AssertionError(what)
