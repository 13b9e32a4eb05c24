import pytest

from storyfold.articles.line_rules import LANGUAGES, LARGEST_SHARE, junk_lines
from storyfold.articles.rules.kinds import KINDS
from storyfold.articles.structure import PageMarks, line_key

BODY = [
    f"The harbour master counted {n} boats that morning, more than on any day of the past spring." for n in range(14)
]


def reasons(lines: list[str], marks: PageMarks | None = None) -> dict[str, str]:
    return {removed.line: removed.reason for removed in junk_lines(lines, marks or PageMarks())}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Header Ads", "ad"),
        ("ADVERTISEMENT", "ad"),
        ("Anzeige", "ad"),
        ("Publicité", "ad"),
        ("Publicidad", "ad"),
        ("Реклама", "ad"),
        ("Powered by Blogger.", "platform"),
        ("No comments:", "comments"),
        ("3 comments", "comments"),
        ("Post a Comment", "comments"),
        ("Keine Kommentare:", "comments"),
        ("Kommentar veröffentlichen", "comments"),
        ("Aucun commentaire:", "comments"),
        ("Laisser un commentaire", "comments"),
        ("No hay comentarios:", "comments"),
        ("Publicar un comentario", "comments"),
        ("Нет комментариев", "comments"),
        ("Share on Facebook", "share"),
        ("Teilen", "share"),
        ("Facebook Twitter WhatsApp", "share"),
        ("Sign up for our free morning newsletter", "follow"),
        ("Abonnieren Sie unseren Newsletter", "follow"),
        ("Suscríbete a nuestro boletín", "follow"),
        ("Подпишитесь на наш канал", "follow"),
        ("Read more: Ferry to sail again in May", "read-more"),
        ("Lesen Sie auch: Fähre fährt wieder", "read-more"),
        ("Lire aussi : Le ferry repart en mai", "read-more"),
        ("Lee también: El ferry vuelve en mayo", "read-more"),
        ("Читайте также: Паром снова пойдёт в мае", "read-more"),
        ("Pubblicità", "ad"),
        ("Iscriviti alla newsletter", "follow"),
        ("Leggi anche: Il traghetto riparte", "read-more"),
        ("Advertentie", "ad"),
        ("Schrijf je in voor onze nieuwsbrief", "follow"),
        ("Lees ook: De veerboot vaart weer", "read-more"),
        ("Zur Startseite", "read-more"),
        ("Photo: Ada Moor", "media"),
        ("Foto: Ada Moor/dpa", "media"),
        ("The pier after the storm (Reuters)", "media"),
    ],
)
def test_a_junk_line_goes_from_the_middle_of_a_text(line: str, reason: str) -> None:
    assert reasons([*BODY[:7], line, *BODY[7:]]) == {line: reason}


@pytest.mark.parametrize(
    "line",
    [
        "He criticised the header ads on the page.",
        "There were no comments from the ministry on Friday.",
        "The site is powered by Blogger and read by nobody, its owner said.",
        "Readers should read more about the treaty before they judge it.",
        "She said she would subscribe to that view without reservation.",
        "Follow the river for two miles and you will see the mill.",
        "Die Anzeige wurde am Montag bei der Polizei erstattet.",
        "Er sagte, er habe keine Kommentare abzugeben.",
        "Nadie quiso publicar un comentario sobre el asunto.",
        "Реклама на улицах города будет запрещена с мая.",
        "- Cost: nine million",
        "Why Trust Matters",
        "Die größte Hürde ist seit Jahren die elektronische Patientenakte (ePA)",
        "And the sea came in, and the sea went out,",
        "Follow me, said the tide,",
        "Read more, said the stone,",
        "1. Boil the water",
    ],
)
def test_the_same_words_in_a_sentence_a_list_or_a_verse_stay(line: str) -> None:
    assert reasons([*BODY[:7], line, *BODY[7:]]) == {}


