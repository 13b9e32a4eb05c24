"""URLs as links: one spelling for one address, and the source that an address belongs to.

Two spellings are one link when every server must treat them alike (case of scheme and host, default port, percent
encoding, dot segments, IDNA, the many spellings of an IPv4 address) or when they differ only in what no server needs
(fragment, tracking parameters). Nothing else is touched: ``http`` and ``https`` are different links, the order of the
query is kept, and so are trailing slashes, since servers may tell them apart. What only the page can say (AMP, mobile
forms, shorteners) is left to what the page says.

Rules come from kept libraries: paths and quoting from `w3lib` (the URL living standard), tracking parameters from
`courlan`, the public suffix list from `tldextract`.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit

import idna
import tldextract
from courlan.clean import TRACKERS_RE
from w3lib.url import canonicalize_url, safe_url_string

from storyfold.errors import BadInput

MAX_LENGTH = 2_048
"""Characters of a canonical URL. Browsers and sitemaps stop near here, and a PostgreSQL index entry at 2,704 bytes."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*")
_CONTROLS = "".join(map(chr, range(0x21)))
_NOT_AN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_ID_WORD = re.compile(r"_?(c|e|u|cl)id")


@dataclass(frozen=True, slots=True)
class CanonicalUrl:
    """`url` is the identity of a link, in ASCII; `host` is in lower case, IDNA-encoded, without brackets or port."""

    url: str
    host: str


def canonicalize(url: str) -> CanonicalUrl:
    """The one spelling of `url`. Applying it twice changes nothing. Raises `BadInput` with what to do about it."""
    return _canonical(url)


# On its way, a page's own address is spelled half a dozen times.
@functools.lru_cache(maxsize=128)
def _canonical(url: str) -> CanonicalUrl:
    return _spell(url, _without_trackers)


def requestable(url: str) -> CanonicalUrl:
    """`url` ready to be sent, its query kept whole: what a redirect names is asked for as it was named."""
    return _spell(url, lambda query: query)


def join(base: str, reference: str) -> str:
    """`reference` as seen from the page at `base`, not yet checked. Raises `BadInput` for what no URL can be."""
    try:
        return urljoin(base, reference.strip(_CONTROLS))
    except ValueError as error:
        raise BadInput(f"{reference[:80]!r} is not a URL: {error}") from error


def source_of(url: str) -> str:
    """The registrable domain of `url` by the public suffix list; an IP address or ``localhost`` is its own source.

    Private suffixes count (``alice.blogspot.com`` is not ``bob.blogspot.com``): who publishes on a shared host is a
    source of their own. Raises `BadInput` where `url` is not one.
    """
    return _source_of_host(canonicalize(url).host)


@functools.lru_cache(maxsize=128)
def _source_of_host(host: str) -> str:
    found = _suffix_list()(host)
    if found.suffix or found.ipv4 or found.ipv6:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # the list's own rule for what it does not hold: one label is the suffix


def _spell(url: str, clean_query: Callable[[str], str]) -> CanonicalUrl:
    parts = _split(url)
    try:
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError as error:
        raise BadInput(f"{url[:80]!r} has a host or port that cannot be: {error}") from error
    if port == 0:
        raise BadInput(f"{url[:80]!r} names port 0, which nothing can listen on")
    origin = f"{parts.scheme}://{_bracketed(host)}" + (
        f":{port}" if port not in (None, _DEFAULT_PORTS[parts.scheme]) else ""
    )
    try:
        path = canonicalize_url(origin + _NOT_AN_ESCAPE.sub("%25", parts.path))
        query = clean_query(_canonical_query(origin, parts.query))
    except ValueError as error:
        raise BadInput(f"{url[:80]!r} holds characters that no URL can carry: {error}") from error
    whole = f"{path}?{query}" if query else path
    if len(whole) > MAX_LENGTH:
        raise BadInput(f"the URL has {len(whole)} characters; at most {MAX_LENGTH} are taken")
    return CanonicalUrl(whole, host)


def _split(url: str) -> SplitResult:
    """Scheme, authority, path and query, where there is an ``http`` authority without credentials."""
    if len(url) > 8 * MAX_LENGTH:
        raise BadInput(f"the URL has {len(url)} characters; at most {MAX_LENGTH} are taken")
    try:
        parts = urlsplit(url.strip(_CONTROLS))
        named, credentials = bool(parts.hostname), "@" in parts.netloc
    except ValueError as error:
        raise BadInput(f"{url[:80]!r} is not a URL: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadInput(f"{url[:80]!r} is not a web address: it has to start with http:// or https://")
    if credentials:
        raise BadInput("URLs with a user name or password are not taken: remove what stands before the @")
    if "[" in parts.netloc and ":" not in (parts.hostname or ""):
        raise BadInput(f"{url[:80]!r} has something else than an IPv6 address in its brackets")
    if not named:
        raise BadInput(f"{url[:80]!r} names no host")
    return parts


def _host(name: str) -> str:
    """`name` in lower case and ASCII, IP addresses in their usual form. Raises `ValueError`."""
    if ":" in name:
        if "%" in name:
            raise ValueError("an IPv6 zone means something on one machine only")
        return ipaddress.IPv6Address(name).compressed
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    name = name.lower().removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no host name")
    if _NUMERIC_LABEL.fullmatch(name.rpartition(".")[2]):
        return _ipv4(name)
    return name


def _ipv4(name: str) -> str:
    """Dotted form of any spelling: ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` are all ``127.0.0.1``."""
    try:
        return str(ipaddress.IPv4Address(socket.inet_aton(name)))
    except OSError as error:
        raise ValueError(f"{name!r} is no IPv4 address") from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _canonical_query(origin: str, query: str) -> str:
    quoted = urlsplit(safe_url_string(f"{origin}/?{_NOT_AN_ESCAPE.sub('%25', query)}")).query
    return _ESCAPE.sub(_canonical_escape, quoted)


def _canonical_escape(escape: re.Match[str]) -> str:
    """RFC 3986, 6.2.2: unreserved characters stand for themselves, escapes are in upper case."""
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _without_trackers(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_tracker(part))


def _is_tracker(part: str) -> bool:
    """courlan's rule, narrowed where it would take an article's identity for a tracker.

    Its words have no end (``ga`` matches ``game``, ``ref`` matches ``reference``), and ``cid=4711`` or ``eid=12`` is
    how several newspaper systems number their articles. Losing an article costs more than fetching one twice.
    """
    name, _, value = part.partition("=")
    name = unquote_plus(name).lower()
    found = TRACKERS_RE.search(name)
    if not found:
        return False
    ends_a_word = (
        found.end() == len(name) or "_" in (name[found.end()], name[found.end() - 1]) or name[found.end()] == "-"
    )
    return ends_a_word and not (_ID_WORD.fullmatch(found[0]) and value.isdecimal())


@functools.cache
def _suffix_list() -> tldextract.TLDExtract:
    """The list bundled with the library: no network, no cache on disk."""
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
