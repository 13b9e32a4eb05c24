"""The second look at syndication clusters that changed: what the order of arrival put together or kept apart wrongly.

Two rewrites of an article that comes in later may start two clusters; the article then belongs to both. Only clusters
that changed, and those they touch, are looked at. All is decided here from values; the caller applies it, keeps the
older cluster's id and leaves alone what an editor fixed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from storyfold.matching.assign import REPRESENTATIVES
from storyfold.matching.features import features_of
from storyfold.matching.fingerprint import Fingerprint
from storyfold.matching.idf import Idf
from storyfold.matching.overlap import in_portions
from storyfold.matching.relation import Model, shipped_model

# A part of a cluster leaves it where it hangs on by less than this share of the line: what is joined resists a little.
# One or two articles hold on by less than more do: they may be rewrites of rewrites, which share little with all but
# their source. A crowd that hangs together is another text. In three orders of `matching-dev` pair precision is .984,
# .976 and .973 where all parts hold on by .6, and .985 each with both; with .75 for a crowd two keep what was chained.
STAY, HOLD = 0.6, 0.9
CROWD = 3

# Two crowds of which each hangs together closely are two texts that tell of one thing, though they be as near as the
# line: they ask for this share of what holds the looser one together. In an order of arrival in which two such crowds
# came to be one, pair precision of `matching-dev` is .985 for .975; in the order given B3 F1 is .9946 for .9947.
TIGHT = 0.6

# What another cluster must draw beyond what holds a member where it is, in sums of score above the line. Pair recall on
# PolitiFact, LLMFake and LUN, each left out of training: .934 .867 .990 without moves, .946 .869 .993 with them.
PULL = 0.2
_COUNTED = REPRESENTATIVES - 1  # as many as a member of a full cluster has beside it

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Member:
    """An article in a cluster that is looked at again."""

    id: int
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Repairs:
    """`splits`: (cluster, articles that leave it together). `moves`: (one that leaves alone, cluster that draws it);
    what does not move has a cluster of its own from now on. `merges`: (cluster that stays, cluster that goes into it).

    Splits hold for the clusters as they were handed in; moves and then merges are to be applied after them. A cluster
    id is older the lower it is.
    """

    merges: tuple[tuple[int, int], ...]
    splits: tuple[tuple[int, tuple[int, ...]], ...]
    moves: tuple[tuple[int, int], ...] = ()


_Move = tuple[Member, int, int]
"""A member, the cluster it leaves, and the one it goes to."""

Text = tuple[int, int]
"""An article and the hash of its text."""


class Scores:
    """How near pairs of articles are: each pair is computed once, in one look and in those after it.

    Beyond `most` pairs (some 350 bytes each) all are forgotten.
    """

    def __init__(self, idf: Idf, model: Model | None = None, *, most: int = 50_000) -> None:
        self.model = model or shipped_model()
        self._idf = idf
        self._most = most
        self._known: dict[tuple[Text, Text], float] = {}

    def between(self, article: Member, others: Sequence[Member]) -> F64:
        """The score of `article` with each of `others`."""
        if len(self._known) > self._most:
            self._known.clear()
        self.learn([(article, others)])
        return np.array([self._known[_texts(article, other)] for other in others])

    def learn(self, asked: Iterable[tuple[Member, Sequence[Member]]]) -> None:
        """Compute all pairs that are not known yet in one go, for `between` to find them."""
        wanted: dict[tuple[Text, Text], None] = {}
        prints = []
        for one, others in asked:
            fresh = {texts: other for other in others if (texts := _texts(one, other)) not in self._known}
            fresh = {texts: other for texts, other in fresh.items() if texts not in wanted}
            wanted |= dict.fromkeys(fresh)
            prints.append((one.fingerprint, [other.fingerprint for other in fresh.values()]))
        pairs = iter(wanted)
        for portion in in_portions(prints):
            found = self.model.scores(features_of(portion, self._idf)).tolist()
            self._known.update(zip(islice(pairs, len(found)), found, strict=True))


def _texts(one: Member, other: Member) -> tuple[Text, Text]:
    a, b = (one.id, one.fingerprint.exact), (other.id, other.fingerprint.exact)
    return (a, b) if a < b else (b, a)


def needed(
    clusters: Mapping[int, Sequence[Member]], changed: Collection[int]
) -> Iterator[tuple[Member, Sequence[Member]]]:
    """The pairs that `repair` asks for first: inside of what changed, and between that and the others."""
    for cluster in sorted(set(changed) & clusters.keys()):
        members = sorted(clusters[cluster], key=lambda m: m.id)
        others = [m for other, theirs in clusters.items() if other != cluster for m in theirs]
        within = len(members) > 2 or others
        for place, member in enumerate(members):
            yield member, [*(members[place + 1 :] if within else ()), *others]


def repair(
    clusters: Mapping[int, Sequence[Member]],
    idf: Idf,
    model: Model | None = None,
    *,
    scores: Scores | None = None,
    changed: Collection[int] | None = None,
) -> Repairs:
    """Merges and splits among `clusters`: those that `changed` (None: all), and the ones they have candidates in.

    What did not change is as it was when it was looked at last: nothing leaves it but for a cluster that changed, and
    two such clusters are compared only where one of them is merged with another. `scores` may be shared by calls that
    look at the same articles.
    """
    scores = scores or Scores(idf, model)
    looked_at = set(clusters if changed is None else changed)
    kept = {cluster: sorted(members, key=lambda m: m.id) for cluster, members in sorted(clusters.items())}
    splits: list[tuple[int, tuple[int, ...]]] = []
    for cluster in sorted(looked_at & kept.keys()):
        kept[cluster], *leaving = _parted(kept[cluster], scores)
        splits += [(cluster, tuple(m.id for m in part)) for part in leaving]
    moves: list[_Move] = []
    for cluster in sorted(kept):
        towards = [other for other in kept if cluster in looked_at or other in looked_at]
        moves += _move(cluster, towards, kept, scores, {member.id for member, _, _ in moves})
    splits += [(cluster, (member.id,)) for member, cluster, _ in moves]
    return Repairs(_merges(kept, scores, looked_at), tuple(splits), tuple((member.id, to) for member, _, to in moves))


def _parted(members: Sequence[Member], scores: Scores) -> list[list[Member]]:
    """The parts that members form, the largest (of these the oldest) first: the others leave."""
    if len(members) < 3:  # of two that were joined neither is the stranger
        return [list(members)]
    shown, rest = members[: 2 * REPRESENTATIVES], members[2 * REPRESENTATIVES :]
    links = _links(shown, scores) / scores.model.line
    parts = [list(range(len(shown)))] if links.min() >= max(HOLD, TIGHT * links.max()) else _parts_of(links)
    first, *others = [[shown[n] for n in sorted(part)] for part in sorted(parts, key=lambda p: (-len(p), min(p)))]
    return [[*first, *rest], *others]


def _parts_of(links: F64) -> list[list[int]]:
    """Rows put together by average link, what holds together best first. `links`: in shares of the line."""
    parts = [[n] for n in range(len(links))]
    sums, inner, sizes = links.copy(), np.zeros(len(links)), np.ones(len(links))
    np.fill_diagonal(sums, -np.inf)
    while len(parts) > 1:
        smaller = np.minimum.outer(sizes, sizes)
        within = inner / np.maximum(sizes * (sizes - 1) / 2, 1)
        crowds = np.maximum(HOLD, TIGHT * np.minimum.outer(within, within))
        hold = sums / np.outer(sizes, sizes) / np.where(smaller < CROWD, STAY, crowds)
        a, b = sorted(divmod(int(hold.argmax()), len(parts)))
        if hold[a, b] < 1:
            break
        parts[a] += parts.pop(b)
        inner[a] += inner[b] + sums[a, b]
        sums[a] += sums[b]
        sums[:, a] += sums[:, b]
        sizes[a] += sizes[b]
        sums, inner, sizes = np.delete(np.delete(sums, b, 0), b, 1), np.delete(inner, b), np.delete(sizes, b)
    return parts


def _move(
    cluster: int, towards: Iterable[int], clusters: dict[int, list[Member]], scores: Scores, settled: Collection[int]
) -> list[_Move]:
    """Move the members that other clusters draw, but for the `settled`. `clusters` are as they stand then."""
    drawn = [move for move in _drawn(cluster, towards, clusters, scores) if move[0].id not in settled]
    for member, _, to in drawn:
        clusters[cluster] = [m for m in clusters[cluster] if m.id != member.id]
        clusters[to] = sorted([*clusters[to], member], key=lambda m: m.id)
    return drawn


def _drawn(
    cluster: int, towards: Iterable[int], clusters: Mapping[int, Sequence[Member]], scores: Scores
) -> list[_Move]:
    """Members that one of the clusters `towards` draws more than their own does: of two that were joined early, one may
    be of a text that only came in later.

    A cluster draws by the sum over its members of the score above the line: many near ones draw more than one that is
    nearest. A member that moves adds to that sum over all clusters, as do merges and strangers that leave: there is an
    end to it.
    """
    members = clusters[cluster][:REPRESENTATIVES]
    beside = {other: clusters[other][:_COUNTED] for other in towards if other != cluster and clusters[other]}
    if len(members) < 2 or not beside:
        return []
    line, flat = scores.model.line, [m for list_ in beside.values() for m in list_]
    there = np.array([scores.between(member, flat) for member in members]) - line
    starts = np.cumsum([0, *(len(list_) for list_ in beside.values())])[:-1]
    pulls, names = np.add.reduceat(there, starts, axis=1), list(beside)
    if pulls.max() <= PULL:
        return []
    here = np.maximum(_links(members, scores).sum(axis=1) - 1 - line * (len(members) - 1), 0)
    drawn = [
        (member, cluster, names[int(pull.argmax())])
        for member, pull, holds in zip(members, pulls, here, strict=True)
        if pull.max() > holds + PULL
    ]
    return drawn if len(drawn) < len(members) else drawn[1:]


def _links(articles: Sequence[Member], scores: Scores) -> F64:
    links = np.eye(len(articles))
    for i, article in enumerate(articles[:-1]):
        links[i, i + 1 :] = scores.between(article, articles[i + 1 :])
        links[i + 1 :, i] = links[i, i + 1 :]
    return links


def _merges(
    clusters: Mapping[int, Sequence[Member]], scores: Scores, changed: Collection[int]
) -> tuple[tuple[int, int], ...]:
    """Greedy: the two clusters go together that are nearest beyond what they ask for, until none are."""
    heads = {c: ms[:REPRESENTATIVES] for c, ms in clusters.items() if ms}
    parts = _Parts(heads, scores)
    for cluster in sorted(set(changed) & heads.keys()):
        parts.compare(cluster, [other for other in heads if other != cluster])
    merges = []
    while parts.links:
        pair = max(parts.links, key=lambda pair: (parts.beyond(pair), -pair[0], -pair[1]))
        if parts.beyond(pair) < 0:
            break
        merges.append(pair)
        parts.join(*pair)
    return tuple(merges)


class _Parts:
    """Clusters with the links between them: the mean score of their heads. Of what was joined all links are known."""

    def __init__(self, heads: Mapping[int, Sequence[Member]], scores: Scores) -> None:
        self.links: dict[tuple[int, int], float] = {}
        self._heads = dict(heads)
        self._sizes = {cluster: len(members) for cluster, members in heads.items()}
        self._scores = scores
        self._within: dict[int, float] = {}

    def compare(self, cluster: int, others: Iterable[int]) -> None:
        """Link a cluster to others, which were not joined with any yet."""
        fresh = [other for other in others if _pair(cluster, other) not in self.links]
        members = [member for other in fresh for member in self._heads[other]]
        if not members:
            return
        near = np.mean([self._scores.between(head, members) for head in self._heads[cluster]], axis=0)
        ends = np.cumsum([len(self._heads[other]) for other in fresh])
        parts = np.split(near, ends[:-1])
        self.links.update({_pair(cluster, o): float(part.mean()) for o, part in zip(fresh, parts, strict=True)})

    def beyond(self, pair: tuple[int, int]) -> float:
        """By how much two linked clusters are nearer than they must be to go together."""
        asked = self._scores.model.line
        if min(self._sizes[cluster] for cluster in pair) >= CROWD:
            asked = max(asked, TIGHT * min(map(self._holds, pair)))
        return self.links[pair] - asked

    def _holds(self, cluster: int) -> float:
        """The mean score between the heads of a cluster."""
        if cluster not in self._within:
            n = len(self._heads[cluster])
            pairs = max(n * (n - 1), 1)
            self._within[cluster] = (float(_links(self._heads[cluster], self._scores).sum()) - n) / pairs
        return self._within[cluster]

    def join(self, stays: int, goes: int) -> None:
        """Links of both become the average of theirs, weighted by size."""
        others = [cluster for cluster in self._heads if cluster not in (stays, goes)]
        for one in (stays, goes):
            self.compare(one, others)
        a, b = self._sizes[stays], self._sizes.pop(goes)
        for other in others:
            with_a, with_b = self.links[_pair(stays, other)], self.links.pop(_pair(goes, other))
            self.links[_pair(stays, other)] = (with_a * a + with_b * b) / (a + b)
        del self.links[_pair(stays, goes)], self._heads[goes]
        self._sizes[stays] = a + b


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)
