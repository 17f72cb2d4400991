"""A person's reading list, its entries, and what a channel liked. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.model import Action, Block, Favourite, Form, FormField, Message, Paper, SavedPaper, Span
from bot.text.sentences import cut
from bot.wording.cards import Entry, Listing, paper_links
from bot.wording.parts import block, byline, count, day_text, say, title_of, title_span

LISTED = 10
"""Entries on a page."""
NOTE_SHOWN = 160
"""Characters of a note in a list; its own page has it whole."""
TAGS_SHOWN = 8
"""Tags named below a list, the most frequent first."""
TICK = "✓"
EXPORT = Action("Export", "saved export")


@dataclass(frozen=True, slots=True)
class ListView:
    """The part of a reading list that is asked for: read or unread ones, with all of these tags."""

    show: str = "all"
    tags: tuple[str, ...] = ()

    def of(self, entries: Sequence[SavedPaper]) -> list[SavedPaper]:
        """The entries that belong to it."""
        return [each for each in entries if self._has(each)]

    def _has(self, entry: SavedPaper) -> bool:
        is_shown = self.show == "all" or (entry.read_at is None) == (self.show == "unread")
        return is_shown and set(self.tags) <= set(entry.tags)

    @property
    def options(self) -> dict[str, str]:
        """The options of `saved list` that show it."""
        show = {"show": self.show} if self.show != "all" else {}
        return {**show, **({"tag": " ".join(self.tags)} if self.tags else {})}

    @property
    def text(self) -> str:
        """`unread, #rl`; empty for the whole list."""
        return ", ".join([*([self.show] if self.show != "all" else []), *map(tag_text, self.tags)])


def tag_text(tag: str) -> str:
    """A tag as it is shown: `#rl`."""
    return f"#{tag}"


def list_page(entries: Sequence[SavedPaper], view: ListView, start: int) -> Listing:
    """A page of the list from the entry `start`, counted from 0."""
    listed = view.of(entries)
    unread = sum(each.read_at is None for each in entries)
    size = f"{count(len(entries), 'paper')}, {unread:,} unread" if not view.text else count(len(listed), "paper")
    title = f"Your reading list{f': {view.text}' if view.text else ''} ({size})"
    end = start + LISTED
    return Listing(
        title,
        tuple(Entry(each.paper, note=_facts(each)) for each in listed[start:end]),
        "saved list",
        view.options,
        start=start + 1,
        size=LISTED,
        more=end < len(listed),
        notes=tuple(filter(None, (_ticks_note(listed[start:end], start), _tags_note(entries)))),
        sharable=False,
    )


def with_list_buttons(message: Message, entries: Sequence[SavedPaper], view: ListView, start: int) -> Message:
    """The page with a button for each unread entry, to the other part of the list, and to its file."""
    listed = view.of(entries)[start : start + LISTED]
    place = {"start": str(start + 1), **view.options}
    opening = [replace(each, command="saved entry") for each in message.actions if each.label.startswith("#")]
    ticks = [
        Action(f"{TICK} {n}", "saved read", {"paper": each.paper.id, **place})
        for n, each in enumerate(listed, start + 1)
        if each.read_at is None
    ]
    turns = [each for each in message.actions if not each.label.startswith("#")]
    other = Action("All", "saved list") if view.text else Action("Unread", "saved list", {"show": "unread"})
    return replace(message, actions=(*opening, *ticks, *turns, other, EXPORT))


def empty_view(view: ListView) -> Message:
    """The answer where nothing on the list is asked for."""
    return say(f"Nothing on your reading list is {view.text}.", actions=(Action("All", "saved list"), EXPORT))


def _facts(entry: SavedPaper) -> str:
    """Read mark, tags and note of a saved paper: `✓ read · #rl · “note”`."""
    note = cut(entry.note, NOTE_SHOWN)
    parts = [f"{TICK} read" if entry.read_at else "", " ".join(map(tag_text, entry.tags)), f"“{note}”" if note else ""]
    return " · ".join(filter(None, parts))


def _ticks_note(listed: Sequence[SavedPaper], start: int) -> str:
    first = next((n for n, each in enumerate(listed, start + 1) if each.read_at is None), None)
    return f"#{first} opens a paper's note and tags; {TICK} {first} marks it as read." if first else ""


def _tags_note(entries: Sequence[SavedPaper]) -> str:
    numbers = Counter(tag for each in entries for tag in each.tags).most_common(TAGS_SHOWN)
    named = ", ".join(f"{tag_text(tag)} {number:,}" for tag, number in numbers)
    return f"Your tags: {named}. saved list tag:{numbers[0][0]} lists one." if named else ""


def entry_card(entry: SavedPaper, today: date) -> Message:
    """One entry: its state, its note and its tags, with buttons that change them."""
    paper, options = entry.paper, {"paper": entry.paper.id}
    saved = f"Saved {_day(entry.saved_at, today)}" if entry.saved_at else "Saved"
    state = f"read {_day(entry.read_at, today)}" if entry.read_at else "unread"
    lines = (byline(paper), " · ".join([f"{saved}, {state}", *map(tag_text, entry.tags)]))
    blocks = [Block("text", (title_span(paper, bold=True),))]
    blocks += [Block("note", (Span(line),)) for line in lines if line]
    blocks += [Block("text", (Span(entry.note),))] if entry.note else []
    mark = Action("Unread", "saved unread", options) if entry.read_at else Action("Read", "saved read", options)
    changes = (mark, Action("Note…", "saved note", options), Action("Tags…", "saved tag", options))
    others = (Action("Take off", "unsave", options), Action("Paper", "paper", options), READING_LIST)
    return Message((*blocks, paper_links(paper)), (*changes, *others), title_of(paper), paper.id)


def _day(at: datetime, today: date) -> str:
    return day_text(at.date(), today)


READING_LIST = Action("Reading list", "saved list")


def confirmation(paper: Paper, text: str, *actions: Action) -> Message:
    """One line about a paper: its title after `text`."""
    return Message((Block("text", (Span(text), Span(title_of(paper)))),), actions, f"{text}{title_of(paper)}", paper.id)


def marked(paper: Paper, *, read: bool, changed: bool) -> Message:
    """The answer to `saved read` and `saved unread`."""
    state, back = ("read", "unread") if read else ("unread", "read")
    undo = (Action("Undo", f"saved {back}", {"paper": paper.id}),) if changed else ()
    return confirmation(paper, f"{'Marked' if changed else 'It was marked'} as {state}: ", *undo, READING_LIST)


def noted(entry: SavedPaper) -> Message:
    """The answer to a new note."""
    text = "Your note on " if entry.note else "No note any more on "
    again = Action("Note…", "saved note", {"paper": entry.paper.id})
    answer = confirmation(entry.paper, text, again, READING_LIST)
    return replace(answer, blocks=(*answer.blocks, *([Block("text", (Span(entry.note),))] if entry.note else [])))


def tagged(entry: SavedPaper) -> Message:
    """The answer to changed tags."""
    tags = " ".join(map(tag_text, entry.tags)) or "no tags"
    again = Action("Tags…", "saved tag", {"paper": entry.paper.id})
    lists = tuple(Action(tag_text(tag), "saved list", {"tag": tag}) for tag in entry.tags[:3])
    return confirmation(entry.paper, f"Now {tags}: ", again, *lists, READING_LIST)


def note_form(paper: Paper, note: str) -> Form:
    """The note as a form."""
    field = FormField("text", "Your note", note, "lines", help="Empty = no note. Nobody else sees it.")
    return Form(f"Note: {title_of(paper)}", "saved note", (field,), options={"paper": paper.id})


def tags_form(paper: Paper, tags: Sequence[str]) -> Form:
    """The tags as a form, which replaces all of them."""
    field = FormField("tags", "Your tags", " ".join(tags), help="Empty = no tags. For example: rl to-discuss")
    return Form(f"Tags: {title_of(paper)}", "saved tag", (field,), options={"paper": paper.id, "replace": "yes"})


def favourites_page(favourites: Sequence[Favourite], start: int) -> Listing:
    """A page of what a channel liked and shared, from the entry `start`, counted from 0."""
    end = start + LISTED
    return Listing(
        f"Liked and shared here ({count(len(favourites), 'paper')})",
        tuple(Entry(each.paper, note=_reception(each)) for each in favourites[start:end]),
        "saved channel",
        start=start + 1,
        size=LISTED,
        more=end < len(favourites),
        notes=("By number of people. What somebody saves is private and does not count.",),
    )


def _reception(favourite: Favourite) -> str:
    likes = f"👍 {favourite.likes:,}" if favourite.likes else ""
    shares = f"shared by {favourite.shares:,}" if favourite.shares else ""
    return " · ".join(filter(None, (likes, shares)))


NO_FAVOURITES = say("Nobody has liked or shared a paper here yet. 👍 under a paper does, and its button Share.")
NO_FEED = say(
    "There are no feeds here: whoever runs Paperboy would have to set `PAPERBOY_WEB=on`,"
    " `PAPERBOY_PUBLIC_URL` and `PAPERBOY_SECRET_KEY`."
    " `/papers saved export` gives you the list as a file."
)


def feed_link(url: str, *, reset: bool) -> Message:
    """The link of a reading list's feed, to be copied, and that of the same as a page."""
    lead = "A new link; the one before opens nothing any more" if reset else "Your reading list as a feed (Atom)"
    note = "Keep it to yourself: whoever has it can read your list and your notes. “New link” ends it."
    page = Block("text", (Span("To read it in a browser: "), Span("/page/".join(url.rsplit("/feed/", 1)), code=True)))
    blocks = (block(f"{lead}:"), Block("text", (Span(url, code=True),)), page, block(note, "note"))
    actions = (Action("Open", url=url), Action("New link", "saved feed", {"action": "reset"}))
    return Message(blocks, actions, f"{lead}.")
