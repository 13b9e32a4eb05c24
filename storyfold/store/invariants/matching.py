"""Rules of matching: each tie can be shown, and each article can be found again by those to come."""

from storyfold.store.invariants.rule import Rule

_AGAIN = "have the article folded anew: POST /v1/links/{id}/refetch on its link"

MATCHING = (
    Rule(
        "tie-has-evidence",
        "articles",
        "Whatever an article is tied to, evidence says why.",
        _AGAIN,
        """
        SELECT articles.id FROM articles
        LEFT JOIN evidence ON evidence.article_id = articles.id AND evidence.matched_id = articles.matched_id
        WHERE articles.matched_id IS NOT NULL AND (
            evidence.relation IS DISTINCT FROM articles.relation
            -- it is made out right after a second look, which may take as long as its task
            OR (evidence.data IS NULL AND evidence.created_at < :now - interval '10 minutes')
        )
        """,
    ),
    Rule(
        "tie-within-cluster",
        "articles",
        "What an article copies, reprints or rewrites stands in its own syndication cluster.",
        _AGAIN,
        """
        SELECT articles.id FROM articles JOIN articles AS matched ON matched.id = articles.matched_id
        WHERE articles.relation IN ('copy', 'reprint', 'rewrite')
            AND matched.cluster_id IS DISTINCT FROM articles.cluster_id
        """,
    ),
    Rule(
        "tie-leads-to-opener",
        "articles",
        "What copies, reprints or rewrites leads, tie by tie, to an article that does not: no tie goes round.",
        _AGAIN,
        """
        WITH RECURSIVE led AS (
            SELECT id FROM articles WHERE relation NOT IN ('copy', 'reprint', 'rewrite')
            UNION ALL
            SELECT articles.id FROM led JOIN articles ON articles.matched_id = led.id
            WHERE articles.relation IN ('copy', 'reprint', 'rewrite')
        )
        SELECT articles.id FROM articles LEFT JOIN led ON led.id = articles.id
        WHERE articles.relation IN ('copy', 'reprint', 'rewrite') AND led.id IS NULL
        """,
    ),
    Rule(
        "tie-within-story",
        "articles",
        "What an article reports the same event as stands in its own story.",
        _AGAIN,
        """
        SELECT articles.id FROM articles
        JOIN clusters ON clusters.id = articles.cluster_id
        JOIN articles AS matched ON matched.id = articles.matched_id
        LEFT JOIN clusters AS others ON others.id = matched.cluster_id
        WHERE articles.relation = 'same_event' AND others.story_id IS DISTINCT FROM clusters.story_id
        """,
    ),
    Rule(
        "folded-has-fingerprint",
        "articles",
        "As far back as fingerprints are kept, each folded article has one.",
        _AGAIN,
        """
        SELECT articles.id FROM articles LEFT JOIN fingerprints ON fingerprints.article_id = articles.id
        WHERE articles.cluster_id IS NOT NULL AND fingerprints.article_id IS NULL AND articles.folded_at >= (
            SELECT min(kept.folded_at) FROM articles AS kept JOIN fingerprints ON fingerprints.article_id = kept.id
        )
        """,
    ),
    Rule(
        "fingerprint-is-indexed",
        "articles",
        "An article that can be found is found by its terms too: of a text of some length a few stand in the index.",
        _AGAIN,
        """
        SELECT fingerprints.article_id AS id FROM fingerprints JOIN articles ON articles.id = fingerprints.article_id
        WHERE articles.words >= 50 AND cardinality(fingerprints.bands) > 0 AND NOT EXISTS (
            SELECT FROM posting_blocks AS block WHERE block.term = fingerprints.index_terms[1]
                AND fingerprints.article_id BETWEEN block.first_article_id AND block.last_article_id
                AND position(substr(int8send(fingerprints.article_id), 5) IN block.data) > 0
        )
        """,
    ),
    Rule(
        "fingerprint-has-article",
        "articles",
        "A fingerprint, or a posting in the index, is that of an article which is folded.",
        "delete these fingerprints; postings that lead to nothing do no harm",
        """
        SELECT found.article_id AS id
        FROM (
            SELECT article_id FROM fingerprints
            UNION
            SELECT ('x' || encode(substr(data, place, 4), 'hex'))::bit(32)::bigint
            FROM posting_blocks, generate_series(1, length(data), 8) AS place
        ) AS found
        LEFT JOIN articles ON articles.id = found.article_id WHERE articles.cluster_id IS NULL
        """,
    ),
    Rule(
        "fingerprint-is-current",
        "articles",
        "A folded article was folded by its current revision, or waits to be folded again.",
        _AGAIN,
        # Clocks of machines differ a little; a fold takes longer than that to come round.
        """
        SELECT articles.id FROM articles
        JOIN revisions ON revisions.article_id = articles.id AND revisions.revision = articles.revision
        JOIN links ON links.id = articles.link_id
        WHERE articles.cluster_id IS NOT NULL AND links.fate <> 'pending'
            AND articles.folded_at < revisions.created_at - interval '1 second'
        """,
    ),
    Rule(
        "bonds-are-pairs",
        "articles",
        "A bond is kept once for each pair, of two articles that are folded.",
        "delete these rows of bonds: the next look at their stories goes without",
        """
        SELECT bonds.article_id AS id FROM bonds
        LEFT JOIN articles AS one ON one.id = bonds.article_id
        LEFT JOIN articles AS other ON other.id = bonds.other_id
        LEFT JOIN bonds AS back ON back.article_id = bonds.other_id AND back.other_id = bonds.article_id
        WHERE one.cluster_id IS NULL OR other.cluster_id IS NULL OR back.article_id IS NOT NULL
        """,
    ),
)
