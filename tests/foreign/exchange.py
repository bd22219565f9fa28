"""What a call carries there and back."""

import base64
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

from cases import APPLICATIONS, SERVICES, case
from gateway import REPLY_LIMIT, REQUEST_LIMIT, Connection, Gateway, call, encode, failed, same
from services import service

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}
# Everything that JSON escapes, and characters of one to four bytes.
WRITTEN = "文字 \"quoted\" \\ / \b\f\n\r\t \u0000\u001f\u007f é 😀 \u2028 <&>"


def stored(gateway, name, data):
    """What nginx, which has no program behind it, gives back of what was put there."""
    put = gateway.ok(call(f"/files/{name}", "PUT", **data))
    assert put["statusCode"] in (201, 204), f"{put}"
    more = {"responseType": "arraybuffer"} if "__nativeBuffers__" in data else {}
    return gateway.ok(call(f"/files/{name}", **more))


def echoed(name, gateway, **data):
    """What the program gives back of what it was given."""
    if name == "nginx":
        return stored(gateway, "echo", data)
    more = {"responseType": "arraybuffer"} if "__nativeBuffers__" in data else {}
    return gateway.ok(call("/echo", "POST", **data, **more))


@case("ordinary", *SERVICES)
def ordinary(name):
    data = {"count": 2, "list": [1, None, True, {"a": ""}], "large": 12345678901234}
    with Gateway(service(name)) as gateway:
        reply = echoed(name, gateway, data=data, header={"Content-Type": "application/json"})
        if name == "nginx":
            data = '{"count":2,"list":[1,null,true,{"a":""}],"large":12345678901234}'
            same(encode(reply["data"]).decode(), data, "the file")
            return
        same((reply["statusCode"], reply["data"]), (200, data), "the answer")
        kinds = [value for key, value in reply["header"].items() if key.lower() == "content-type"]
        assert kinds and kinds[0].startswith("application/json"), f"the content type {kinds}"
        assert reply["callID"], f"no callID in {reply}"


@case("text", *SERVICES)
def text(name):
    with Gateway(service(name)) as gateway:
        same(echoed(name, gateway, data=WRITTEN, header=TEXT)["data"], WRITTEN, "the text")


@case("chinese-json", *APPLICATIONS)
def chinese_json(name):
    data = {"键": WRITTEN, "名": ["值", WRITTEN * 10]}
    with Gateway(service(name)) as gateway:
        same(echoed(name, gateway, data=data)["data"], data, "the JSON")


@case("bytes", *SERVICES)
def bytes_both_ways(name):
    content = base64.b64encode(bytes(range(256)) * 10).decode()
    buffers = [{"key": "data", "base64": content}]
    with Gateway(service(name)) as gateway:
        reply = echoed(name, gateway, __nativeBuffers__=buffers, header={"Content-Type": "application/octet-stream"})
        same(reply.get("__nativeBuffers__"), buffers, "the bytes")


@case("cookies", *SERVICES)
def cookies(name):
    with Gateway(service(name)) as gateway:
        expected = ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2; Path=/"]
        same(gateway.ok(call("/cookies"))["cookies"], expected, "the cookies")


@case("pieces", *SERVICES)
def pieces(name):
    """An answer in pieces whose length is not told before: in chunks, or up to the end of the connection."""
    expected = "".join(f"{number} 文\n" * 1000 for number in range(20))
    with Gateway(service(name)) as gateway:
        for _ in range(2):
            same(gateway.ok(call("/pieces"))["data"], expected, "the text")


@case("statuses", *SERVICES)
def statuses(name):
    """Whatever the program's status is, the call is a success."""
    with Gateway(service(name)) as gateway:
        for status in (404, 500):
            reply = gateway.ok(call(f"/status?code={status}"))
            same((reply["statusCode"], reply["data"]), (status, {"status": status}), "the answer")


@case("redirect", *SERVICES)
def redirect(name):
    """A redirection is told as it is, and followed by nobody."""
    program = service(name)
    program.forget()
    with Gateway(program) as gateway:
        reply = gateway.ok(call("/moved"))
        places = [value for key, value in reply["header"].items() if key.lower() == "location"]
        same((reply["statusCode"], places), (302, ["/who?from=moved"]), "the answer")
        same(gateway.ok(call("/args?next"))["data"], "next", "the answer to the next call")
    assert not any("from=moved" in line for line in program.seen()), f"it was followed: {program.seen()}"


@case("query", *SERVICES)
def query(name):
    data = {"q": "文 x&y=z", "n": 1, "flag": True, "o": {"a": [1]}}
    with Gateway(service(name)) as gateway:
        raw = gateway.ok(call("/args?a=%E6%96%87&n=0", data=data))["data"]
        # A pair that is new takes the place of one with its name, or the end of the line.
        expected = {"a=%E6%96%87", "n=1", "q=%E6%96%87%20x%26y%3Dz", "flag=true", "o=%7B%22a%22%3A%5B1%5D%7D"}
        same(set(raw.split("&")), expected, "the query")
        if name != "nginx":
            parsed = gateway.ok(call("/query?a=%E6%96%87&n=0", data=data))["data"]
            expected = {"a": "文", "n": "1", "q": "文 x&y=z", "flag": "true", "o": '{"a":[1]}'}
            same(parsed, expected, "the query as the program parses it")


