"""Early picks of a backtest: how many were listed later, how long before votes showed them, and what they displaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import fmean, median

from bot.model import Channel, Digest, Subscription

EARLY_CHANNELS = tuple(Subscription(Channel(f"replay:early-{places}"), early=places) for places in (1, 3))
"""Follow everything, with places kept for early picks."""


@dataclass(frozen=True, slots=True)
class EarlyPick:
    """A paper in a digest that had no votes."""

    paper_id: str
    picked_at: datetime
    odds: float
    """As it was marked: the probability to be listed yet."""


@dataclass
class EarlyPicks:
    """Early picks of each channel, and which papers it and its twin without early picks were shown on which days."""

    listed_at: Mapping[str, datetime]
    """When the papers were listed that were."""
    weeks: Mapping[str, float]
    """Upvotes after a week."""
    picks: dict[Channel, list[EarlyPick]] = field(default_factory=dict)
    digests: dict[Channel, dict[date, list[str]]] = field(default_factory=dict)
    twin: dict[date, list[str]] = field(default_factory=dict)
    by_votes: dict[str, datetime] = field(default_factory=dict)
    """When the twin was first shown a paper."""

    def note(self, digest: Digest, at: datetime) -> None:
        """Add the digest of a channel with early picks."""
        unnoticed = [pick for pick in digest.picks if not pick.trend.is_noticed]
        early = [EarlyPick(pick.paper.id, at, pick.trend.listed) for pick in unnoticed]
        self.picks.setdefault(digest.channel, []).extend(early)
        self.digests.setdefault(digest.channel, {})[at.date()] = [pick.paper.id for pick in digest.picks]

    def note_twin(self, digest: Digest, at: datetime) -> None:
        """Add the digest of the channel without."""
        self.twin[at.date()] = ids = [pick.paper.id for pick in digest.picks]
        for paper_id in ids:
            self.by_votes.setdefault(paper_id, at)

    def hits(self, channel: Channel) -> list[EarlyPick]:
        """The picks that were listed after they had been picked."""
        picks = self.picks.get(channel, [])
        return [each for each in picks if (at := self.listed_at.get(each.paper_id)) and at > each.picked_at]

    def hours(self, channel: Channel) -> list[float]:
        """Hours by which the twin was shown each of its picks later."""
        both = [each for each in self.picks.get(channel, []) if each.paper_id in self.by_votes]
        return [(self.by_votes[each.paper_id] - each.picked_at) / timedelta(hours=1) for each in both]

    def upvotes(self, channel: Channel) -> tuple[float, float]:
        """Mean of a week's upvotes of the papers shown on days with early picks, with them and without."""
        days = {each.picked_at.date() for each in self.picks.get(channel, [])}
        digests = self.digests.get(channel, {})
        return self._mean(digests[day] for day in days), self._mean(self.twin.get(day, []) for day in days)

    def _mean(self, digests: Iterable[Sequence[str]]) -> float:
        """A paper that was never listed has none; one that was listed, and not counted after a week, does not count."""
        ids = (paper_id for digest in digests for paper_id in digest)
        weeks = [self.weeks.get(each, 0.0) for each in ids if each in self.weeks or each not in self.listed_at]
        return fmean(weeks) if weeks else 0.0


def early_table(early: EarlyPicks) -> str:
    """The figures as Markdown, one line for each number of places."""
    lines = [
        "| places kept | early picks | forecast to be listed yet | listed later | shown by votes too |"
        " hours earlier, median | week's upvotes on these days, mean | without early picks |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in EARLY_CHANNELS:
        picks, hours = early.picks.get(each.channel, []), early.hours(each.channel)
        figures = (f"{sum(pick.odds for pick in picks):.1f}", len(early.hits(each.channel)), len(hours))
        upvotes = (f"{mean:.1f}" for mean in early.upvotes(each.channel))
        cells = (each.early, len(picks), *figures, f"{median(hours):.0f}" if hours else "–", *upvotes)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
