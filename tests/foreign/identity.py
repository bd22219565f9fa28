"""Who calls: what the program shows is what the gateway says, whatever the envelope says."""

import re

from cases import SERVICES, case
from gateway import CALLER, OWN, REUSE, Gateway, brief, call, same
from services import service


def forged_name(number):
    return f"o-ADMIN-{number}-"


def forged_address(number):
    return f"6.6.{number // 100 + 100}.{number % 100 + 100}"


IDENTITY = (
    *("X-WX-OPENID", "X-WX-APPID", "X-WX-UNIONID", "X-WX-FROM-OPENID", "X-WX-FROM-APPID", "X-WX-FROM-UNIONID"),
    *("X-WX-ENV", "X-WX-SOURCE", "X-WX-CLOUDBASE-ACCESS-TOKEN", "X-WX-FROM-CLOUDBASE-ACCESS-TOKEN"),
)
ADDRESS = (
    *("X-Forwarded-For", "X-Original-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded"),
    *("Forwarded", "Forwarded-For", "X-Real-IP", "Client-IP", "X-Client-IP", "True-Client-IP", "Akamai-Client-IP"),
    *("Proxy-Client-IP", "WL-Proxy-Client-IP", "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Azure-ClientIP"),
    *("X-Envoy-External-Address", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4", "DO-Connecting-IP"),
    *("Fly-Client-IP", "X-AppEngine-User-IP", "X-Vercel-Forwarded-For", "Ali-CDN-Real-IP", "CDN-Src-IP"),
)
# What may stand in the name of a header and is no letter or digit (RFC 9110, section 5.6.2).
SEPARATORS = "-_.~!#$%&'*+^`|"

OURS = {"X_WX_ENV": "prod-01", "X_WX_SOURCE": "wx_client", "X_FORWARDED_FOR": CALLER, "X_ORIGINAL_FORWARDED_FOR": CALLER}
OWN_IDENTITY = {**OURS, "X_WX_OPENID": "o-alice", "X_WX_APPID": "WXAAA", "X_WX_UNIONID": "u-alice"}
REUSE_IDENTITY = {
    **OURS,
    **{"X_WX_APPID": "WXAAA", "X_WX_FROM_OPENID": "o-bob", "X_WX_FROM_APPID": "WXBBB", "X_WX_FROM_UNIONID": "u-bob"},
}

# How somebody calls, and what a service is told of it.
RELATIONS = {
    "own": (OWN, [], {}, OWN_IDENTITY),
    "reuse": (REUSE, [], {"resourceAppid": "WXAAA"}, REUSE_IDENTITY),
    "public": (None, ["--public"], {}, {}),
}


def folded(name):
    """A name as the loosest program makes a variable of it: every byte that is no letter or digit is one."""
    return re.sub("[^A-Z0-9]", "_", name.upper()).removeprefix("HTTP_")


PROTECTED = {folded(name) for name in (*IDENTITY, *ADDRESS, "Proxy")}


def spellings(names):
    """The names in every spelling that some program takes for the same."""
    for name in names:
        words = name.split("-")
        yield from (separator.join(words) for separator in SEPARATORS)
        yield from (separator.join(words).lower() for separator in "-_.~")
        # Several kinds in one name.
        for first in range(1, len(SEPARATORS), 4):
            mixed = (SEPARATORS[first:] * 2)[: len(words) - 1] + " "
            yield "".join(word + separator for word, separator in zip(words, mixed)).strip()


def headers(names, value):
    """All the spellings in as few headers as envelopes take, each with a value of its own: no name twice, whatever the
    letter case."""
    names = list({name.lower(): name for name in spellings(names)}.values())
    for first in range(0, len(names), 50):
        yield {name: value(first + number) for number, name in enumerate(names[first : first + 50])}


def shown(gateway, forged, token, **more):
    """What the program shows of the headers that are the gateway's alone, and the addresses that it finds."""
    header = {**forged, "X-Plain": "mine", "Connection": "X-WX-OPENID, X-Forwarded-For"}
    reply = gateway.ok(call("/who", header=header, **more), token)
    found, plain = {}, None
    for name, value in reply["data"]["headers"]:
        name = folded(name)
        if name == "X_PLAIN":
            plain = value
        if (name in PROTECTED or name.startswith(("X_WX_", "X_FORWARDED_"))) and value:
            found.setdefault(name, set()).add(value)
    same(plain, "mine", "a header that is nobody's business")
    return {name: ", ".join(sorted(values)) for name, values in found.items()}, reply["data"]["addresses"]


def check(name, names, value, relation):
    token, options, more, expected = RELATIONS[relation]
    with Gateway(service(name), *options) as gateway:
        for forged in headers(names, value):
            found, addresses = shown(gateway, forged, token, **more)
            wrong = {what: value for what, value in found.items() if value != expected.get(what)}
            wrong.update({what: None for what in expected if what not in found})
            right = (CALLER,) if token else ("127.0.0.1", None)
            wrong.update({what: address for what, address in addresses.items() if address not in right})
            if wrong:
                told = [spelling for spelling, value in forged.items() if value in str(wrong)]
                raise AssertionError(f"it shows {brief(wrong)}, told by {brief(' '.join(told))}")


@case("identity-own", *SERVICES)
def identity_own(name):
    check(name, IDENTITY, forged_name, "own")


@case("identity-reuse", *SERVICES)
def identity_reuse(name):
    check(name, IDENTITY, forged_name, "reuse")


@case("identity-public", *SERVICES)
def identity_public(name):
    check(name, IDENTITY, forged_name, "public")


@case("address-own", *SERVICES)
def address_own(name):
    check(name, ADDRESS, forged_address, "own")


@case("address-public", *SERVICES)
def address_public(name):
    check(name, ADDRESS, forged_address, "public")


@case("httpoxy", *SERVICES)
def httpoxy(name):
    """`Proxy` would be the variable HTTP_PROXY, which many a client of HTTP believes."""
    check(name, ("Proxy",), lambda _: "http://6.6.6.6:1/", "own")


@case("access-token", *SERVICES)
def access_token(name):
    """What the gateway may say besides, and what a call may leave out of it all."""
    options = ["--access-token", f"{OWN}=token-a", "--access-token", f"{REUSE}=token-b"]
    forged = {"X.WX.CLOUDBASE.ACCESS.TOKEN": "forged", "X_WX_FROM-CLOUDBASE-ACCESS-TOKEN": "forged"}
    leave_out = {"X-WX-EXCLUDE-CREDENTIALS": "unionid, cloudbase-access-token"}
    with Gateway(service(name), *options) as gateway:
        expected = {**OWN_IDENTITY, "X_WX_CLOUDBASE_ACCESS_TOKEN": "token-a"}
        same(shown(gateway, forged, OWN)[0], expected, "what it shows of the owner's app")
        expected = {key: value for key, value in OWN_IDENTITY.items() if key != "X_WX_UNIONID"}
        same(shown(gateway, {**forged, **leave_out}, OWN)[0], expected, "what it shows of a call that leaves some out")
        expected = {**REUSE_IDENTITY, "X_WX_FROM_CLOUDBASE_ACCESS_TOKEN": "token-b"}
        found, _ = shown(gateway, forged, REUSE, resourceAppid="WXAAA")
        same(found, expected, "what it shows under resource reuse")
