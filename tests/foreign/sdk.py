"""The platform's own SDK for Node.js, led to this machine: what it sends, and what comes of it at a gateway's door."""

import hashlib
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from cases import case
from gateway import OWN, REPLY_LIMIT, REQUEST_LIMIT, Gateway, brief, same
from processes import PROGRAMS, WORK, Skipped, finish, free_port
from services import service

JSON = "application/json; charset=utf-8"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SDK = PROGRAMS / "sdk"


def asked(calls, **config):
    """What a program is told that is to make these calls. Beside its own parts a call may have data that are bytes, and
    options for the SDK."""
    listed = []
    for call in calls:
        beside = {name: call[name] for name in ("bytes", "options") if name in call}
        call = {name: value for name, value in call.items() if name not in beside}
        # Longer than the gateway's own patience.
        listed.append({"call": {"name": "shop", **call}, "options": {"timeout": 20_000}, **beside})
    return {"config": {"env": "prod-01", "accessKey": OWN, **config}, "calls": listed}


def outcomes(port, calls, **config):
    """What the program with the SDK makes of each of these calls."""
    if not (WORK / "sdk" / "done").exists():
        raise Skipped("npm cannot install the SDK")
    arguments = ["node", "--require", SDK / "local.cjs", SDK / "calls.cjs"]
    found = json.loads(finish(arguments, json.dumps(asked(calls, **config)).encode(), OPEN_API_PORT=str(port)).stdout)
    same(len(found), len(calls), "the number of outcomes")
    return found


def answers(port, calls, status=200, **config):
    """The same of calls that all get an answer with this status."""
    found = outcomes(port, calls, **config)
    for outcome in found:
        same(outcome.get("statusCode"), status, f"the status of {brief(outcome)}")
        same(outcome["requestId"], outcome["header"]["x-request-id"], "the ID of the request")
    return found


