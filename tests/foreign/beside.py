"""The platform's SDK and this crate's client, side by side: the same calls by both, to the same server.

Each table says of every call what differs, and why. A difference that it does not list fails the case, and so does one
that it lists and that is gone. What holds is printed, a line for each difference.
"""

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from cases import case
from gateway import OWN, REPLY_LIMIT, REQUEST_LIMIT, Gateway, brief, same
from processes import WORK, Unavailable, finish, free_port
from sdk import JSON, METHODS, SDK, asked, outcomes, recorder
from services import service

FORM, TEXT = "application/x-www-form-urlencoded", "text/plain"
VERSION = "tcb-node-sdk/" + json.loads((SDK / "package.json").read_text())["dependencies"]["@cloudbase/node-sdk"]
HOST = "prod-01.api.tcloudbasegateway.com"
# One that does nothing gets no longer.
SOON = {"timeout": 300}
# An ID that the gateway gives.
ID = re.compile(r"\d{13}-0\.\d{16}")

# Reasons that hold for more than one call.
NAMES = "the SDK says what it is, for the platform's statistics; a firmware saves the bytes"
LOST = "a fault of the SDK: it never ends a request with data, but for a POST, and a GET, whose data it leaves out"
PATCH = "wx.cloud.callContainer has no PATCH"
FALSE = "the SDK sends nothing that JavaScript takes for false"
STRINGIFIED = "the SDK makes JSON of everything; wx.request sends text as it is"
LAST = "the client closes behind a body that a service might leave unread, and take for the next request"
SLASH = "the SDK puts a / in front; a path of wx.cloud.callContainer begins with one"
BLANK = "the SDK's URL parser escapes or drops blanks; a path of wx.cloud.callContainer has none"
LEAVES = "the SDK's URL parser resolves the segment, and may leave the service"
ESCAPES = "the SDK's URL parser escapes by the rules of browsers, the client what RFC 3986 keeps out of a target"
FORGED = "nobody behind the client takes out what only the platform may say"
OVERWRITTEN = "the SDK overwrites what the call says without a word"
FRAMED = "the client decides about the connection, and the codings that it can read"
TRIMMED = "the SDK takes a token with blanks or `Bearer` around it; the client wants it bare"
REGION = "the SDK tells the platform the region; the host says it too"
NAMED = "the rule for names of services, which the SDK leaves to the platform"
NOT_JSON = "the SDK takes every answer for JSON"
EMPTY = "the SDK has no data for an empty body; wx.request has an empty text"
AS_SENT = "what was sent differs: see the requests"
FAILURE = "a failure has a code of callContainer, where one means the same, and no status or headers"
COUNTED = "the client keeps to the limits of callContainer, which count headers too"

# What differs in every request that both make: header, SDK, client, reason.
ALWAYS = {
    "accept-encoding": (None, "identity", "the client reads no coding, and a service may use any if nothing is said"),
    "connection": ("keep-alive", None, "HTTP/1.1 keeps connections without it"),
    "content-type": (JSON, "application/json", "wx.request says it without a charset; JSON is UTF-8 (RFC 8259)"),
    "user-agent": (VERSION, None, NAMES),
    "x-client-timestamp": ("milliseconds", None, NAMES),
    "x-sdk-version": (VERSION, None, NAMES),
    "x-tcb-source": (",unknown", None, NAMES),
}
# That both say the same for once.
ALIKE = None


def post(path="/", **more):
    return {"method": "POST", "path": path, **more}


def get(path, **more):
    return {"method": "GET", "path": path, **more}


def unsent(sdk, why, reason):
    """The client refuses a call, with an error that has this word in it; the SDK asks for this target."""
    return {"request": (sdk, f"nothing: {why}", reason)}


def neither(sdk, client, reason):
    """Both refuse a call, with errors that have these words in them."""
    return {"request": (f"nothing: {sdk}", f"nothing: {client}", reason)}


