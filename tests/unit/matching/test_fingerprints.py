from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyfold.errors import BadInput
from storyfold.matching.features import FEATURES, features
from storyfold.matching.fingerprint import BANDS, BEGINNINGS, MAX_RUNS, MAX_TERMS, RUNS2, Fingerprint, fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.relation import Relation, judge
from storyfold.matching.tokens import split

Made = Callable[..., Fingerprint]


def same(a: Fingerprint, b: Fingerprint) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in (
            *("language", "words", "exact", "day", "bands", "terms", "counts", "places", "flags"),
            *("wording", "sizes", "ceilings", "named", "title"),
        )
    )


@pytest.mark.parametrize("name", ["ferry", "market-monday", "", "…", "word"])
def test_a_stored_fingerprint_comes_back_equal(made: Made, name: str) -> None:
    article = made(name)
    assert same(Fingerprint.from_bytes(article.to_bytes()), article)


def test_a_fingerprint_of_another_version_is_refused(made: Made) -> None:
    with pytest.raises(BadInput, match="version 0"):
        Fingerprint.from_bytes(b"\0" + made("ferry").to_bytes()[1:])


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_has_a_fingerprint_that_is_the_same_each_time(text: str) -> None:
    once, twice = (fingerprint(text, title=text[:40], language="en", published=None) for _ in range(2))
    assert same(once, twice)
    assert same(Fingerprint.from_bytes(once.to_bytes()), once)
    assert np.all(np.diff(once.terms.astype(np.int64)) > 0)


def test_spaces_and_punctuation_do_not_change_the_exact_hash(made: Made, text: Callable[[str], str]) -> None:
    assert made(text("ferry").replace(". ", ".\n\n").replace(",", " ,")).exact == made("ferry").exact


def test_capitals_change_the_names_and_not_the_terms(made: Made, text: Callable[[str], str]) -> None:
    shouted = made(text("ferry").upper())
    assert np.array_equal(shouted.terms, made("ferry").terms)
    assert len(shouted.names) == 0
    assert len(made("ferry").names) > 10


def test_a_text_in_capitals_is_a_copy_of_itself(made: Made, text: Callable[[str], str], idf: Idf) -> None:
    assert judge(made(text("ferry").upper()), [made("ferry")], idf)[0].relation is Relation.COPY


@pytest.mark.parametrize(
    ("shown", "hidden"),
    [
        ("o", "o\u200b"),
        ("er", "er\u00ad"),
        (" the", "\u2060 the"),
        ("ae", "a\ufeffe"),
        ("a", "\u0430"),
        ("e", "\u0435"),
    ],
    ids=["zero-width space", "soft hyphen", "word joiner", "byte order mark", "Cyrillic a", "Cyrillic e"],
)
def test_what_nobody_sees_does_not_change_a_text(
    made: Made, text: Callable[[str], str], shown: str, hidden: str
) -> None:
    assert made(text("ferry").replace(shown, hidden)).exact == made("ferry").exact


def test_a_word_of_another_script_keeps_its_letters() -> None:
    assert split("рынок").hashes.tolist() != split("pынok").hashes.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zelensky", "Zelenskyy"), ("Muhammad", "muhammad"), ("Müller", "Muller"), ("1,000", "1000"), ("أحمد", "احمد")],
)
def test_spellings_of_one_name_or_figure_meet(one: str, other: str) -> None:
    assert split(one).hashes.tolist() == split(other).hashes.tolist()


def test_a_huge_text_has_a_small_fingerprint(made: Made) -> None:
    huge = made(" ".join(f"word{n % 70000:x}q" for n in range(200_000)))
    assert len(huge.terms) <= MAX_TERMS
    assert huge.sizes[RUNS2] <= MAX_RUNS[2]
    assert len(huge.to_bytes()) < 40_000


