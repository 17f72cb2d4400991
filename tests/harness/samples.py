"""Samples for the tests of wording: papers, evidence, digests, and a message written out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.model import Channel, Digest, Evidence, Message, Outcome, Paper, Pick, Reason, Trend

HERE = Channel("slack:T1/C1")
SUNDAY = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MONDAY = SUNDAY + timedelta(days=1)
GOLDEN = Path(__file__).parents[1] / "golden"


def upvotes(value: float, before: float | None = None, hours: float = 24) -> Evidence:
    at = SUNDAY - timedelta(hours=hours) if before is not None else None
    return Evidence("huggingface", "upvotes", value, SUNDAY, before, at, 1.5)


def stars(value: float, before: float | None = None) -> Evidence:
    return Evidence(
        "huggingface", "github_stars", value, SUNDAY, before, SUNDAY - timedelta(days=1) if before else None
    )


def points(value: float) -> Evidence:
    return Evidence("hackernews", "points", value, SUNDAY)


def paper(paper_id: str = "2511.00001", **facts: object) -> Paper:
    plain = Paper(paper_id, "A Plain Title", "We do a thing.", ("Ada One", "Ben Two"), tldr="We do a thing.")
    return replace(plain, **facts)  # type: ignore[arg-type]  # facts of a Paper


def pick(picked: Paper, *signals: Evidence, topics: tuple[str, ...] = ()) -> Pick:
    reason = Reason.NEW if not signals else Reason.TOPIC if topics else Reason.TRENDING
    return Pick(Trend(picked, 1.0, 1.0, signals, "rule-1"), reason, topics)


def digest(*picks: Pick, at: datetime = MONDAY, outcome: Outcome | None = None, **facts: object) -> Digest:
    how = outcome or (Outcome.PICKED if picks else Outcome.NOTHING_NEW)
    digest = Digest(HERE, at.date(), picks, how, at, at, at - timedelta(days=3))
    return replace(digest, **facts)  # type: ignore[arg-type]  # facts of a Digest


def written(message: Message) -> str:
    """A message as text, with its links, its picture and its buttons."""
    lines = []
    for block in message.blocks:
        spans = "".join(f"[{span.text}]({span.url})" if span.url else span.text for span in block.spans)
        note = "".join(span.text for span in block.note)
        lines.append(f"{block.role:8}{spans}".replace("\n", "\n        "))
        lines += [f"  note  {line}" for line in note.split("\n") if line]
    if message.image:
        lines.append(f"picture {message.image.url} {message.image.width}×{message.image.height} {message.image.alt}")
    buttons = " | ".join(action.label for action in message.actions)
    return "\n".join([f"title   {message.title}", *lines, *([f"buttons {buttons}"] if buttons else [])])