def shop(method, target):
    return f"{method} /v1/cloudrun/shop{target}"


def kind(value):
    """A call with a content type of its own, and what is alike for it."""
    return {"header": {"Content-Type": value}}, {"content-type": ALIKE}


REQUESTS = [
    *((({"method": method, "path": "/a"}), {}) for method in METHODS if method != "PATCH"),
    ({"method": "post", "path": "/a"}, {}),
    (
        {"method": "PATCH", "path": "/a"},
        unsent(shop("PATCH", "/a"), "method", PATCH),
    ),
    (
        {"method": "TRACE", "path": "/a"},
        unsent(shop("TRACE", "/a"), "method", "TRACE is not for services"),
    ),
    (
        {},
        {
            "method": ("POST", "GET", "each has another default"),
            "content-length": ("0", None, "a GET has no body"),
        },
    ),
    # Paths.
    *(
        (post(path), {})
        for path in ("//a", "/文?文=é", "/😀", "/a'b", "/a%20%zz%", "/a#b?c", "/a?b#c", "/a;b:c@d!$&()*+,=[]")
    ),
    (post(""), unsent(shop("POST", "/"), "path", SLASH)),
    (post("orders?page=2"), unsent(shop("POST", "/orders?page=2"), "path", SLASH)),
    (post("?q"), unsent(shop("POST", "/?q"), "path", SLASH)),
    (post("/a b"), unsent(shop("POST", "/a%20b"), "path", BLANK)),
    (post("/a?b  "), unsent(shop("POST", "/a?b"), "path", BLANK)),
    (post("/a\tb\nc"), unsent(shop("POST", "/abc"), "path", BLANK)),
    (post("/a\u007f"), unsent(shop("POST", "/a%7F"), "path", BLANK)),
    (post("/a/../b"), unsent(shop("POST", "/b"), "path", LEAVES)),
    (post("/a/./b"), unsent(shop("POST", "/a/b"), "path", LEAVES)),
    (post("/a\\..\\b"), unsent(shop("POST", "/b"), "path", LEAVES)),
    (post("/%2e%2E/other/b"), unsent("POST /v1/cloudrun/other/b", "path", LEAVES)),
    (
        post("/a\\b"),
        {"target": ("/v1/cloudrun/shop/a/b", "/v1/cloudrun/shop/a%5Cb", "the SDK's URL parser takes \\ for /")},
    ),
    (
        post("/a?"),
        {"target": ("/v1/cloudrun/shop/a", "/v1/cloudrun/shop/a?", "the SDK's URL parser drops an empty query")},
    ),
    (
        post("/a?\"文\"&'b'"),
        {
            "target": (
                "/v1/cloudrun/shop/a?%22%E6%96%87%22&%27b%27",
                "/v1/cloudrun/shop/a?%22%E6%96%87%22&'b'",
                ESCAPES,
            )
        },
    ),
    (
        post("/a{}|^`<>\""),
        {
            "target": (
                "/v1/cloudrun/shop/a%7B%7D|^%60%3C%3E%22",
                "/v1/cloudrun/shop/a%7B%7D%7C%5E%60%3C%3E%22",
                ESCAPES,
            )
        },
    ),
    (
        post("/a?{}|^`<>\\"),
        {
            "target": (
                "/v1/cloudrun/shop/a?{}|^`%3C%3E\\",
                "/v1/cloudrun/shop/a?%7B%7D%7C%5E%60%3C%3E%5C",
                ESCAPES,
            )
        },
    ),
    # Data.
    *(
        (post(data=data), {})
        for data in ({"a": "文", "b": [None, 1.5, {}]}, {'é"\\\n\u0001\u2028</': "\u007f"}, [], {}, True, 12, 1e21, "")
    ),
    (post(data={"large": "x" * 100_000}), {}),
    (
        post(data={"large": "x" * REQUEST_LIMIT}),
        unsent(shop("POST", "/"), "longer than its limit", COUNTED),
    ),
    *(
        (post(data=data), {"body": ("", sent, FALSE), "content-length": ("0", "of the body", FALSE)})
        for data, sent in ((None, "null"), (False, "false"), (0, "0"))
    ),
    (
        post(data="some text"),
        {"body": ('"some text"', "some text", STRINGIFIED), "connection": ("keep-alive", "close", LAST)},
    ),
    (
        post(data="文", **kind(TEXT)[0]),
        {"body": ('"文"', "文", STRINGIFIED), "connection": ("keep-alive", "close", LAST), **kind(TEXT)[1]},
    ),
    (
        post(data={"a": "b c", "文": 1}, **kind(FORM)[0]),
        {"body": ('{"a":"b c","文":1}', "a=b%20c&%E6%96%87=1", STRINGIFIED), **kind(FORM)[1]},
    ),
    (
        post(data="a=b", **kind(FORM)[0]),
        {"body": ('"a=b"', "a=b", STRINGIFIED), "connection": ("keep-alive", "close", LAST), **kind(FORM)[1]},
    ),
    (
        post(bytes=[0, 255]),
        {
            "body": ('{"type":"Buffer","data":[0,255]}', "\0\\xff", STRINGIFIED),
            "connection": ("keep-alive", "close", LAST),
        },
    ),
    (
        post(bytes=[]),
        {
            "body": ('{"type":"Buffer","data":[]}', "", STRINGIFIED),
            "content-length": ("of the body", "0", STRINGIFIED),
        },
    ),
    (get("/a", data={}), {}),
    (
        get("/a?b=c", data={"d": 1, "e f": "文 +"}),
        {
            "target": (
                "/v1/cloudrun/shop/a?b=c",
                "/v1/cloudrun/shop/a?b=c&d=1&e%20f=%E6%96%87%20%2B",
                "a fault of the SDK: it leaves out the data of a GET; wx.request joins them to the query",
            )
        },
    ),
    (
        get("/a", data="text"),
        unsent(shop("GET", "/a"), "type", "text can be no query; the SDK leaves it out"),
    ),
    *(
        (
            {"method": method, "path": "/a", "data": data, "options": SOON},
            {"request": ("nothing: timeout", shop(method, "/a"), LOST)},
        )
        for method, data in {"PUT": [1], "DELETE": {"a": 1}, "OPTIONS": "text", "HEAD": {}}.items()
    ),
    (
        {"method": "PATCH", "path": "/a", "data": {"a": 1}, "options": SOON},
        neither("timeout", "method", f"{LOST}; {PATCH}"),
    ),
    (
        {"method": "HEAD", "path": "/a", "data": {"a": 1}, "options": SOON},
        neither("timeout", "type", f"{LOST}; HEAD has no body"),
    ),
    # Headers.
    *(
        (post(header=header), {})
        for header in (
            *({"X-A": "1"}, {"x-empty": ""}, {"X-Tab": "a\tb"}, {"X-Blanks": " a "}),
            *({"Accept": "a/b"}, {"Cookie": "a=1"}, {"Origin": "https://a"}, {"X-Request-Id": "mine"}),
        )
    ),
    (post(header={"X-Line": "a\r\nb: c"}), neither("ERR_INVALID_CHAR", "header value", "it would be two headers")),
    (post(header={"X Y": "1"}), neither("ERR_INVALID_HTTP_TOKEN", "header name", "it is no name of a header")),
    (post(header={"Content-Type": "application/json"}), {"content-type": ALIKE}),
    (post(header={"content-type": "a/b; c=d"}), {"content-type": ALIKE}),
    (
        post(header={"User-Agent": "mine"}),
        {"user-agent": (VERSION, "mine", OVERWRITTEN)},
    ),
    (
        post(header={"X-SDK-Version": "mine"}),
        {"x-sdk-version": (VERSION, "mine", OVERWRITTEN)},
    ),
    (
        post(header={"X-Latin": "é"}),
        {"x-latin": ("é", "é".encode().decode("latin-1"), "Node.js sends Latin-1, the client UTF-8")},
    ),
    (
        post(header={"X-Chinese": "文"}),
        {"request": ("nothing: ERR_INVALID_CHAR", shop("POST", "/"), "Node.js sends Latin-1, the client UTF-8")},
    ),
    (post(header={"Host": "a"}), unsent(shop("POST", "/"), "header", OVERWRITTEN)),
    (post(header={"Authorization": "a"}), unsent(shop("POST", "/"), "header", OVERWRITTEN)),
    *(
        (post(header={name: "a"}), unsent(shop("POST", "/"), "header", FORGED))
        for name in ("X-WX-OPENID", "X_WX_Source", "X_WX_SERVICE", "X-Forwarded-For", "X-Real-IP")
    ),
    *(
        (post(header={name: value}), unsent(shop("POST", "/"), "header", FRAMED))
        for name, value in {"Accept-Encoding": "gzip", "TE": "trailers", "Upgrade": "h2c"}.items()
    ),
    (
        post(header={"Referer": "https://a/"}),
        unsent(shop("POST", "/"), "header", "wx.request lets no call set it"),
    ),
    (
        post(header={"X-WX-SERVICE": "shop"}),
        {"x-wx-service": ("shop", None, "the path says it; it is for callContainer alone")},
    ),
    (
        post(header={"X-WX-SERVICE": "a/b"}),
        unsent(shop("POST", "/"), "name", NAMED),
    ),
    # Services.
    (post(name="a" + 58 * "-" + "b"), {}),
    (post(name="-other"), unsent("POST /v1/cloudrun/-other/", "name", NAMED)),
    (post(name="a"), unsent("POST /v1/cloudrun/a/", "name", NAMED)),
    (post(name="a/b"), unsent("POST /v1/cloudrun/a/b/", "name", NAMED)),
    (post(name="a?b"), unsent("POST /v1/cloudrun/a?b/", "name", NAMED)),
    (post(name="a" * 61), unsent(f"POST /v1/cloudrun/{'a' * 61}/", "name", NAMED)),
    (post(name=""), neither("服务名不能为空", "name", NAMED)),
    # Environments and tokens.
    (post(config={"region": "ap-guangzhou"}), {"x-tcb-region": ("ap-guangzhou", None, REGION)}),
    (post(config={"region": "ap-singapore"}), {"x-tcb-region": ("ap-singapore", None, REGION)}),
    (post(config={"region": "ap-hongkong"}), {"x-tcb-region": ("ap-hongkong", None, REGION)}),
    (
        post(config={"env": "Prod-01"}),
        {"host": (HOST, HOST.replace("p", "P", 1), "hosts are the same in any letter case")},
    ),
    (post(config={"env": "prod_01"}), neither("not the platform", "name", "it is no label of a domain name")),
    (post(config={"accessKey": "Bearer c"}), unsent(shop("POST", "/"), "header value", TRIMMED)),
    (post(config={"accessKey": " c "}), unsent(shop("POST", "/"), "header value", TRIMMED)),
    (post(config={"accessKey": "eyJ.k-3_y~+/="}), {}),
    # The SDK goes on with the connection, so that a call behind this one would fail.
    (post(header={"Connection": "close"}), unsent(shop("POST", "/"), "header", FRAMED)),
]


