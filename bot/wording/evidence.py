"""Signals in words: `132 upvotes (+41 since Sat) · GitHub 1.2k stars`. What is missing is left out, never 0. Pure.

`now` is the moment of reading; its time zone is the reader's. Without it nothing is said of growth or of votes to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Evidence, Paper, Reason, Span, Trend
from bot.model.signal import MENTIONED_IN, is_interest
from bot.wording.parts import compact, count, moment_text, signed_count, source_name, span_text, weekday_text

NO_VOTES = "no votes known"
WORTH_SAYING = 1.5
"""Fewest expected votes that are mentioned; fewer change no visible order."""
ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
SHORT_PARTS = 3
"""Parts of the short form: two lines of a phone at most."""
GROWTH_FRESH = timedelta(hours=12)
"""Age of the newest value up to which growth is mentioned; older growth is no news."""
READ_NOW = timedelta(hours=2)
"""Age of the newest value up to which it counts as read now; the sources are asked every half hour."""
VOTES_COME = timedelta(days=7)
"""Age of a paper up to which more votes are expected: the rule forecasts those of a paper's first week."""

ODDS_LEAST = 0.05
"""Probability of being listed from which it is told."""
FRACTIONS = ((1, 20), (1, 15), (1, 10), (1, 8), (1, 6), (1, 5), (1, 4), (1, 3), (1, 2), (2, 3), (3, 4), (4, 5), (9, 10))

_ORDER = (
    ("huggingface", "upvotes"),
    ("huggingface", "github_stars"),
    ("github", "github_stars"),
    ("hackernews", "points"),
    ("feeds", MENTIONED_IN),
    ("huggingface", "position"),
    ("semanticscholar", "citations"),
    ("semanticscholar", "influential_citations"),
    ("huggingface", "comments"),
    ("hackernews", "comments"),
)
_PLACES = {key: place for place, key in enumerate(_ORDER)}
_LONG_ONLY = frozenset({"comments", "influential_citations"})
"""Kinds that the short form leaves out."""


def since_text(evidence: Evidence, now: datetime) -> str:
    """The times of the two values: `since Wed` if the newer one was read just now, `from Wed to Thu`, `in 7 hours`."""
    if evidence.before is None or evidence.before_at is None:
        return ""
    before, seen = (at.astimezone(now.tzinfo) for at in (evidence.before_at, evidence.seen_at))
    if before.date() == seen.date():
        return f"in {span_text(seen - before)}"
    start = weekday_text(before.date(), now.date())
    return f"since {start}" if now - seen <= READ_NOW else f"from {start} to {weekday_text(seen.date(), now.date())}"


def short_evidence(evidence: Sequence[Evidence], paper: Paper, now: datetime | None = None, listed: float = 0.0) -> str:
    """The first three signals of a paper, for one line of an opener."""
    return "".join(span.text for span in short_spans(evidence, paper, now, listed))


def short_spans(
    evidence: Sequence[Evidence], paper: Paper, now: datetime | None = None, listed: float = 0.0
) -> tuple[Span, ...]:
    """The short form with a link to the code."""
    signals = [e for e in _sorted(evidence) if e.kind not in _LONG_ONLY][:SHORT_PARTS]
    return _spans([(e, _text(e, now)) for e in signals], paper, now, listed)


def long_evidence(trend: Trend, now: datetime | None = None) -> str:
    """All signals in full words, with the votes that the rule still expects."""
    return "".join(span.text for span in long_spans(trend, now))


def long_spans(trend: Trend, now: datetime | None = None) -> tuple[Span, ...]:
    """The long form with a link to the code."""
    votes = votes_to_come(trend, now)
    texts = [(e, _text(e, now, full=True) + _forecast(e, votes)) for e in _sorted(trend.evidence)]
    return _spans(texts, trend.paper, now, trend.listed)


def _spans(
    texts: Sequence[tuple[Evidence, str]], paper: Paper, now: datetime | None, listed: float
) -> tuple[Span, ...]:
    if not texts:
        return (Span(without_signals(paper, now, listed)),)
    return tuple(span for e, text in texts for span in (Span(" · "), *_signal_spans(e, text, paper)))[1:]


def _signal_spans(e: Evidence, text: str, paper: Paper) -> tuple[Span, ...]:
    """A signal, with a link to the code that has stars or to the story; `in` and the title of a feed."""
    if e.kind.startswith(MENTIONED_IN):
        return Span("in "), Span(e.kind.removeprefix(MENTIONED_IN), italic=True)
    return (Span(text, url=paper.code_url if e.kind == "github_stars" else e.url),)


def without_signals(paper: Paper, now: datetime | None, listed: float = 0.0) -> str:
    """`new · about 1 in 3 such papers gets noticed` in a paper's first week, `new, no signals yet` without a forecast.

    `no votes known` later, and where its age or `now` is unknown.
    """
    if now is None or not is_young(paper, now):
        return NO_VOTES
    return new_text(listed)


def new_text(listed: float) -> str:
    """Words for a paper without votes, with its odds where they are worth telling."""
    return f"new · {odds_text(listed)}" if listed >= ODDS_LEAST else Reason.NEW.value


