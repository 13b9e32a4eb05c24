"""Which addresses may be connected to, and that nothing spells its way around it."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.errors import FateError, Rejected, SettingsError
from storyfold.web.client import Client, Limits
from storyfold.web.guard import AddressGuard

FORBIDDEN = {
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "link-local": ["169.254.0.1", "169.254.169.254", "fe80::1", "febf::1", "fe80::1%eth0"],
    "site-local": ["fec0::1"],
    "protocol assignments": ["192.0.0.1", "192.0.0.170", "2001::1", "2001:1ff::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarking": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "192.88.99.1", "100::1", "5f00::1", "4000::1"],
    "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"],
    "IPv4-compatible": ["::127.0.0.1", "::10.0.0.1"],
    "6to4": ["2002:7f00:1::", "2002:a00:1::1"],
    "Teredo": ["2001:0:7f00:1::1"],
    "NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1"],
    "nothing of the kind": ["", "news.example", "1.2.3", "127.1", "0x7f000001", "2130706433", "0177.0.0.1"],
}
PUBLIC = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "11.0.0.1", "2606:4700::1"]


@pytest.mark.parametrize("ip", [ip for ips in FORBIDDEN.values() for ip in ips])
def test_a_special_address_is_rejected(ip: str) -> None:
    with pytest.raises(Rejected) as caught:
        AddressGuard().check(ip)

    assert caught.value.reason == "forbidden-address"


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_may_be_connected_to(ip: str) -> None:
    AddressGuard().check(ip)


@given(st.ip_addresses())
def test_no_address_that_python_calls_private_is_let_through(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert not AddressGuard().allows(str(address)) or address.is_global


def test_the_allow_list_lets_through_what_it_names_and_nothing_beside() -> None:
    guard = AddressGuard(["127.0.0.0/8", "fd00::/8"])

    assert guard.allows("127.0.0.2")
    assert guard.allows("fd12::1")
    assert not guard.allows("10.0.0.1")
    assert not guard.allows("::ffff:127.0.0.2")
    assert not guard.allows("fc12::1")


@pytest.mark.parametrize("text", ["", "everything", "10.0.0.0/33", "10.0.0.1/8"])
def test_an_allow_list_that_names_no_network_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        AddressGuard([text])


SPELLINGS = [
    *("2130706433", "0x7f000001", "0x7F.0x0.0x0.0x1", "0177.0.0.01", "017700000001", "127.1", "127.0.1", "0", "0.0"),
    *(
        "１２７.０.０.１",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]",
    ),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::]", "[::127.0.0.1]", "169.254.169.254", "0xa9fea9fe", "2852039166"),
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_a_forbidden_address_is_connected_to(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.create_connection", lambda *args, **kwargs: pytest.fail("connected"))

    with pytest.raises(FateError) as caught:
        Client(AddressGuard(), Limits(total_seconds=2)).fetch(f"http://{host}/")

    assert caught.value.reason == "forbidden-address"


@pytest.mark.parametrize("ip", [ip for kind, ips in FORBIDDEN.items() if kind != "nothing of the kind" for ip in ips])
def test_no_name_that_resolves_to_a_special_address_is_connected_to(ip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.create_connection", lambda *args, **kwargs: pytest.fail("connected"))

    with pytest.raises(Rejected) as caught:
        Client(AddressGuard(), Limits(), resolver=lambda host, port: [ip]).fetch("http://innocent.example/")

    assert caught.value.reason == "forbidden-address"
