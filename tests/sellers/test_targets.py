"""Which addresses a webhook may call."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellers.targets import (
    SPECIAL_IPV4,
    ForbiddenTarget,
    Objection,
    TargetRules,
    is_allowed,
    is_public,
    parse,
)

STRICT = TargetRules(ports=frozenset({443, 8443}))
LAPTOP = TargetRules(ports=frozenset({443}), this_machine=True)

NO_URL, ADDRESS, LOCAL = Objection.NO_URL, Objection.IS_ADDRESS, Objection.LOCAL_NAME
FORBIDDEN = [
    # This machine, in every notation in which programs read IPv4.
    ("https://127.0.0.1/", ADDRESS),
    ("https://127.1/", ADDRESS),
    ("https://127.0.1/", ADDRESS),
    ("https://2130706433/", ADDRESS),
    ("https://0x7f000001/", ADDRESS),
    ("https://0x7f.0.0.1/", ADDRESS),
    ("https://0X7F.1/", ADDRESS),
    ("https://017700000001/", ADDRESS),
    ("https://0177.0.0.01/", ADDRESS),
    ("https://0177.0x0.1/", ADDRESS),
    ("https://127.0.0.1./", ADDRESS),
    ("https://0/", ADDRESS),
    ("https://0x/", ADDRESS),
    ("https://127.0.0.1:443/", ADDRESS),
    ("https://１２７.0.0.1/", ADDRESS),
    ("https://127。0。0。1/", ADDRESS),
    ("https://①②⑦.⓪.⓪.①/", ADDRESS),
    ("https://%31%32%37.0.0.1/", ADDRESS),
    ("https://%6cocalhost.example/", NO_URL),
    # Public ones too: nobody has a certificate for a bare address.
    ("https://8.8.8.8/", ADDRESS),
    ("https://134744072/", ADDRESS),
    # Private networks, the cloud's own address, and more.
    ("https://10.0.0.1/", ADDRESS),
    ("https://192.168.1.1/", ADDRESS),
    ("https://172.16.0.1/", ADDRESS),
    ("https://169.254.169.254/latest/meta-data/", ADDRESS),
    ("https://0xa9fea9fe/", ADDRESS),
    ("https://2852039166/", ADDRESS),
    ("https://100.100.100.200/", ADDRESS),
    ("https://0.0.0.0/", ADDRESS),
    # IPv6.
    ("https://[::1]/", ADDRESS),
    ("https://[::]/", ADDRESS),
    ("https://[::ffff:127.0.0.1]/", ADDRESS),
    ("https://[::ffff:7f00:1]/", ADDRESS),
    ("https://[64:ff9b::7f00:1]/", ADDRESS),
    ("https://[2002:7f00:1::]/", ADDRESS),
    ("https://[fe80::1%25eth0]/", ADDRESS),
    ("https://[fd00:ec2::254]/", ADDRESS),
    ("https://[2606:4700::1111]/", ADDRESS),
    ("https://[::1", NO_URL),
    # Names that mean something inside only.
    ("https://localhost/", LOCAL),
    ("https://LOCALHOST./", LOCAL),
    ("https://api.localhost/", LOCAL),
    ("https://intranet/", LOCAL),
    ("https://redis:8443/", LOCAL),
    ("https://printer.local/", LOCAL),
    ("https://metadata.google.internal/", LOCAL),
    ("https://db.lan/", LOCAL),
    ("https://router.home.arpa/", LOCAL),
    # What is no plain https:// URL.
    ("http://shop.example/", Objection.NOT_HTTPS),
    ("ftp://shop.example/", Objection.NOT_HTTPS),
    ("file:///etc/passwd", NO_URL),
    ("gopher://shop.example/", Objection.NOT_HTTPS),
    ("shop.example/hooks", NO_URL),
    ("//shop.example/hooks", Objection.NOT_HTTPS),
    ("https://", NO_URL),
    ("https:///hooks", NO_URL),
    ("", NO_URL),
    ("https://user:secret@shop.example/", Objection.HAS_PASSWORD),
    ("https://shop.example@127.0.0.1/", Objection.HAS_PASSWORD),
    ("https://shop.example\\@127.0.0.1/", NO_URL),
    ("https://shop.example /", NO_URL),
    ("https://shop.exa\tmple/", NO_URL),
    ("https://shop.example/\r\nHost: x", NO_URL),
    ("https://shop.example/\0", NO_URL),
    ("https://shop.example/#here", NO_URL),
    ("https://-shop.example/", NO_URL),
    ("https://shop..example/", NO_URL),
    ("https://shop.example:99999/", NO_URL),
    ("https://shop.example:x/", NO_URL),
    ("https://shop.example:0/", Objection.PORT),
    ("https://shop.example:22/", Objection.PORT),
    ("https://shop.example:6379/", Objection.PORT),
    ("https://shop.example:80/", Objection.PORT),
    (f"https://shop.example/{'x' * 500}", Objection.TOO_LONG),
    (f"https://shop.example/{'é' * 200}", Objection.TOO_LONG),
    (f"https://{'a.' * 130}example/", NO_URL),
]


@pytest.mark.parametrize(("url", "objection"), FORBIDDEN, ids=[url[:60] for url, _ in FORBIDDEN])
def test_form_refuses(url: str, objection: Objection) -> None:
    with pytest.raises(ForbiddenTarget) as refused:
        parse(url, rules=STRICT)

    assert refused.value.objection is objection


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example", "https://shop.example/"),
        ("  https://Shop.Example/Hooks?key=1&x=ab ", "https://shop.example/Hooks?key=1&x=ab"),
        ("https://shop.example:443/hooks", "https://shop.example/hooks"),
        ("https://shop.example:8443/hooks", "https://shop.example:8443/hooks"),
        ("https://shop.example./hooks", "https://shop.example/hooks"),
        ("https://bücher.example/é", "https://xn--bcher-kva.example/%C3%A9"),
        ("https://4711.shop.example/%20", "https://4711.shop.example/%20"),
        ("https://hooks_1.shop.example/", "https://hooks_1.shop.example/"),
    ],
)
def test_url_has_one_form(url: str, expected: str) -> None:
    target = parse(url, rules=STRICT)

    assert target.url == expected
    assert parse(target.url, rules=STRICT) == target


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8123/", "http://127.0.0.1:9/x", "https://localhost:1/", "http://[::1]:8/"],
)
def test_laptop_may_call_itself(url: str) -> None:
    assert parse(url, rules=LAPTOP).url == url


@pytest.mark.parametrize(
    "url", ["http://shop.example/", "http://192.168.1.1/", "http://localhost.shop.example/"]
)
def test_laptop_calls_nothing_else_without_tls(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        parse(url, rules=LAPTOP)


PRIVATE = [
    "0.0.0.0",  # noqa: S104  nobody listens there
    *(
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
    ),
    *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.31.196.1"),
    *("192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8"),
    *("64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "100:0:0:1::1"),
    *("2001::1", "2001:0:53aa:64c::1", "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "2620:4f:8000::1", "3ffe::1"),
    *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1"),
    *("ff02::1", "ff0e::1", "4000::1", "2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:a00:1"),
    "2606:4700::1111%lo",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_address_is_refused_wherever_a_name_leads(address: str) -> None:
    assert not is_allowed(address, rules=STRICT)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
        *("172.15.255.255", "172.32.0.0", "192.167.255.255", "223.255.255.255"),
        *("168.63.129.17", "2606:4700::1111", "2a00:1450:4001::200e", "2003::1", "2400::1"),
    ],
)
def test_public_address_is_called(address: str) -> None:
    assert is_allowed(address, rules=STRICT)


@pytest.mark.parametrize("junk", ["", "shop.example", "127.1", "0x7f000001", "2130706433", "::g"])
def test_what_is_no_address_is_refused(junk: str) -> None:
    assert not is_allowed(junk, rules=STRICT)
    assert not is_allowed(junk, rules=LAPTOP)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_laptop_s_own_address(address: str) -> None:
    assert is_allowed(address, rules=LAPTOP)
    assert not is_allowed(address, rules=STRICT)


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_otherwise(address: IPv4Address) -> None:
    """Ours is the stricter list, apart from what IANA gives out while Python does not know it."""
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.sampled_from(SPECIAL_IPV4), st.data())
def test_no_address_of_a_special_network_is_public_in_any_wrapping(
    network: object, data: st.DataObject
) -> None:
    inner = data.draw(st.ip_addresses(network=str(network)))
    number = int(inner)

    assert not is_public(inner)
    for wrapped in (
        number,  # ::a.b.c.d
        0xFFFF << 32 | number,  # mapped
        0x64FF9B << 96 | number,  # NAT64
        0x2002 << 112 | number << 80,  # 6to4
        0x20010000 << 96 | number ^ 0xFFFFFFFF,  # Teredo
        0x2A001450 << 96 | 0x5EFE << 32 | number,  # ISATAP
    ):
        assert not is_public(IPv6Address(wrapped))
