"""Parts that all messages are made of: paragraphs, buttons, dates, counts, names. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands import COMMANDS
from bot.commands.dates import MONTHS as MONTH_NAMES
from bot.commands.times import DAYS as DAY_NAMES
from bot.model import EVERY_DAY, Action, Block, File, Message, Outage, Paper, Role, Span
from bot.model.category import PREPRINT_SERVERS
from bot.model.source import SOURCES
from bot.text import joined
from bot.text.cleaning import clean_text

LONG_DAYS = tuple(map(str.capitalize, DAY_NAMES))
LONG_MONTHS = tuple(map(str.capitalize, MONTH_NAMES))
DAYS, MONTHS = (tuple(name[:3] for name in names) for names in (LONG_DAYS, LONG_MONTHS))
OTHER_COUNTERS = {"github": "GitHub"}
"""Labels of names that only imported signals carry."""
AUTHORS_SHOWN = 3
TITLE_MAX = 300
"""Characters; longer titles are cut."""
NAME_MAX = 80
"""Characters of a person's name."""

_CODE = re.compile(r"`([^`]+)`")


def spans(text: str) -> tuple[Span, ...]:
    """Spans of our own sentence, the parts in backticks as code."""
    parts = _CODE.split(text)
    return tuple(Span(part, code=bool(i % 2)) for i, part in enumerate(parts) if part)


def block(text: str, role: Role = "text") -> Block:
    """Our own sentence as a paragraph. Foreign text goes into a `Span` of its own."""
    return Block(role, spans(text))


def with_moment(paragraph: Block, text: str, at: datetime) -> Block:
    """The paragraph with these words of it, if it has them, as a moment that the reader may see by another clock."""
    place = next((i for i, span in enumerate(paragraph.spans) if text in span.text), None)
    if place is None:
        return paragraph
    span = paragraph.spans[place]
    before, _, after = span.text.partition(text)
    parts = (replace(span, text=before), replace(span, text=text, at=at), replace(span, text=after))
    spans = (*paragraph.spans[:place], *(part for part in parts if part.text), *paragraph.spans[place + 1 :])
    return replace(paragraph, spans=spans)


def say(*sentences: str, actions: Iterable[Action] = (), private: bool = True) -> Message:
    """A short message of our own sentences, one paragraph each."""
    blocks = tuple(map(block, sentences))
    return Message(blocks, tuple(actions), blocks[0].text, private=private)


def file_answer(file: File, download: str | None, note: str, others: Iterable[Action] = ()) -> Message:
    """An answer with a file; `download` is its URL, where pages are served, and `note` says how long that works."""
    links = (Action("Download", url=download),) if download else ()
    blocks = (block(file.caption), *((block(note, "note"),) if download else ()))
    return Message(blocks, (*links, *others), file.caption, file=file)


def share_button(command: str, options: Mapping[str, str]) -> Action:
    """A button that shows the answer to everybody."""
    return Action("Share", command, {**options, "share": "yes"})


def without_share(message: Message) -> Message:
    """The message without its Share button, for readers who may not share it or have shared it."""
    return replace(message, actions=tuple(each for each in message.actions if each.options.get("share") != "yes"))


def without_channel(message: Message) -> Message:
    """The message with those buttons alone that work where Paperboy itself is not."""
    actions = without_share(message).actions
    kept = tuple(each for each in actions if each.url or (each.command in COMMANDS and COMMANDS[each.command].anywhere))
    return replace(message, actions=kept)


def with_share_hint(message: Message) -> Message:
    """An answer to a line with `share:yes`, above which a note names its Share button if it has one."""
    if not is_shareable(message):
        return message
    note = block("Nobody else sees this yet: press Share below to post it for everybody here.", "note")
    return replace(message, blocks=(note, *message.blocks))


def for_everybody(message: Message) -> Message:
    """An answer that may be shared, for everybody at once: the answer to a public question."""
    return replace(without_share(message), private=False)


def is_shareable(message: Message) -> bool:
    """Whether an answer has a Share button, so that everybody may read it."""
    return any(action.options.get("share") == "yes" for action in message.actions)


def shared_by(message: Message, name: str) -> Message:
    """An answer for everybody, under a note who shared it; the name is foreign text and no mention."""
    note = Block("note", (Span(f"Shared by {' '.join(name.split())[:NAME_MAX]}"),))
    return replace(without_share(message), private=False, blocks=(note, *message.blocks) if name else message.blocks)


def page_buttons(
    command: str, page: int, *, more: bool, options: Mapping[str, str] | None = None
) -> tuple[Action, ...]:
    """Back and More of a paged list, for a command with these options."""
    pages = (("Back", page - 1, page > 1), ("More", page + 1, more))
    return tuple(Action(label, command, {**(options or {}), "page": str(to)}) for label, to, there in pages if there)


def title_of(paper: Paper) -> str:
    """A paper's title on one readable line; its id where it has none."""
    title = clean_text(paper.title) or paper.id
    return title if len(title) <= TITLE_MAX else f"{title[: TITLE_MAX - 1]}…"


def title_span(paper: Paper, *, bold: bool = False) -> Span:
    """The title, linked to the page of the paper."""
    return Span(title_of(paper), url=paper.url, bold=bold)


def byline(paper: Paper) -> str:
    """The first three authors and how many more, then the organisation; empty if unknown."""
    return " · ".join(part for part in _byline_parts(paper) if part)


def names_shown(total: int, most: int) -> int:
    """How many authors to name: `most`, or all where a single one is left, who takes no more room than a count."""
    return total if total == most + 1 else most


def byline_spans(paper: Paper) -> tuple[Span, ...]:
    """The byline, the organisation linked to its page."""
    authors, organization = _byline_parts(paper)
    between = Span(" · " if authors and organization else "")
    return tuple(each for each in (Span(authors), between, Span(organization, url=paper.organization_url)) if each.text)


