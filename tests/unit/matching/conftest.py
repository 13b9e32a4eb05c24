"""Invented news: one text, what was made of it, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storyfold.matching.fingerprint import Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Judgement, judge

FERRY = """The harbour council of Lindmark voted 7 to 4 on Wednesday to close the old ferry terminal at Grey Quay
from March, ending a service that has linked the town with the island of Osmund since 1911. Council leader Petra
Haldane said repairs to the pier would have cost 18.4 million crowns, more than the line has earned in two decades.
"We cannot pour money into rotten timber while the school roof leaks," she told a crowded meeting. Islanders reacted
with anger. Goran Vestby, who farms sheep on Osmund and sends 300 lambs a year to the mainland, called the vote a
betrayal. "They have cut the rope and left us to drift," he said. The shipping company Nordhavn offered last month
to run a smaller boat twice a day from the fishing dock, but asked for a subsidy of 2 million crowns a year.
Opposition member Tomas Eriksdal said the offer had never been put to a vote, and announced that he would take the
matter to the county court in Brannholm. About 640 people live on Osmund, and its only doctor visits by ferry on
Mondays and Thursdays. The county has promised to pay for a helicopter in emergencies until a new arrangement is
found."""

FERRY_REWRITTEN = """A ferry line that has run between Lindmark and the island of Osmund for more than a century
will stop in March, after the harbour council decided on Wednesday, by seven votes to four, to shut the ageing
terminal at Grey Quay. According to council leader Petra Haldane, mending the pier would cost 18.4 million crowns, a
sum greater than the line's earnings over twenty years. She told a packed meeting that money could not be poured
into rotten timber while the roof of the school was leaking. On the island there was anger: sheep farmer Goran
Vestby, whose 300 lambs travel to the mainland each year, spoke of betrayal and said the islanders had been left to
drift with the rope cut. Last month the shipping firm Nordhavn proposed two daily crossings with a smaller vessel
from the fishing dock, in return for 2 million crowns in annual subsidy. That proposal never came to a vote,
complained Tomas Eriksdal of the opposition, who intends to bring the case before the county court at Brannholm.
Osmund has some 640 inhabitants, and the doctor comes by ferry on Mondays and Thursdays; until something new is
arranged, the county says it will pay for emergency helicopters."""

FERRY_INDEPENDENT = """OSMUND - In the kitchen behind her shop, Ingrid Solberg counts tins of coffee and wonders how
the next ones will come. Since the council in Lindmark decided this week that the terminal must close, the telephone
has not stopped. Her grandfather loaded mail bags on the first steamer. The pier is in a bad way, everybody here
admits that; divers found shipworm in most of the piles two summers ago. But nobody believed the line would end. "My
daughter goes to school over there," says Ingrid. "Do they want her to swim?" A petition that started in the church
hall has collected 412 names, more than half of the grown-ups. The priest rang the bell at noon. Petra Haldane, who
leads the council, has agreed to come to the island on Saturday and explain herself. Fishermen have offered to carry
passengers, although their insurance does not allow it, and the county's lawyers are looking at what the old charter
promises."""

MARKET_MONDAY = """The Calder 40 index closed 0.8 percent higher on Monday at 4,312.55 points, led by banks.
Brightwater Bank rose 2.1 percent to 38.40, Norrland Steel gained 1.4 percent to 112.75. Lumen Telecom lost 0.9
percent to 17.05. The yield of the ten-year bond stood at 2.31 percent. The krona traded at 9.12 to the dollar.
Turnover came to 3.6 billion crowns, a little more than the average of the past month. Trading goes on tomorrow at
nine in the morning as usual."""

MARKET_TUESDAY = """The Calder 40 index closed 1.3 percent higher on Tuesday at 4,368.61 points, led by banks.
Brightwater Bank rose 0.6 percent to 38.63, Norrland Steel gained 3.2 percent to 116.36. Lumen Telecom lost 0.2
percent to 17.02. The yield of the ten-year bond stood at 2.35 percent. The krona traded at 9.20 to the dollar.
Turnover came to 2.9 billion crowns, a little less than the average of the past month. Trading goes on tomorrow at
nine in the morning as usual."""

HEDGEHOGS = """The public library in Osterby has begun to lend out wooden houses for hedgehogs, along with a leaflet
on what the animals eat. "They come back cleaner than most of the picture books," said librarian Tilda Engstrom. The
houses were built by pupils of the vocational school from old shelves. Eleven of them are out, and the waiting list
is long. Engstrom got the idea when a reader returned a book on garden animals with a hedgehog asleep in the same
bag."""

FERRY_GERMAN = """Der Hafenrat von Lindmark hat am Mittwoch mit 7 zu 4 Stimmen beschlossen, das alte Fährterminal am
Grey Quay ab März zu schließen und damit eine Verbindung zu beenden, die die Stadt seit 1911 mit der Insel Osmund
verknüpft. Ratsvorsitzende Petra Haldane sagte, die Reparatur der Mole hätte 18,4 Millionen Kronen gekostet, mehr
als die Linie in zwei Jahrzehnten eingebracht habe. Der Schafzüchter Goran Vestby, der jährlich 300 Lämmer aufs
Festland schickt, nannte die Abstimmung einen Verrat. Die Reederei Nordhavn bot im vergangenen Monat an, zweimal
täglich mit einem kleineren Boot vom Fischereihafen zu fahren, verlangte dafür aber 2 Millionen Kronen im Jahr.
Tomas Eriksdal von der Opposition will vor das Kreisgericht in Brannholm ziehen. Auf Osmund leben etwa 640 Menschen."""

_LINES = {
    "ferry": FERRY,
    "ferry-rewritten": FERRY_REWRITTEN,
    "ferry-independent": FERRY_INDEPENDENT,
    "ferry-corrected": FERRY.replace("7 to 4", "8 to 3").replace("Petra Haldane", "Petra Haldén"),
    "ferry-cut": FERRY[: FERRY.index("The shipping")] + "More on this in our evening edition.",
    "ferry-german": FERRY_GERMAN,
    "market-monday": MARKET_MONDAY,
    "market-tuesday": MARKET_TUESDAY,
    "hedgehogs": HEDGEHOGS,
}
TEXTS = {name: " ".join(text.split()) for name, text in _LINES.items()}

SCRIPTS = {
    "de": "Der Stadtrat von Lindau hat den Bau einer neuen Brücke über den Fluss beschlossen, sagte Anna Weber.",
    "fr": "Le conseil municipal de Valmont a décidé la construction d'un nouveau pont, a déclaré Jeanne Moreau lundi.",
    "es": "El ayuntamiento de Villaclara aprobó la construcción de un nuevo puente, dijo Lucía Ramos el lunes.",
    "ru": "Городской совет Светлограда одобрил строительство нового моста через реку, сообщила Анна Петрова.",
    "ar": "وافق مجلس المدينة على بناء جسر جديد فوق النهر، كما قالت رئيسة البلدية سلمى حداد يوم الاثنين في مؤتمر صحفي.",
    "zh": "市议会周一批准在河上修建一座新桥，市长李明在新闻发布会上表示，工程将于明年春天开工，预计耗资三亿元。",
    "ja": "市議会は月曜日、川に新しい橋を建設する計画を承認した。山田市長は記者会見で来年春に着工すると述べた。",
}


@pytest.fixture
def idf() -> Idf:
    """The background alone."""
    return Idf(0)


@pytest.fixture
def made() -> Callable[..., Fingerprint]:
    """The fingerprint of a named text, or of a text given."""

    def make(text: str, language: str | None = None) -> Fingerprint:
        language = language or ("de" if text == "ferry-german" else "en")
        return fingerprint(TEXTS.get(text, text), title=None, language=language, published=None)

    return make


@pytest.fixture
def judged(made: Callable[..., Fingerprint], idf: Idf) -> Callable[[str, str], Judgement]:
    """What one named text is to another."""
    return lambda a, b: judge(made(a), [made(b)], idf)[0]


@pytest.fixture
def text() -> Callable[[str], str]:
    """A named text itself."""
    return TEXTS.__getitem__


@pytest.fixture(params=sorted(SCRIPTS))
def written(request: pytest.FixtureRequest) -> tuple[str, str]:
    """(language, a sentence in it), for each script."""
    return request.param, SCRIPTS[request.param]
