"""Editing: which stories are one, and which clusters of a story are none of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.base import Given, GivenId


class GivenMerge(Given):
    """The other story. Which of the two ids is in the path makes no difference: the older one is kept."""

    story_id: GivenId


class GivenSplit(Given):
    """The clusters that tell another event than the rest of the story."""

    cluster_ids: Annotated[list[GivenId], Field(min_length=1, max_length=1_000)]
