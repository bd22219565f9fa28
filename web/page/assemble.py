#!/usr/bin/env python3
"""Makes one HTML file of the page's parts and the module.

assemble.py MODULE PAGE

Scripts and styles are allowed by their hashes alone, so that nothing else can run in the page.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"


def hash_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def examples():
    """In the order of their names in page.js."""
    valid = (EXAMPLES / "envelopes/request/own-app-post-json.json").read_text()
    return [
        valid,
        valid.replace('"/orders?x=1"', '"/orders for tea"'),
        (EXAMPLES / "envelopes/request/resource-reuse.json").read_text(),
        (EXAMPLES / "envelopes/reply/ok-cookies.json").read_text(),
        (EXAMPLES / "envelopes/reply/fail-f1-authorization-mismatch.json").read_text(),
        (EXAMPLES / "messages/stack-of-an-engine.txt").read_text(),
        json.dumps({"code": "SERVICE_NOT_READY", "message": "the service takes no connection", "requestId": "17-0.5"}),
    ]


def main():
    module, page = map(Path, sys.argv[1:])
    script = (HERE / "page.js").read_text()
    style = (HERE / "page.css").read_text()
    if "</script" in script or "</style" in style:
        sys.exit("error: the script or the style would end too early")
    parts = {
        "{script-hash}": hash_of(script),
        "{style-hash}": hash_of(style),
        "{script}": script,
        "{style}": style,
        "{module}": base64.b64encode(module.read_bytes()).decode(),
        # Inside a script element no text but `<` can end it.
        "{examples}": json.dumps(examples(), ensure_ascii=False).replace("<", "\\u003c"),
    }
    text = (HERE / "page.html").read_text()
    for name, part in parts.items():
        before, after = text.split(name)
        text = before + part + after
    page.write_text(text)


main()
