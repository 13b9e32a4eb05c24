"""Rules of links: each has one fate, and the fate is what became of it."""

from storyfold.store.invariants.rule import Rule

_RETRY = "fetch it again: POST /v1/links/{id}/refetch, or /retry where it was rejected or failed"

LINKS = (
    Rule(
        "one-fate",
        "links",
        "A link has one of the five fates; exactly while it is pending it waits for a stage and has a time to be due.",
        "a constraint of the table is missing: compare the schema with `storyfold doctor`, and restore a backup",
        """
        SELECT id FROM links
        WHERE fate NOT IN ('pending', 'folded', 'duplicate', 'rejected', 'failed')
            OR (fate = 'pending') <> (stage IS NOT NULL) OR (fate = 'pending') <> (next_attempt_at IS NOT NULL)
        """,
    ),
    Rule(
        "folded-has-article",
        "links",
        "A folded link has an article that stands in a syndication cluster.",
        _RETRY,
        """
        SELECT links.id FROM links LEFT JOIN articles ON articles.link_id = links.id
        WHERE links.fate = 'folded' AND articles.cluster_id IS NULL
        """,
    ),
    Rule(
        "article-is-folded",
        "links",
        "A link whose article stands in a syndication cluster is folded, or pending while its page is read again.",
        _RETRY,
        """
        SELECT links.id FROM links JOIN articles ON articles.link_id = links.id
        WHERE links.fate NOT IN ('folded', 'pending') AND articles.cluster_id IS NOT NULL
        """,
    ),
    Rule(
        "duplicate-of-original",
        "links",
        "A duplicate names the link that it repeats, which is no duplicate itself; nothing else names one.",
        "the page is known by another link still: nothing is lost, and a report of it to the project is welcome",
        """
        SELECT links.id FROM links LEFT JOIN links AS original ON original.id = links.duplicate_of
        WHERE (links.fate = 'duplicate') <> (links.duplicate_of IS NOT NULL) OR original.fate = 'duplicate'
        """,
    ),
    Rule(
        "url-is-known",
        "links",
        "A link with a canonical URL is what that URL stands for, so that it can never come in a second time.",
        "hand the URL in again: it is known from then on; fold the two links' articles by hand if both are folded",
        """
        SELECT links.id FROM links LEFT JOIN link_urls ON link_urls.canonical_url = links.canonical_url
        WHERE links.canonical_url IS NOT NULL AND link_urls.link_id IS DISTINCT FROM links.id
        """,
    ),
    Rule(
        "url-has-link",
        "links",
        "A canonical URL stands for a link that is there.",
        "delete the rows of link_urls that name a link which is not there, and hand those URLs in again",
        """
        SELECT link_urls.link_id AS id FROM link_urls LEFT JOIN links ON links.id = link_urls.link_id
        WHERE links.id IS NULL
        """,
    ),
    Rule(
        "text-is-there",
        "articles",
        "An article has the text of its current revision.",
        _RETRY,
        """
        SELECT articles.id FROM articles
        LEFT JOIN revisions ON revisions.article_id = articles.id AND revisions.revision = articles.revision
        WHERE revisions.article_id IS NULL
        """,
    ),
)