def failed(status, code, message, err_code):
    """The platform has failed: both say what and why."""
    listed = {"statusCode": (status, None, FAILURE)}
    if err_code is not None:
        listed["errCode"] = (None, err_code, FAILURE)
    return {**listed, "failure": (f"{code}: {message}",) * 2}


def refused(sdk, why, reason):
    return {"outcome": (sdk, f"nothing: {why}", reason)}


def unread(client):
    return {"outcome": ("nothing: SyntaxError", client, NOT_JSON)}


KIND = {"content-type": (JSON, "application/json", AS_SENT)}
LENGTHS = "content-length"
QUERY = "/query?a=%E6%96%87&b"
TOO_LARGE = "the service's body is longer than 1000 KiB"

OUTCOMES = [
    *((({"method": method, "path": QUERY}), {}) for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS")),
    ({"method": "HEAD", "path": QUERY}, {"data": (None, "", EMPTY)}),
    ({"method": "PATCH", "path": QUERY}, refused('200 {"a":"文","b":""}', "method", AS_SENT)),
    *(
        (post("/echo", data=data), KIND)
        for data in ({"键": '值 \0 " \\ 😀', "list": [1, None, True, {"a": ""}]}, [], {}, True, 12345678901234)
    ),
    (
        post("/echo", data="some text"),
        {
            **KIND,
            LENGTHS: ("11", "9", AS_SENT),
            "data": (None, "some text", "the SDK parses an answer twice, and drops text in JSON"),
        },
    ),
    (post("/echo", data=0), {**KIND, LENGTHS: ("0", "1", AS_SENT), "data": (None, 0, AS_SENT)}),
    (
        post("/form", data={"a": "b c"}, **kind(FORM)[0]),
        {"data": ({'{"a":"b c"}': ""}, {"a": "b c"}, AS_SENT), LENGTHS: ("22", "11", AS_SENT)},
    ),
    (post("/digest", data={"large": "x" * 100_000}), {}),
    (
        {"method": "PUT", "path": "/echo", "data": {"a": 1}, "options": SOON},
        {"outcome": ("nothing: timeout", '200 {"a":1}', LOST)},
    ),
    (get("/args?some+text"), unread('200 "some+text"')),
    (get("/nowhere"), unread('200 "not read"')),
    (get("/cookies"), {"data": (None, "", EMPTY)}),
    (get("/half"), {}),
    (get("/unmodified"), {"data": (None, "", EMPTY)}),
    (get("/moved"), {"data": (None, "", EMPTY)}),
    *((get(f"/status?code={status}"), {}) for status in (200, 201, 400, 401, 404, 429, 500, 503)),
    (get("/status?code=204"), {"data": (None, "", EMPTY)}),
    (
        get(f"/large?n={REPLY_LIMIT}"),
        {"outcome": ("nothing: SyntaxError", "nothing: longer than its limit", f"{NOT_JSON}; {COUNTED}")},
    ),
    (get(f"/large?n={REPLY_LIMIT + 1}"), failed(502, "EXCEED_MAX_RESPONSE_SIZE", TOO_LARGE, None)),
    (
        post("/digest", data={"large": "x" * REQUEST_LIMIT}),
        refused("EXCEED_REQUEST_SIZE_LIMIT: the body is longer than 100 KiB", "longer than its limit", COUNTED),
    ),
    (get("/a", name="other"), failed(404, "SERVICE_NOT_FOUND", "there is no service of this name", -501000)),
    (get("/a", name="-other"), refused("BAD_REQUEST: the request is not valid", "name", NAMED)),
    (get("/a/../../x"), refused("BAD_REQUEST: the request is not valid", "path", LEAVES)),
    (
        get("/a", config={"accessKey": "t-nobody"}),
        failed(401, "INVALID_CREDENTIALS", "the token belongs to no caller", -501000),
    ),
]
NOT_READY = [(get("/a"), failed(503, "SERVICE_NOT_READY", "the service takes no connection", -1))]
SILENT = [(get("/a"), failed(504, "SERVICE_TIMEOUT", "the service has not answered in time", 102002))]


def by_client(port, calls, **config):
    """What the program with the client makes of each of these calls."""
    client = WORK / "client"
    if not client.exists():
        raise Unavailable("the program with the client is not built: see `run`")
    # As JavaScript would write it: the client sends JSON on as it is.
    text = json.dumps(asked(calls, **config), ensure_ascii=False, separators=(",", ":"))
    found = json.loads(finish([client], text.encode(), OPEN_API_PORT=str(port)).stdout)
    same(len(found), len(calls), "the number of outcomes")
    for outcome in found:
        outcome["header"] = {name.lower(): value for name, value in outcome.get("header", {}).items()}
    return found


def by_both(port, table, at_once=False):
    """Has both make the calls of a table. Returns of each call the outcome with the SDK, and that with the client."""
    found = []
    rest = [call for call, _ in table]
    while rest:
        # One run for all that come one after the other with the same configuration.
        config = rest[0].get("config", {})
        count = next((at for at, call in enumerate(rest) if call.get("config", {}) != config), len(rest))
        calls = [{name: value for name, value in call.items() if name != "config"} for call in rest[:count]]
        with ThreadPoolExecutor(2 if at_once else 1) as pool:
            runs = [pool.submit(run, port, calls, **config) for run in (outcomes, by_client)]
            found += zip(*(run.result() for run in runs), strict=True)
        rest = rest[count:]
    return found


def is_as_listed(value, listed):
    """Whether it is the value of a table. Of an error, which begins with `nothing`, a word is enough there."""
    if isinstance(value, str) and isinstance(listed, str) and listed.startswith("nothing: "):
        return value.startswith("nothing: ") and listed.removeprefix("nothing: ") in value
    return value == listed


def differing(sdk, client):
    return {part: (sdk.get(part), client.get(part)) for part in {**sdk, **client} if sdk.get(part) != client.get(part)}


def judge(name, call, found, listed):
    """Compares the differences of a call with those listed for it, and prints those that are as listed."""
    for part, (sdk, client) in found.items():
        assert listed.get(part), f"{label(call)}: not listed: {part}: SDK {brief(sdk)}, client {brief(client)}"
        *sides, reason = listed[part]
        for side, value, expected in zip(("SDK", "client"), (sdk, client), sides, strict=True):
            assert is_as_listed(value, expected), (
                f"{label(call)}: {part} of the {side}: {brief(value)} instead of {brief(expected)}"
            )
        line(name, label(call), part, sdk, client, reason)
    gone = [part for part, entry in listed.items() if entry and part not in found]
    assert not gone, f"{label(call)}: listed, and no difference: {', '.join(gone)}"


def line(name, *fields):
    def shown(field):
        text = "-" if field is None else field if isinstance(field, str) else json.dumps(field, ensure_ascii=False)
        # Whatever would not stay on the line.
        return re.sub(r"[\0-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", brief(text))

    print("node-sdk", name, "differs", *map(shown, fields), sep="\t", flush=True)


def label(call):
    more = {name: value for name, value in call.items() if name not in ("method", "path", "options")}
    parts = [call.get("method"), call.get("path"), more and json.dumps(more, ensure_ascii=False)]
    return brief(" ".join(part for part in parts if part)) or "{}"


def parts_of(request):
    """What is compared of a request."""
    method, target, headers, body = request
    headers = dict(headers)
    length = headers.get("content-length", "0")
    same(length, str(len(body)), "the length of the body")
    if body:
        headers["content-length"] = "of the body"
    stamp = headers.get("x-client-timestamp", "")
    if stamp.isdigit() and abs(time.time() - int(stamp) / 1000) < 300:
        headers["x-client-timestamp"] = "milliseconds"
    return {"method": method, "target": target, "body": body.decode(errors="backslashreplace"), **headers}


@case("requests", "node-sdk")
def requests(_):
    """What each of them sends."""
    with recorder() as (port, seen):
        both = by_both(port, REQUESTS)
        # The server numbers what it has seen.
        ids = [[outcome.get("header", {}).get("x-request-id") for outcome in pair] for pair in both]
        claimed = [ident for pair in ids for ident in pair if ident]
        given = [f"r-{number}" for number in range(1, len(seen) + 1)]
        same(sorted(claimed), sorted(given), "the requests that were answered")
        for part, entry in ALWAYS.items():
            line("requests", "every call", part, *entry)
        for (call, listed), outcome, pair in zip(REQUESTS, both, ids, strict=True):
            made = [seen[int(ident[2:]) - 1] if ident else None for ident in pair]
            if all(made):
                sdk, client = (parts_of(request) for request in made)
                found = differing(sdk, client)
                for part, entry in ALWAYS.items():
                    # What is as always is printed once.
                    if part not in listed:
                        same(found.pop(part, None), entry[:2], f"{label(call)}: {part}, which always differs")
            else:
                shown = [
                    f"{request[0]} {request[1]}" if request else f"nothing: {side['error']}"
                    for request, side in zip(made, outcome, strict=True)
                ]
                found = {"request": tuple(shown)}
            judge("requests", call, found, listed)


def shape(outcome):
    """What is compared of an outcome; an error of the platform as text."""
    if "error" in outcome:
        return f"nothing: {outcome['error']}"
    headers = dict(outcome["header"])
    ident = headers.pop("x-request-id", None)
    headers.pop("date", None)
    # How a body would come: an answer to a HEAD may have it, and the client leaves it out.
    headers.pop("transfer-encoding", None)
    parts = {"statusCode": outcome.get("statusCode"), "data": outcome.get("data")}
    if "errMsg" in outcome and "statusCode" not in outcome:
        text = outcome["errMsg"].removeprefix("cloud.callContainer:fail Error: ")
        code = outcome.get("errCode")
        text = text.removeprefix(f"errCode: {code} | errMsg: ")
        text, comma, ident = text.rpartition(", requestId ")
        assert comma and ID.fullmatch(ident), f"an ID at the end of {outcome}"
        return {"errCode": code, "failure": text}
    assert ID.fullmatch(ident or ""), f"the ID in {outcome}"
    same(outcome.get("requestId", ident), ident, "the ID that the SDK returns")
    if parts["statusCode"] >= 400 and isinstance(parts["data"], dict) and "requestId" in parts["data"]:
        same(parts["data"]["requestId"], ident, "the ID in the error")
        return {"statusCode": parts["statusCode"], "failure": f"{parts['data']['code']}: {parts['data']['message']}"}
    cookies = headers.pop("set-cookie", None)
    return {**parts, **headers, "cookies": outcome.get("cookies") or cookies}


def shown(shaped):
    if isinstance(shaped, str):
        return shaped
    text = json.dumps(shaped.get("data"), ensure_ascii=False, separators=(",", ":"))
    return shaped.get("failure") or f"{shaped['statusCode']} {text}"


def compare(gateway, table):
    for (call, listed), outcome in zip(table, by_both(gateway.port, table, at_once=True), strict=True):
        sdk, client = (shape(side) for side in outcome)
        if isinstance(sdk, str) or isinstance(client, str):
            found = {"outcome": (shown(sdk), shown(client))}
        else:
            if "failure" in listed:
                same((sdk.get("failure"), client.get("failure")), listed["failure"], f"{label(call)}: the failure")
            found = differing(sdk, client)
        judge("outcomes", call, found, {part: entry for part, entry in listed.items() if part != "failure"})


@case("outcomes", "node-sdk")
def what_comes_back(_):
    """What each of them makes of the same answers, at the gateway's door of the open HTTP API."""
    with Gateway(service("node")) as gateway:
        compare(gateway, OUTCOMES)
    with Gateway(SimpleNamespace(port=free_port())) as gateway:
        compare(gateway, NOT_READY)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Gateway(SimpleNamespace(port=silent.getsockname()[1])) as gateway:
            compare(gateway, SILENT)
