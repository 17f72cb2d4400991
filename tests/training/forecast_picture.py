"""The calibration curve as a picture."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, EDGE = 360, 40


def calibration_picture(bins: Sequence[tuple[float, float]]) -> str:
    """SVG of ten bins: the forecast to the right, the share that was listed upwards; the diagonal is perfect."""
    most = 0.6

    def point(forecast: float, share: float) -> str:
        span = WIDTH - 2 * EDGE
        return f"{EDGE + span * forecast / most:.1f},{WIDTH - EDGE - span * share / most:.1f}"

    def mark(value: float) -> str:
        (x, _), (_, y) = point(value, 0).split(","), point(0, value).split(",")
        across = f'<text x="{x}" y="{WIDTH - EDGE + 16}" text-anchor="middle">{value:.1f}</text>'
        return f'{across}<text x="{EDGE - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{value:.1f}</text>'

    line = " ".join(point(*each) for each in bins)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="4"/>' for x, y in (point(*each).split(",") for each in bins))
    corner, top, right = point(0, 0), point(0, most), point(most, 0)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {WIDTH}" width="{WIDTH}" height="{WIDTH}"
 font-family="sans-serif" font-size="11"><rect width="{WIDTH}" height="{WIDTH}" fill="#fff"/>
<polyline points="{top} {corner} {right}" fill="none" stroke="#999"/>
<polyline points="{corner} {point(most, most)}" fill="none" stroke="#999" stroke-dasharray="4 4"/>
<g fill="#555">{"".join(map(mark, (0.0, 0.2, 0.4, 0.6)))}</g>
<polyline points="{line}" fill="none" stroke="#b03a2e" stroke-width="2"/><g fill="#b03a2e">{dots}</g>
<text x="{WIDTH / 2}" y="{WIDTH - 6}" text-anchor="middle">forecast: probability to be listed</text>
<text transform="translate(11 {WIDTH / 2}) rotate(-90)" text-anchor="middle">listed</text>
</svg>
"""
