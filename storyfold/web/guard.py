"""Which addresses may be connected to.

A URL handed in by anybody must not make the service speak to the machine it runs on, to the network around it or to a
cloud's metadata address. So the question is not what the URL says but where the connection goes: the guard judges the
address, after resolution, on every hop; whoever connects must use the very address that was judged.

What is let through is what is left of the global unicast space when the special-purpose registries of IANA are taken
out of it (RFC 6890; https://www.iana.org/assignments/iana-ipv4-special-registry and the one for IPv6). IPv6 forms that
carry an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) are forbidden whatever they carry: they are ways to
spell another address, and no public site is published under them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from storyfold.errors import Rejected, SettingsError

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FORBIDDEN_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network, unspecified
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, cloud metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
"""All that IANA has given out as global unicast; loopback, mapped, NAT64, ULA, link-local and multicast lie outside."""

_FORBIDDEN_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocol assignments, with Teredo, ORCHID and benchmarking
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


class AddressGuard:
    """Judges addresses; networks of `allow_networks` (CIDR) are let through although they are special.

    Raises `SettingsError` for what is no network.
    """

    def __init__(self, allow_networks: Sequence[str] = ()) -> None:
        self._allowed = tuple(_network(text) for text in allow_networks)

    def check(self, ip: str) -> None:
        """Returns for an address that may be connected to, else raises `Rejected` (``forbidden-address``)."""
        if not self.allows(ip):
            raise Rejected("forbidden-address", f"{ip} is not a public address; STORYFOLD_ALLOW_NETWORKS can allow it")

    def allows(self, ip: str) -> bool:
        """Whether `ip`, in the usual text form, may be connected to. What cannot be read is not allowed."""
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self._allowed) or _is_public(address)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _FORBIDDEN_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _FORBIDDEN_V6)


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise SettingsError(f"{text!r} is not a network: write it like 10.0.0.0/8 ({error})") from error
