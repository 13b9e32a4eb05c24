"""Every table of the design

Revision: 0001, the first
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_action", "audit", ["action"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "bonds",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("cosine", sa.REAL(), nullable=False),
        sa.Column("alone", sa.REAL(), nullable=False),
        sa.Column("settled", sa.REAL(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "other_id", name=op.f("pk_bonds")),
    )
    op.create_index("ix_bonds_other_id_cosine", "bonds", ["other_id", "cosine"], unique=False)
    op.create_table(
        "changes",
        sa.Column("cursor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("other_story_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('created', 'grown', 'changed', 'merged', 'split', 'removed')", name=op.f("ck_changes_kind")
        ),
        sa.PrimaryKeyConstraint("cursor", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_story_id", "changes", ["story_id"], unique=False)
    op.create_table(
        "feeds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("home_url", sa.Text(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("unread_page_id", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_streak", sa.Integer(), server_default="0", nullable=False),
        sa.Column("schedule", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("outline", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost_leases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_index("ix_feeds_host", "feeds", ["host"], unique=False)
    op.create_index("ix_feeds_next_poll_at", "feeds", ["next_poll_at"], unique=False)
    op.create_index(
        "ix_feeds_unread", "feeds", ["id"], unique=False, postgresql_where=sa.text("unread_page_id IS NOT NULL")
    )
    op.create_index("uq_feeds_url", "feeds", ["url"], unique=True)
    op.create_table(
        "good_lines",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("line_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "line_hash", name=op.f("pk_good_lines")),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("next_request_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("crawl_delay", sa.Double(), server_default="0", nullable=False),
        sa.Column("pause_seconds", sa.Double(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "idf_snapshots",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("documents", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idf_snapshots")),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scopes <@ ARRAY['read', 'submit', 'admin'] AND scopes <> '{}'", name=op.f("ck_keys_scopes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_index("uq_keys_handle", "keys", ["handle"], unique=True)
    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("final_url", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('fetched', 'pushed-html', 'pushed-text')", name=op.f("ck_pages_kind")),
        sa.PrimaryKeyConstraint("id", "fetched_at", name=op.f("pk_pages")),
        postgresql_partition_by="RANGE (fetched_at)",
    )
    op.create_index("ix_pages_link_id", "pages", ["link_id"], unique=False)
    op.create_table(
        "posting_blocks",
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_article_id", sa.BigInteger(), nullable=False),
        sa.Column("last_article_id", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("term", "number", name=op.f("pk_posting_blocks")),
        postgresql_with={"fillfactor": 75},
    )
    op.create_table(
        "receipts",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "name", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_taken_at", "receipts", ["taken_at"], unique=False)
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asking_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "seed_loads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_loads")),
    )
    op.create_table(
        "site_templates",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("newest_id", sa.BigInteger(), nullable=False),
        sa.Column("at_edges", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("anywhere", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_templates")),
    )
    op.create_table(
        "stories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("canonical_article_id", sa.BigInteger(), nullable=True),
        sa.Column("canonical_reasons", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("article_count", sa.Integer(), nullable=False),
        sa.Column("source_count", sa.Integer(), nullable=False),
        sa.Column("cluster_count", sa.Integer(), nullable=False),
        sa.Column("first_published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["stories.id"], name=op.f("fk_stories_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index(
        "ix_stories_article_count_id",
        "stories",
        ["article_count", "id"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index(
        "ix_stories_dated_at_id",
        "stories",
        ["dated_at", "id"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index(
        "ix_stories_first_published_id",
        "stories",
        [sa.literal_column("coalesce(first_published, dated_at)"), "id"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index("ix_stories_merged_into", "stories", ["merged_into"], unique=False)
    op.create_index(
        "ix_stories_unrepaired",
        "stories",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NULL AND (repaired_at IS NULL OR repaired_at < updated_at)"),
    )
    op.create_index(
        "ix_stories_updated_at_id",
        "stories",
        ["updated_at", "id"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("q", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("min_articles", sa.Integer(), nullable=True),
        sa.Column("min_cluster_articles", sa.Integer(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("error_streak", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_seconds", sa.Double(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost_leases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(paused_at IS NULL) = (paused_reason IS NULL)", name=op.f("ck_subscriptions_paused_for_a_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_in_hand",
        "subscriptions",
        ["id"],
        unique=False,
        postgresql_where=sa.text("lease_token IS NOT NULL"),
    )
    op.create_table(
        "clusters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("head_article_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unrepaired", sa.Boolean(), server_default="true", nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_clusters_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
    )
    op.create_index("ix_clusters_story_id", "clusters", ["story_id"], unique=False)
    op.create_index("ix_clusters_unrepaired", "clusters", ["id"], unique=False, postgresql_where=sa.text("unrepaired"))
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("change_cursor", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (next_attempt_at IS NOT NULL)", name=op.f("ck_deliveries_pending_is_due")
        ),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_created_at", "deliveries", ["created_at"], unique=False)
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at", "subscription_id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["subscription_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_deliveries_story_id", "deliveries", ["story_id"], unique=False)
    op.create_index("ix_deliveries_subscription_id_id", "deliveries", ["subscription_id", "id"], unique=False)
    op.create_index(
        "uq_deliveries_subscription_id_change_cursor", "deliveries", ["subscription_id", "change_cursor"], unique=True
    )
    op.create_table(
        "links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("canonical_url", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("feed_id", sa.BigInteger(), nullable=True),
        sa.Column("fate", sa.Text(), server_default="pending", nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("page_id", sa.BigInteger(), nullable=True),
        sa.Column("declared_title", sa.Text(), nullable=True),
        sa.Column("declared_published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declared_precision", sa.Text(), nullable=True),
        sa.Column("declared_source", sa.Text(), nullable=True),
        sa.Column("declared_language", sa.Text(), nullable=True),
        sa.Column("entry_digest", sa.Text(), nullable=True),
        sa.Column("refetches", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost_leases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(fate = 'pending') = (next_attempt_at IS NOT NULL)", name=op.f("ck_links_pending_is_due")),
        sa.CheckConstraint("(fate = 'pending') = (stage IS NOT NULL)", name=op.f("ck_links_pending_has_stage")),
        sa.CheckConstraint(
            "fate IN ('pending', 'folded', 'duplicate', 'rejected', 'failed')", name=op.f("ck_links_fate")
        ),
        sa.CheckConstraint("stage IN ('fetch', 'digest', 'fold')", name=op.f("ck_links_stage")),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["links.id"], name=op.f("fk_links_duplicate_of"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_links_feed_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(
        "ix_links_due",
        "links",
        ["stage", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("fate = 'pending'"),
    )
    op.create_index("ix_links_duplicate_of", "links", ["duplicate_of"], unique=False)
    op.create_index("ix_links_fate_id", "links", ["fate", "id"], unique=False)
    op.create_index("ix_links_feed_id", "links", ["feed_id"], unique=False)
    op.create_index("ix_links_host_id", "links", ["host", "id"], unique=False)
    op.create_index(
        "ix_links_in_hand", "links", ["host"], unique=False, postgresql_where=sa.text("lease_token IS NOT NULL")
    )
    op.create_index(
        "ix_links_waiting_hosts",
        "links",
        [sa.literal_column("hashtextextended(host, 0)"), "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("fate = 'pending' AND stage = 'fetch'"),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("canonical_url", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_precision", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cluster_id", sa.BigInteger(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("matched_id", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.Column("attributions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "relation IN ('new', 'copy', 'reprint', 'rewrite', 'same_event', 'uncertain')",
            name=op.f("ck_articles_relation"),
        ),
        sa.CheckConstraint("(cluster_id IS NULL) = (relation IS NULL)", name=op.f("ck_articles_folded_has_relation")),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_articles_cluster_id")),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_articles_link_id")),
        sa.ForeignKeyConstraint(
            ["matched_id"], ["articles.id"], name=op.f("fk_articles_matched_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index("ix_articles_canonical_url", "articles", ["canonical_url"], unique=False)
    op.create_index("ix_articles_cluster_id", "articles", ["cluster_id"], unique=False)
    op.create_index("ix_articles_matched_id", "articles", ["matched_id"], unique=False)
    op.create_index("ix_articles_source", "articles", ["source"], unique=False)
    op.create_index("uq_articles_link_id", "articles", ["link_id"], unique=True)
    op.create_table(
        "link_urls",
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["links.id"],
            name=op.f("fk_link_urls_link_id"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("canonical_url", name=op.f("pk_link_urls")),
    )
    op.create_index("ix_link_urls_link_id", "link_urls", ["link_id"], unique=False)
    op.create_table(
        "seeds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_seeds_link_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "digest", name=op.f("pk_seeds")),
    )
    op.create_table(
        "takedowns",
        sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_takedowns_link_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_takedowns")),
    )
    op.create_index("ix_takedowns_link_id", "takedowns", ["link_id"], unique=False)
    op.create_table(
        "editor_marks",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict IN ('together', 'apart')", name=op.f("ck_editor_marks_verdict")),
        sa.CheckConstraint("article_id < other_id", name=op.f("ck_editor_marks_lower_first")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_editor_marks_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["articles.id"], name=op.f("fk_editor_marks_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "other_id", name=op.f("pk_editor_marks")),
    )
    op.create_index("ix_editor_marks_other_id", "editor_marks", ["other_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("matched_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("idf_snapshot", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_evidence_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["matched_id"], ["articles.id"], name=op.f("fk_evidence_matched_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "matched_id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_matched_id", "evidence", ["matched_id"], unique=False)
    op.create_index(
        "ix_evidence_missing", "evidence", ["created_at"], unique=False, postgresql_where=sa.text("data IS NULL")
    )
    op.create_table(
        "fingerprints",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("idf_snapshot", sa.Integer(), nullable=False),
        sa.Column("exact", sa.BigInteger(), nullable=False),
        sa.Column("bands", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("index_terms", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("event_days", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_fingerprints_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_fingerprints")),
    )
    op.create_index(
        "ix_fingerprints_bands",
        "fingerprints",
        ["bands"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index("ix_fingerprints_exact", "fingerprints", ["exact"], unique=False)
    op.create_index("uq_fingerprints_sequence", "fingerprints", ["sequence"], unique=True)
    op.create_table(
        "kin",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_kin_article_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["articles.id"], name=op.f("fk_kin_other_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "other_id", name=op.f("pk_kin")),
    )
    op.create_index("ix_kin_other_id", "kin", ["other_id"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("authors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("removed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("page_id", sa.BigInteger(), nullable=True),
        sa.Column("extraction_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_config", postgresql.REGCONFIG(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector(search_config, coalesce(title, '') || ' ' || left(text, 200000)) || CASE search_config WHEN 'arabic'::regconfig THEN '''=arabic'''::tsvector WHEN 'danish'::regconfig THEN '''=danish'''::tsvector WHEN 'dutch'::regconfig THEN '''=dutch'''::tsvector WHEN 'english'::regconfig THEN '''=english'''::tsvector WHEN 'finnish'::regconfig THEN '''=finnish'''::tsvector WHEN 'french'::regconfig THEN '''=french'''::tsvector WHEN 'german'::regconfig THEN '''=german'''::tsvector WHEN 'greek'::regconfig THEN '''=greek'''::tsvector WHEN 'hungarian'::regconfig THEN '''=hungarian'''::tsvector WHEN 'italian'::regconfig THEN '''=italian'''::tsvector WHEN 'norwegian'::regconfig THEN '''=norwegian'''::tsvector WHEN 'portuguese'::regconfig THEN '''=portuguese'''::tsvector WHEN 'romanian'::regconfig THEN '''=romanian'''::tsvector WHEN 'russian'::regconfig THEN '''=russian'''::tsvector WHEN 'simple'::regconfig THEN '''=simple'''::tsvector WHEN 'spanish'::regconfig THEN '''=spanish'''::tsvector WHEN 'swedish'::regconfig THEN '''=swedish'''::tsvector WHEN 'turkish'::regconfig THEN '''=turkish'''::tsvector ELSE ''::tsvector END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "search_lead",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector(search_config, coalesce(title, '')), 'A') || to_tsvector(search_config, left(text, 1500))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_revisions_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", name=op.f("pk_revisions")),
        postgresql_with={"toast_tuple_target": 128},
    )
    op.create_index(
        "ix_revisions_search",
        "revisions",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "site_lines",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("hashes", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("positions", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.Column("lengths", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_site_lines_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_site_lines")),
    )
    op.create_index("ix_site_lines_site_article_id", "site_lines", ["site", "article_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_stories_canonical_article_id"),
        "stories",
        "articles",
        ["canonical_article_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_clusters_head_article_id"), "clusters", "articles", ["head_article_id"], ["id"], ondelete="SET NULL"
    )
    # Bodies are zstd already: PostgreSQL need not try to compress them again.
    op.execute("ALTER TABLE pages ALTER COLUMN body SET STORAGE EXTERNAL")
    # Hashes do not compress: trying to took as long as all else about writing them.
    op.execute("ALTER TABLE fingerprints ALTER COLUMN data SET STORAGE EXTERNAL")
    # What no monthly partition takes (clocks run wrong) is kept all the same.
    op.execute("CREATE TABLE pages_default PARTITION OF pages DEFAULT")


def downgrade() -> None:
    op.drop_constraint(op.f("fk_stories_canonical_article_id"), "stories", type_="foreignkey")
    op.drop_constraint(op.f("fk_clusters_head_article_id"), "clusters", type_="foreignkey")
    op.drop_index("ix_site_lines_site_article_id", table_name="site_lines")
    op.drop_table("site_lines")
    op.drop_index(
        "ix_revisions_search", table_name="revisions", postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
    op.drop_table("revisions")
    op.drop_index("ix_kin_other_id", table_name="kin")
    op.drop_table("kin")
    op.drop_index("uq_fingerprints_sequence", table_name="fingerprints")
    op.drop_index("ix_fingerprints_exact", table_name="fingerprints")
    op.drop_index(
        "ix_fingerprints_bands",
        table_name="fingerprints",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_table("fingerprints")
    op.drop_index("ix_evidence_missing", table_name="evidence", postgresql_where=sa.text("data IS NULL"))
    op.drop_index("ix_evidence_matched_id", table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("ix_editor_marks_other_id", table_name="editor_marks")
    op.drop_table("editor_marks")
    op.drop_index("ix_takedowns_link_id", table_name="takedowns")
    op.drop_table("takedowns")
    op.drop_table("seeds")
    op.drop_index("ix_link_urls_link_id", table_name="link_urls")
    op.drop_table("link_urls")
    op.drop_index("uq_articles_link_id", table_name="articles")
    op.drop_index("ix_articles_source", table_name="articles")
    op.drop_index("ix_articles_matched_id", table_name="articles")
    op.drop_index("ix_articles_cluster_id", table_name="articles")
    op.drop_index("ix_articles_canonical_url", table_name="articles")
    op.drop_table("articles")
    op.drop_index(
        "ix_links_waiting_hosts", table_name="links", postgresql_where=sa.text("fate = 'pending' AND stage = 'fetch'")
    )
    op.drop_index("ix_links_in_hand", table_name="links", postgresql_where=sa.text("lease_token IS NOT NULL"))
    op.drop_index("ix_links_host_id", table_name="links")
    op.drop_index("ix_links_feed_id", table_name="links")
    op.drop_index("ix_links_fate_id", table_name="links")
    op.drop_index("ix_links_duplicate_of", table_name="links")
    op.drop_index("ix_links_due", table_name="links", postgresql_where=sa.text("fate = 'pending'"))
    op.drop_table("links")
    op.drop_index("uq_deliveries_subscription_id_change_cursor", table_name="deliveries")
    op.drop_index("ix_deliveries_subscription_id_id", table_name="deliveries")
    op.drop_index("ix_deliveries_story_id", table_name="deliveries")
    op.drop_index("ix_deliveries_pending", table_name="deliveries", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_deliveries_due", table_name="deliveries", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_deliveries_created_at", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index("ix_clusters_unrepaired", table_name="clusters", postgresql_where=sa.text("unrepaired"))
    op.drop_index("ix_clusters_story_id", table_name="clusters")
    op.drop_table("clusters")
    op.drop_index(
        "ix_subscriptions_in_hand", table_name="subscriptions", postgresql_where=sa.text("lease_token IS NOT NULL")
    )
    op.drop_table("subscriptions")
    op.drop_index("ix_stories_updated_at_id", table_name="stories", postgresql_where=sa.text("merged_into IS NULL"))
    op.drop_index(
        "ix_stories_unrepaired",
        table_name="stories",
        postgresql_where=sa.text("merged_into IS NULL AND (repaired_at IS NULL OR repaired_at < updated_at)"),
    )
    op.drop_index("ix_stories_merged_into", table_name="stories")
    op.drop_index(
        "ix_stories_first_published_id", table_name="stories", postgresql_where=sa.text("merged_into IS NULL")
    )
    op.drop_index("ix_stories_dated_at_id", table_name="stories", postgresql_where=sa.text("merged_into IS NULL"))
    op.drop_index("ix_stories_article_count_id", table_name="stories", postgresql_where=sa.text("merged_into IS NULL"))
    op.drop_table("stories")
    op.drop_table("site_templates")
    op.drop_table("seed_loads")
    op.drop_table("robots")
    op.drop_index("ix_receipts_taken_at", table_name="receipts")
    op.drop_table("receipts")
    op.drop_table("posting_blocks")
    op.drop_index("ix_pages_link_id", table_name="pages")
    op.drop_table("pages")
    op.drop_index("uq_keys_handle", table_name="keys")
    op.drop_table("keys")
    op.drop_table("idf_snapshots")
    op.drop_table("hosts")
    op.drop_table("good_lines")
    op.drop_index("uq_feeds_url", table_name="feeds")
    op.drop_index("ix_feeds_unread", table_name="feeds", postgresql_where=sa.text("unread_page_id IS NOT NULL"))
    op.drop_index("ix_feeds_next_poll_at", table_name="feeds")
    op.drop_index("ix_feeds_host", table_name="feeds")
    op.drop_table("feeds")
    op.drop_index("ix_changes_story_id", table_name="changes")
    op.drop_table("changes")
    op.drop_index("ix_bonds_other_id_cosine", table_name="bonds")
    op.drop_table("bonds")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_action", table_name="audit")
    op.drop_table("audit")
