"""A service on bare sockets that sends what no server should: a body behind an answer that has none, and only when the
next request on the connection has come, so that it stands where the answer to that one should."""

import os
import sys
from socketserver import StreamRequestHandler, ThreadingTCPServer

from answers import seen

FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
STATUS = {"/head": b"200 OK", "/unmodified": b"304 Not Modified", "/empty": b"204 No Content"}


class Handler(StreamRequestHandler):
    def handle(self):
        owed = b""
        while line := self.rfile.readline():
            length = 0
            while (header := self.rfile.readline()).strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            self.rfile.read(length)
            method, path = line.decode().split()[:2]
            seen(os.environ["SEEN"], method, path)
            if owed:
                self.wfile.write(owed)
                return
            if path in STATUS:
                owed = FORGED
                self.wfile.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n" % (STATUS[path], len(FORGED)))
            else:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown")


class Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
