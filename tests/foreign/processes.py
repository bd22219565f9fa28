"""Programs that are started, waited for, and ended again whatever happens."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
# What `run` has installed.
WORK = HERE.parent.parent / "target" / "foreign"
# What this run writes, so that another may go on beside it.
RUN = WORK / f"run-{os.getpid()}"

# How long anything may take that takes no time on an idle machine.
PATIENCE = 60

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_running = []
_ports = set()


class Unavailable(Exception):
    """A program is not there, or does not start."""


class Skipped(Exception):
    """A case cannot run here, and says why."""


def environment(**more):
    """What programs are told: where what was installed for them is, and of no proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "NODE_PATH": os.pathsep.join(str(WORK / name / "node_modules") for name in ("node", "sdk")), "LC_ALL": "C.UTF-8", **more}


def spawn(arguments, output, errors, **more):
    """Starts a program in a group of its own, and has the system end it should this process die."""

    def die_with_parent():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    try:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=environment(**more),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"there is no {arguments[0]}") from error
    _running.append(process)
    return process


def end(process, patience=PATIENCE):
    """Asks a program to end, and makes it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    _running.remove(process)


def end_all():
    for process in list(_running):
        end(process, patience=2)


def finish(arguments, stdin=b"", check=True, **more):
    """Runs a program to its end, and returns what it printed."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        input=stdin,
        capture_output=True,
        env=environment(**more),
        timeout=PATIENCE,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{arguments[0]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return done


def free_port():
    """A port that no one listens on, out of the range that the system picks from for others."""
    for _ in range(1000):
        port = random.randrange(12_000, 32_000)
        if port in _ports:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _ports.add(port)
        return port
    raise Unavailable("there is no free port")


def until(condition, what, process=None):
    """Waits for something to become true, and returns it."""
    end_of_patience = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            raise Unavailable(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > end_of_patience:
            raise AssertionError(f"this did not come: {what}")
        time.sleep(0.01)


def answers(port):
    """Whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except OSError:
        return False
    return True


def progress(text):
    print(text, file=sys.stderr, flush=True)
