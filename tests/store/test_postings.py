"""The inverted table in blocks: lists grow at their end, are read from there, and give articles up again."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import text

from storyfold.matching.fingerprint import VERSION
from storyfold.store import candidates, postings
from storyfold.store.bulk import write_together
from storyfold.store.candidates import look_up
from storyfold.store.engine import Sessions
from storyfold.store.postings import BLOCK, appended, remove

TERM, OTHER = 11, 12


def append(sessions: Sessions, first: int, last: int, terms: tuple[int, ...] = (TERM,)) -> None:
    """Articles of these ids in one batch, each with a fingerprint that names its terms."""
    ids = range(first, last + 1)
    with sessions.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text("INSERT INTO fingerprints VALUES (:id, :id, :version, 0, 0, '{}', :terms, '{}', '')"),
            [{"id": id, "version": VERSION, "terms": list(terms)} for id in ids],
        )
        write_together(session, [appended((id, 5, dict.fromkeys(terms, 100)) for id in ids)])


def listed(sessions: Sessions, term: int = TERM) -> list[int]:
    """The articles that are found by a term."""
    with sessions() as session:
        found = look_up(session, [term], {})
    return found.hits({term: 1.0}).ids.tolist() if found.postings else []


def blocks(sessions: Sessions, term: int = TERM) -> list[tuple[int, int, int, int]]:
    """(number, postings, first article, last article)."""
    with sessions() as session:
        asked = "SELECT number, length(data) / 8, first_article_id, last_article_id FROM posting_blocks"
        return [tuple(row) for row in session.execute(text(f"{asked} WHERE term = {term} ORDER BY number"))]


def test_a_list_grows_at_its_end(sessions: Sessions) -> None:
    append(sessions, 1, 2, (TERM, OTHER))
    append(sessions, 3, 3)
    assert (listed(sessions), listed(sessions, OTHER), listed(sessions, 13)) == ([1, 2, 3], [1, 2], [])


def test_a_full_block_is_left_and_the_next_begun(sessions: Sessions) -> None:
    append(sessions, 1, BLOCK - 1)
    append(sessions, BLOCK, BLOCK + 9)
    append(sessions, BLOCK + 10, BLOCK + 10)
    assert blocks(sessions) == [(0, BLOCK + 9, 1, BLOCK + 9), (1, 1, BLOCK + 10, BLOCK + 10)]


def test_the_newest_are_read_up_to_the_cap(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "TERM_CAP", BLOCK + 10)
    for first in range(1, 4 * BLOCK, 50):
        append(sessions, first, first + 49)
    last = listed(sessions)[-1]
    assert listed(sessions) == list(range(last - BLOCK - 9, last + 1))


def test_what_a_posting_says_is_what_is_read(sessions: Sessions) -> None:
    append(sessions, 7, 7)
    with sessions() as session:
        hits = look_up(session, [TERM], {}).hits({TERM: 0.5})
    assert (hits.ids.tolist(), hits.weights.tolist(), hits.days.tolist()) == ([7], [50.0], [5])
    assert hits.weights.dtype == np.float64


def test_articles_are_taken_out_of_their_lists_and_no_others(sessions: Sessions) -> None:
    append(sessions, 1, BLOCK)
    append(sessions, BLOCK + 1, BLOCK + 5)
    append(sessions, BLOCK + 6, BLOCK + 6, (OTHER,))
    with sessions.begin() as session:
        remove(session, [3, BLOCK + 2, BLOCK + 6])
    assert listed(sessions) == [id for id in range(1, BLOCK + 6) if id not in (3, BLOCK + 2)]
    assert blocks(sessions, OTHER) == [], "a block with nothing in it is gone"


def test_a_list_goes_on_where_its_last_block_has_gone(sessions: Sessions) -> None:
    append(sessions, 1, BLOCK)
    append(sessions, BLOCK + 1, BLOCK + 1)
    with sessions.begin() as session:
        remove(session, [BLOCK + 1])
    append(sessions, BLOCK + 2, BLOCK + 2)
    assert listed(sessions) == [*range(1, BLOCK + 1), BLOCK + 2]


def test_an_article_folded_again_stands_last(sessions: Sessions) -> None:
    append(sessions, 1, 5)
    with sessions.begin() as session:
        remove(session, [2])
        session.execute(text("DELETE FROM fingerprints WHERE article_id = 2"))
    append(sessions, 2, 2)
    assert listed(sessions) == [1, 3, 4, 5, 2]
    with sessions.begin() as session:
        postings.remove(session, [2, 5])
    assert listed(sessions) == [1, 3, 4]


def test_nothing_to_take_out_is_no_work(sessions: Sessions) -> None:
    append(sessions, 1, 1)
    with sessions.begin() as session:
        remove(session, [])
        remove(session, [4711])
    assert listed(sessions) == [1]
