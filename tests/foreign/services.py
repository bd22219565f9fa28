"""The programs behind the gateway: how each is started, and how it tells what it has seen."""

import shutil
import sys
from contextlib import contextmanager

from processes import PROGRAMS, RUN, WORK, Unavailable, answers, end, free_port, spawn, until

_started = {}


class Service:
    """A program that runs, and the requests that reached it."""

    def __init__(self, name, start):
        self.folder = RUN / name
        # nginx in front of one gateway after the other leaves its folder to the next.
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.log = self.folder / "seen"
        self.log.touch()
        self.processes = []
        # Somebody else may take a port between its choice and its use.
        for attempt in range(3):
            self.port = free_port()
            try:
                start(self)
                break
            except Unavailable:
                if attempt == 2:
                    raise

    def run(self, *arguments, port=None, **more):
        """Starts a program of this service, and waits until it listens."""
        with open(self.folder / "output", "ab") as output:
            process = spawn(arguments, output, output, SEEN=str(self.log), **more)
        self.processes.append(process)
        try:
            until(lambda: answers(port or self.port), f"{arguments[0]} listens", process)
        except (Unavailable, AssertionError) as error:
            end(process)
            self.processes.remove(process)
            raise Unavailable(f"{error}: {(self.folder / 'output').read_text()[-500:]}") from error

    def write(self, template, **values):
        """Writes a configuration into the service's folder."""
        text = (PROGRAMS / template).read_text()
        values = {"PORT": self.port, "FOLDER": self.folder, "PROGRAMS": PROGRAMS, "SEEN": self.log, **values}
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.folder / template
        path.write_text(text)
        return path

    def nginx(self, template, **values):
        """Starts nginx with what the template holds of the block `http`."""
        inside = self.write(template, **values)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        config = self.folder / "whole.conf"
        config.write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/pid;\nerror_log {self.folder}/error.log;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}include {inside};\n}}\n"
        )
        self.run(program("nginx"), "-p", self.folder, "-e", self.folder / "error.log", "-c", config)

    def seen(self):
        """The requests that reached the service, as `METHOD TARGET`."""
        return self.log.read_text().splitlines()

    def forget(self):
        """Begins a new list of what was seen."""
        with open(self.log, "r+b") as file:
            file.truncate()

    def end(self):
        for process in self.processes:
            end(process)


def program(name):
    """Where a program is that may not be on everybody's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise Unavailable(f"there is no {name}")
    return found


def php(service):
    service.run(program("php"), "-S", f"127.0.0.1:{service.port}", PROGRAMS / "app.php")


def php_cgi(service):
    port = free_port()
    # Without children it answers one request at a time, and is gone when it is ended.
    more = {"PHP_FCGI_MAX_REQUESTS": "1000000", "REMOTE_ADDR_IS_FORWARDED": "1"}
    service.run(program("php-cgi"), "-b", f"127.0.0.1:{port}", port=port, **more)
    return port


def lighttpd(service):
    config = service.write("lighttpd.conf", FASTCGI=php_cgi(service))
    service.run(program("lighttpd"), "-D", "-f", config)


def nginx_php(service):
    service.nginx("nginx-php.conf", FASTCGI=php_cgi(service))


def nginx(service):
    root = service.folder / "root"
    (root / "files").mkdir(parents=True, exist_ok=True)
    (root / "pieces").write_text("".join(f"{number} 文\n" * 1000 for number in range(20)))
    (root / "half").write_text('{"code":0,"name":"\\ud83d"}')
    (root / "compressible").write_text("as small as you like " * 1000)
    service.nginx("nginx.conf")


def http_server(service):
    service.run(sys.executable, PROGRAMS / "http_server.py", service.port)


def wsgiref(service):
    service.run(WORK / "venv" / "bin" / "python", PROGRAMS / "wsgi.py", service.port)


def uvicorn(service):
    service.run(
        *(WORK / "venv" / "bin" / "uvicorn", "--app-dir", PROGRAMS, "--host", "127.0.0.1", "--port", service.port),
        *("--log-level", "warning", "--proxy-headers", "--forwarded-allow-ips", "127.0.0.1", "asgi:application"),
    )


def node(service):
    service.run("node", PROGRAMS / "http.cjs", service.port)


def express(service):
    service.run("node", PROGRAMS / "express.cjs", service.port)


def sockets(service):
    service.run(sys.executable, PROGRAMS / "sockets.py", service.port)


STARTS = {
    "php": php,
    "lighttpd": lighttpd,
    "nginx-php": nginx_php,
    "nginx": nginx,
    "http.server": http_server,
    "wsgiref": wsgiref,
    "uvicorn": uvicorn,
    "node": node,
    "express": express,
    "sockets": sockets,
}


def service(name):
    """The service of this name, which runs from its first use on."""
    if name not in _started:
        try:
            _started[name] = Service(name, STARTS[name])
        except Unavailable as error:
            _started[name] = error
    found = _started[name]
    if isinstance(found, Unavailable):
        raise found
    return found


@contextmanager
def proxy(port):
    """nginx in front of a gateway's port."""
    front = Service("nginx-proxy", lambda front: front.nginx("proxy.conf", GATEWAY=port))
    try:
        yield front
    finally:
        front.end()
