"""A flame graph as SVG: a box is a function, as wide as the share of looks that saw it, above who called it."""

from collections import Counter
from dataclasses import dataclass, field
from html import escape

WIDTH, ROW, LETTER = 1200, 17, 6.6  # pixels
LEAST = 0.004  # of the width: what is narrower is left out
COLOURS = (  # by where a function is
    ("(app/", "#e2673f"), ("(templates/", "#e8a13c"), ("jinja2/", "#e8c26a"), ("sqlalchemy/", "#6f9fd8"), ("psycopg/", "#4f7fbf"),
    ("flask/", "#8fbf7f"), ("werkzeug/", "#a5cf95"), ("stripe/", "#9b8bd6"), ("requests/", "#b9add6"), ("granian/", "#7fbfb5"),
)  # fmt: skip
OTHER = "#c9c2b8"


@dataclass
class _Box:
    count: int = 0
    above: dict[str, "_Box"] = field(default_factory=dict)


def drawn(seen: Counter[tuple[str, ...]], title: str) -> str:
    """The drawing; `seen` counts stacks, outermost first."""
    root = _Box()
    for stack, count in seen.items():
        box = root
        box.count += count
        for frame in stack:
            box = box.above.setdefault(frame, _Box())
            box.count += count
    rows: list[tuple[int, float, float, str, int]] = []
    _place(root, 0, 0.0, max(1, root.count), rows)
    depth = max((level for level, *_ in rows), default=0) + 1
    height = (depth + 2) * ROW
    boxes = "".join(_box(*row, height=height, whole=max(1, root.count)) for row in rows)
    about = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="11"'
    said = f'<text x="6" y="14">{escape(title)}: {root.count:,} looks</text>'
    return f'<svg {about}><rect width="100%" height="100%" fill="#fbf8f2"/>{said}{boxes}</svg>\n'


def _place(box: _Box, level: int, left: float, whole: int, rows: list[tuple[int, float, float, str, int]]) -> None:
    for name, above in sorted(box.above.items()):
        width = above.count / whole
        if width >= LEAST:
            rows.append((level, left, width, name, above.count))
            _place(above, level + 1, left, whole, rows)
        left += width


def _box(level: int, left: float, width: float, name: str, count: int, *, height: int, whole: int) -> str:
    colour = next((colour for where, colour in COLOURS if where in name), OTHER)
    x, y, wide = left * WIDTH, height - (level + 1) * ROW, width * WIDTH
    letters = int(wide / LETTER) - 1
    text = f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(name[:letters])}</text>' if letters > 3 else ""
    return (
        f"<g><title>{escape(name)}: {100 * count / whole:.1f} %</title>"
        f'<rect x="{x:.1f}" y="{y}" width="{max(0.5, wide - 0.5):.1f}" height="{ROW - 1}" fill="{colour}"/>{text}</g>'
    )
