"""A channel's subscription in words: settings, topics, previews, pauses. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.model import Action, Block, Form, FormField, Message, Outcome, Paper, Span, Subscription
from bot.wording.parts import (
    block,
    count,
    day_text,
    joined,
    moment_text,
    say,
    title_span,
    weekdays_text,
    weekdays_typed,
)

PAGE_SIZE = 10
STYLES = {"thread": "as a thread", "compact": "in one message"}
MANAGE = (Action("Settings", "settings"), Action("Topics", "topics list"))


def schedule_text(wish: Subscription) -> str:
    """`5 papers at 09:00 (Europe/Berlin), Mon–Fri, as a thread`."""
    return (
        f"{count(wish.size, 'paper')} at {wish.at:%H:%M} ({wish.timezone}), "
        f"{weekdays_text(wish.days)}, {STYLES[wish.style]}"
    )


def next_text(wish: Subscription) -> str:
    """When the next digest comes, or why none does."""
    if wish.paused_at is not None:
        until = f" until {day_text(_resumes_on(wish.paused_until, wish))}" if wish.paused_until else ""
        why = f": {wish.pause_reason}" if wish.pause_reason else ""
        return f"paused{until}{why}"
    return f"next digest {moment_text(wish.next_due, wish.timezone)}" if wish.next_due else "no digest due yet"


def _resumes_on(at: datetime, wish: Subscription) -> date:
    return at.astimezone(ZoneInfo(wish.timezone)).date()


def subscription_saved(wish: Subscription, *, new: bool, changed: Sequence[str]) -> Message:
    """After `subscribe` or the form: what will come, and when the first time. Nothing is posted now."""
    assert wish.next_due is not None  # noqa: S101 - a subscription that was just set is due some time
    when = moment_text(wish.next_due, wish.timezone)
    first = "Subscribed" if new else f"Changed {joined(changed)}" if changed else "Nothing changed"
    blocks = [
        block(f"{first}: {schedule_text(wish)}."),
        block(f"The {'first' if new else 'next'} digest comes {when}. Nothing is posted here before that."),
    ]
    if new and not wish.topics:
        blocks.append(
            block("It brings everything that trends; narrow it down with `/papers topics add video diffusion`.")
        )
    if new and wish.timezone == "UTC":
        blocks.append(block("The hour is UTC: set your own with `/papers subscribe timezone:Europe/Berlin`.", "note"))
    return Message(tuple(blocks), (*MANAGE, Action("Preview", "preview"), Action("Test", "test")), blocks[0].text)


def pause_saved(wish: Subscription) -> Message:
    """After `pause`."""
    until = f"until {day_text(_resumes_on(wish.paused_until, wish))}" if wish.paused_until else "until somebody resumes"
    return say(f"Paused {until}. Topics and settings stay.", actions=(Action("Resume", "resume"),))


def resume_saved(wish: Subscription) -> Message:
    """After `resume`."""
    return say(f"Digests come again: {next_text(wish)}.", actions=MANAGE)


def unsubscribe_question(wish: Subscription) -> Message:
    """Before topics that somebody wrote are thrown away."""
    lines = joined([count(len(lines), what) for lines, what in ((wish.topics, "topic"), (wish.mutes, "mute")) if lines])
    return say(
        f"No more digests here, and the channel's {lines} would be deleted. A pause keeps them.",
        actions=(
            Action("Unsubscribe", "unsubscribe", {"confirm": "yes"}, style="danger"),
            Action("Pause instead", "pause"),
        ),
    )


def unsubscribed() -> Message:
    """After `unsubscribe`."""
    return say(
        "Unsubscribed: no more digests here. Past ones stay readable with `/papers digest`.", actions=(_SUBSCRIBE,)
    )


def not_subscribed() -> Message:
    """For what needs a subscription."""
    return say("This channel gets no digest yet.", actions=(_SUBSCRIBE,))


_SUBSCRIBE = Action("Subscribe, daily at 09:00", "subscribe", {"at": "09:00"}, style="primary")


# --- topics ------------------------------------------------------------------------------------------------------


def topic_list(wish: Subscription | None, page: int) -> Message:
    """A channel's topics and mutes, ten a page, with a button to take each off."""
    if wish is None:
        return not_subscribed()
    lines = [("topics remove", topic) for topic in wish.topics] + [("topics unmute", mute) for mute in wish.mutes]
    page_lines = lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    blocks = [block("Topics of this channel", "heading")]
    if not wish.topics:
        blocks.append(block("It follows everything that trends. Narrow it down: `/papers topics add video diffusion`."))
    for command, line in page_lines:
        mark = "follows " if command == "topics remove" else "mutes "
        blocks.append(Block("item", (Span(mark), Span(line, code=True))))
    if len(lines) > PAGE_SIZE:
        blocks.append(block(f"Page {page} of {-(-len(lines) // PAGE_SIZE)}.", "note"))
    blocks.append(Block("note", (Span(f"{schedule_text(wish)}; {next_text(wish)}."),)))
    remove = [Action(f"Remove #{i}", command, {"topic": line}) for i, (command, line) in enumerate(page_lines, start=1)]
    pages = page_buttons("topics list", page, more=page * PAGE_SIZE < len(lines))
    return Message(tuple(blocks), (*remove, *pages, Action("Settings", "settings")), "Topics of this channel")


