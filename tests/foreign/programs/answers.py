"""What the services in Python answer, whoever carries it: a status, headers, and pieces of a body."""

import gzip
import hashlib
import json
from urllib.parse import parse_qs

TEXT = "text/plain"
JSON = "application/json"


def seen(log, method, target):
    """Tells the tests of a request."""
    with open(log, "a", encoding="utf-8") as file:
        file.write(f"{method} {target}\n")


def answer(path, query, headers, body, who):
    """`headers` have names in lower case, and `who` says what the program makes of the caller."""
    status, more, kind, pieces = 200, [], JSON, None
    if path == "/who":
        pieces = [json.dumps(who())]
    elif path == "/echo":
        kind, pieces = headers.get("content-type", TEXT), [body]
    elif path == "/digest":
        pieces = [json.dumps({"length": len(body), "sha256": hashlib.sha256(body).hexdigest()})]
    elif path == "/args":
        kind, pieces = TEXT, [query]
    elif path == "/query":
        pieces = [json.dumps(flat(query))]
    elif path == "/form":
        pieces = [json.dumps(flat(body.decode()))]
    elif path == "/cookies":
        more = [("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT"), ("Set-Cookie", "b=2; Path=/")]
        kind, pieces = TEXT, [""]
    elif path == "/pieces":
        kind, pieces = TEXT, [f"{number} 文\n" * 1000 for number in range(20)]
    elif path == "/large":
        kind, pieces = TEXT, ["x" * int(flat(query)["n"])]
    elif path == "/status":
        status = int(flat(query)["code"])
        pieces = [json.dumps({"status": status})]
    elif path == "/moved":
        status, more, kind, pieces = 302, [("Location", "/who?from=moved")], TEXT, [""]
    elif path == "/half":
        # Python writes half a surrogate pair as an escape.
        pieces = [json.dumps({"code": 0, "name": "\ud83d"}, separators=(",", ":"))]
    elif path == "/unmodified":
        status, kind, pieces = 304, TEXT, ["a body that no 304 has"]
    elif path == "/compressible":
        kind, text = TEXT, b"as small as you like " * 1000
        # To whom does not say what it takes, anything may be sent (RFC 9110, section 12.5.3).
        if "gzip" in headers.get("accept-encoding", "gzip"):
            more, text = [("Content-Encoding", "gzip")], gzip.compress(text)
        pieces = [text]
    else:
        kind, pieces = TEXT, ["not read"]
    pieces = [piece if isinstance(piece, bytes) else piece.encode() for piece in pieces]
    return status, [("Content-Type", kind), *more], pieces


def flat(pairs):
    """A query or a form, as the standard library parses it."""
    return {name: values[-1] for name, values in parse_qs(pairs, keep_blank_values=True).items()}


def reads(path):
    """Whether there is anything to do with a body."""
    return path in ("/echo", "/digest", "/form")
