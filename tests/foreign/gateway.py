"""The gateway, and calls to it."""

import http.client
import itertools
import json
import socket

from processes import PATIENCE, RUN, end, spawn, until

OWN = "t-own"
REUSE = "t-reuse"
# Where calls come from, so that it is told from where the gateway is.
CALLER = "127.0.0.2"
REQUEST_LIMIT = 102_400
REPLY_LIMIT = 1_024_000

_program = None
_numbers = itertools.count()


def use(program):
    global _program
    _program = program


class Gateway:
    """A gateway of its own for each case, with one service and two callers."""

    def __init__(self, service, *options):
        folder = RUN / "gateway"
        folder.mkdir(parents=True, exist_ok=True)
        number = next(_numbers)
        output, self.errors = folder / f"{number}.output", folder / f"{number}.log"
        with open(output, "wb") as file, open(self.errors, "wb") as errors:
            self.process = spawn(
                [
                    *(_program, "--listen", "127.0.0.1:0", "--env", "prod-01", "--owner", "WXAAA", "--share", "WXBBB"),
                    *("--service", f"shop=127.0.0.1:{service.port}"),
                    *("--caller", f"{OWN}=WXAAA,o-alice,u-alice", "--caller", f"{REUSE}=WXBBB,o-bob,u-bob", *options),
                ],
                file,
                errors,
            )

        def told(beginning):
            lines = output.read_text().splitlines(keepends=True)
            found = [line for line in lines if line.startswith(beginning) and line.endswith("\n")]
            return int(found[0].rsplit(":", 1)[1]) if found else None

        try:
            self.port = until(lambda: told("listening on "), "the gateway listens", self.process)
            self.serial = None
            if "--serial" in options:
                self.serial = until(lambda: told("listening for lines on "), "it listens for lines", self.process)
            self.metrics = None
            if "--metrics" in options:
                self.metrics = until(lambda: told("listening for metrics on "), "it listens for metrics", self.process)
        except BaseException:
            end(self.process)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)

    def log(self):
        """The lines that the gateway has written about what it did."""
        return self.errors.read_text().splitlines()

    def logged(self, what):
        """Waits for a line that holds all of these words."""
        words = what.split()
        return until(lambda: [line for line in self.log() if all(word in line for word in words)], f"'{what}' in the log")

    def call(self, envelope, token=OWN):
        """Makes one call on a connection of its own, and returns the reply envelope."""
        return Connection(self.port).call(envelope, token)

    def ok(self, envelope, token=OWN):
        """Makes a call that must succeed."""
        reply = self.call(envelope, token)
        success = "errCode" not in reply and reply.get("errMsg", "cloud.callContainer:ok") == "cloud.callContainer:ok"
        assert success and "statusCode" in reply, f"a failure: {brief(reply)}"
        return reply


class Connection:
    """A connection of a caller to a gateway, or to what stands before it."""

    def __init__(self, port, source=CALLER, path="/", headers=()):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, PATIENCE, (source, 0))
        self.path, self.headers = path, dict(headers)

    def post(self, body, token=OWN, **more):
        """Returns the status and the body of the answer. `body` may be an iterable, which goes out in chunks."""
        headers = {"Content-Type": "application/json", **self.headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.connection.request("POST", self.path, body, headers, **more)
        response = self.connection.getresponse()
        return response.status, response.read()

    def call(self, envelope, token=OWN):
        status, body = self.post(encode(envelope), token)
        assert status == 200, f"the status {status}: {body[:200]}"
        self.length = len(body)
        return json.loads(body)


def call(path, method="GET", **more):
    """An envelope."""
    header = {"X-WX-SERVICE": "shop", **more.pop("header", {})}
    return {"config": {"env": "prod-01"}, "path": path, "method": method, "header": header, **more}


def encode(envelope):
    if isinstance(envelope, bytes):
        return envelope
    if isinstance(envelope, str):
        return envelope.encode()
    # What JSON escapes stays escaped, half surrogate pairs among it; all else is UTF-8.
    try:
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(envelope, separators=(",", ":")).encode()


def raw(port, request, source=CALLER):
    """Sends bytes, and returns the response to them and whether the connection was closed behind it."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0)) as stream:
        stream.sendall(request)
        response = http.client.HTTPResponse(stream)
        response.begin()
        return response.status, response.read(), response.headers


def brief(value):
    """A value short enough for a line."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 300 else f"{text[:200]} … {text[-60:]}"


def same(found, expected, what):
    assert found == expected, f"{what}: {brief(found)} instead of {brief(expected)}"


def failed(reply, code):
    same(reply.get("errCode"), code, f"the errCode of {brief(reply)}")
