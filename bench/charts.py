"""Pictures of what was measured, as SVG: lines over sizes, and bars made up of parts. No library needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 200, 44, 52
COLOURS = ("#2f6f9f", "#c8553d", "#588157", "#8d6a9f", "#d9a441", "#5b5b5b", "#3aa6a6", "#b0788c")

Points = Sequence[tuple[float, float]]


def lines(title: str, series: Mapping[str, Points], *, x: str, y: str, limit: float | None = None) -> str:
    """A line for each series over a logarithmic x axis. `limit` is drawn across."""
    xs = sorted({at for points in series.values() for at, _ in points})
    top = _round_up(max([value for points in series.values() for _, value in points] + [limit or 0.0]))
    low, high = math.log10(xs[0]), math.log10(xs[-1])

    def place(at: float, value: float) -> tuple[float, float]:
        share = (math.log10(at) - low) / (high - low) if high > low else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT), _height(value, top)

    drawn = [_axis(top, y), _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, "middle")]
    drawn += [_text(place(at, 0)[0], HEIGHT - BOTTOM + 18, f"{at:,.0f}", "middle") for at in xs]
    if limit is not None:
        at = _height(limit, top)
        drawn.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#999" stroke-dasharray="6 4"/>')
        drawn.append(_text(WIDTH - RIGHT + 8, at + 4, f"at most {limit:g}"))
    for points, colour in zip(series.values(), COLOURS, strict=False):
        spots = [place(at, value) for at, value in points]
        drawn += [
            f'<path d="M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" stroke="{colour}" stroke-width="2"/>'
            for (a, b), (c, d) in pairwise(spots)
        ]
        drawn += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in spots]
    return _picture(title, drawn, list(series))


def bars(title: str, parts: Mapping[str, Mapping[str, float]], *, y: str) -> str:
    """A bar for each of `parts`, its pieces on top of one another in the order given."""
    names = list(dict.fromkeys(name for pieces in parts.values() for name in pieces))
    top = _round_up(max(sum(pieces.values()) for pieces in parts.values()))
    room = (WIDTH - LEFT - RIGHT) / len(parts)
    drawn = [_axis(top, y)]
    for n, (bar, pieces) in enumerate(parts.items()):
        at, below = LEFT + room * (n + 0.2), 0.0
        for name, value in pieces.items():
            foot, head = _height(below, top), _height(below + value, top)
            colour = COLOURS[names.index(name) % len(COLOURS)]
            size = f'width="{room * 0.6:.1f}" height="{foot - head:.1f}"'
            drawn.append(f'<rect x="{at:.1f}" y="{head:.1f}" {size} fill="{colour}"/>')
            below += value
        drawn.append(_text(at + room * 0.3, _height(below, top) - 6, f"{below:.1f}", "middle"))
        drawn.append(_text(at + room * 0.3, HEIGHT - BOTTOM + 18, bar, "middle"))
    return _picture(title, drawn, names)


def _height(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _round_up(value: float) -> float:
    """The next number of one digit and its half: a good end of an axis."""
    step = 10 ** math.floor(math.log10(value)) / 2 if value > 0 else 1.0
    return math.ceil(value / step) * step


def _axis(top: float, label: str) -> str:
    marks = [top * n / 5 for n in range(6)]
    drawn = [f'<path d="M{LEFT} {_height(m, top):.1f}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>' for m in marks]
    drawn += [_text(LEFT - 8, _height(m, top) + 4, f"{m:g}", "end") for m in marks]
    return "\n".join([*drawn, _text(12, TOP - 12, label)])


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _picture(title: str, drawn: Sequence[str], names: Sequence[str]) -> str:
    side = WIDTH - RIGHT + 16
    legend = [
        f'<rect x="{side}" y="{TOP + 22 * n}" width="12" height="12" fill="{COLOURS[n % len(COLOURS)]}"/>'
        + _text(side + 18, TOP + 22 * n + 11, name)
        for n, name in enumerate(names)
    ]
    head = f'<text x="{LEFT}" y="18" font-weight="bold">{escape(title)}</text>'
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    body = "\n".join([f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', head, *drawn, *legend])
    return f'<svg {frame} font-family="sans-serif" font-size="12" fill="none">\n<g fill="#222">\n{body}\n</g>\n</svg>\n'
