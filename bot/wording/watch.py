"""Watches: their posts, and the answers about them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from bot.commands import typed
from bot.digest.watch import rest_hour
from bot.model import Action, Block, Channel, Message, Paper, Span, Trend, Watch
from bot.wording.cards import number_buttons, paper_blocks, paper_buttons, paper_picture
from bot.wording.channel import obstacle_blocks
from bot.wording.evidence import short_evidence
from bot.wording.parts import block, count, page_buttons, quoted, say, title_of, title_span
from bot.wording.topics import TopicPreview, preview_blocks

LISTED = 10
"""Watches on a page of the list."""
_LIST = Action("Watches", "watch list")
REST = "The digests here are paused, and the watches rest with them."


def watch_card(trend: Trend, lines: Sequence[str], now: datetime, *, in_authors_words: bool = False) -> Message:
    """A paper that watches waited for, as a reply of a digest has it; `now` by the channel's clock."""
    paper = trend.paper.in_authors_words if in_authors_words else trend.paper
    heading = _heading(lines)
    blocks = (Block("note", (Span(heading),)), *_paper_blocks(paper, trend, now))
    stop = Action("Stop this watch", "watch remove", {"watch": lines[0]}) if len(lines) == 1 else _LIST
    stop = replace(stop, in_menu=True)  # beside the paper's own: a button on every card would be pressed by mistake
    title = f"{heading}: {title_of(paper)}"
    actions, image = (*paper_buttons(paper), stop), paper_picture(paper)
    return Message(blocks, actions, title, paper.id, private=False, image=image)


@lru_cache(maxsize=2_048)
def _paper_blocks(paper: Paper, trend: Trend, now: datetime) -> tuple[Block, ...]:
    """The paragraphs of a paper; cached, because many channels may wait for the same."""
    return tuple(paper_blocks(paper, trend, now=now))


def watch_rest(papers: Sequence[tuple[Trend, Sequence[str]]], now: datetime) -> Message:
    """The day's other papers of a channel's watches, in one message: each with the lines that it matches."""
    lines = list(dict.fromkeys(line for _, each in papers for line in each))
    heading = f"{_heading(lines) if len(lines) == 1 else 'Watches'}: {count(len(papers), 'more paper')} today"
    items = (
        Block("item", (title_span(trend.paper),), (Span(_facts(trend, each if len(lines) > 1 else (), now)),))
        for trend, each in papers
    )
    actions = (*number_buttons(trend.paper for trend, _ in papers), _LIST)
    return Message((block(heading, "note"), *items), actions, heading, private=False)


def _facts(trend: Trend, lines: Sequence[str], now: datetime) -> str:
    evidence = short_evidence(trend.evidence, trend.paper, now, trend.listed)
    return " · ".join(filter(None, (evidence, quoted(list(map(_shown, lines))) if lines else "")))


def _heading(lines: Sequence[str]) -> str:
    return f"{'Watch' if len(lines) == 1 else 'Watches'}: {quoted(list(map(_shown, lines)))}"


def _shown(line: str) -> str:
    """A line between quotation marks; a phrase has its own."""
    return line[1:-1] if line[:1] == line[-1:] == '"' and line.count('"') == 2 else line


def watch_preview(preview: TopicPreview, watch: Watch, options: dict[str, str], *, here: bool) -> Message:
    """Preview of a watch: its papers of 14 days, how they are posted, a button to save. `here`: in this channel."""
    how = f"When one comes, it is posted {_where(watch, here=here)}: {_pace(watch)}."
    blocks = (
        Block("text", (Span("Watch ", bold=True), Span(preview.topic, code=True), Span("?"))),
        *preview_blocks(preview),
        block(how, "note"),
    )
    save = Action("Watch", "watch add", {**options, "topic": preview.topic, "confirm": "yes"}, style="primary")
    others = (Action(each.topic, "watch add", {**options, "topic": each.topic}) for each in preview.others)
    return Message(blocks, (save, *others), f"Watch {preview.topic}?")