def odds_text(listed: float) -> str:
    """`about 1 in 3 such papers gets noticed`: the simple fraction nearest to a probability."""
    one, of = min(FRACTIONS, key=lambda fraction: abs(fraction[0] / fraction[1] - listed))
    return f"about {one} in {of} such papers {'gets' if one == 1 else 'get'} noticed"


def _forecast(e: Evidence, votes: float) -> str:
    """`, likely to reach about 105`, behind the upvotes."""
    worth_saying = e.kind == "upvotes" and votes >= WORTH_SAYING
    return f", likely to reach about {compact(round(e.value + votes))}" if worth_saying else ""


def votes_to_come(trend: Trend, now: datetime | None) -> float:
    """Upvotes that a paper of the last week may still get; 0 for an older one, and for one of unknown age."""
    return trend.expected if now and is_young(trend.paper, now) else 0.0


def is_young(paper: Paper, now: datetime) -> bool:
    """Whether a paper is in its first week, whose votes the rule forecasts; not if its age is unknown."""
    return paper.age_at is not None and now - paper.age_at < VOTES_COME


def growth(e: Evidence, now: datetime | None) -> str:
    """`+41 since Sat`; empty without a change, an earlier value, or a newest value of the last twelve hours."""
    if now is None or e.before is None or e.before == e.value or now - e.seen_at > GROWTH_FRESH:
        return ""
    return " ".join(part for part in (signed_count(e.value - e.before), since_text(e, now)) if part)


def lead_sentence(trend: Trend, place: int | None, now: datetime) -> str:
    """`Third of the last three days: 81 upvotes, 24 more than on Wed.`; without a place where it has none."""
    upvotes = next((e for e in trend.evidence if e.kind == "upvotes"), None)
    facts = [count(int(upvotes.value), "upvote")] if upvotes else []
    if upvotes and upvotes.before is not None and upvotes.before_at and growth(upvotes, now):
        change = upvotes.value - upvotes.before
        then = moment_text(upvotes.before_at, str(now.tzinfo), now)
        facts.append(f"{compact(abs(change))} {'more' if change > 0 else 'fewer'} than on {then}")
    standing = (
        f"{ORDINALS[place - 1] if place <= len(ORDINALS) else f'Number {place}'} of the last three days"
        if place
        else ""
    )
    sentence = ": ".join(part for part in (standing, ", ".join(facts)) if part)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def counted_text(evidence: Evidence) -> str:
    """The value and what it counts: `40 upvotes on Hugging Face`, `place 2 in the trending list on Hugging Face`."""
    if evidence.kind.startswith(MENTIONED_IN):
        return evidence.kind
    if evidence.kind == "position":
        return f"place {evidence.value:.0f} in the trending list on {source_name(evidence.source)}"
    return f"{compact(evidence.value)} {series_name(evidence.source, evidence.kind, one=evidence.value == 1)}"


def series_name(source: str, kind: str, *, one: bool = False) -> str:
    """Name of a series: `upvotes on Hugging Face`, or `upvote on Hugging Face` for one; `GitHub stars`."""
    if kind.startswith(MENTIONED_IN):
        return kind
    name = "GitHub stars" if kind == "github_stars" else kind.replace("_", " ")
    name = name.removesuffix("s") if one else name
    if kind == "github_stars":
        return f"{name}, by GitHub itself" if source == "github" else name
    return f"{name} on {source_name(source)}"


def _sorted(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Signals in the fixed order of `_ORDER`, whatever their values; stars once, and nothing of a paper not cited."""
    by_github = any(e.source == "github" for e in evidence)
    worded = [
        e
        for e in evidence
        if not (e.kind == "github_stars" and e.source != "github" and by_github) and (e.value or is_interest(e.kind))
    ]
    return sorted(worded, key=_place)


def _place(e: Evidence) -> tuple[int, str, str]:
    kind = MENTIONED_IN if e.kind.startswith(MENTIONED_IN) else e.kind
    return _PLACES.get((e.source, kind), len(_ORDER)), e.source, e.kind


def _text(e: Evidence, now: datetime | None, *, full: bool = False) -> str:
    """One signal with its growth: `132 upvotes (+41 since Sat)`; in full with `on Hugging Face`."""
    match e.source, e.kind:
        case "huggingface", "upvotes" if not full:
            text = _counted(e, "upvote")
        case _, "github_stars":
            text = f"GitHub {_counted(e, 'star')}" if e.value else "code"
        case "hackernews", "points" | "comments":
            text = f"Hacker News {_counted(e, e.kind.removesuffix('s'))}"
        case _, "citations":
            text = f"cited {compact(e.value)}×"
        case "huggingface", "position":
            return f"trending #{e.value:.0f} on Hugging Face"
        case _:
            text = counted_text(e)
    grown = growth(e, now)
    return f"{text} ({grown})" if grown else text


def _counted(e: Evidence, noun: str) -> str:
    return f"{compact(e.value)} {noun if e.value == 1 else noun + 's'}"
