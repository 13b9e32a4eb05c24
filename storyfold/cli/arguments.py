"""What commands take, no further than the store can."""

from __future__ import annotations

import click

ID = click.IntRange(1, 2**63 - 1)
"""The id of a story, feed or key."""

COUNT = click.IntRange(1, 2**31 - 1)


class Words(click.ParamType[str]):
    """A text. What a shell hands over may be bytes that are none."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.fail("these bytes are no text in UTF-8", param, ctx)
        return text


WORDS = Words()
