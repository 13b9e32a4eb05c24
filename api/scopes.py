"""Which scopes open which path. What is not named here is for administrators: a new path is shut until it is named.

Looking, comparing and following is `read`; handing in, and following what was handed in, is `submit`. Feeds,
subscriptions, keys, takedown and an editor's corrections change what everybody sees, or hold secrets: `admin`.
"""

from __future__ import annotations

from storyfold.store.tables import KeyScope

_READ = frozenset({KeyScope.READ})
_SUBMIT = frozenset({KeyScope.SUBMIT})
_EITHER = _READ | _SUBMIT
_ADMIN = frozenset({KeyScope.ADMIN})

_LOOKING = ("GET", "HEAD", "OPTIONS")

# (methods, path from which on it holds, scopes of which one is needed); the first that fits.
_RULES: tuple[tuple[tuple[str, ...], str, frozenset[KeyScope]], ...] = (
    (_LOOKING, "/v1/subscriptions", _ADMIN),
    (_LOOKING, "/v1/audit", _ADMIN),
    (_LOOKING, "/v1/links", _EITHER),
    (_LOOKING, "/", _READ),
    (("POST",), "/v1/match", _READ),
    (("POST",), "/v1/feeds/discover", _READ),
    (("POST",), "/v1/links", _SUBMIT),
    (("POST",), "/v1/articles", _SUBMIT),
)


def scopes_for(method: str, path: str) -> frozenset[KeyScope]:
    """The scopes of which a caller needs one for this request."""
    for methods, start, scopes in _RULES:
        if method in methods and (start in ("/", path) or path.startswith(f"{start}/")):
            return scopes
    return _ADMIN
