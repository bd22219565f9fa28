"""Programs that call: curl and Node's fetch, straight and through nginx."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

from cases import case
from gateway import CALLER, OWN, Connection, Gateway, call, encode, same
from processes import PATIENCE, PROGRAMS, finish
from services import proxy, service

TEXT = {"Content-Type": "text/plain"}
AUTHORIZATION = f"Authorization: Bearer {OWN}"


def curl(*arguments, stdin=b"", check=True):
    return finish(["curl", "-sS", "--noproxy", "*", "--max-time", PATIENCE, *arguments], stdin, check)


def fetch(url, bodies, headers, mode="cors", pieces=False):
    asked = {"url": url, "headers": headers, "bodies": bodies, "mode": mode, "pieces": pieces}
    return json.loads(finish(["node", PROGRAMS / "fetch.mjs"], json.dumps(asked).encode()).stdout)


def post(text):
    return encode(call("/echo", "POST", data=text, header=TEXT))


def data(answer):
    """What the service said, of an answer of curl's."""
    reply = json.loads(answer)
    assert "data" in reply, f"a failure: {reply}"
    return reply["data"]


@case("call", "curl")
def curl_call(_):
    with Gateway(service("node")) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/"
        for more in ([], ["--http1.0"], ["--http2"], ["--compressed"], ["-H", "Expect: 100-continue"]):
            done = curl("-H", AUTHORIZATION, "--data-binary", "@-", *more, url, stdin=post("从 curl"))
            same(data(done.stdout), "从 curl", f"the answer with {more}")


@case("chunked", "curl")
def curl_chunked(_):
    with Gateway(service("node")) as gateway:
        more = ["-H", AUTHORIZATION, "-H", "Transfer-Encoding: chunked", "--data-binary", "@-"]
        done = curl(*more, f"http://127.0.0.1:{gateway.port}/", stdin=post("chunked " * 5000))
        same(data(done.stdout), "chunked " * 5000, "the answer")


@case("open-api", "curl")
def curl_open_api(_):
    """The door of the open HTTP API, with bytes that are no text."""
    content = bytes(range(256)) * 300
    with Gateway(service("node")) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/v1/cloudrun/shop/echo"
        kind = "Content-Type: application/octet-stream"
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for more in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"], ["--compressed"]):
                sent = ["-X", method, "-H", AUTHORIZATION, "-H", kind, "--data-binary", "@-", *more]
                same(curl(*sent, url, stdin=content).stdout, content, f"the answer to {method} with {more}")
        text = curl("-H", AUTHORIZATION, f"http://127.0.0.1:{gateway.port}/v1/cloudrun/shop/args?some+%E6%96%87")
        same(text.stdout, b"some+%E6%96%87", "the text")
        same(json.loads(curl(url).stdout)["code"], "MISSING_CREDENTIALS", "the code without a token")


@case("one-connection", "curl")
def curl_one_connection(_):
    """Several calls, all on the connection of the first."""
    with Gateway(service("node")) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/"
        printed = "%{stderr}%{num_connects}\n"
        done = curl("-w", printed, "-H", AUTHORIZATION, "-d", post("again").decode(), url, url, url)
        same(done.stderr.decode().split(), ["1", "0", "0"], "the connections made")
        same(done.stdout.count(b'"data":"again"'), 3, "the answers")


@case("call", "fetch")
def fetch_call(_):
    with Gateway(service("node")) as gateway:
        headers = {"Authorization": f"Bearer {OWN}"}
        bodies = [post(f"第 {number}").decode() for number in range(50)]
        answers = fetch(f"http://127.0.0.1:{gateway.port}/", bodies, headers)
        same([data(answer["body"]) for answer in answers], [f"第 {number}" for number in range(50)], "the answers")


@case("pieces", "fetch")
def fetch_pieces(_):
    """A body that comes in chunks of a few bytes."""
    with Gateway(service("node")) as gateway:
        headers = {"Authorization": f"Bearer {OWN}"}
        bodies = [post(f"第 {number}").decode() for number in range(5)]
        answers = fetch(f"http://127.0.0.1:{gateway.port}/", bodies, headers, pieces=True)
        same([data(answer["body"]) for answer in answers], [f"第 {number}" for number in range(5)], "the answers")


def through_nginx(path="/"):
    """A hundred callers through nginx, which shares few connections to the gateway among them."""

    def caller(number):
        connection = Connection(front.port, path=path)
        for again in range(3):
            content = f"caller-{number}-call-{again}\n" * (1 + number * 5)
            same(connection.call(post(content)).get("data"), content, "the answer")

    with Gateway(service("node"), "--proxy", "127.0.0.1") as gateway, proxy(gateway.port) as front:
        with ThreadPoolExecutor(100) as pool:
            for done in [pool.submit(caller, number) for number in range(100)]:
                done.result()


@case("hundred-callers", "nginx-proxy")
def hundred_through_nginx(_):
    through_nginx()


@case("hundred-callers-unbuffered", "nginx-proxy")
def hundred_unbuffered(_):
    through_nginx("/unbuffered/")


@case("fetch", "nginx-proxy")
def fetch_through_nginx(_):
    with Gateway(service("node"), "--proxy", "127.0.0.1") as gateway, proxy(gateway.port) as front:
        headers = {"Authorization": f"Bearer {OWN}"}
        for path in ("/", "/unbuffered/"):
            for pieces in (False, True):
                bodies = [post(f"第 {number}").decode() for number in range(20)]
                answers = fetch(f"http://127.0.0.1:{front.port}{path}", bodies, headers, pieces=pieces)
                expected = [f"第 {number}" for number in range(20)]
                same([data(answer["body"]) for answer in answers], expected, f"the answers on {path}")


@case("chunked", "nginx-proxy")
def chunked_through_nginx(_):
    with Gateway(service("node"), "--proxy", "127.0.0.1") as gateway, proxy(gateway.port) as front:
        for path in ("/", "/unbuffered/"):
            more = ["-H", AUTHORIZATION, "-H", "Transfer-Encoding: chunked", "--data-binary", "@-"]
            done = curl(*more, f"http://127.0.0.1:{front.port}{path}", stdin=post("chunked " * 5000))
            same(data(done.stdout), "chunked " * 5000, f"the answer on {path}")


@case("slow", "nginx-proxy")
def slow_through_nginx(_):
    """A body that comes a byte at a time."""
    with Gateway(service("node"), "--proxy", "127.0.0.1") as gateway, proxy(gateway.port) as front:
        body = post("slow")
        for path in ("/", "/unbuffered/"):
            head = f"POST {path} HTTP/1.1\r\nHost: gateway\r\n{AUTHORIZATION}\r\nContent-Length: {len(body)}\r\n"
            with socket.create_connection(("127.0.0.1", front.port), PATIENCE, (CALLER, 0)) as stream:
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                stream.sendall(f"{head}Connection: close\r\n\r\n".encode())
                for byte in body:
                    stream.sendall(bytes([byte]))
                received = b""
                while piece := stream.recv(65536):
                    received += piece
            assert b'"data":"slow"' in received, f"the answer on {path}: {received[-300:]}"


@case("large", "nginx-proxy")
def large_through_nginx(_):
    """Replies of nearly 1000 KiB, which nginx puts into files."""
    with Gateway(service("node"), "--proxy", "127.0.0.1") as gateway, proxy(gateway.port) as front:
        connection = Connection(front.port)
        for _ in range(5):
            same(connection.call(call("/large?n=1020000")).get("data"), "x" * 1_020_000, "the text")
            same(connection.call(call("/args?next")).get("data"), "next", "the answer to the next call")
