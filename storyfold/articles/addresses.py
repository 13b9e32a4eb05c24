"""Which of the addresses that a page names is plausibly its own."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin, urlsplit

from storyfold.articles.plaintext import storable
from storyfold.articles.structure import host_of

_VARIANTS = ("m.", "amp.", "mobile.", "www.")


def absolute(address: str | None, base: str | None) -> str | None:
    """The address as an absolute http(s) URL without fragment, None when it is none."""
    if not address or len(address) > 2000:
        return None
    try:
        whole = urldefrag(urljoin(base or "", address.strip())).url
        parts = urlsplit(whole)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and storable(whole) == whole
    except ValueError:
        return None
    return whole if usable and " " not in whole else None


def plausible_canonical(candidates: list[str | None], url: str | None) -> str | None:
    """The first candidate that can be the address of the page at `url`; any http(s) URL when that is unknown.

    Not plausible are another site's address (a reprint that points to its source, a template left in) and a site's
    root for a page that is not the root.
    """
    for candidate in candidates:
        address = absolute(candidate, url)
        if address and (url is None or _same_page_possible(address, url)):
            return address
    return None


def _same_page_possible(address: str, url: str) -> bool:
    own, other = _bare_host(url), _bare_host(address)
    if own is None or other is None:
        return False
    same_site = own == other or own.endswith("." + other) or other.endswith("." + own)
    is_root = urlsplit(address).path in ("", "/") and not urlsplit(address).query
    return same_site and not (is_root and urlsplit(url).path not in ("", "/"))


def _bare_host(url: str) -> str | None:
    host = host_of(url)
    for prefix in _VARIANTS:
        host = host.removeprefix(prefix) if host else None
    return host
