"""`storyfold stories` and `storyfold story`: read what was folded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from storyfold.cli.arguments import COUNT, ID, WORDS
from storyfold.cli.join import join
from storyfold.cli.readable import plain
from storyfold.cli.ties import counted, sentences, shared
from storyfold.settings import load_settings
from storyfold.store import stories as store
from storyfold.store.stories import ClusterRecord, Member
from storyfold.store.story_pages import StoryFilter
from storyfold.store.tables import Story
from storyfold.store.texts import FoldText, texts_of_articles

PAGE = 200


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the fields of the API.")
@click.option("-q", "query", type=WORDS, help="Full text.")
@click.option("--source", type=WORDS, help="Told by this source.")
@click.option("--min-articles", type=COUNT, help="With at least so many articles.")
@click.option("--limit", default=50, show_default=True, type=COUNT, help="How many at most.")
def stories(as_json: bool, query: str | None, source: str | None, min_articles: int | None, limit: int) -> None:
    """List stories, the last changed first."""
    wanted = StoryFilter(q=query, source=source, min_articles=min_articles)
    with join(load_settings())() as session:
        for story in _listed(session, wanted, limit):
            click.echo(json.dumps(_fields(story), ensure_ascii=False) if as_json else _line(story))


@click.command()
@click.argument("story_id", metavar="ID", type=ID)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with the fields of the API.")
def story(story_id: int, as_json: bool) -> None:
    """Show a story: who told it, who repeated it, and what both have where one is tied to the other.

    Of their sentences those that are most alike. All that is shared and how it was judged: --json, or GET
    /v1/articles/A/compare/B.
    """
    with join(load_settings())() as session:
        found = store.get_story(session, store.standing_id(session, store.get_story(session, story_id)))
        clusters = store.get_clusters(session, found.id)
        texts = {} if as_json else _texts(session, clusters)
    if as_json:
        whole = _fields(found) | {"clusters": [_cluster(cluster) for cluster in clusters]}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    click.echo(_line(found))
    for cluster in clusters:
        click.echo(f"\n  syndication cluster {cluster.id}")
        for member in cluster.members:
            click.echo(f"    {_member_line(member)}")
            for line in _tie(member, texts):
                click.echo(f"        {line}")


def _texts(session: Session, clusters: Sequence[ClusterRecord]) -> dict[int, FoldText]:
    """The texts of what is tied, and of what it is tied to."""
    members = [member for cluster in clusters for member in cluster.members if member.matched_id]
    return texts_of_articles(session, {id for member in members for id in (member.id, member.matched_id) if id})


def _tie(member: Member, texts: dict[int, FoldText]) -> Iterator[str]:
    if member.matched_id is None or not member.evidence:
        return
    if both := shared(member.evidence):
        yield f"both: {both}"
    mine, other = texts.get(member.id), texts.get(member.matched_id)
    if mine and other:
        for line in sentences(member.evidence, mine.text, other.text, (str(member.id), str(member.matched_id))):
            yield f"  {line}"


def _listed(session: Session, wanted: StoryFilter, limit: int) -> Iterator[Story]:
    cursor: str | None = None
    while limit > 0:
        page = store.list_stories(session, wanted, limit=min(limit, PAGE), cursor=cursor)
        yield from page.stories
        limit -= len(page.stories)
        cursor = page.next_cursor
        if cursor is None:
            return


def _line(story: Story) -> str:
    counts = ", ".join(
        counted(number, name)
        for number, name in (
            (story.article_count, "article"), (story.source_count, "source"), (story.cluster_count, "cluster")
        )
    )  # fmt: skip
    return f"{story.id}\t{_time(story.last_published) or 'undated'}\t{counts}\t{plain(story.title or '(untitled)')}"


def _member_line(member: Member) -> str:
    tie = f"{member.relation} of {member.matched_id} ({member.score:.2f})" if member.matched_id else member.relation
    when = _time(member.published) or "undated"
    told = (member.source or "-", str(tie), member.title or member.url or "-")
    return "\t".join([str(member.id), when, *map(plain, told)])


def _fields(story: Story) -> dict[str, Any]:
    return {
        "id": str(story.id),
        "title": story.title,
        "canonical_article_id": _id(story.canonical_article_id),
        "article_count": story.article_count,
        "source_count": story.source_count,
        "cluster_count": story.cluster_count,
        "first_published": _time(story.first_published),
        "last_published": _time(story.last_published),
        "updated_at": _time(story.updated_at),
        "language": story.language,
    }


def _cluster(cluster: ClusterRecord) -> dict[str, Any]:
    return {"id": str(cluster.id), "articles": [_member(member) for member in cluster.members]}


def _member(member: Member) -> dict[str, Any]:
    fields = asdict(member)
    matched = fields.pop("matched_id")
    return fields | {"id": str(member.id), "matched": _id(matched), "published": _time(member.published)}


def _id(id: int | None) -> str | None:
    return None if id is None else str(id)


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")