@pytest.mark.parametrize(
    "line",
    [
        "By noon the square was full.",
        "By signing the accord, both sides agree to withdraw their boats.",
        "Photos from the pier showed smoke rising.",
        "Like millions of others on Facebook, she shared the picture.",
        "Share the road with those who walk.",
        "Copyright law protects the song of the fishermen.",
        "Moor was the first editor of the island's paper, which closed in 1931.",
        "Voir Lindow et mourir, disait le pêcheur.",
        "S'inscrire à l'école de voile coûte cher.",
        "Acheter une maison au port est un rêve.",
        "Partager un repas au port est un plaisir.",
        "Comparte la casa con su hermana.",
        "Temas como este preocupan al puerto.",
        "Por eso no vino nadie.",
        "Смотрите, кто пришёл в гавань.",
        "Фото опубликовали жители острова.",
        "Темы встречи назвал мэр.",
        "Von hier an war alles anders.",
        "Themen gab es an diesem Abend genug.",
        "Abbonati in calo nel 2025, dice il giornale.",
        "Deel twee van het plan begint in mei.",
    ],
)
def test_sentences_that_begin_like_junk_stay_wherever_they_stand(line: str) -> None:
    assert reasons([BODY[0], line, *BODY]) == {}
    assert reasons([*BODY, line, BODY[0]]) == {}


@pytest.mark.parametrize("line", ["Opinion: Why the pier must go", "Video: Storm over Lindow"])
def test_a_headline_with_a_label_stays_on_the_first_line(line: str) -> None:
    assert reasons([line, *BODY]) == {}


@pytest.mark.parametrize(
    "line",
    [
        *("By Ada Moor", "3 February 2024", "Published: Feb 3, 2024", "Von Ada Moor", "4 min read"),
        *("3 Haziran 2026 10:15", "2026年6月3日", "June 3, 2026 / 10:15 AM EDT / Lindow Post"),
    ],
)
def test_bylines_and_dates_go_at_the_top_alone(line: str) -> None:
    assert line in reasons([line, *BODY])
    assert reasons([*BODY[:7], line, *BODY[7:]]) == {}


@pytest.mark.parametrize(
    "line", ["Tags: harbour, boats", "© 2024 Lindow Post. All rights reserved.", "About the author"]
)
def test_tags_legal_lines_and_bios_go_at_the_end_alone(line: str) -> None:
    assert line in reasons([*BODY, line])
    assert reasons([line, *BODY]) == {}


def test_a_line_that_continues_a_sentence_stays() -> None:
    wrapped = ["Those who want to understand the quarrel over the pier will have to", "read more", *BODY]
    assert reasons(wrapped) == {}


def test_a_headline_goes_where_it_is_repeated_at_the_top_alone() -> None:
    marks = PageMarks().with_headline("Ferry to sail again")
    assert reasons(["FERRY TO SAIL AGAIN", *BODY], marks) == {"FERRY TO SAIL AGAIN": "headline"}
    assert reasons([*BODY[:5], "Ferry to sail again", *BODY[5:]], marks) == {}


def test_links_that_end_a_text_go_together_and_a_single_one_stays() -> None:
    links = ["Ferry sails again", "Mayor resigns over pier"]
    marks = PageMarks(linked=frozenset(map(line_key, links)))
    assert reasons([*BODY, *links], marks) == dict.fromkeys(links, "teaser")
    assert reasons([*BODY, links[0]], marks) == {}


def test_no_more_than_the_allowed_share_of_a_text_goes_and_the_surest_kinds_go_first() -> None:
    lines = ["Header Ads", "A short report from the harbour.", *["Read more: Ferry to sail again in May"] * 5]
    removed = junk_lines(lines, PageMarks())
    assert sum(len(line.line) for line in removed) <= LARGEST_SHARE * sum(map(len, lines))
    assert removed[0].reason == "ad"


def test_every_row_belongs_to_a_kind_that_is_known() -> None:
    known = {kind.name for kind in KINDS}
    assert all(set(language.ROWS) <= known for language in LANGUAGES)
