"""Which addresses a webhook may call: what is allowed is listed, all else is refused.

Whoever may choose a URL that our server calls could make it talk to what only our server reaches.
So only unicast addresses of the public internet are called, whatever a name leads to, and the form
takes no bare addresses at all. `ipaddress.is_global` is not enough: it lets through addresses in
which another one is wrapped.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from typing import Final
from urllib.parse import quote, urlsplit

import idna

LONGEST_URL: Final = 500
LONGEST_HOST: Final = 253
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# What every program takes for an IPv4 address, in one notation or another, ends in a number.
NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
LOCAL_NAMES: Final = frozenset(
    (
        *("arpa", "corp", "home", "internal", "intranet", "invalid", "lan"),
        *("local", "localdomain", "localhost", "onion", "private"),
    )
)
UNSEEN: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202f\ufeff]")
THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})

# IANA's registries of special-purpose addresses, and one that a cloud gives to its own machines.
SPECIAL_IPV4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # behind a provider's NAT
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # Azure's own services, seen from its machines
            "169.254.0.0/16",  # this link; where clouds tell machines their secrets
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # multicast tunnels
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
# All that is given out is inside: mapped, translated (NAT64), unique local, link-local, site-local,
# multicast and unassigned addresses are outside.
GLOBAL_IPV6: Final = IPv6Network("2000::/3")
SPECIAL_IPV6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, among them Teredo, ORCHID and benchmarks
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address is inside
            "2620:4f:8000::/48",  # AS112
            "3ffe::/16",  # the 6bone that was
            "3fff::/20",  # documentation
        ),
    )
)
ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})  # the interface of one holds an IPv4 address


class Objection(Enum):
    """What is wrong with a URL."""

    NO_URL = auto()
    TOO_LONG = auto()
    NOT_HTTPS = auto()
    HAS_PASSWORD = auto()
    IS_ADDRESS = auto()
    LOCAL_NAME = auto()
    PORT = auto()


class ForbiddenTarget(Exception):
    """A URL or an address that is not to be called."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.name)
        self.objection = objection


@dataclass(frozen=True, slots=True)
class TargetRules:
    """What an installation allows."""

    ports: frozenset[int]
    this_machine: bool = False  # also without TLS, on every port: for a demo on a laptop


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes, in parts that mean one thing to everybody."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def url(self) -> str:
        """Return it as it is stored."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse(url: str, *, rules: TargetRules) -> Target:
    """Return the parts of a URL that may be called; where its name leads is looked at later.

    Raises ForbiddenTarget.
    """
    text = url.strip()
    if len(text) > LONGEST_URL:
        raise ForbiddenTarget(Objection.TOO_LONG)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ForbiddenTarget(Objection.NO_URL) from None
    if UNSEEN.search(text) or not parts.hostname or parts.fragment:
        raise ForbiddenTarget(Objection.NO_URL)
    if "@" in parts.netloc:
        raise ForbiddenTarget(Objection.HAS_PASSWORD)
    is_local = rules.this_machine and parts.hostname in THIS_MACHINE
    if parts.scheme not in (DEFAULT_PORTS if is_local else {"https"}):
        raise ForbiddenTarget(Objection.NOT_HTTPS)
    host = parts.hostname if is_local else _name(parts.hostname)
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if not port or not (is_local or port in rules.ports):
        raise ForbiddenTarget(Objection.PORT)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=-._~?")
    target = Target(parts.scheme, host, port, f"{path}?{query}" if query else path)
    if len(target.url) > LONGEST_URL:
        raise ForbiddenTarget(Objection.TOO_LONG)
    return target


def is_allowed(address: str, *, rules: TargetRules) -> bool:
    """Return whether an address to which a name leads may be called."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return is_public(found) or (rules.this_machine and found.is_loopback)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to one machine on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    if address.scope_id or address not in GLOBAL_IPV6:
        return False
    wraps_another = int(address) >> 32 & 0xFFFFFFFF in ISATAP
    return not wraps_another and not any(address in network for network in SPECIAL_IPV6)


def _name(host: str) -> str:
    """Return a name as DNS knows it; raises ForbiddenTarget for an address or a local name."""
    if ":" in host:
        raise ForbiddenTarget(Objection.IS_ADDRESS)
    try:
        name = idna.encode(host, uts46=True).decode() if not host.isascii() else host
    except idna.IDNAError:
        raise ForbiddenTarget(Objection.NO_URL) from None
    labels = name.lower().removesuffix(".").split(".")
    if NUMBER.fullmatch(labels[-1]):
        raise ForbiddenTarget(Objection.IS_ADDRESS)
    if len(name) > LONGEST_HOST or not all(map(LABEL.fullmatch, labels)):
        raise ForbiddenTarget(Objection.NO_URL)
    if len(labels) == 1 or labels[-1] in LOCAL_NAMES:
        raise ForbiddenTarget(Objection.LOCAL_NAME)
    return ".".join(labels)
