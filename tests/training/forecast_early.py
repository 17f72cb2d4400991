"""Early picks on days that the fit has not seen: how many were listed later, and how long before votes; and a picture.

A pick is made at 09 UTC of the paper's arXiv day among those that are not listed by then, as a digest's is. Votes come
with the list, so a digest by votes shows a paper at 09 UTC after its listing at the earliest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from bot.digest.shortlist import LIKELY
from bot.ranking.forecast.odds import odds_after
from tests.training.forecast_data import Labelled

AT, WAITED = time(9, tzinfo=UTC), timedelta(hours=9)
WIDTH, EDGE = 360, 40


def early_picks(
    examples: Sequence[Labelled], odds: Sequence[float], listed_at: Mapping[str, datetime], count: int
) -> str:
    """One line of Markdown about the likeliest `count` papers of each day; listed ones of unknown time are left out."""
    by_day: dict[date, list[tuple[float, Labelled]]] = {}
    for each, probability in zip(examples, odds, strict=True):
        left = odds_after(probability, WAITED)
        if left >= LIKELY and not _listed_before(each, listed_at):
            by_day.setdefault(each.day, []).append((left, each))
    picks = [each for day in by_day.values() for each in sorted(day, key=lambda pair: -pair[0])[:count]]
    hits = [each for _, each in picks if each.listed]
    hours = [_hours_earlier(each, listed_at[each.paper.id]) for each in hits]
    forecast = sum(probability for probability, _ in picks)
    cells = (f"{len(picks)}", f"{len(hits)}", f"{forecast:.1f}", f"{median(hours):.0f}" if hours else "–")
    return f"| {count} | {' | '.join(cells)} |"


def _listed_before(each: Labelled, listed_at: Mapping[str, datetime]) -> bool:
    """Whether a paper is on the list when picks are made, or may be: its time is not known."""
    at = listed_at.get(each.paper.id)
    return each.listed and (at is None or at <= datetime.combine(each.day, AT))


def _hours_earlier(each: Labelled, listed_at: datetime) -> float:
    picked, votes = datetime.combine(each.day, AT), datetime.combine(listed_at.date(), AT)
    return ((votes if votes > listed_at else votes + timedelta(days=1)) - picked) / timedelta(hours=1)


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
