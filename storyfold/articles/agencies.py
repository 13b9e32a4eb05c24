"""Which news agency a text is credited to."""

from __future__ import annotations

import re

AGENCIES = {
    "Reuters": r"reuters",
    "Associated Press": r"ap|associated press",
    "Agence France-Presse": r"afp|agence france[- ]presse",
    "dpa": r"dpa|deutsche presse-agentur",
    "EFE": r"efe|agencia efe",
    "ANSA": r"ansa",
    "APA": r"apa",
    "TASS": r"tass|тасс",
    "RIA Novosti": r"ria novosti|риа новости",
    "Interfax": r"interfax|интерфакс",
    "Xinhua": r"xinhua",
    "UPI": r"upi",
    "PA Media": r"pa media|press association",
    "PTI": r"pti|press trust of india",
    "Kyodo": r"kyodo( news)?",
    "Europa Press": r"europa press",
}
_NAMES = "|".join(f"(?P<a{i}>{names})" for i, names in enumerate(AGENCIES.values()))
_DATELINE = re.compile(rf"^[^.!?\n]{{0,80}}\((?:{_NAMES})\)\s*[-–—.:,]", re.IGNORECASE)
_CREDIT = re.compile(rf"^(?:the )?(?:{_NAMES})(?: news(?: agency)?| staff| writers?)?$", re.IGNORECASE)
_FIRST_LINES = 3


def agency_of(text: str, authors: tuple[str, ...]) -> str | None:
    """The agency in the dateline ("BERLIN (dpa) -") or among the authors, by its usual name."""
    for line in text.split("\n", _FIRST_LINES)[:_FIRST_LINES]:
        if match := _DATELINE.match(line[:120]):
            return _name(match)
    for author in authors:
        if match := _CREDIT.match(author):
            return _name(match)
    return None


def _name(match: re.Match[str]) -> str:
    index = next(int(group[1:]) for group, value in match.groupdict().items() if value)
    return list(AGENCIES)[index]
