"""What an article that leaves a syndication cluster keeps of those it stood beside."""

from __future__ import annotations

from storyfold.matching.assign import Candidate
from storyfold.matching.fingerprint import fingerprint
from storyfold.matching.idf import Idf
from storyfold.stages.cluster_repair import _new_bonds


def standing(id: int, cluster: int) -> Candidate:
    text = f"The ferry to the island of Norra left port number {id} with forty passengers and a brass band on board."
    return Candidate(id, cluster, 1, fingerprint(text, title=None, language="en", published=None))


def test_an_article_that_leaves_what_its_cluster_was_merged_into_has_bonds_with_those_there() -> None:
    members = {1: [standing(11, 1), standing(12, 1)], 2: [standing(21, 2)]}
    found = _new_bonds({21: 1}, members, Idf(0))
    assert [(later, earlier) for later, earlier, _ in found] == [(21, 11), (21, 12)]
