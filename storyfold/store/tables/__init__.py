"""Every table of the store, one module per noun; `metadata` is what the migrations must produce."""

from storyfold.store.tables.articles import Article, Revision
from storyfold.store.tables.audit import Act, AuditEntry
from storyfold.store.tables.base import Base
from storyfold.store.tables.changes import Change, ChangeKind
from storyfold.store.tables.edits import EditorMark, Verdict
from storyfold.store.tables.feeds import Feed
from storyfold.store.tables.fingerprints import BondRow, FingerprintRow, IdfSnapshot, KinRow, PostingBlock
from storyfold.store.tables.hosts import Host, Robots
from storyfold.store.tables.keys import ApiKey, KeyScope, Receipt
from storyfold.store.tables.links import Fate, Link, LinkUrl, Stage
from storyfold.store.tables.pages import Page, PageKind
from storyfold.store.tables.seeds import Seed, SeedLoad
from storyfold.store.tables.sites import GoodLine, SiteLines, SiteTemplateRow
from storyfold.store.tables.stories import Cluster, Evidence, Story
from storyfold.store.tables.subscriptions import Delivered, Delivery, Subscription
from storyfold.store.tables.takedowns import Takedown

metadata = Base.metadata

__all__ = [
    "Act",
    "ApiKey",
    "Article",
    "AuditEntry",
    "Base",
    "BondRow",
    "Change",
    "ChangeKind",
    "Cluster",
    "Delivered",
    "Delivery",
    "EditorMark",
    "Evidence",
    "Fate",
    "Feed",
    "FingerprintRow",
    "GoodLine",
    "Host",
    "IdfSnapshot",
    "KeyScope",
    "KinRow",
    "Link",
    "LinkUrl",
    "Page",
    "PageKind",
    "PostingBlock",
    "Receipt",
    "Revision",
    "Robots",
    "Seed",
    "SeedLoad",
    "SiteLines",
    "SiteTemplateRow",
    "Stage",
    "Story",
    "Subscription",
    "Takedown",
    "Verdict",
    "metadata",
]
