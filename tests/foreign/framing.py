"""Where a message ends: no body is taken for a request, and none for somebody else's answer."""

from cases import APPLICATIONS, SERVICES, case
from gateway import Gateway, call, failed, same
from processes import until
from services import service

# What a caller would like to have run: a request of its own, with an identity of its own.
REQUEST = "POST /forged HTTP/1.1\r\nHost: shop\r\nX-WX-OPENID: o-ADMIN\r\nX-WX-SOURCE: wx_client\r\nContent-Length: 0\r\n\r\n"
BYTES = {"__nativeBuffers__": [{"key": "data", "base64": "R0VUIC9mb3JnZWQgSFRUUC8xLjENCkhvc3Q6IHNob3ANCg0K"}]}
TEXT = {"Content-Type": "text/plain"}


def no_body(name, method):
    """A method that has no body: nothing goes out, so that the service sees the next call alone."""
    program = service(name)
    program.forget()
    with Gateway(program) as gateway:
        failed(gateway.call(call("/unread", method, data=REQUEST, header=TEXT)), 40097)
        failed(gateway.call(call("/unread", method, **BYTES)), 40097)
        # Nothing is no body.
        same(gateway.ok(call("/args?empty", "GET", data=""))["data"], "empty", "a call with an empty text")
        same(gateway.ok(call("/args?next"))["data"], "next", "the answer to the next call")
    until(lambda: "GET /args?next" in program.seen(), "the next call is seen")
    requests = [line for line in program.seen() if not line.endswith(" -")]
    same(requests, ["GET /args?empty", "GET /args?next"], "what the service saw")


@case("body-of-get", *SERVICES)
def body_of_get(name):
    no_body(name, "GET")


@case("body-of-head", *SERVICES)
def body_of_head(name):
    no_body(name, "HEAD")


def unread(name, method):
    """A body that the program does not read is not run, and the next caller gets an answer of its own."""
    program = service(name)
    program.forget()
    with Gateway(program) as gateway:
        for number in range(3):
            same(gateway.ok(call("/unread", method, data=REQUEST, header=TEXT))["data"], "not read", "the answer")
            same(gateway.ok(call(f"/args?next-{number}"))["data"], f"next-{number}", "the answer to the next call")
    if name == "http.server":
        # Whatever was on a connection has been run when it is at its end.
        ended = lambda: program.seen().count("OPEN -") == program.seen().count("END -")
        until(ended, "the service is done with every connection")
    forged = [line for line in program.seen() if "forged" in line]
    same(forged, [], "what the service ran of the body")


@case("unread-options", *SERVICES)
def unread_options(name):
    unread(name, "OPTIONS")


@case("unread-delete", *SERVICES)
def unread_delete(name):
    unread(name, "DELETE")


@case("unread-post", *SERVICES)
def unread_post(name):
    unread(name, "POST")


@case("unread-put", *SERVICES)
def unread_put(name):
    unread(name, "PUT")


def behind(name, path, method, status, **parts):
    """Whatever stands behind the head of an answer that has no body is not the next answer."""
    program = service(name)
    own = "own" if name == "sockets" else None
    with Gateway(program) as gateway:
        for number in range(5):
            reply = gateway.ok(call(path, method, **parts))
            same((reply["statusCode"], reply.get("data", "")), (status, ""), "the answer without a body")
            answer = gateway.ok(call(f"/args?next-{number}"))["data"]
            same(answer, own or f"next-{number}", "the answer to the next call")


@case("behind-head", *SERVICES, "sockets")
def behind_head(name):
    behind(name, {"sockets": "/head", "nginx": "/compressible"}.get(name, "/large?n=1000"), "HEAD", 200)


@case("behind-304", *APPLICATIONS, "sockets")
def behind_304(name):
    behind(name, "/unmodified", "GET", 304, header={"If-None-Match": '"1"'})


@case("behind-304-by-date", "sockets")
def behind_304_by_date(name):
    behind(name, "/unmodified", "GET", 304, header={"If-Modified-Since": "Sun, 29 Nov 2026 00:00:00 GMT"})


@case("behind-304-unasked", *APPLICATIONS, "sockets")
def behind_304_unasked(name):
    """To a call that does not say what the caller has."""
    behind(name, "/unmodified", "GET", 304)


@case("behind-204", "sockets")
def behind_204(name):
    behind(name, "/empty", "GET", 204)


@case("compression", *SERVICES)
def compression(name):
    """A program that makes answers smaller where it may answers as it is, since the gateway says that it must."""
    with Gateway(service(name)) as gateway:
        header = {"Accept-Encoding": "gzip, deflate, br"}
        reply = gateway.ok(call("/compressible", header=header))
        same(reply["data"], "as small as you like " * 1000, "the text")
        encodings = [value for key, value in reply["header"].items() if key.lower() == "content-encoding"]
        assert encodings in ([], ["identity"]), f"the encoding {encodings}"
        told = {value for key, value in gateway.ok(call("/who", header=header))["data"]["headers"] if "ENCODING" in key.upper()}
        same(told, {"identity"}, "Accept-Encoding")
