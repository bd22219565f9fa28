"""The service as an ASGI application."""

import os

from answers import answer, reads, seen

LOG = os.environ["SEEN"]


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    path, query = scope["path"], scope["query_string"].decode()
    seen(LOG, scope["method"], f"{path}?{query}" if query else path)
    headers = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
    body, more = b"", reads(path)
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    who = lambda: {"headers": headers, "addresses": {"scope client": scope["client"][0]}}
    status, headers, pieces = answer(path, query, dict(headers), body, who)
    if path != "/pieces":
        pieces = [b"".join(pieces)]
        if status != 304:
            headers.append(("Content-Length", str(len(pieces[0]))))
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
