"""Health of the sources, the next digest, and erasure on request. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.model import Action, Block, Message, SourceReport, Span, Subscription
from bot.text import joined
from bot.wording.channel import next_text, schedule_text
from bot.wording.parts import ago, block, count, say, share_button, source_name


def status_report(
    reports: Sequence[SourceReport], subscription: Subscription | None, *, papers: int, observations: int, now: datetime
) -> Message:
    """Every source with its last success, the channel's next digest, and the number of papers stored."""
    blocks = [block("Status", "heading"), *(Block("item", (Span(_source(report, now)),)) for report in reports)]
    if not reports:
        blocks.append(block("No source has been asked yet; the first look is under way or sources are switched off."))
    here = "This channel gets no digest."
    if subscription:
        here = f"This channel: {schedule_text(subscription)}; {next_text(subscription)}."
    blocks.append(Block("text", (Span(here),)))
    blocks.append(block(f"{count(papers, 'paper')} and {count(observations, 'observation')} stored.", "note"))
    return Message(tuple(blocks), (share_button("status", {}),), "Status")


def _source(report: SourceReport, now: datetime) -> str:
    name = source_name(report.source)
    answered = f"last answered {ago(report.succeeded_at, now)}" if report.succeeded_at else "has not answered yet"
    if report.fault:
        return f"{name}: down, {report.fault}; {answered}"
    return f"{name}: fine, {answered}, {count(report.papers, 'paper')}, {count(report.signals, 'new observation')}"


def erase_question(what: str) -> Message:
    """Question before the data of a person (`me`) or a channel (`channel`) are erased."""
    text = "This erases your saved papers, reactions and shares, in every channel. It can't be undone."
    if what == "channel":
        text = "This erases this channel's reactions and shares, and what they have taught."
        text += " Its subscription and past digests stay."
    return say(text, actions=(Action("Erase", "forget", {"what": what, "confirm": "yes"}, style="danger"),))


def erased(counts: Mapping[str, int]) -> Message:
    """Answer to a confirmed `forget`: the numbers of erased rows by kind."""
    parts = [f"{number} {what}" for what, number in counts.items() if number]
    return say(f"Erased: {joined(parts)}." if parts else "There was nothing to erase.")
