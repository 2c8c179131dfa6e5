"""The object itself, drawn as SVG when a label has no photo yet: `draw(...)` is all that is used from outside."""

from app.web.drawing.objects import draw, kind_of

__all__ = ["draw", "kind_of"]
