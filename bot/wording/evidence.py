"""Signals in words: `▲ 132 · +41 since yesterday · code ★ 1.2k`. What is missing is left out, never 0. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.model import Evidence, Reason
from bot.wording.parts import compact, count, signed_count, source_name, span_text

NOTHING_YET = Reason.NEW.value
WORTH_SAYING = 1.5
"""Fewest expected votes that are mentioned; fewer change no visible order."""
SHORT_PARTS = 4
"""Parts of the short form: the width of a phone."""

_ORDER = (
    ("huggingface", "upvotes"),
    ("huggingface", "github_stars"),
    ("hackernews", "points"),
    ("huggingface", "position"),
    ("huggingface", "comments"),
    ("hackernews", "comments"),
)


def since_text(evidence: Evidence) -> str:
    """How long ago the earlier value was read: `since yesterday`, `in 3 days`, `in 5 hours`; empty if unknown."""
    if evidence.before is None or evidence.before_at is None:
        return ""
    gap = evidence.seen_at - evidence.before_at
    if timedelta(hours=12) <= gap < timedelta(hours=36):
        return "since yesterday"
    return f"in {span_text(gap)}"


def short_evidence(evidence: Sequence[Evidence]) -> str:
    """The first four signals, for one line of an opener."""
    parts = [part for e in _sorted(evidence) for part in _short(e)]
    return " · ".join(parts[:SHORT_PARTS]) or NOTHING_YET


def long_evidence(evidence: Sequence[Evidence], expected: float = 0.0) -> str:
    """All signals in full words, with the votes that the rule still expects."""
    more = f", about {expected:.0f} more expected" if expected >= WORTH_SAYING else ""
    parts = [_long(e) + (more if e.kind == "upvotes" else "") for e in _sorted(evidence)]
    return " · ".join(parts) or NOTHING_YET


def counted_text(evidence: Evidence) -> str:
    """The value and what it counts: `40 upvotes on Hugging Face`, `place 2 in the trending list on Hugging Face`."""
    if evidence.kind == "position":
        return f"place {evidence.value:.0f} in the trending list on {source_name(evidence.source)}"
    return f"{compact(evidence.value)} {series_name(evidence.source, evidence.kind, one=evidence.value == 1)}"


def series_name(source: str, kind: str, *, one: bool = False) -> str:
    """Name of a series: `upvotes on Hugging Face`, or `upvote on Hugging Face` for one."""
    noun = "GitHub stars" if kind == "github_stars" else kind.replace("_", " ")
    return f"{noun.removesuffix('s') if one else noun} on {source_name(source)}"


def _sorted(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Signals in the fixed order of `_ORDER`, whatever their values."""
    places = {key: i for i, key in enumerate(_ORDER)}
    return sorted(evidence, key=lambda e: (places.get((e.source, e.kind), len(_ORDER)), e.source, e.kind))


def _grown(e: Evidence) -> str:
    """`+41 since yesterday`; empty without a change or an earlier value."""
    if e.before is None or e.before == e.value:
        return ""
    return " ".join(part for part in (signed_count(e.value - e.before), since_text(e)) if part)


def _short(e: Evidence) -> list[str]:
    match e.source, e.kind:
        case _, "upvotes":
            return [part for part in (f"▲ {compact(e.value)}", _grown(e)) if part]
        case _, "github_stars":
            return [f"code {_stars(e)}".rstrip()]
        case "hackernews", "points":
            return [f"HN {compact(e.value)}"]
        case "huggingface", "position":
            return [f"HF trending #{e.value:.0f}"]
        case _, "comments":
            return []
        case _:
            return [counted_text(e)]


def _stars(e: Evidence) -> str:
    """`★ 1.2k`, `★ 312 → 498`; in full where both numbers are the same in short. Empty for none."""
    if not e.value:
        return ""
    if e.before is None or e.before == e.value:
        return f"★ {compact(e.value)}"
    if compact(e.before) == compact(e.value):
        return f"★ {e.before:,.0f} → {e.value:,.0f}"
    return f"★ {compact(e.before)} → {compact(e.value)}"


def _long(e: Evidence) -> str:
    grown = _grown(e)
    match e.source, e.kind:
        case _, "upvotes":
            text = f"▲ {count(int(e.value), 'upvote')} on {source_name(e.source)}"
        case _, "github_stars":
            return f"code {_stars(e)} {since_text(e) if grown else ''}".rstrip()
        case "huggingface", "position":
            return f"HF trending #{e.value:.0f}"
        case "hackernews", "points" | "comments":
            text = f"HN {count(int(e.value), e.kind.removesuffix('s'))}"
        case _, "comments":
            text = f"{count(int(e.value), 'comment')} on {source_name(e.source)}"
        case _:
            text = counted_text(e)
    return f"{text}, {grown}" if grown else text
