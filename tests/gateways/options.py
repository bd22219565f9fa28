"""The options of callcontainer-gateway, for scripts that start another proxy as a gateway."""

import argparse
import ipaddress
from typing import NamedTuple


def parser(program):
    """The options that say who may call what."""
    options = argparse.ArgumentParser(prog=program, allow_abbrev=False)
    options.add_argument("--env", required=True)
    options.add_argument("--owner", metavar="APPID", required=True)
    options.add_argument("--share", metavar="APPID", action="append", default=[])
    options.add_argument("--service", metavar="NAME=HOST:PORT", action="append", required=True, type=service)
    options.add_argument("--caller", metavar="TOKEN=APPID,OPENID[,UNIONID]", action="append", default=[])
    options.add_argument("--access-token", metavar="TOKEN=VALUE", action="append", default=[])
    options.add_argument("--public", action="store_true")
    return options


def listening(options):
    """Adds the options that say where to listen, and to whom."""
    options.add_argument("--listen", metavar="ADDR", required=True, type=address)
    options.add_argument("--proxy", metavar="IP", action="append", default=[], type=proxy)
    options.add_argument("--idle", metavar="SECONDS", default=60, type=seconds)


class Service(NamedTuple):
    name: str
    # What it speaks: "http", "h2" or "https".
    protocol: str
    # `HOST:PORT`
    address: str

    @property
    def host(self):
        return self.address.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])


def service(value):
    """A service, as the gateway is given one. What else is wrong with it, the proxy says."""
    name, equals, origin = value.partition("=")
    protocol, _, address = origin.rpartition("://")
    if protocol == "https" and not address.rpartition(":")[2].isdecimal():
        address += ":443"
    host, colon, port = address.rpartition(":")
    is_address = colon and host and port.isdecimal() and 0 < int(port) < 65536
    if not (equals and is_address and protocol in ("", "http", "h2", "https")):
        raise argparse.ArgumentTypeError("it is not NAME=HOST:PORT, with or without http://, h2:// or https://")
    return Service(name, protocol or "http", address)


def callers(options, arguments):
    """The table of callers. No message has a value in it: it may be a token."""
    table = {}
    for value in arguments.caller:
        # A token may end with equals signs; what comes behind it has none.
        token, equals, who = value.rpartition("=")
        parts = who.split(",")
        if not equals or len(parts) not in (2, 3):
            options.error("argument --caller: it is not TOKEN=APPID,OPENID[,UNIONID]")
        if token in table:
            options.error("argument --caller: two callers have the same token")
        table[token] = dict(zip(("token", "appid", "openid", "unionid"), [token, *parts]))
    for value in arguments.access_token:
        start = len(value.partition("=")[0])
        behind = value[start:].lstrip("=")
        token = value[: len(value) - len(behind) - 1]
        if token not in table or not behind:
            options.error("argument --access-token: it is not TOKEN=VALUE, with the token of a --caller")
        table[token]["access_token"] = behind
    return list(table.values())


def address(value):
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(host)
        if not colon or not 0 <= int(port) < 65536:
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError("it is not ADDRESS:PORT") from None
    return host, int(port)


def proxy(value):
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        raise argparse.ArgumentTypeError("it is not an IP address") from None


def seconds(value):
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError("it is not a number of seconds")
    return int(value)
