"""Outcomes of digests: a channel's latest ones, and the channels of a server or workspace. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.model import MAIN, Action, Block, Channel, DigestRecord, Message, Outcome, Span, Subscription
from bot.model.schedule import local_day
from bot.wording.channel import PAGE_SIZE, SUBSCRIBE, next_text, schedule_text, with_next_moment
from bot.wording.parts import block, count, day_text, page_buttons, say

COLUMNS = ("Channel", "Digest", "When", "Follows", "Next", "Last", "Set up")
"""Of the overview of channels."""


class Total(NamedTuple):
    """How many channels of a server have how many digests."""

    channels: int
    digests: int


def subscription_list(
    rows: Sequence[tuple[Subscription, DigestRecord | None]],
    page: int,
    total: Total,
    now: datetime,
    untold: Collection[Channel] = (),
) -> Message:
    """The channels of a server with their settings, next and last digest, and the person who set each up.

    `untold`: the channels with notices that could not be delivered.
    """
    if not total.digests:
        return say("No channel here gets a digest yet.", actions=(SUBSCRIBE,))
    several = "a digest" if total.digests == total.channels else count(total.digests, "digest")
    blocks = [block(f"{count(total.channels, 'channel')} with {several}", "heading")]
    blocks += [_subscription(*row, now, untold=row[0].channel in untold) for row in rows]
    if total.digests > PAGE_SIZE:
        blocks.append(block(f"Page {page} of {-(-total.digests // PAGE_SIZE)}.", "note"))
    pages = page_buttons("subscriptions", page, more=page * PAGE_SIZE < total.digests)
    first = (page - 1) * PAGE_SIZE + 1
    return Message(tuple(blocks), pages, blocks[0].text, columns=COLUMNS, first=first)


def _subscription(subscription: Subscription, last: DigestRecord | None, now: datetime, *, untold: bool) -> Block:
    local_now = now.astimezone(ZoneInfo(subscription.timezone))
    set_by = f"set by {subscription.set_by}" if subscription.set_by else "set by nobody known"
    set_on = ""
    if subscription.set_at:
        set_on = f" on {day_text(local_day(subscription, subscription.set_at), local_now.date())}"
    lately = f"last digest {record_text(last, local_now)}" if last else "no digest yet"
    follows = count(len(subscription.topics), "topic") if subscription.topics else "everything"
    facts = (schedule_text(subscription), f"follows {follows}", next_text(subscription, now), lately)
    name = (Span(" · "), Span(subscription.label, bold=True)) if subscription.label else ()
    who = f"{set_by}{set_on}"
    if untold:
        who += " · a notice about it reached nobody: it is shown to the next manager who types a command there"
    channel, text = Span(subscription.channel, code=True), f"\n{' · '.join((*facts, who))}"
    place = (channel, Span(subscription.label), *map(Span, (*facts, who)))
    return with_next_moment(Block("item", (channel, *name, Span(text)), cells=place), subscription, now)


def past_digests(days: Sequence[DigestRecord], now: datetime) -> Message:
    """The latest digests of a channel, with a button for each; `now` by the channel's clock.

    With their names where they are of several.
    """
    if not days:
        return say("No digest has been chosen here yet.", actions=(Action("Preview", "preview"),))
    blocks = [block("Latest digests here", "heading")]
    several = len({each.name for each in days}) > 1
    blocks += [
        Block("item", (Span(f"{f'{each.name} · ' if several else ''}{record_text(each, now)}"),)) for each in days
    ]
    actions = tuple(
        Action(
            f"{day_text(each.day, now.date())}{f' · {each.name}' if several else ''}",
            "digest",
            {"date": each.day.isoformat()} | ({"name": each.name} if several or each.name != MAIN else {}),
        )
        for each in days
        if each.papers
    )
    return Message(tuple(blocks), actions, "Latest digests here")


_NO_PAPERS = {
    Outcome.NOTHING_NEW: "nothing was new",
    Outcome.NOTHING_MATCHED: "nothing new matched",
    Outcome.SOURCES_DOWN: "the sources did not answer",
}
_ENDED = {"paused": "it was paused", "unsubscribed": "the channel was unsubscribed"}
"""Reasons in words, by those that the ledger holds."""


def record_text(record: DigestRecord, now: datetime) -> str:
    """`Sun 22 Nov: 6 papers, posted 09:00`, or why not; `now` by the channel's clock."""
    return f"{day_text(record.day, now.date())}: {_became_of(record, now)}"


def _became_of(record: DigestRecord, now: datetime) -> str:
    if record.outcome is Outcome.LATE:
        return "not posted: Paperboy was not running"
    if record.state == "abandoned":
        reason = _ENDED.get(record.reason or "", (record.reason or "it could not be posted").partition(": ")[0])
        return f"not posted: {reason}"
    papers = count(record.papers, "paper") if record.papers else f"no papers: {_NO_PAPERS[record.outcome]}"
    if record.posted_at is None:
        return f"{papers}, not posted yet" if record.state == "open" else papers
    posted = record.posted_at.astimezone(now.tzinfo)
    late = "" if posted.date() == record.day else f" {day_text(posted.date(), now.date())},"
    return f"{papers}, posted{late} {posted:%H:%M}" if record.papers else papers
