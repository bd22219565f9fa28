"""Puts a gateway to the tests of callcontainer-gateway, and among the programs of others: all cases, but for the exceptions in
a list of its own. Fails when another case fails, and when an exception does not.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# How many tests run at a time. Most of them wait.
THREADS = 12


def exceptions(file):
    """The names, and the reason of each."""
    lines = file.read_text().splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, **more):
    say("+ " + " ".join(str(word) for word in command))
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, **more)


def program(known, gateway):
    """The outcome of each test of the gateway, by its name."""
    cargo = ["cargo", "test", "--locked", "-p", "callcontainer-gateway", "--test", "program"]
    subprocess.run([*cargo, "--no-run"], cwd=ROOT, check=True)
    # What some tests start.
    examples = ["cargo", "build", "--locked", "--all-features", "--example", "device", "--example", "roundtrip"]
    subprocess.run(examples, cwd=ROOT, check=True)
    skipped = [word for name in known if name.endswith("::") for word in ("--skip", name)]
    environment = {**os.environ, "CALLCONTAINER_GATEWAY": str(gateway)}
    done = run([*cargo, "--", f"--test-threads={THREADS}", *skipped], cwd=ROOT, env=environment)
    # The word is behind the name, or on a line of its own.
    found = dict(re.findall(r"^test (\S+) \.\.\. (ok|FAILED)$", done.stdout, re.MULTILINE))
    report(done, [name for name, outcome in found.items() if outcome != "ok" and name not in known])
    return found


def report(done, failed):
    """Prints what the tests say that have failed."""
    for name in failed:
        said = re.search(rf"^---- {re.escape(name)} stdout ----$.*?(?=^----|^failures:)", done.stdout, re.M | re.S)
        say(said.group() if said else name)


def foreign(known, gateway):
    """The outcome of each case among the programs of others."""
    script = [sys.executable, ROOT / "tests" / "foreign" / "drive.py", gateway]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = run(script, env=environment)
    found = {}
    for line in done.stdout.splitlines():
        fields = line.split("\t")
        if len(fields) >= 3 and fields[2] in ("ok", "FAIL"):
            name = f"{fields[0]}/{fields[1]}"
            found[name] = fields[2]
            if fields[2] != "ok" and name not in known:
                say(line)
    return found


def part_of(name):
    return "foreign" if "/" in name else "program"


def main(gateway, list_of_exceptions, more=None):
    """Judges a gateway by the parts that the command line names, or by all: "program", "foreign", and `more` of its own.
    Each part gives the outcome of each case by its name."""
    parts = {
        "program": lambda known: program(known, gateway),
        "foreign": lambda known: foreign(known, gateway),
        **(more or {}),
    }
    chosen = sys.argv[1:] or list(parts)
    if unknown := [name for name in chosen if name not in parts]:
        raise SystemExit(f"nothing is called {unknown[0]}; there are {', '.join(parts)}")
    known, good = exceptions(list_of_exceptions), True
    for part in chosen:
        found = parts[part](known)
        failed = sorted(name for name, outcome in found.items() if outcome != "ok" and name not in known)
        passed = sorted(name for name, outcome in found.items() if outcome == "ok" and name in known)
        of_part = [name for name in known if part_of(name) == part and not name.endswith("::")]
        gone = sorted(name for name in of_part if name not in found)
        for what, names in (("FAILED", failed), ("passed, but is an exception", passed), ("is not there", gone)):
            for name in names:
                print(f"{part}\t{name}\t{what}")
                good = False
        print(f"{part}\t{sum(outcome == 'ok' for outcome in found.values())} of {len(found)} cases hold", flush=True)
        good &= len(found) > 0
    return 0 if good else 1
