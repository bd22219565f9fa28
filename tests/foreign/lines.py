"""The port for serial lines, and callers of HTTP that find it: none of them gets an envelope run."""

import http.client
import json
import socket
import struct
import subprocess
import urllib.error
import urllib.request

from callers import curl, fetch
from cases import case
from gateway import OWN, Gateway, call, encode, same
from processes import PATIENCE
from services import proxy, service

FORGED = encode(call("/forged", "POST", data="by a web page"))
LINES = b"\n" + FORGED + b"\n" + FORGED + b"\r\n"


def on_the_line(attack):
    """Has somebody speak HTTP to the port. Nothing is run, the log says so, and a line is still a line."""
    program = service("node")
    program.forget()
    with Gateway(program, "--serial", "127.0.0.1:0", "--serial-caller", OWN) as gateway:
        try:
            attack(gateway)
        except (TimeoutError, subprocess.TimeoutExpired) as error:
            raise AssertionError(f"the connection stays open, and the service saw {program.seen()}") from error
        with socket.create_connection(("127.0.0.1", gateway.serial), PATIENCE) as stream, stream.makefile("rb") as lines:
            stream.sendall(encode(call("/args?line")) + b"\n")
            same(json.loads(lines.readline())["data"], "line", "the answer to a real line")
        same(program.seen(), ["GET /args?line"], "what the service saw")
        gateway.logged("event=rejected peer=127.0.0.1")


def raw_to_line(gateway, request):
    """Sends bytes to the port; the gateway ends the connection, without an answer that a page could make use of."""
    with socket.create_connection(("127.0.0.1", gateway.serial), PATIENCE) as stream:
        received = b""
        try:
            stream.sendall(request)
            while piece := stream.recv(65536):
                received += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert b"statusCode" not in received, f"it was answered: {received[:200]}"


def page(method, content_type, body, more=""):
    """A request as a browser sends it for a page of somebody else's."""
    return (
        f"{method} / HTTP/1.1\r\nHost: 127.0.0.1:7000\r\nConnection: keep-alive\r\nContent-Length: {len(body)}\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0\r\n"
        f"Content-Type: {content_type}\r\nAccept: */*\r\nOrigin: http://page.example\r\nSec-Fetch-Site: cross-site\r\n"
        f"Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://page.example/\r\n{more}\r\n"
    ).encode() + body


@case("line-port-no-cors", "browser")
def line_port_no_cors(_):
    """fetch(url, {method: 'POST', mode: 'no-cors', body})"""
    on_the_line(lambda gateway: raw_to_line(gateway, page("POST", "text/plain;charset=UTF-8", LINES)))


@case("line-port-in-pieces", "browser")
def line_port_in_pieces(_):
    """The same, where the first bytes come one at a time."""

    def attack(gateway):
        with socket.create_connection(("127.0.0.1", gateway.serial), PATIENCE) as stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            request = page("POST", "text/plain", LINES)
            try:
                for at in range(40):
                    stream.sendall(request[at : at + 1])
                stream.sendall(request[40:])
                while stream.recv(65536):
                    pass
            except (ConnectionResetError, BrokenPipeError):
                pass

    on_the_line(attack)


@case("line-port-form", "browser")
def line_port_form(_):
    """A form with `enctype=text/plain`, which can be sent by any page."""
    on_the_line(lambda gateway: raw_to_line(gateway, page("POST", "text/plain", b"x=" + LINES)))


@case("line-port-preflight", "browser")
def line_port_preflight(_):
    more = "Access-Control-Request-Method: PUT\r\n"
    on_the_line(lambda gateway: raw_to_line(gateway, page("OPTIONS", "text/plain", LINES, more)))


@case("line-port-tls", "browser")
def line_port_tls(_):
    """https://…: what greets the port holds a session ticket, which a server of somebody else's may have made up."""
    ticket = LINES * 3
    extensions = struct.pack("!HH", 35, len(ticket)) + ticket
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + struct.pack("!I", len(hello))[1:] + hello
    record = b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake
    on_the_line(lambda gateway: raw_to_line(gateway, record))


@case("line-port", "curl")
def line_port_curl(_):
    def attack(gateway):
        url = f"http://127.0.0.1:{gateway.serial}/"
        for more in (
            ["--data-binary", "@-"],
            ["--data-binary", "@-", "--http1.0"],
            ["--data-binary", "@-", "--http2-prior-knowledge"],
            ["-T", "-"],
            ["-X", "DELETE", "--data-binary", "@-"],
            ["-X", "LOCK", "--data-binary", "@-", "--request-target", "*"],
        ):
            done = curl("--http0.9", *more, url, stdin=LINES, check=False)
            assert b"statusCode" not in done.stdout, f"{more} was answered: {done.stdout[:200]}"

    on_the_line(attack)


@case("line-port", "fetch")
def line_port_fetch(_):
    def attack(gateway):
        for mode in ("no-cors", "cors"):
            for pieces in (False, True):
                url = f"http://127.0.0.1:{gateway.serial}/"
                [answer] = fetch(url, [LINES.decode()], {"Content-Type": "text/plain"}, mode=mode, pieces=pieces)
                assert "error" in answer, f"it was answered: {answer}"

    on_the_line(attack)


@case("line-port", "urllib")
def line_port_urllib(_):
    def attack(gateway):
        url = f"http://127.0.0.1:{gateway.serial}/"
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, LINES, PATIENCE).read()
        except (http.client.HTTPException, urllib.error.URLError, OSError) as error:
            answer = repr(error).encode()
        assert b"statusCode" not in answer, f"it was answered: {answer[:200]}"

    on_the_line(attack)


@case("line-port", "nginx-proxy")
def line_port_nginx(_):
    """nginx that was told the wrong port."""

    def attack(gateway):
        with proxy(gateway.serial) as front:
            done = curl("--http0.9", "--data-binary", "@-", f"http://127.0.0.1:{front.port}/", stdin=LINES)
            assert b"statusCode" not in done.stdout, f"it was answered: {done.stdout[:200]}"

    on_the_line(attack)