@case("query-of-array", *SERVICES)
def query_of_array(name):
    with Gateway(service(name)) as gateway:
        same(gateway.ok(call("/args", data=["a", 2]))["data"], "0=a&1=2", "the query")


@case("form", *APPLICATIONS)
def form(name):
    data = {"q": "文 x&y=z+1", "n": 1.5, "flag": False, "empty": ""}
    with Gateway(service(name)) as gateway:
        parsed = gateway.ok(call("/form", "POST", data=data, header=FORM))["data"]
        same(parsed, {"q": "文 x&y=z+1", "n": "1.5", "flag": "false", "empty": ""}, "the form as the program parses it")


@case("form-of-nested", *APPLICATIONS)
def form_of_nested(name):
    """What is no text in a form is the text that JavaScript makes of it."""
    data = {"ids": [1, 2], "o": {"a": 1}, "nothing": None}
    with Gateway(service(name)) as gateway:
        parsed = gateway.ok(call("/form", "PUT", data=data, header=FORM))["data"]
        if name in ("php", "lighttpd", "nginx-php"):
            # PHP parses a form for POST alone.
            parsed = gateway.ok(call("/form", "POST", data=data, header=FORM))["data"]
        same(parsed, {"ids": "1,2", "o": "[object Object]", "nothing": "null"}, "the form as the program parses it")


@case("half-surrogate-back", *SERVICES)
def half_surrogate_back(name):
    """Half a surrogate pair in an answer's JSON does not make a text of it."""
    with Gateway(service(name)) as gateway:
        same(gateway.ok(call("/half"))["data"], {"code": 0, "name": "\ud83d"}, "the answer")


@case("half-surrogate-there", *SERVICES)
def half_surrogate_there(name):
    envelope = '{"config":{"env":"prod-01"},"path":"%s","method":"%s","service":"shop","data":{"name":"\\ud83d"}}'
    with Gateway(service(name)) as gateway:
        if name == "nginx":
            gateway.ok(envelope % ("/files/half", "PUT"))
            same(gateway.ok(call("/files/half", dataType="text"))["data"], '{"name":"\\ud83d"}', "the file")
        else:
            sha256 = hashlib.sha256(b'{"name":"\\ud83d"}').hexdigest()
            same(gateway.ok(envelope % ("/digest", "POST"))["data"], {"length": 17, "sha256": sha256}, "the body")


@case("largest-reply", *SERVICES)
def largest_reply(name):
    """A reply envelope of exactly 1000 KiB comes, and one of a byte more does not."""
    program = service(name)

    def reply(gateway, size):
        if name == "nginx":
            (program.folder / "root" / f"large-{size}").write_text("x" * size)
        connection = Connection(gateway.port)
        return connection.call(call(f"/large?n={size}", callID="largest")), connection

    with Gateway(program) as gateway:
        size = 1_000_000
        _, connection = reply(gateway, size)
        size += REPLY_LIMIT - connection.length
        largest, connection = reply(gateway, size)
        same(connection.length, REPLY_LIMIT, f"the length of {largest}")
        same(largest["data"], "x" * size, "the text")
        failed(reply(gateway, size + 1)[0], -606002)
        failed(reply(gateway, 3_000_000)[0], -606002)
        same(gateway.ok(call("/args?next"))["data"], "next", "the answer to the next call")


@case("largest-request", *SERVICES)
def largest_request(name):
    """An envelope of exactly 100 KiB goes, and one of a byte more does not."""
    place, method = ("/files/full", "PUT") if name == "nginx" else ("/digest", "POST")
    with Gateway(service(name)) as gateway:
        empty = len(encode(call(place, method, data="", header=TEXT)))
        content = ("0123456789" * (REQUEST_LIMIT // 10))[: REQUEST_LIMIT - empty]
        envelope = call(place, method, data=content, header=TEXT)
        same(len(encode(envelope)), REQUEST_LIMIT, "the length")
        reply = gateway.ok(envelope)
        if name == "nginx":
            same(gateway.ok(call("/files/full", dataType="text"))["data"], content, "the file")
        else:
            sha256 = hashlib.sha256(content.encode()).hexdigest()
            same(reply["data"], {"length": len(content), "sha256": sha256}, "the body")
        failed(gateway.call(call(place, method, data=content + "x", header=TEXT)), -606001)


@case("hundred-callers", *SERVICES)
def hundred_callers(name):
    """A hundred callers at a time, each of which gets its own answers."""
    callers, calls = 100, 3
    begin = threading.Barrier(callers)

    def caller(number):
        connection = Connection(gateway.port)
        begin.wait()
        for again in range(calls):
            mine = f"caller-{number}-call-{again}"
            if name != "nginx":
                content = f"{mine}\n" * (1 + number * 7)
                reply = connection.call(call("/echo", "POST", data=content, header=TEXT))
                same(reply.get("data"), content, f"the answer of {brief_failure(reply)}")
            reply = connection.call(call(f"/args?{mine}"))
            same(reply.get("data"), mine, f"the answer of {brief_failure(reply)}")

    with Gateway(service(name)) as gateway, ThreadPoolExecutor(callers) as pool:
        for done in [pool.submit(caller, number) for number in range(callers)]:
            done.result()


def brief_failure(reply):
    return reply.get("errMsg") or reply.get("statusCode")
