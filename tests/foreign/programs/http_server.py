"""The service on Python's http.server: HTTP/1.1, and a handler that reads no body that it has no use for."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from answers import answer, reads, seen

LOG = os.environ["SEEN"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        seen(LOG, "OPEN", "-")
        super().setup()

    def finish(self):
        super().finish()
        seen(LOG, "END", "-")

    def handle_any(self):
        seen(LOG, self.command, self.path)
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))) if reads(path) else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        who = lambda: {"headers": self.headers.items(), "addresses": {}}
        status, headers, pieces = answer(path, query, headers, body, who)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if path == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in pieces:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        body = b"".join(pieces)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # Not asked whether the answer may have one.
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = handle_any

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
