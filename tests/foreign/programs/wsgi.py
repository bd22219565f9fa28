"""The service as a WSGI application, on Python's wsgiref."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from answers import answer, reads, seen
from python_ipware import IpWare

LOG = os.environ["SEEN"]


def application(environ, start_response):
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    seen(LOG, environ["REQUEST_METHOD"], f"{path}?{query}" if query else path)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or "0")) if reads(path) else b""
    variables = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    headers = {name[5:].lower().replace("_", "-"): value for name, value in variables.items()}
    headers["content-type"] = environ["CONTENT_TYPE"]

    def who():
        address, _ = IpWare().get_client_ip({**variables, "REMOTE_ADDR": environ["REMOTE_ADDR"]})
        return {"headers": list(variables.items()), "addresses": {"ipware": str(address)}}

    status, headers, pieces = answer(path, query, headers, body, who)
    start_response(f"{status} Status", headers)
    return pieces


class Server(ThreadingMixIn, WSGIServer):
    request_queue_size = 128


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


make_server("127.0.0.1", int(sys.argv[1]), application, Server, Handler).serve_forever()
