"""The gateway's ways in over HTTP: what is refused, what is said of it, and whose call it is behind proxies."""

import http.client
import socket
import time
from contextlib import ExitStack

from callers import AUTHORIZATION, curl, post
from cases import case
from gateway import CALLER, OWN, Connection, Gateway, call, raw, same
from processes import PATIENCE
from services import proxy, service


def refused(lines, status):
    """Sends a head, and expects a status and a line in the log that tells it."""
    with Gateway(service("node")) as gateway:
        found, _, _ = raw(gateway.port, "".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        same(found, status, "the status")
        gateway.logged(f"status={status}")


@case("no-host", "sockets")
def no_host(_):
    refused(["POST / HTTP/1.1", AUTHORIZATION, "Content-Length: 0"], 400)


@case("two-hosts", "sockets")
def two_hosts(_):
    refused(["POST / HTTP/1.1", "Host: a", "Host: a", AUTHORIZATION, "Content-Length: 0"], 400)


@case("no-host-for-health", "sockets")
def no_host_for_health(_):
    refused(["GET /healthz HTTP/1.1"], 400)


@case("nonsense", "sockets")
def nonsense(_):
    refused(["what is this"], 400)


@case("two-lengths", "sockets")
def two_lengths(_):
    refused(["POST / HTTP/1.1", "Host: a", AUTHORIZATION, "Content-Length: 5", "Content-Length: 6"], 400)


@case("no-token", "sockets")
def no_token(_):
    """From the head alone: the body never comes."""
    refused(["POST / HTTP/1.1", "Host: a", "Content-Length: 50"], 401)


@case("not-found", "sockets")
def not_found(_):
    refused(["GET /elsewhere HTTP/1.1", "Host: a"], 404)


@case("not-a-call", "sockets")
def not_a_call(_):
    refused(["GET / HTTP/1.1", "Host: a"], 405)


@case("large-head", "sockets")
def large_head(_):
    refused(["GET /healthz HTTP/1.1", "Host: a", *(f"X-{number}: {'x' * 1000}" for number in range(40))], 431)


@case("expect-unknown", "curl")
def expect_unknown(_):
    """Whose token is not known is told so, and not asked for the body first."""
    with Gateway(service("node")) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/"
        more = ["-v", "-H", "Expect: 100-continue", "--expect100-timeout", str(PATIENCE), "--data-binary", "@-"]
        for token in ([], ["-H", "Authorization: Bearer wrong"]):
            done = curl(*more, *token, "-w", "%{http_code} %{size_upload}", "-o", "/dev/null", url, stdin=b"x" * 50_000)
            same(done.stdout.decode(), "401 0", "the status, and the bytes of the body that went out")
            assert b"100 Continue" not in done.stderr, "curl was told to continue"


@case("expect-known", "curl")
def expect_known(_):
    with Gateway(service("node")) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/"
        more = ["-v", "-H", "Expect: 100-continue", "--expect100-timeout", str(PATIENCE), "--data-binary", "@-"]
        done = curl(*more, "-H", AUTHORIZATION, url, stdin=post("y" * 50_000))
        assert b"100 Continue" in done.stderr, "curl was not told to continue"
        assert b'"data":"yyyy' in done.stdout, f"the answer: {done.stdout[:200]}"


def told(front, headers=(), path="/", source=CALLER):
    """The address that the service is told, of a call through nginx."""
    reply = Connection(front.port, source, path, headers).call(call("/who"))
    return {name: value for name, value in reply["data"]["headers"]}.get("x-forwarded-for")


def behind_nginx(expected, headers=(), proxies=("127.0.0.1",), **more):
    options = [word for address in proxies for word in ("--proxy", address)]
    with Gateway(service("node"), *options) as gateway, proxy(gateway.port) as front:
        same(told(front, headers, **more), expected, "the caller's address")


@case("address", "nginx-proxy")
def address(_):
    behind_nginx(CALLER)


@case("address-port", "nginx-proxy")
def address_port(_):
    """As some balancers do, nginx says the port too."""
    behind_nginx(CALLER, {"X-Way": "port"})


@case("address-v6", "nginx-proxy")
def address_v6(_):
    for way in ("v6", "v6-brackets", "v6-port"):
        behind_nginx("2001:db8::7", {"X-Way": way})


@case("address-forged", "nginx-proxy")
def address_forged(_):
    """What the caller itself says of where it is stands before what nginx saw."""
    for forged in ("198.51.100.9", "127.0.0.1", "198.51.100.9, 127.0.0.1", "nonsense", "[", ",,"):
        behind_nginx(CALLER, {"X-Forwarded-For": forged})


@case("address-twice", "nginx-proxy")
def address_twice(_):
    """Through nginx twice, both known."""
    behind_nginx(CALLER, {"X-Forwarded-For": "198.51.100.9"}, path="/twice/")


@case("address-chain", "nginx-proxy")
def address_chain(_):
    """The caller is the last that is no proxy that is known."""
    chain = {"X-Forwarded-For": "192.0.2.1, 198.51.100.9:5000, 10.0.0.1"}
    behind_nginx("198.51.100.9", chain, ("127.0.0.1", "10.0.0.1"), source="127.0.0.1")
    behind_nginx("10.0.0.1", chain, source="127.0.0.1")


@case("address-unknown-proxy", "nginx-proxy")
def address_unknown_proxy(_):
    """nginx that the gateway was not told of is the caller itself."""
    behind_nginx("127.0.0.1", proxies=())


# After how long the gateway gives a connection up that says nothing.
GIVEN_UP = 10


def silent(addresses):
    """Connections that say nothing keep nobody out until they are given up."""
    with Gateway(service("node")) as gateway:
        # A machine may be too slow to tell, so a few attempts.
        for _ in range(5):
            begun = time.monotonic()
            with ExitStack() as stack:
                for number in range(512):
                    source = (addresses[number % len(addresses)], 0)
                    stack.enter_context(socket.create_connection(("127.0.0.1", gateway.port), PATIENCE, source))
                connection = http.client.HTTPConnection("127.0.0.1", gateway.port, PATIENCE)
                connection.request("GET", "/healthz")
                same(connection.getresponse().read(), b"ok\n", "the gateway's health")
                connection.close()
                same(gateway.ok(call("/args?next"))["data"], "next", "the answer to a call")
            if time.monotonic() - begun < GIVEN_UP:
                return
        raise AssertionError(f"nobody got in before the first of them was given up after {GIVEN_UP} s")


@case("silent-from-one", "sockets")
def silent_from_one(_):
    silent(["127.0.0.3"])


@case("silent-from-many", "sockets")
def silent_from_many(_):
    silent([f"127.0.1.{number}" for number in range(1, 129)])