def watch_saved(watch: Watch, what: str, *, here: bool, obstacle: str | None = None, rests: bool = False) -> Message:
    """Answer to `watch add`; `what` is `Watching`, `Changed:` or `Already watching`. `rests`: by a pause."""
    sentence = f": {_where(watch, here=here)}, {_pace(watch)}."
    first = Block("text", (Span(f"{what} "), Span(watch.line, code=True), Span(sentence)))
    pause = (block(REST, "note"),) if rests else ()
    return Message((first, *obstacle_blocks(obstacle), *pause), (_LIST,), f"{what} {watch.line}")


def watches_rest(number: int) -> Block:
    """Line below a pause of all digests: the watches of their channel rest too."""
    verb = "rests" if number == 1 else "rest"
    return block(f"{count(number, 'watch', 'watches')} here {verb} too: {typed('watch list')}.", "note")


def watch_removed(watch: Watch) -> Message:
    """Answer to `watch remove`, with the button that sets it again."""
    again = Action("Undo", "watch add", watch_options(watch) | {"confirm": "yes"})
    first = Block("text", (Span("No longer watching "), Span(watch.line, code=True), Span(".")))
    return Message((first,), (again, _LIST), f"No longer watching {watch.line}")


def watch_list(watches: Sequence[Watch], page: int, *, direct: bool, rests: bool = False) -> Message:
    """A channel's watches and the reader's own, with a button each. `direct`: it is a direct message."""
    if not watches:
        example = typed('watch add "speculative decoding"')
        return say(f"Nothing is watched here. {example} posts such a paper when it comes.")
    start = (page - 1) * LISTED
    listed = watches[start : start + LISTED]
    items = (Block("item", (Span(each.line, code=True),), (Span(_state(each, direct=direct)),)) for each in listed)
    clock = f"{REST if rests else ''} Hours are those of {watches[0].timezone}.".lstrip()
    if len(watches) > LISTED:
        clock = f"{clock} Page {page} of {-(-len(watches) // LISTED)}."
    buttons = (each for n, watch in enumerate(listed, start=start + 1) for each in _buttons(n, watch))
    pages = page_buttons("watch list", page, more=start + LISTED < len(watches))
    heading = "Your watches" if direct else "Watches here"
    blocks = (block(heading, "heading"), *items, block(clock, "note"))
    return Message(blocks, (*buttons, *pages), heading, first=start + 1)


def _buttons(number: int, watch: Watch) -> tuple[Action, ...]:
    remove = Action(f"Remove #{number}", "watch remove", {"watch": watch.line, "to": _to(watch)})
    again = Action(f"Start #{number} again", "watch add", watch_options(watch) | {"confirm": "yes"})
    return (again, remove) if watch.stop_reason else (remove,)


def watch_options(watch: Watch) -> dict[str, str]:
    """The options of `watch add` that set a watch again."""
    quiet = {"quiet": f"{watch.quiet.start:%H:%M}-{watch.quiet.end:%H:%M}"} if watch.quiet else {}
    return {"topic": watch.line, "most": str(watch.most), "to": _to(watch), **quiet}


def _to(watch: Watch) -> str:
    return "dm" if watch.direct else "here"


def _state(watch: Watch, *, direct: bool) -> str:
    if watch.stop_reason:
        return f"stopped: {watch.stop_reason}"
    mine = ", to you alone" if watch.direct and not direct else ""
    return f"{_pace(watch)}{mine}"


def _where(watch: Watch, *, here: bool) -> str:
    return "here" if here else "to you alone, by direct message" if watch.direct else "here"


def _pace(watch: Watch) -> str:
    quiet = f", quiet from {watch.quiet.start:%H:%M} to {watch.quiet.end:%H:%M}" if watch.quiet else ""
    return f"at most {watch.most} a day one by one, the rest in one message at {rest_hour(watch):%H:%M}{quiet}"


def watches_stopped_notice(channel: Channel, number: int, reason: str) -> str:
    """Notice to a person who set a watch: those of its channel are stopped."""
    watches = "its watch is" if number == 1 else f"its {number} watches are"
    return (
        f"Papers that are watched in {channel} could not be posted there"
        f" ({reason.rstrip('.')}): {watches} stopped. Put that right, then start again from /papers watch list there."
    )


def watch_changed(line: str, *, added: bool) -> str:
    """Line for the channel after the name of the person who set or removed a watch."""
    if added:
        return f"set a watch for “{_shown(line)}”: such papers are posted here when they come."
    return f"removed the watch for “{_shown(line)}”."
