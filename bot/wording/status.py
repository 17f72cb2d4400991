"""Health of the sources, the next digest, and erasure on request. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.model import Action, Block, Message, SourceReport, Span, Subscription
from bot.text import joined
from bot.text.sentences import shorten
from bot.wording.channel import next_text, schedule_text, with_next_moment
from bot.wording.parts import ago, block, count, say, share_button, source_name

SKIPPED_ITEM_MAX = 150
"""Characters of the line about an item that was left out."""
SOURCE_COLUMNS = ("Source", "State", "Last answered", "Papers", "New observations")


def status_report(  # noqa: PLR0913 - the facts of one report
    reports: Sequence[SourceReport],
    digests: Sequence[Subscription],
    *,
    papers: int,
    observations: int,
    now: datetime,
    processes: Sequence[str] = (),
) -> Message:
    """Every source with its last success, the channel's next digest, what is stored, and which processes run."""
    blocks = [block("Status", "heading"), *(_source(report, now) for report in reports)]
    if not reports:
        blocks.append(block("No source has been asked yet; the first look is under way or sources are switched off."))
    blocks += [_digest(each, now) for each in digests] or [block("This channel gets no digest.")]
    blocks.append(block(f"{count(papers, 'paper')} and {count(observations, 'observation')} stored.", "note"))
    if processes:
        blocks.append(
            block(f"{count(len(processes), 'process', 'processes')} running: {', '.join(processes)}.", "note")
        )
    return Message(tuple(blocks), (share_button("status", {}),), "Status", columns=SOURCE_COLUMNS)


def _digest(digest: Subscription, now: datetime) -> Block:
    name = f", {digest.label}" if digest.label else ""
    text = f"This channel{name}: {schedule_text(digest)}; {next_text(digest, now)}."
    return with_next_moment(Block("text", (Span(text),)), digest, now)


def _source(report: SourceReport, now: datetime) -> Block:
    name, when = source_name(report.source), ago(report.succeeded_at, now) if report.succeeded_at else ""
    answered = f"last answered {when}" if when else "has not answered yet"
    left_out = f"; {skipped_text(report, most=1)}" if report.skipped and not report.fault else ""
    state = f"down, {report.fault}" if report.fault else f"fine{left_out}"
    if report.fault:
        text, numbers = f"{name}: {state}; {answered}", ("", "")
    else:
        counts = f"{count(report.papers, 'paper')}, {count(report.signals, 'new observation')}"
        text, numbers = f"{name}: fine, {answered}, {counts}{left_out}", (f"{report.papers:,}", f"{report.signals:,}")
    return Block("item", (Span(text),), cells=tuple(map(Span, (name, state, when or "not yet", *numbers))))


def skipped_text(report: SourceReport, *, most: int) -> str:
    """How many items of a source's answers were left out, and the first `most` of them with the reason."""
    items = [shorten(item, SKIPPED_ITEM_MAX) for item in report.skipped_items[:most]]
    more = " …" if report.skipped > len(items) else ""
    return f"{count(report.skipped, 'item')} left out: {'; '.join(items)}{more}"


def erase_question(what: str) -> Message:
    """Question before the data of a person (`me`) or a channel (`channel`) are erased."""
    text = "This erases your saved papers and your own watches, your reactions, shares, votes and wishes to discuss in"
    text += " every channel, and your name on links, watches, clubs and on the digests that you set up: notices about"
    text += " them go to others. A connection to Zotero ends, and its key goes. It can't be undone."
    if what == "channel":
        text = "This erases this channel's reactions, shares, votes and wishes to discuss, what they have taught, and"
        text += " who posted links. Its digests and watches stay, and so do past digests."
    return say(text, actions=(Action("Erase", "forget", {"what": what, "confirm": "yes"}, style="danger"),))


def erased(counts: Mapping[str, int]) -> Message:
    """Answer to a confirmed `forget`: the numbers of erased rows by kind, in the singular."""
    parts = [count(number, what) for what, number in counts.items() if number]
    return say(f"Erased: {joined(parts)}." if parts else "There was nothing to erase.")
