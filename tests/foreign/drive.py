"""Runs the cases: `drive.py GATEWAY [PROGRAM [CASE]]`, with the gateway to start for each of them.

Prints a line for each case, and ends with an error when one fails.
"""

import resource
import shutil
import signal
import sys
import time
from importlib import import_module

import gateway
from cases import CASES
from processes import RUN, Skipped, Unavailable, end_all, progress

# Each adds its cases, in this order.
for name in ("identity", "framing", "exchange", "callers", "lines", "doors", "metrics", "sdk", "beside"):
    import_module(name)

# How many cases there are at least when all of them run.
CASES_AT_LEAST = 60
# How long one case may take.
CASE = 300


class TooLong(Exception):
    pass


def interrupt(number, _):
    raise TooLong(f"more than {CASE} s") if number == signal.SIGALRM else SystemExit(128 + number)


def main(program, only=(), /):
    gateway.use(program)
    chosen = [case for case in CASES if case[: len(only)] == tuple(only)]
    if not chosen:
        names = ", ".join(dict.fromkeys(case[len(only) - 1] for case in CASES if case[: len(only) - 1] == tuple(only[:-1])))
        raise SystemExit(f"nothing is called {' '.join(only)}; there are {names}")
    begun, failures = time.monotonic(), 0
    for number, (name, case, function) in enumerate(chosen, 1):
        progress(f"[{number}/{len(chosen)}] {name} {case}")
        reason = skipped = ""
        signal.alarm(CASE)
        try:
            function(name)
        except Skipped as error:
            skipped = f"{error}"
        except Unavailable as error:
            reason = f"not to be had: {error}"
        except Exception as error:
            reason = f"{error}" if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            reason = reason or "it does not hold"
        signal.alarm(0)
        failures += bool(reason)
        if reason:
            fields = [name, case, "FAIL", " ".join(reason.split())]
        else:
            fields = [name, case, "skipped", skipped] if skipped else [name, case, "ok"]
        print("\t".join(fields), flush=True)
    progress(f"{len(chosen)} cases, {failures} failed, {time.monotonic() - begun:.0f} s")
    if not only and len(chosen) < CASES_AT_LEAST:
        raise SystemExit(f"fewer than {CASES_AT_LEAST} cases")
    return 1 if failures else 0


if __name__ == "__main__":
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    try:
        code = main(sys.argv[1], sys.argv[2:])
    finally:
        end_all()
    if code == 0:
        shutil.rmtree(RUN, ignore_errors=True)
    else:
        progress(f"what the programs wrote is in {RUN}")
    sys.exit(code)