def _byline_parts(paper: Paper) -> tuple[str, str]:
    """Authors and organisation; a single further author takes the place of `+ 1 more`."""
    total = len(paper.authors) + paper.more_authors
    names = [clean_text(author) for author in paper.authors[: names_shown(total, AUTHORS_SHOWN)]]
    more = total - len(names)
    authors = ", ".join(names) + (f" + {more:,} more" if more > 0 else "")
    return authors, clean_text(paper.organization or "")


def source_name(source: str) -> str:
    """Display name of a source."""
    return SOURCES[source].label if source in SOURCES else OTHER_COUNTERS.get(source, source)


def category_server(category: str) -> str:
    """Display name of the server that a category is of: arXiv unless it begins with another one's name."""
    server = category.partition(".")[0].lower()
    return source_name(server if server in PREPRINT_SERVERS else "arxiv")


def outage_text(outages: Sequence[Outage], now: datetime) -> str:
    """`Hugging Face has not answered since 09:00 (UTC) and arXiv has not answered yet`, by the clock of `now`."""
    return joined(
        f"{source_name(each.source)} has not answered "
        + (f"since {_recent_moment(each.answered_at, now)}" if each.answered_at else "yet")
        for each in outages
    )


def stale_note(outages: Sequence[Outage], now: datetime) -> str:
    """A sentence about the sources with old figures, for readers of papers; empty if there are none."""
    stale = [each for each in outages if each.is_stale(now)]
    if not stale:
        return ""
    figures = "" if any(each.answered_at is None for each in stale) else "; figures are from then"
    return f"{outage_text(stale, now)}{figures}."


def _recent_moment(at: datetime, now: datetime) -> str:
    """`09:00 (UTC)` of today, else `Sat 21 Nov, 09:00 (UTC)`, by the clock of `now`."""
    local = at.astimezone(now.tzinfo)
    day = "" if local.date() == now.date() else f"{day_text(local.date(), now.date())}, "
    return f"{day}{local:%H:%M} ({now.tzinfo})"


def compact(number: float) -> str:
    """Number in short form: `987`, `1.2k`, `12k`, `3.4M`; truncated, never rounded up."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            cut = number / size
            return f"{math.trunc(cut)}{letter}" if abs(cut) >= 10 else f"{math.trunc(cut * 10) / 10:g}{letter}"
    return f"{number:g}" if number == int(number) else f"{number:.1f}"


def signed_count(number: float) -> str:
    """Number with its sign: `+41`, `−3`."""
    return f"{'+' if number >= 0 else '−'}{compact(abs(number))}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Number with its noun: `1 paper`, `12 papers`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def quoted(names: Sequence[str], limit: int | None = None) -> str:
    """`“a”, “b” and 3 more`: the names in quotation marks, at most `limit` of them."""
    listed = [f"“{name}”" for name in names[:limit]]
    more = len(names) - len(listed)
    return joined([*listed, f"{more} more"] if more else listed)


def day_text(day: date, today: date | None) -> str:
    """Date in short: `Sun 22 Nov`; with its year if that is not today's: `Sat 22 Nov 2025`.

    `today` is the reader's day; None where that is not known, as in stored text: the year is always written.
    """
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{_other_year(day, today)}"


def weekday_text(day: date, today: date) -> str:
    """`Wed` for a day of the last week, else `12 Nov`, or `28 Dec 2025` in another year than today's."""
    if timedelta(0) <= today - day < timedelta(days=7):
        return DAYS[day.weekday()]
    return f"{day.day} {MONTHS[day.month - 1]}{_other_year(day, today)}"


def _other_year(day: date, today: date | None) -> str:
    return f" {day.year}" if today is None or day.year != today.year else ""


def moment_text(at: datetime, timezone: str, now: datetime) -> str:
    """`Sun 22 Nov, 09:00` by the clock of a time zone; with its year if that is not the present one."""
    local, today = (moment.astimezone(ZoneInfo(timezone)) for moment in (at, now))
    return f"{day_text(local.date(), today.date())}, {local:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """Time since a moment: `just now`, `12 minutes ago`, `5 hours ago`, `3 days ago`."""
    return "just now" if now - at < timedelta(minutes=1) else f"{span_text(now - at)} ago"


def span_text(span: timedelta) -> str:
    """Duration in its largest unit: `12 minutes`, `5 hours`, `3 days`."""
    minutes = max(round(span / timedelta(minutes=1)), 1)
    if minutes < 90:
        return count(minutes, "minute")
    hours = round(minutes / 60)
    return count(hours, "hour") if hours < 36 else count(round(hours / 24), "day")


def weekdays_text(days: frozenset[int]) -> str:
    """Weekdays in words: `every day`, `Mon–Fri`, `Fridays`, `Mon, Wed and Fri`."""
    listed = sorted(days)
    if days == EVERY_DAY:
        return "every day"
    if len(listed) == 1:
        return f"{LONG_DAYS[listed[0]]}s"
    if len(listed) > 2 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{DAYS[listed[0]]}–{DAYS[listed[-1]]}"
    return joined(DAYS[day] for day in listed)


def weekdays_typed(days: frozenset[int]) -> str:
    """Weekdays as they are typed: `daily`, `mon-fri`, `weekly fri`, `mon,wed,fri`."""
    listed = sorted(days)
    if days == EVERY_DAY:
        return "daily"
    if len(listed) == 1:
        return f"weekly {DAYS[listed[0]].lower()}"
    if len(listed) > 2 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{DAYS[listed[0]]}-{DAYS[listed[-1]]}".lower()
    return ",".join(DAYS[day] for day in listed).lower()