@contextmanager
def recorder():
    """A server that keeps the requests that it gets: method, target, headers and body."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name):
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self.keep

        def keep(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            same(len(headers), len(self.headers.items()), "headers with names of their own")
            seen.append((self.command, self.path, headers, body))
            self.send_response(200)
            self.send_header("X-Request-Id", f"r-{len(seen)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], seen
        server.shutdown()


@case("sends", "node-sdk")
def sends(_):
    """The requests that it makes: what another client of the same door can be compared with."""
    form, text = "application/x-www-form-urlencoded", "text/plain"
    escaped = "//a/%E6%96%87%20'%C3%A9'?y=%22%E6%96%87%22%20%20"
    table = [
        *(({"method": method, "path": "/a"}, method, "/a", JSON, b"") for method in METHODS),
        ({}, "POST", "/", JSON, b""),
        ({"path": "orders?page=2"}, "POST", "/orders?page=2", JSON, b""),
        ({"path": "?q"}, "POST", "/?q", JSON, b""),
        ({"path": "//a/b/../文 'é'?y=\"文\" %20#z"}, "POST", escaped, JSON, b""),
        ({"data": {"a": "文", "b": [None, 1.5, {}]}}, "POST", "/", JSON, '{"a":"文","b":[null,1.5,{}]}'.encode()),
        ({"data": []}, "POST", "/", JSON, b"[]"),
        ({"data": True}, "POST", "/", JSON, b"true"),
        # Nothing is sent of what JavaScript takes for false.
        *(({"data": data}, "POST", "/", JSON, b"") for data in (None, False, 0, "")),
        # Whatever the type says, it is JSON.
        ({"data": "text", "header": {"Content-Type": text}}, "POST", "/", text, b'"text"'),
        ({"data": {"a": "b c"}, "header": {"content-type": form}}, "POST", "/", form, b'{"a":"b c"}'),
        # The data of a GET is lost.
        ({"method": "GET", "path": "/a?b=c", "data": {"d": 1}}, "GET", "/a?b=c", JSON, b""),
    ]
    with recorder() as (port, seen):
        answers(port, [call for call, *_ in table])
        same(len(seen), len(table), "the number of requests")
        for (call, method, target, kind, body), (seen_method, seen_target, headers, seen_body) in zip(table, seen):
            same((seen_method, seen_target, seen_body), (method, f"/v1/cloudrun/shop{target}", body), f"{call}")
            same(headers.pop("content-type"), kind, f"the type of {call}")
            same(headers.pop("authorization"), f"Bearer {OWN}", "the token")
            same(headers.pop("host"), "prod-01.api.tcloudbasegateway.com", "the host")
            length = str(len(body)) if body or method in ("POST", "PUT", "PATCH") else None
            same(headers.pop("content-length", None), length, f"the length of {call}")
            rest = ["connection", "user-agent", "x-client-timestamp", "x-sdk-version", "x-tcb-source"]
            same(sorted(headers), rest, f"the other headers of {call}")
        seen.clear()
        header = {"X-A": "1", "Host": "a", "Authorization": "b"}
        answers(port, [{"header": header}], accessKey="Bearer c", region="ap-singapore")
        _, _, headers, _ = seen[0]
        same(headers["host"], "prod-01.api.intl.tcloudbasegateway.com", "the host abroad")
        same((headers["authorization"], headers["x-a"]), ("Bearer c", "1"), "the headers")


@case("methods", "node-sdk")
def methods(_):
    with Gateway(service("node")) as gateway:
        service("node").forget()
        calls = [{"method": method, "path": "/query?a=%E6%96%87&b"} for method in METHODS]
        for method, answer in zip(METHODS, answers(gateway.port, calls)):
            expected = None if method == "HEAD" else {"a": "文", "b": ""}
            same(answer.get("data"), expected, f"the answer to {method}")
            disposition = "attachment" if method == "GET" else None
            same(answer["header"].get("content-disposition"), disposition, f"the header of {method}")
        same(service("node").seen(), [f"{method} /query?a=%E6%96%87&b" for method in METHODS], "what the service saw")


@case("json", "node-sdk")
def json_bodies(_):
    datas = [{"键": "值 \u0000 \" \\ 😀", "list": [1, None, True, {"a": ""}]}, [], {}, True, 12345678901234]
    datas.append({"large": "x" * (REQUEST_LIMIT - len('{"large":""}'))})
    with Gateway(service("node")) as gateway:
        found = answers(gateway.port, [{"path": "/echo", "data": data} for data in datas])
        for data, answer in zip(datas, found):
            same(answer["data"], data, "the answer")
            same(answer["header"]["content-type"], JSON, "its type")
        bodies = [json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() for data in datas]
        digests = [{"length": len(body), "sha256": hashlib.sha256(body).hexdigest()} for body in bodies]
        found = answers(gateway.port, [{"path": "/digest", "data": data} for data in datas])
        same([answer["data"] for answer in found], digests, "what the service was sent")


@case("text", "node-sdk")
def text(_):
    """The SDK takes every answer for JSON, so it is its own error that shows what has come. Of text in JSON, which it
    parses a second time, it says nothing."""
    with Gateway(service("node")) as gateway:
        calls = [{"path": "/args?some+text"}, {"path": "/compressible"}, {"path": "/cookies"}]
        found = outcomes(gateway.port, [*calls, {"path": "/echo", "data": "some text"}])
        assert "some+text" in found[0]["error"] and "SyntaxError" in found[0]["error"], found[0]
        assert '"as small a' in found[1]["error"] and "SyntaxError" in found[1]["error"], found[1]
        same((found[2]["statusCode"], found[2].get("data")), (200, None), "an empty answer")
        same((found[3]["statusCode"], found[3].get("data")), (200, None), "an answer that is text in JSON")
        same(found[3]["header"]["content-length"], str(len('"some text"')), "its length")
        cookies = ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2; Path=/"]
        same(found[2]["header"]["set-cookie"], cookies, "the cookies")


@case("service-errors", "node-sdk")
def service_errors(_):
    """What a service answers is its own answer, whatever its status."""
    with Gateway(service("node")) as gateway:
        for status in (400, 401, 404, 429, 500, 503):
            (answer,) = answers(gateway.port, [{"path": f"/status?code={status}"}], status)
            same(answer["data"], {"status": status}, "the answer")


@case("errors", "node-sdk")
def errors(_):
    def fault(port, status, code, call, **config):
        (answer,) = answers(port, [call], status, **config)
        same(answer["data"]["code"], code, "the code")
        same(answer["data"]["requestId"], answer["requestId"], "the ID of the request")
        assert answer["data"]["message"] and len(answer["data"]) == 3, f"{answer}"

    with Gateway(service("node")) as gateway:
        fault(gateway.port, 404, "SERVICE_NOT_FOUND", {"name": "other"})
        fault(gateway.port, 400, "BAD_REQUEST", {"name": "-other"})
        fault(gateway.port, 401, "INVALID_CREDENTIALS", {}, accessKey="t-nobody")
        fault(gateway.port, 413, "EXCEED_REQUEST_SIZE_LIMIT", {"data": {"large": "x" * REQUEST_LIMIT}})
        fault(gateway.port, 502, "EXCEED_MAX_RESPONSE_SIZE", {"path": f"/large?n={REPLY_LIMIT + 1}"})
    with Gateway(SimpleNamespace(port=free_port())) as gateway:
        fault(gateway.port, 503, "SERVICE_NOT_READY", {})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Gateway(SimpleNamespace(port=silent.getsockname()[1])) as gateway:
            fault(gateway.port, 504, "SERVICE_TIMEOUT", {"data": {"a": 1}})


@case("identity", "node-sdk")
def identity(_):
    """The caller is another client: whatever it claims, the service is told nothing."""
    names = ("X-WX-OPENID", "x_wx_openid", "X.WX.Source", "x-wx-from-appid", "X-Forwarded-For", "X_Real_IP")
    with Gateway(service("node")) as gateway:
        header = {**dict.fromkeys(names, "forged"), "X-Custom": "mine"}
        (answer,) = answers(gateway.port, [{"path": "/who", "header": header}])
        seen = dict(answer["data"]["headers"])
        same(seen["x-custom"], "mine", "a header of the caller")
        told = [name for name, value in seen.items() if "x-wx" in name.replace("_", "-") or "forged" in value]
        same(told, [], "what is told of the caller")
        assert OWN not in str(seen), "the token reaches the service"
