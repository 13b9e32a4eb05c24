"""Match: the dry run. What is this text a copy of? Nothing of it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storyfold.articles.article import Article, Declared
from storyfold.articles.digest import digest_page, digest_text
from storyfold.errors import Rejected
from storyfold.matching.idf import Idf
from storyfold.stages.folding import judge_alone
from storyfold.store import pages
from storyfold.store.candidates import Loader
from storyfold.store.engine import Sessions
from storyfold.store.texts import FoldText

# No article has it: ids begin at 1.
NO_ARTICLE = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Judges texts and pages against the corpus. Parses hostile bytes: to be run where a process may be killed."""

    sessions: Sessions
    idf: Idf
    loader: Loader = field(default_factory=Loader)

    def text(self, text: str, now: datetime) -> dict[str, Any]:
        """The answer for a text: `relation`, `matched`, `score`, `story_id`, `evidence`. Raises `Rejected`."""
        return self.judge(article_of_text(text, now))

    def page(self, page_id: int, now: datetime) -> dict[str, Any]:
        """The same for a page that was fetched."""
        return self.judge(self.article_of_page(page_id, now))

    def article_of_page(self, page_id: int, now: datetime) -> Article:
        """What is judged of a page that was fetched."""
        with self.sessions() as session:
            raw = pages.get_page(session, page_id)
        return digest_page(
            raw.body, content_type=raw.content_type, url=raw.final_url, declared=Declared(url=raw.final_url), now=now
        )

    def judge(self, article: Article) -> dict[str, Any]:
        """The answer for an article; offsets in its evidence are those of its text. Raises `Rejected`."""
        if article.rejected:
            raise Rejected(article.rejected, f"this is no article ({article.rejected})")
        asked = FoldText(NO_ARTICLE, NO_ARTICLE, article.text, article.title, article.language, article.published)
        with self.sessions() as session:
            return judge_alone(session, asked, self.idf, self.loader)


def article_of_text(text: str, now: datetime) -> Article:
    """What is judged of a text."""
    return digest_text(text, declared=Declared(), now=now)
