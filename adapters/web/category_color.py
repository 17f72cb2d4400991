"""One colour for each arXiv category, the same on every page and picture. Pure."""

from __future__ import annotations

COLORS = {
    "cs.CL": "#1d5fa8", "cs.CV": "#8a3ea1", "cs.LG": "#a8441d", "cs.AI": "#8a5a00", "cs.RO": "#2f6b2a",
    "cs.IR": "#00696e", "cs.CR": "#8c2f39", "cs.HC": "#a3316f", "cs.SE": "#4b5320", "cs.SD": "#5b4bb0",
    "eess": "#5b4bb0", "stat": "#6b4e2e", "cs": "#44546a", "math": "#33518a", "physics": "#205c5c",
    "q-bio": "#3d6b1f", "econ": "#75521f", "q-fin": "#75521f",
}  # fmt: skip
"""Of a category or an archive; dark enough to be read on the page and to carry white text (a contrast of 4.5)."""
OTHER = "#5f5a52"


def color_of(category: str) -> str:
    """The colour of a category, else of its archive, as `#rrggbb`."""
    return COLORS.get(category) or COLORS.get(category.partition(".")[0], OTHER)