@pytest.mark.parametrize(
    "text", ["", "   \n", "!!! ???", "x" * 200_000, "一" * 50_000, "no " * 200_000, "Same again. " * 20_000, "A"]
)
def test_odd_texts_are_judged_without_a_fuss(made: Made, idf: Idf, text: str) -> None:
    judgement = judge(made(text), [made("ferry"), made(text)], idf)[0]
    assert judgement.relation is Relation.NEW


def test_empty_texts_are_no_copies_of_each_other(made: Made, idf: Idf) -> None:
    assert judge(made(""), [made("")], idf)[0].relation is Relation.NEW


def test_any_script_has_terms_and_is_its_own_copy(made: Made, idf: Idf, written: tuple[str, str]) -> None:
    language, text = written
    article = made(text, language)
    assert article.words >= 10
    assert judge(article, [made(text, language)], idf)[0].relation is Relation.COPY


def test_any_script_is_stored_and_read_back(made: Made, written: tuple[str, str]) -> None:
    language, text = written
    article = made(text, language)
    assert same(Fingerprint.from_bytes(article.to_bytes()), article)


def test_chinese_is_cut_into_pairs_of_neighbouring_characters() -> None:
    whole, part = split("市议会批准").hashes, split("议会批").hashes
    assert len(whole) == 4
    assert set(part.tolist()) <= set(whole.tolist())


@pytest.mark.parametrize("share", [0.7, 0.8, 0.9])
def test_most_of_a_text_in_another_finds_it_by_its_bands(share: float) -> None:
    words = [f"word{number}" for number in range(600)]
    kept = int(share * 600)
    one = fingerprint(" ".join(words), title=None, language="en", published=None)
    others = [f"other{number}" for number in range(600 - kept)]
    other = fingerprint(" ".join(words[:kept] + others), title=None, language="en", published=None)
    assert set(one.bands) & set(other.bands)
    assert len(set(one.bands)) == BANDS


def test_strangers_share_no_band(made: Made) -> None:
    assert not set(made("ferry").bands) & set(made("market-monday").bands)


def test_a_short_text_has_bands_from_its_terms(made: Made) -> None:
    assert made("Grey Quay closes").bands == made("Closes: Grey Quay!").bands != ()


def test_flags_counts_and_places_go_with_the_terms() -> None:
    article = fingerprint("the vote by Vestby, 7 or 8: the Vestby vote", title=None, language="en", published=None)
    words = split("the vote by Vestby, 7 or 8: the Vestby vote").hashes.tolist()
    for term, count, place in zip(article.terms.tolist(), article.counts, article.places, strict=True):
        assert count == words.count(term)
        assert place == words.index(term) * 0xFFFF // len(words)
    assert set(article.names.tolist()) == set(split("Vestby").hashes.tolist())
    assert len(article.figures) == 2


def test_the_day_of_publication_is_kept(made: Made) -> None:
    assert made("ferry").day is None


def names_kept(one: str, other: str, idf: Idf) -> float:
    a, b = (fingerprint(text, title=None, language="en", published=None) for text in (one, other))
    there, back = (features(x, [y], idf)[0, FEATURES.index("names_kept")] for x, y in ((a, b), (b, a)))
    assert there == back
    return float(there)


def test_a_name_in_another_form_is_kept(idf: Idf) -> None:
    told = "We heard that Russia and Brannholm signed, and that Haldane rejoiced."
    assert names_kept(told, "It was said the Russians had signed with Brannholm, to the joy of Haldane.", idf) == 1
    assert names_kept(told, told.lower(), idf) == 0  # where a text names nobody, there is no share of its names
    assert names_kept(told, "A Russian signed. Or so brannholm and haldane say.", idf) == 0
    assert names_kept(told, "So the Russian and Ingrid signed, while haldane and brannholm slept.", idf) == 1.5


def test_a_word_that_is_a_name_once_is_a_name() -> None:
    article = fingerprint("bush told of Bush", title=None, language="en", published=None)
    assert sorted(article.named.tolist()) == [0, 0, 1]  # bush, told, of
    assert article.sizes[BEGINNINGS] == 3
