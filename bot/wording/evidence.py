"""Signals in words: `▲ 132 · +41 since yesterday · code ★ 1.2k`. What is missing is left out, never 0. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.model import Evidence, Reason
from bot.wording.parts import compact, count, signed_count, source_name, span_text

NOTHING_YET = Reason.NEW.value
WORTH_SAYING = 1.5
"""Fewer expected votes than this change no order that anybody sees."""
SHORT_PARTS = 4
"""What an opener's line has room for on a phone."""

_ORDER = (
    ("huggingface", "upvotes"),
    ("huggingface", "github_stars"),
    ("hackernews", "points"),
    ("huggingface", "position"),
    ("huggingface", "comments"),
    ("hackernews", "comments"),
)
KINDS = {
    "upvotes": "upvotes",
    "comments": "comments",
    "github_stars": "GitHub stars",
    "points": "points",
}


def since_text(evidence: Evidence) -> str:
    """How long ago the earlier value was read: `since yesterday`, `in 3 days`, `in 5 hours`; empty if unknown."""
    if evidence.before is None or evidence.before_at is None:
        return ""
    gap = evidence.seen_at - evidence.before_at
    if timedelta(hours=12) <= gap < timedelta(hours=36):
        return "since yesterday"
    return f"in {span_text(gap)}"


def short_evidence(evidence: Sequence[Evidence]) -> str:
    """The strongest of it, for one line of an opener."""
    parts = [part for e in _sorted(evidence) for part in _short(e)]
    return " · ".join(parts[:SHORT_PARTS]) or NOTHING_YET


def long_evidence(evidence: Sequence[Evidence], expected: float = 0.0) -> str:
    """All of it, in full words, for a paper's own message; with the votes that the rule still expects."""
    more = f", about {expected:.0f} more expected" if expected >= WORTH_SAYING else ""
    parts = [_long(e) + (more if e.kind == "upvotes" else "") for e in _sorted(evidence)]
    return " · ".join(parts) or NOTHING_YET


def counted_text(evidence: Evidence) -> str:
    """The value and what it counts: `40 upvotes on Hugging Face`, `place 2 in the trending list on Hugging Face`."""
    if evidence.kind == "position":
        return f"place {evidence.value:.0f} in the trending list on {source_name(evidence.source)}"
    return f"{compact(evidence.value)} {_kind_name(evidence)}"


def series_name(source: str, kind: str) -> str:
    """Name of a series: `upvotes on Hugging Face`."""
    return f"{KINDS.get(kind, kind.replace('_', ' '))} on {source_name(source)}"


def _kind_name(evidence: Evidence) -> str:
    kind = KINDS.get(evidence.kind, evidence.kind.replace("_", " "))
    if evidence.value == 1 and kind.endswith("s"):
        kind = kind.removesuffix("s")
    return f"{kind} on {source_name(evidence.source)}"


def _sorted(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Always in the same order, so that the eye finds its way."""
    places = {key: i for i, key in enumerate(_ORDER)}
    return sorted(evidence, key=lambda e: (places.get((e.source, e.kind), len(_ORDER)), e.source, e.kind))


def _grown(e: Evidence) -> str:
    """`+41 since yesterday`; empty if nothing changed or nothing is known."""
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
    if not e.value:
        return ""
    return f"★ {compact(e.value)}" if not _grown(e) or e.before is None else f"★ {_arrow(e.before, e.value)}"


def _arrow(before: float, value: float) -> str:
    """`312 → 498`; where both would look the same in short, in full."""
    if compact(before) == compact(value):
        return f"{before:,.0f} → {value:,.0f}"
    return f"{compact(before)} → {compact(value)}"


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
