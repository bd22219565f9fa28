"""Judges production.yaml from outside: Envoy runs with that file, between callers with JWTs over TLS and two replicas of a
service. Only addresses and the paths of files are put in the place of others."""

import base64
import collections
import contextlib
import ctypes
import http.client
import itertools
import json
import multiprocessing
import os
import re
import signal
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler
from pathlib import Path

FILE = Path(__file__).resolve().parent / "production.yaml"
PR_SET_PDEATHSIG = 1
PATIENCE = 20
REPLICAS = ("shop-1.internal", 9001), ("shop-2.internal", 9002)
CONNECTIONS = 32
# No more of both than the file lets one caller do at once.
GETS, POSTS = 30, 8

CASES = {}
_numbers = itertools.count()


def case(run):
    CASES[run.__name__.replace("_", "-")] = run
    return run


def same(found, wanted, what):
    assert found == wanted, f"{what}: {found!r}, not {wanted!r}"


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


def encoded(data):
    """base64url without padding, of bytes or of JSON."""
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key of an issuer of JWTs."""

    def __init__(self, path):
        self.path = path
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)

    def jwks(self):
        modulus = openssl("rsa", "-in", self.path, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": encoded(bytes.fromhex(modulus)), "e": "AQAB"}
        return {"keys": [key]}

    def sign(self, data):
        return openssl("dgst", "-sha256", "-sign", self.path, data=data)


def jwt(signature, header=None, **claims):
    """A JWT, with what `signature` makes of its beginning. A claim that is None is left out."""
    now = int(time.time())
    of_all = {"iss": "https://login.example.com", "aud": "callcontainer", "iat": now, "exp": now + 600}
    who = {"app": "WXAAA", "sub": "o-alice", "union": "u-alice"}
    claims = {name: value for name, value in {**of_all, **who, **claims}.items() if value is not None}
    start = f"{encoded({'alg': 'RS256', 'kid': '1', **(header or {})})}.{encoded(claims)}"
    return f"{start}.{encoded(signature(start.encode()))}"


class Replica(BaseHTTPRequestHandler):
    """Tells what it has received. Each answer goes out at once, so that none is cut off within its body."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        read = self.rfile.read(length)
        # Before the answer, in one piece, and not lost with the process.
        os.write(self.server.told, f"{self.command} {self.path} {self.server.number}\n".encode())
        head = [(name.lower(), value) for name, value in self.headers.items()]
        body = json.dumps({"method": self.command, "target": self.path, "head": head, "length": len(read)}).encode()
        if self.path.startswith("/killed/POST/"):
            # So that some are under way whenever a replica dies.
            time.sleep(0.05)
        if self.path.startswith("/cut/"):
            # A part of a body alone.
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12")
            self.close_connection = True
            return
        beginning = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(beginning.encode() + body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256


def replica(number, file):
    """Starts a process that is a replica. Returns it, and its port."""
    server = Server(("127.0.0.1", 0), Replica)

    def run():
        die_with_parent()
        server.number, server.told = number, os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        server.serve_forever()

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    process.start()
    port = server.server_address[1]
    # Nobody but that process takes connections here.
    server.socket.close()
    return process, port


def port_for_envoy():
    """A port that Envoy can share, as it sets SO_REUSEPORT, and that nobody else gets. It takes no connections itself."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(("127.0.0.1", 0))
    return held, held.getsockname()[1]


class Place:
    """Envoy with production.yaml, two replicas and an issuer."""

    def __init__(self, folder):
        self.folder = folder
        self.key, self.other_key = Key(folder / "issuer.key"), Key(folder / "other.key")
        (folder / "jwks.json").write_text(json.dumps(self.key.jwks()))
        subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2")
        files = ("-keyout", folder / "tls.key", "-out", folder / "tls.crt")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject)
        self.trust = ssl.create_default_context(cafile=folder / "tls.crt")
        self.told = folder / "told"
        self.replicas = [replica(number, self.told) for number in range(len(REPLICAS))]
        self.held, self.port = port_for_envoy()
        self.file = self.write("envoy.yaml")
        self.log = folder / "log"
        self.process = None

    def write(self, name, more=()):
        """Writes the file, with what is here in the place of what is there; each must be in it."""
        there = [
            ("/etc/envoy/callcontainer_envoy.wasm", os.environ["CALLCONTAINER_FILTER"]),
            ("/etc/envoy/", f"{self.folder}/"),
            ("/run/envoy/", f"{self.folder}/"),
            ("address: 0.0.0.0, port_value: 8443", f"address: 127.0.0.1, port_value: {self.port}"),
        ]
        for (host, old), (_, port) in zip(REPLICAS, self.replicas):
            there.append((f"address: {host}, port_value: {old}", f"address: 127.0.0.1, port_value: {port}"))
        text = FILE.read_text()
        for old, new in [*there, *more]:
            assert old in text, f"{old} is not in {FILE.name}"
            text = text.replace(old, new)
        (self.folder / name).write_text(text)
        return self.folder / name

    def envoy(self, file, *words):
        return [os.environ["CALLCONTAINER_ENVOY"], "-c", file, "--disable-hot-restart", "--log-level", "error", *words]

    def start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.envoy(self.file, "--concurrency", "2", "--file-flush-interval-msec", "10"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        end = time.monotonic() + 3 * PATIENCE
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = self.connect()
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            assert self.process.poll() is None, f"Envoy has ended: {self.log.read_text()}"
            assert time.monotonic() < end, "Envoy does not start"
            time.sleep(0.05)

    def end(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for process, _ in self.replicas:
            process.kill()
        self.held.close()

    def connect(self):
        """A connection of a caller, over TLS."""
        return http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=self.trust)

    def token(self, header=None, **claims):
        return jwt(self.key.sign, header, **claims)

    def post(self, token, envelope, connection=None, path="/", header=()):
        """Returns the status, the head and the body of what a caller gets."""
        connection = connection or self.connect()
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("POST", path, json.dumps(envelope), {**authorization, **dict(header)})
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def call(self, token, envelope, **more):
        """Returns the reply envelope of a call."""
        status, _, body = self.post(token, envelope, **more)
        same(status, 200, f"the status with {body[:200]}")
        return json.loads(body)

    def seen(self, token, envelope, **more):
        """Returns the head that the service has received."""
        reply = self.call(token, envelope, **more)
        same(reply.get("statusCode"), 200, f"the status in {reply}")
        data = reply["data"]
        return (data if isinstance(data, dict) else json.loads(data))["head"]

    def refused(self, token, what, wanted=401):
        """Makes a call that must not reach a replica."""
        path = unique("refused")
        status, head, _ = self.post(token, envelope(path))
        same(status, wanted, f"the status with {what}")
        assert status != 401 or head["www-authenticate"], f"{what}: nothing says how to do better"
        assert path not in self.told.read_text(), f"{what}: a replica has it"

    def logged(self, pattern):
        """Waits for a line of the log, and returns it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := re.search(f"^time=.*{pattern}.*$", self.log.read_text(), re.MULTILINE):
                return found.group()
            time.sleep(0.02)
        raise AssertionError(f"nothing in the log is like {pattern}")


def unique(name):
    return f"/{name}/{next(_numbers)}/"


def envelope(path, method="GET", service="shop", **more):
    header = {"X-WX-SERVICE": service, **more.pop("header", {})}
    return {"config": {"env": "prod-01"}, "path": path, "method": method, "header": header, **more}


# What makes an envelope one to an environment of another app.
OF_OWNER = {"resourceAppid": "WXAAA", "resourceEnv": "prod-01"}


def values(head, name):
    return [value for found, value in head if found == name]


IDENTITY = [
    *("x-wx-openid", "x-wx-appid", "x-wx-unionid", "x-wx-env", "x-wx-source", "x-wx-cloudbase-access-token"),
    *("x-wx-from-openid", "x-wx-from-appid", "x-wx-from-unionid", "x-wx-from-cloudbase-access-token"),
]


def identity(head):
    return {name: values(head, name) for name in IDENTITY if values(head, name)}


@case
def what_is_right_is_accepted(place):
    done = subprocess.run(place.envoy(place.file, "--mode", "validate"), capture_output=True, text=True, timeout=60)
    same(done.returncode, 0, done.stderr)


@case
def what_the_filter_does_not_take_stops_envoy(place):
    for old, new, sentence in [
        ('"env": "prod-01"', '"env": "prod 01"', "env has a space, a control character, a comma"),
        ('"owner": "WXAAA",', "", "missing field `owner`"),
        ('"metadata": "claims"', '"metadata": 5', "a value of the wrong kind at line 4"),
    ]:
        file = place.write("wrong.yaml", [(old, new), (f"{place.folder}/admin", f"{place.folder}/wrong")])
        done = subprocess.run(place.envoy(file), capture_output=True, text=True, timeout=60)
        assert done.returncode, f"Envoy has ended as if all were well: {done.stderr}"
        said = f"callcontainer: the configuration is wrong: {sentence}"
        assert said in done.stderr, f"{said} is not in {done.stderr}"


@case
def claims_are_the_caller(place):
    who = {"x-wx-env": ["prod-01"], "x-wx-source": ["wx_client"]}
    head = place.seen(place.token(), envelope(unique("who")))
    alice = {"x-wx-openid": ["o-alice"], "x-wx-appid": ["WXAAA"], "x-wx-unionid": ["u-alice"]}
    same(identity(head), {**alice, **who}, "the identity")
    same(values(head, "authorization"), [], "the token at the service")
    same(values(head, "host"), ["shop.internal"], "the host")
    head = place.seen(place.token(sub="o-carol", union=None), envelope(unique("who")))
    same(identity(head), {"x-wx-openid": ["o-carol"], "x-wx-appid": ["WXAAA"], **who}, "the identity without a unionid")


@case
def an_app_with_a_share_calls_and_another_does_not(place):
    head = place.seen(place.token(app="WXBBB", sub="o-bob", union="u-bob"), envelope(unique("share"), **OF_OWNER))
    found = {name: value for name, value in identity(head).items() if name.startswith("x-wx-from-")}
    bob = {"x-wx-from-openid": ["o-bob"], "x-wx-from-appid": ["WXBBB"], "x-wx-from-unionid": ["u-bob"]}
    same(found, bob, "the identity")
    same(values(head, "x-wx-openid"), [], "the openid of the owner's app")
    for of_owner in (OF_OWNER, {}):
        path = unique("share")
        reply = place.call(place.token(app="WXCCC", sub="o-dave"), envelope(path, **of_owner))
        assert reply.get("errCode") and "data" not in reply, f"no failure: {reply}"
        assert path not in place.told.read_text(), "a replica has it"


@case
def a_caller_cannot_say_who_it_is(place):
    forged = {name: "o-mallory" for name in IDENTITY if name != "x-wx-env"}
    plain = identity(place.seen(place.token(), envelope(unique("forged"))))
    same(identity(place.seen(place.token(), envelope(unique("forged")), header=forged)), plain, "beside the envelope")
    try:
        within = identity(place.seen(place.token(), envelope(unique("forged"), header=forged)))
    except AssertionError as error:
        assert "errCode" in str(error), error
    else:
        same(within, plain, "within the envelope")


@case
def a_jwt_that_is_wrong_is_refused(place):
    now = int(time.time())
    none = jwt(lambda _: b"", {"alg": "none"})
    public = openssl("rsa", "-in", place.key.path, "-pubout")
    (place.folder / "public").write_bytes(public)
    mac = ("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{public.hex()}", "-binary")
    good = place.token()
    start, body, signature = good.split(".")
    for what, token in {
        "no token": None,
        "nonsense": "nonsense",
        "an expired one": place.token(iat=now - 7200, exp=now - 3600),
        "one that does not expire": place.token(exp=None),
        "one of tomorrow": place.token(nbf=now + 86400),
        "another's signature": jwt(place.other_key.sign),
        "a signature of other claims": f"{start}.{encoded({**claims_of(good), 'sub': 'o-mallory'})}.{signature}",
        "no signature": f"{start}.{body}.",
        "two parts": f"{start}.{body}",
        "another issuer": place.token(iss="https://evil.example.com"),
        "no issuer": place.token(iss=None),
        "alg: none": none,
        "alg: None": jwt(lambda _: b"", {"alg": "None"}),
        "the public key as a secret": jwt(lambda data: openssl(*mac, data=data), {"alg": "HS256"}),
        "another key's name": place.token({"kid": "2"}),
    }.items():
        place.refused(token, what)
    # It is a valid one, for somebody else.
    place.refused(place.token(aud="elsewhere"), "another audience", 403)
    # In the target, it would get into logs.
    path = unique("query")
    status, _, _ = place.post(None, envelope(path), path=f"/?access_token={good}")
    same(status, 401, "the status with a token in the target")
    assert path not in place.told.read_text(), "a replica has it"
    place.logged(r"event=rejected status=401 peer=127\.0\.0\.1 .*Jwt_is_missing")


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@case
def claims_that_say_nobody_are_refused(place):
    for name in ("app", "sub"):
        for value in [
            *(None, "", 5, 1.5, True, False, [], ["o-alice"], {}, {"o": "alice"}, "null\0"),
            *("o-alice\r\nx-wx-appid: WXZZZ", "o\nalice", "o\talice", "o alice", " ", "o-alice,o-bob", "a=b", 'a"b'),
            *("x" * 4097, "\u00a0", "\u0085"),
            # The bytes of this number are `o-alice!`.
            struct.unpack("<d", b"o-alice!")[0],
        ]:
            place.refused(place.token(**{name: value}), f"{name} = {value!r:.40}")


@case
def a_unionid_that_is_wrong_is_none(place):
    for number, value in enumerate([5, ["u"], "u,v", "u\r\nv", "x" * 4097, struct.unpack("<d", b"u-alice!")[0]]):
        head = place.seen(place.token(sub=f"o-union-{number}", union=value), envelope(unique("union")))
        same(values(head, "x-wx-unionid"), [], f"the unionid of {value!r:.40}")


@case
def the_open_api_takes_a_jwt(place):
    connection = place.connect()
    token = place.token(sub="o-open")
    path = unique("open")
    connection.request("GET", f"/v1/cloudrun/shop{path}", headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    told = json.loads(response.read())
    same(response.status, 200, f"the status with {told}")
    same(told["target"], path, "the target")
    same(values(told["head"], "authorization"), [], "the token at the service")
    same(values(told["head"], "x-wx-openid"), [], "the openid of another client")
    connection.request("GET", f"/v1/cloudrun/shop{path}")
    response = connection.getresponse()
    response.read()
    same(response.status, 401, "the status without a token")


@case
def an_answer_that_is_cut_off_is_a_failure(place):
    token, path = place.token(sub="o-cut"), "/cut/"
    reply = place.call(token, {**envelope(path), "callID": "1700000000000-0.7"})
    same((reply.get("errCode"), reply.get("callID")), (-501001, "1700000000000-0.7"), f"the code and the ID of {reply}")
    connection = place.connect()
    connection.request("GET", f"/v1/cloudrun/shop{path}", headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    fault = json.loads(response.read())
    same((response.status, fault["code"]), (502, "SYS_ERR"), "the status and the code")
    assert fault["requestId"] == response.headers["x-request-id"] != "", f"another ID than {fault}"


@case
def a_line_tells_of_a_call(place):
    with_id = place.call(place.token(sub="o-log"), {**envelope(unique("log")), "callID": "1700000000000-0.5"})
    of_another = place.call(place.token(app="WXBBB", sub="o-log"), envelope(unique("log"), "POST", data={"a": 1}, **OF_OWNER))
    refused = place.call(place.token(sub="o-log"), envelope(unique("log"), service="nowhere"))
    for reply, pattern in [
        (with_id, "service=shop caller=own status=200"),
        (of_another, "service=shop caller=reuse status=200"),
        (refused, f"service=nowhere caller=- code={refused.get('errCode')}"),
    ]:
        line = place.logged(f" call={re.escape(reply['callID'])} env=prod-01 {pattern}")
        assert re.search(r" ms=\d+", line), line
        assert "o-log" not in line, line


@case
def who_calls_too_often_gets_429(place):
    noisy, connection = place.token(sub="o-noisy"), place.connect()
    start, passed, status = time.monotonic(), 0, 200
    while status == 200 and time.monotonic() - start < PATIENCE:
        status, head, body = place.post(noisy, envelope(unique("often")), connection)
        passed += status == 200
    same(status, 429, "the status of a call too many")
    same((head["retry-after"], body), ("1", b"local_rate_limited"), "what the caller gets")
    # The bucket, what has come into it, and what comes at once.
    most = 40 + 20 * (int(time.monotonic() - start) + 1)
    assert 40 <= passed <= most, f"{passed} calls have passed, not 40 to {most}"
    # Of the same app, and of the same name in another app.
    place.seen(place.token(sub="o-quiet"), envelope(unique("often")))
    place.seen(place.token(app="WXBBB", sub="o-noisy"), envelope(unique("often"), **OF_OWNER))
    place.logged("event=rejected status=429 .*local_rate_limited")
    time.sleep(1.2)
    place.seen(noisy, envelope(unique("often")))


@case
def a_replica_dies_and_no_get_fails(place):
    tokens = [place.token(sub=f"o-{number}") for number in range(CONNECTIONS)]
    done, failed, half = itertools.count(), [], threading.Event()

    def work(number):
        connection = place.connect()
        for turn in range(GETS + POSTS):
            method = "POST" if turn % 4 == 3 and turn // 4 < POSTS else "GET"
            path = f"/killed/{method}/{number}-{turn}/"
            more = {"data": {"turn": turn}} if method == "POST" else {}
            try:
                reply = place.call(tokens[number], envelope(path, method, **more), connection=connection)
                wrong = None if reply.get("statusCode") == 200 else reply
            except (OSError, http.client.HTTPException, AssertionError) as error:
                wrong, connection = error, place.connect()
            if wrong:
                failed.append((method, path, wrong))
            if next(done) == CONNECTIONS * (GETS + POSTS) // 3:
                half.set()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    assert half.wait(PATIENCE), "the calls do not come on"
    place.replicas[0][0].kill()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a call hangs"
    told = [line.split() for line in place.told.read_text().splitlines() if "/killed/" in line]
    of_replica = collections.Counter(number for *_, number in told)
    assert len(of_replica) == 2 and of_replica["1"] > of_replica["0"], f"the replicas have had {dict(of_replica)}"
    same([one for one in failed if one[0] == "GET"], [], "the GETs that have failed")
    same([one for one in failed if not (isinstance(one[2], dict) and one[2].get("errCode"))], [], "what is no failure")
    lost = {path for method, path, _ in failed if method == "POST"}
    assert lost, "no POST was at the replica when it died"
    counts = collections.Counter(path for method, path, _ in told if method == "POST")
    same([path for path, count in counts.items() if count != 1], [], "the POSTs that replicas have had twice")
    assert len(counts.keys() | lost) == CONNECTIONS * POSTS, "a POST is neither there nor has it failed"
    print(f"  {len(lost)} of {CONNECTIONS * POSTS} POSTs were at the replica when it died", file=sys.stderr)


def judge():
    """The outcome of each case, by its name."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="callcontainer-production-") as folder:
        place = Place(Path(folder))
        try:
            place.start()
            for name, run in CASES.items():
                begin = time.monotonic()
                try:
                    run(place)
                    found[name] = "ok"
                except Exception:
                    traceback.print_exc()
                    found[name] = "FAIL"
                print(f"  {name} {found[name]} {time.monotonic() - begin:.1f} s", file=sys.stderr, flush=True)
        finally:
            place.end()
    return found
