"""Invented news: reports of a few events, and their look-alikes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from storyfold.matching.dates import event_days
from storyfold.matching.event_features import Report
from storyfold.matching.fingerprint import fingerprint

TEXTS = {
    "quake-a": """Strong earthquake shakes Varnholm coast
A strong earthquake struck off the coast of Varnholm early on Tuesday, collapsing part of the harbour wall and sending
people into the streets in their nightclothes. The Ostrand Seismological Office put the magnitude at 6.4 and the depth
at 22 kilometres. At least seven people were taken to Saint Brannoc hospital, most of them cut by falling glass, said
Mayor Ilse Tarnow. Ferries to the Merrow Islands stood still until noon while divers looked at the quay.""",
    "quake-b": """Seven hurt as 6.4 quake hits Varnholm, harbour wall collapses
Seven residents were treated in hospital after an earthquake of magnitude 6.4 rocked Varnholm before dawn on Tuesday.
Mayor Ilse Tarnow said part of the harbour wall had given way and asked people to keep away from the quay. "We were
lucky that it was dark and nobody was fishing," she said. The ferry to the Merrow Islands was cancelled. The epicentre
was 22 kilometres under the sea, according to the Ostrand Seismological Office.""",
    "quake-elsewhere": """Earthquake of magnitude 5.9 rattles Kessary province
An earthquake with a magnitude of 5.9 shook the mountain province of Kessary on Friday night, cracking walls in four
villages and blocking the road to Dolmarsk with boulders. Governor Pavel Ruthen said two shepherds were missing. The
National Geological Service put the depth at 9 kilometres. Soldiers with dogs were sent to the village of Upper Tessin,
where the roof of the school had fallen in. No ferries run there, and helicopters could not land for the wind.""",
    "market-monday": """Calder exchange closes higher
The Calder 40 index closed 0.8 percent higher on Monday at 4,312.55 points, led by banks. Brightwater Bank rose 2.1
percent to 38.40, Norrland Steel gained 1.4 percent to 112.75. Lumen Telecom lost 0.9 percent to 17.05. The yield of the
ten-year bond stood at 2.31 percent. The krona traded at 9.12 to the dollar. Turnover came to 3.6 billion.""",
    "market-tuesday": """Calder exchange closes lower
The Calder 40 index closed 1.3 percent lower on Tuesday at 4,256.48 points, led by miners. Brightwater Bank fell 0.6
percent to 38.17, Norrland Steel lost 3.2 percent to 109.14. Lumen Telecom gained 0.2 percent to 17.08. The yield of the
ten-year bond stood at 2.35 percent. The krona traded at 9.20 to the dollar. Turnover came to 2.9 billion.""",
    "obituary-painter": """Painter Halvard Quist dies at 91
Halvard Quist, the painter of grey harbours who was told at school that he had no eye for colour, died on Sunday at his
home in Tjorn. He was 91. His daughter, Brit Quist, said the cause was pneumonia. Quist taught at the Lindal Academy for
three decades and won the Falk Prize in 1987. He is survived by two daughters and five grandchildren.""",
    "obituary-skier": """Ski champion Marte Fjellheim dies at 88
Marte Fjellheim, who won three world titles on borrowed skis and later ran a bakery, died on Sunday at her home in
Hovden. She was 88. Her son, Arne Fjellheim, said the cause was a stroke. Fjellheim coached the national team for a
decade and won the Holmen Medal in 1964. She is survived by two sons and four grandchildren.""",
    "unrelated": """Library in Osterby lends out hedgehog houses
The public library in Osterby has begun to lend out wooden houses for hedgehogs, along with a leaflet on what the
animals eat. "They come back cleaner than most of the picture books," said librarian Tilda Engstrom. The houses were
built by pupils of the vocational school from old shelves. Eleven of them are out, and the waiting list is long.""",
}


@pytest.fixture
def report() -> Callable[..., Report]:
    """The report of a named text, published on a day of January 2030, or at an unknown time."""

    def make(name: str, day: int | None = None) -> Report:
        published = datetime(2030, 1, day, 12, tzinfo=UTC) if day else None
        title, text = TEXTS[name].split("\n", 1)
        made = fingerprint(text, title=title, language="en", published=published)
        return Report(made, event_days(f"{title}\n{text}", language="en", published=published))

    return make