def page_buttons(command: str, page: int, *, more: bool) -> tuple[Action, ...]:
    """Back and More of a paged list."""
    back = (Action("Back", command, {"page": str(page - 1)}),) if page > 1 else ()
    return (*back, Action("More", command, {"page": str(page + 1)})) if more else back


@dataclass(frozen=True, slots=True)
class TopicPreview:
    """Papers that a topic or a mute matches in the last days."""

    topic: str
    mute: bool
    matched: int
    noticed: int
    """Of those, papers with signals."""
    days: int
    examples: tuple[Paper, ...]
    subscribed: bool = True
    close: int = 0
    """Of those that matched, papers that are close in meaning, without the words."""


def topic_preview(preview: TopicPreview) -> Message:
    """`… (3.1 a day), 12 by words and 31 close in meaning; five of them: …`, and a button that saves."""
    verb = "Mute" if preview.mute else "Follow"
    quoted = Span(preview.topic, code=True)
    blocks = [Block("text", (Span(f"{verb} ", bold=True), quoted, Span("?")))]
    blocks.append(Block("text", (Span(_how_many(preview)),)))
    blocks += [Block("item", (title_span(paper),)) for paper in preview.examples]
    if not preview.subscribed:
        blocks.append(block("This channel gets no digest yet: saving also subscribes it, daily at 09:00.", "note"))
    command = "topics mute" if preview.mute else "topics add"
    save = Action("Save", command, {"topic": preview.topic, "confirm": "yes"}, style="primary")
    return Message(tuple(blocks), (save,), f"{verb} {preview.topic}?")


def _how_many(preview: TopicPreview) -> str:
    span = f"the last {count(preview.days, 'day')}" if preview.days > 1 else "the last day"
    if not preview.matched:
        return f"Nothing of {span} matches. That is fine for a rare topic; else try fewer or other words."
    would = "It would have left out" if preview.mute else "It would have matched"
    rate = f"{preview.matched / max(preview.days, 1):.1f} a day"
    noticed = f", {preview.noticed:,} of them noticed by somebody" if preview.noticed < preview.matched else ""
    words = preview.matched - preview.close
    close = f", {words:,} by words and {preview.close:,} close in meaning" if preview.close else ""
    few = len(preview.examples)
    listed = (
        ""
        if not few
        else ":"
        if few == preview.matched
        else f"; {'one' if few == 1 else _NUMBERS.get(few, few)} of them:"
    )
    return f"{would} {count(preview.matched, 'paper')} over {span} ({rate}){close}{noticed}{listed}"


