"""A channel's weekly recap, and the answers to `recap`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.commands import typed
from bot.model import WEEKDAYS, Action, Block, Message, Span
from bot.model.recap import Recap, RecapPaper, RecapPlace
from bot.text.sentences import cut
from bot.wording.parts import LONG_DAYS, block, day_text, moment_text, say, title_of

TITLE_MAX = 100
"""Characters of a paper's title: two lines of a phone."""
DAY, AT = 4, time(16)
"""Friday, 16:00: unless somebody says otherwise."""
NOTHING = "In the last seven days nobody liked a paper here or wants to discuss one: the recap would be skipped."
OFF_CHANGE = "switched off the weekly recap"
NO_DIGEST = say(
    f"A recap is about a channel's papers, and this channel gets no digest yet. First: {typed('subscribe')}.",
    actions=(Action("Subscribe at 09:00", "subscribe", {"at": "09:00"}),),
)


def recap_message(recap: Recap, timezone: str, now: datetime, *, preview: bool = False) -> Message:
    """The recap as one message: most liked, to be discussed, new code, what is coming."""
    title = f"Papers of the week · {day_text(recap.day, now.astimezone(ZoneInfo(timezone)).date())}"
    sections = (
        ("Most liked", recap.likes, lambda each: f"👍 {each.number} · "),
        ("To be discussed", recap.wishes, lambda each: f"💬 {each.number} · "),
        ("New code since you saw it", recap.code, lambda _: ""),
    )
    intro = [block("This is what the recap here would be, if it came now.", "note")] if preview else []
    blocks = [_section(name, papers, mark) for name, papers, mark in sections if papers]
    coming = " ".join(_coming(recap, timezone, now))
    notes = [Block("note", (Span(coming),))] if coming else []
    return Message((block(title, "heading"), *intro, *blocks, *notes), title=title, private=preview)


def _section(name: str, papers: Sequence[RecapPaper], mark: Callable[[RecapPaper], str]) -> Block:
    lines = [
        span
        for each in papers
        for span in (Span(f"\n{mark(each)}"), Span(cut(title_of(each.paper), TITLE_MAX), url=each.url))
    ]
    return Block("text", (Span(name, bold=True), *lines))


def _coming(recap: Recap, timezone: str, now: datetime) -> Iterator[str]:
    if recap.next_digest is not None and recap.next_digest > now:
        yield f"Next digest: {moment_text(recap.next_digest, timezone, now)}."
    yield from recap.coming


def recap_state(place: RecapPlace, next_at: datetime | None, now: datetime, *, lead: str = "") -> Message:
    """Answer to `recap`: whether one comes here and when, with buttons to preview it and to change that."""
    preview = Action("Preview", "recap", {"preview": "yes"})
    if next_at is None:
        on = Action(f"On, {when_text(DAY, AT)}", "recap", {"state": "on", "day": WEEKDAYS[DAY], "at": f"{AT:%H:%M}"})
        return say(f"{lead or 'There is no weekly recap here.'}", actions=(on, preview))
    sentence = (
        f"{lead or 'A recap comes here'} {schedule_text(place)}, next on {moment_text(next_at, place.timezone, now)}."
    )
    what = "It has what was liked most, what is to be discussed and new code; a week without any has none."
    paused = ["The digests here are paused, and the recap with them."] if place.paused else []
    return say(sentence, what, *paused, actions=(preview, Action("Off", "recap", {"state": "off"})))


def schedule_text(place: RecapPlace) -> str:
    """`on Fridays at 16:00 (Europe/Berlin)`."""
    day = place.settings.recap_day
    assert day is not None  # noqa: S101 - asked only where there is a recap
    return f"{when_text(day, place.settings.recap_at)} ({place.timezone})"


def when_text(day: int, at: time) -> str:
    """`on Fridays at 16:00`."""
    return f"on {LONG_DAYS[day]}s at {at:%H:%M}"
