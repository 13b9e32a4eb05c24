"""Who speaks for a story."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyfold.matching.canonical import Attribution, Credit, Voice, attributions, same_house, speaker

NINE, TEN = datetime(2030, 1, 8, 9, tzinfo=UTC), datetime(2030, 1, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("This article first appeared on The Varnholm Courier.", Credit.FIRST_APPEARED, "The Varnholm Courier"),
        ("Originally published by www.courier.com today.", Credit.FIRST_APPEARED, "courier.com"),
        ("Republished with permission from Merrow Weekly.", Credit.FIRST_APPEARED, "Merrow Weekly"),
        ("Der Text ist zuerst erschienen bei Ostrand Bote.", Credit.FIRST_APPEARED, "Ostrand Bote"),
        ("VARNHOLM (AP) - A harbour wall fell.", Credit.WIRE, "AP"),
        ("VARNHOLM, Jan 8 (Reuters) – A harbour wall fell.", Credit.WIRE, "Reuters"),
        ("The wall fell at six, the Merrow Weekly reported.", Credit.REPORTED, "Merrow Weekly"),
        ("Merrow Weekly first reported the fall.", Credit.REPORTED, "Merrow Weekly"),
    ],
)
def test_an_origin_is_read_from_the_text(text: str, kind: Credit, name: str) -> None:
    found = attributions(text)
    assert kind in {a.kind for a in found}
    assert any(same_house(a.name, name) for a in found if a.kind == kind)


def test_an_agency_found_elsewhere_on_the_page_is_a_credit() -> None:
    assert attributions("A wall fell.", agency="dpa") == (Attribution(Credit.WIRE, "dpa"),)


def test_an_origin_named_deep_in_the_text_is_none() -> None:
    filler = "The harbour was quiet. " * 100
    assert attributions(f"{filler}This article first appeared on The Courier.{filler}") == ()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("The Varnholm Courier", "varnholmcourier.com"),
        ("AP", "apnews.com"),
        ("The Associated Press", "apnews.com"),
        ("Reuters", "reuters.com"),
        ("merrow.co.uk", "Merrow"),
    ],
)
def test_a_house_is_known_by_its_name_and_its_domain(name: str, source: str) -> None:
    assert same_house(name, source)


def test_two_houses_are_two() -> None:
    assert not same_house("The Varnholm Courier", "merrowweekly.com")
    assert not same_house("AP", "reuters.com")


def test_the_page_named_as_the_original_speaks_before_an_earlier_one() -> None:
    original = Voice(2, 100, TEN, source="a.example", url="https://a.example/1")
    repeated = Voice(1, 300, NINE, source="b.example", url="https://b.example/9", canonical_url="https://a.example/1")
    choice = speaker([repeated, original])
    assert choice.article_id == 2
    assert choice.reasons[0] == "named as the original page by 1 other article"


def test_the_agency_speaks_before_an_earlier_reprint() -> None:
    agency = Voice(5, 200, TEN, source="reuters.com")
    reprint = Voice(1, 250, NINE, source="courier.example", attributions=(Attribution(Credit.WIRE, "Reuters"),))
    assert speaker([reprint, agency]).article_id == 5


def test_a_reprint_does_not_speak_while_an_own_report_is_there_though_its_agency_is_not() -> None:
    reprint = Voice(1, 900, NINE, source="courier.example", attributions=(Attribution(Credit.WIRE, "AP"),))
    own = Voice(2, 100, TEN, source="weekly.example")
    assert speaker([reprint, own]).article_id == 2


def test_an_agency_is_no_repetition_of_itself() -> None:
    own = Voice(1, 100, NINE, source="apnews.com", attributions=(Attribution(Credit.WIRE, "AP"),))
    later = Voice(2, 900, TEN, source="weekly.example")
    assert speaker([own, later]).article_id == 1


def test_the_earliest_speaks_before_the_most_complete() -> None:
    choice = speaker([Voice(1, 900, TEN), Voice(2, 100, NINE)])
    assert (choice.article_id, choice.reasons) == (2, ("published first",))


def test_on_one_day_the_most_complete_speaks_where_a_time_is_not_known() -> None:
    at_midnight = datetime(2030, 1, 8, tzinfo=UTC)
    assert speaker([Voice(1, 100, at_midnight, to_the_day=True), Voice(2, 900, NINE)]).article_id == 2


def test_an_article_without_a_date_does_not_speak_before_one_that_has_one() -> None:
    assert speaker([Voice(1, 900), Voice(2, 100, NINE)]).article_id == 2


def test_of_equals_the_first_to_arrive_speaks() -> None:
    assert speaker([Voice(2, 100), Voice(1, 100)]).article_id == 1


def test_a_story_of_one_has_its_reason_too() -> None:
    assert speaker([Voice(1, 100)]).reasons == ("the only article",)


def test_nobody_speaks_for_a_story_without_articles() -> None:
    with pytest.raises(ValueError, match="without articles"):
        speaker([])


_VOICES = st.lists(
    st.builds(
        Voice,
        id=st.integers(1, 99),
        words=st.integers(0, 3),
        published=st.sampled_from([None, NINE, TEN]),
        to_the_day=st.booleans(),
        source=st.sampled_from([None, "a.com", "reuters.com"]),
        url=st.sampled_from([None, "https://a.com/1", "https://reuters.com/2"]),
        canonical_url=st.sampled_from([None, "https://a.com/1"]),
        attributions=st.sampled_from(
            [(), (Attribution(Credit.WIRE, "Reuters"),), (Attribution(Credit.REPORTED, "A"),)]
        ),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda v: v.id,
)


@given(_VOICES)
def test_the_choice_is_one_of_them_in_any_order_and_has_a_reason(voices: list[Voice]) -> None:
    choice = speaker(voices)
    assert choice.article_id in {v.id for v in voices}
    assert choice.reasons
    assert choice == speaker(voices[::-1])