_NUMBERS: Mapping[int, str] = {2: "two", 3: "three", 4: "four", 5: "five"}


def topic_saved(wish: Subscription, topic: str, what: str) -> Message:
    """After a change of topics; `what` is `Following`, `Muted`, …"""
    blocks = (
        Block("text", (Span(f"{what} "), Span(topic, code=True), Span(f". {_so_now(wish)}"))),
        Block("note", (Span(f"{schedule_text(wish)}; {next_text(wish)}."),)),
    )
    return Message(blocks, (Action("Topics", "topics list"), Action("Preview", "preview")), f"{what} {topic}")


def _so_now(wish: Subscription) -> str:
    follows = count(len(wish.topics), "topic") if wish.topics else "everything that trends"
    mutes = f", mutes {len(wish.mutes)}" if wish.mutes else ""
    return f"The channel follows {follows}{mutes}."


# --- forms and overviews -----------------------------------------------------------------------------------------


def settings_form(wish: Subscription) -> Form:
    """Everything of a subscription as it is, to be changed."""
    fields = (
        FormField("topics", "Topics, one a line", "\n".join(wish.topics), "lines", help="None: everything that trends"),
        FormField("mutes", "Mutes, one a line", "\n".join(wish.mutes), "lines", help="Papers that match are left out"),
        FormField("size", "Papers in a digest", str(wish.size), help="1 to 20"),
        FormField("at", "Hour", f"{wish.at:%H:%M}", help="09:00, 9am or 21.30"),
        FormField("timezone", "Time zone", wish.timezone, help="By place, such as Europe/Berlin"),
        FormField(
            "days", "Days", weekdays_typed(wish.days), help="daily, weekdays, mon-fri, mon,wed,fri or weekly fri"
        ),
        FormField(
            "style", "Style", wish.style, "choice", ("thread", "compact"), "A reply a paper, or all in one message"
        ),
        FormField(
            "quiet", "On a day without papers", wish.quiet, "choice", ("say", "skip"), "Say so in a line, or skip it"
        ),
    )
    return Form("Digest settings", "settings", fields)


def subscription_list(
    rows: Sequence[tuple[Subscription, tuple[date, Outcome, str] | None]], page: int, total: int
) -> Message:
    """The channels of a server: who set each, next run, last delivery."""
    if not total:
        return say("No channel here gets a digest yet.", actions=(_SUBSCRIBE,))
    blocks = [block(f"{count(total, 'channel')} with a digest", "heading"), *(_subscription(*row) for row in rows)]
    if total > PAGE_SIZE:
        blocks.append(block(f"Page {page} of {-(-total // PAGE_SIZE)}.", "note"))
    return Message(tuple(blocks), page_buttons("subscriptions", page, more=page * PAGE_SIZE < total), blocks[0].text)


def _subscription(wish: Subscription, last: tuple[date, Outcome, str] | None) -> Block:
    set_by = f"set by {wish.set_by}" if wish.set_by else "set by nobody known"
    set_on = f" on {day_text(wish.set_at.date())}" if wish.set_at else ""
    lately = f"last digest {day_text(last[0])}: {last[1].value}, {last[2]}" if last else "no digest yet"
    follows = count(len(wish.topics), "topic") if wish.topics else "everything"
    text = f"\n{schedule_text(wish)} · {follows} · {next_text(wish)} · {lately} · {set_by}{set_on}"
    return Block("item", (Span(wish.channel, code=True), Span(text)))


def past_digests(days: Sequence[tuple[date, Outcome, str]]) -> Message:
    """The latest digests of a channel, a button each."""
    if not days:
        return say("No digest has been chosen here yet.", actions=(Action("Preview", "preview"),))
    blocks = [block("Latest digests here", "heading")]
    blocks += [block(f"{day_text(day)}: {outcome.value}, {state}", "item") for day, outcome, state in days]
    actions = tuple(Action(day_text(day), "digest", {"date": day.isoformat()}) for day, _, _ in days)
    return Message(tuple(blocks), actions, "Latest digests here")
