"""Rules of stories: each article in one cluster, each cluster in one story that stands, and the log tells of all."""

from storyfold.store.invariants.rule import Rule

_RESTORE = "restore a backup from before it happened, or report it to the project: no fold, repair or editor does this"

STORIES = (
    Rule(
        "article-in-cluster",
        "articles",
        "A folded article stands in a syndication cluster that is there, and its relation says why.",
        _RESTORE,
        """
        SELECT articles.id FROM articles LEFT JOIN clusters ON clusters.id = articles.cluster_id
        WHERE (articles.cluster_id IS NOT NULL AND clusters.id IS NULL)
            OR (articles.cluster_id IS NULL) <> (articles.relation IS NULL)
        """,
    ),
    Rule(
        "cluster-in-story",
        "clusters",
        "A syndication cluster belongs to one story, and that story stands: it was not merged into another.",
        _RESTORE,
        """
        SELECT clusters.id FROM clusters LEFT JOIN stories ON stories.id = clusters.story_id
        WHERE stories.id IS NULL OR stories.merged_into IS NOT NULL
        """,
    ),
    Rule(
        "cluster-has-head",
        "clusters",
        "A syndication cluster has articles, and one of them is its head.",
        _RESTORE,
        """
        SELECT clusters.id FROM clusters LEFT JOIN articles ON articles.id = clusters.head_article_id
        WHERE articles.cluster_id IS DISTINCT FROM clusters.id
        """,
    ),
    Rule(
        "story-counts",
        "stories",
        "What a story says of its members is so: how many articles, sources and clusters, and when first and last.",
        "the next article folded into the story counts anew; until then the figures of these stories are off",
        """
        SELECT stories.id FROM stories LEFT JOIN (
            SELECT clusters.story_id, count(*) AS articles, count(DISTINCT articles.source) AS sources,
                count(DISTINCT clusters.id) AS clusters, min(articles.published) AS first_published,
                max(articles.published) AS last_published
            FROM clusters JOIN articles ON articles.cluster_id = clusters.id GROUP BY clusters.story_id
        ) AS counted ON counted.story_id = stories.id
        WHERE stories.merged_into IS NULL AND (
            stories.article_count IS DISTINCT FROM counted.articles
            OR stories.source_count IS DISTINCT FROM counted.sources
            OR stories.cluster_count IS DISTINCT FROM counted.clusters
            OR stories.first_published IS DISTINCT FROM counted.first_published
            OR stories.last_published IS DISTINCT FROM counted.last_published
        )
        """,
    ),
    Rule(
        "canonical-in-story",
        "stories",
        "The article that speaks for a story stands in it.",
        "the next article folded into the story has its speaker chosen anew",
        """
        SELECT stories.id FROM stories
        LEFT JOIN articles ON articles.id = stories.canonical_article_id
        LEFT JOIN clusters ON clusters.id = articles.cluster_id
        WHERE stories.merged_into IS NULL AND clusters.story_id IS DISTINCT FROM stories.id
        """,
    ),
    Rule(
        "merged-ends-somewhere",
        "stories",
        "A story that was merged leads, in the end, to one that stands.",
        _RESTORE,
        """
        SELECT id FROM (
            WITH RECURSIVE led (id) AS (
                SELECT id FROM stories WHERE merged_into IS NULL
                UNION
                SELECT stories.id FROM stories JOIN led ON stories.merged_into = led.id
            )
            SELECT stories.id FROM stories LEFT JOIN led ON led.id = stories.id WHERE led.id IS NULL
        ) AS lost
        """,
    ),
    Rule(
        "log-without-gaps",
        "changes",
        "The cursors of the change log follow one another, from the oldest that is kept to the newest.",
        "who follows the log may have missed these: tell them to read the stories anew",
        """
        SELECT cursor AS id FROM (SELECT cursor, lag(cursor) OVER (ORDER BY cursor) AS before FROM changes) AS log
        WHERE cursor <> before + 1
        """,
    ),
    Rule(
        "log-tells-of-each",
        "stories",
        "As far back as the change log reaches, it tells that each story was created.",
        "who follows the log has not heard of these stories: tell them to read those anew",
        """
        SELECT stories.id FROM stories, (SELECT cursor, at FROM changes ORDER BY cursor LIMIT 1) AS oldest
        WHERE (stories.created_at > oldest.at OR oldest.cursor = 1) AND NOT EXISTS (
            SELECT FROM changes WHERE changes.story_id = stories.id AND changes.kind = 'created'
        )
        """,
    ),
)
