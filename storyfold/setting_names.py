"""Variables that look like settings and are none: a misspelt setting would be passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

PREFIX = "STORYFOLD_"

OTHER_READERS = frozenset({"STORYFOLD_BENCH_DATA"})
"""What else is read of the environment: the benches' folder of labelled data."""

# Kubernetes tells every container of the services beside it, one of which may be called storyfold or storyfold-api.
_OF_A_SERVICE = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?$")
_ADDRESS_OF_A_SERVICE = re.compile(r"(tcp|udp|sctp)://")

# Likeness by difflib: one letter wrong or another ending (POLL_MINIMUM), and an abbreviation (DB_URL).
_ALIKE, _NEAR = 0.8, 0.6


def unknown_names(environment: Mapping[str, str], settings: Collection[str]) -> tuple[list[str], list[str]]:
    """A line for each variable that begins like a setting and is none of `settings`: first those that are like one,
    with its name (two names where none is very near), then those that are like none.

    Capitals do not matter, as they do not for settings.
    """
    known = {*settings, *OTHER_READERS}
    named = {name: value for name, value in sorted(environment.items()) if name.upper().startswith(PREFIX)}
    unknown = [name for name, value in named.items() if name.upper() not in known and not _of_a_service(name, value)]
    meant = {name: _nearest(name.upper(), settings) for name in unknown}
    misspelt = [f"{name} is no setting: did you mean {' or '.join(near)}?" for name, near in meant.items() if near]
    strange = [f"{name} is no setting, and not read: {_ADVICE}" for name, near in meant.items() if not near]
    return misspelt, strange


_ADVICE = "unset it, or give it a name that does not begin like one (docs/operations.md lists all there are)"


def _of_a_service(name: str, value: str) -> bool:
    return bool(_OF_A_SERVICE.search(name) or (name.endswith("_PORT") and _ADDRESS_OF_A_SERVICE.match(value)))


def _nearest(name: str, settings: Collection[str]) -> list[str]:
    ends = {setting.removeprefix(PREFIX): setting for setting in settings}
    end, all_ends = name.removeprefix(PREFIX), list(ends)
    nearest = get_close_matches(end, all_ends, 1, _ALIKE) or get_close_matches(end, all_ends, 2, _NEAR)
    return [ends[near] for near in nearest]
