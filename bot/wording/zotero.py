"""Sentences about a person's connection to Zotero. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.commands import typed
from bot.model import Action, Block, Form, FormField, Message, Paper, Span
from bot.model.zotero import ZoteroAccount, ZoteroPlace
from bot.wording.cards import Entry, Listing, paper_listing
from bot.wording.parts import ago, block, count, day_text, say, spans, title_of

KEYS_PAGE = "https://www.zotero.org/settings/keys"
"""Where a person makes and deletes API keys."""
PLACES_SHOWN = 20
"""Libraries and collections with a button."""
FOR_YOU = Action("Papers for you", "zotero today")
CHOOSE = Action("Collection…", "zotero collection")
CONNECT = Action("Connect…", "zotero connect", style="primary")
NOT_A_KEY = (
    f"Zotero does not know this key. It has 24 letters and digits; make one at {KEYS_PAGE}/new and copy all of it."
)
NO_LIBRARY = f"This key may not write to any library. Make one at {KEYS_PAGE}/new with “Allow write access”."
IN_A_FORM = (
    "A key is like a password and belongs in the form, not in a line. Delete that line where you can; if others can"
    f" read it, delete the key too, at {KEYS_PAGE}, and make another one. {typed('zotero connect')} opens the form."
)
NOT_SET_UP = "Zotero is not set up here: Paperboy's operator has to set PAPERBOY_SECRET_KEY, which encrypts the keys."
NOT_CONNECTED = (
    "You are not connected to Zotero. Once you are, what you save goes into your library too, and"
    f" {typed('zotero today')} lists today's papers by closeness to it."
)


def connect_form() -> Form:
    """The form for an API key; it is private, and the key is stored encrypted."""
    steps = f"Make one at {KEYS_PAGE}/new: allow library access and write access. It is stored encrypted."
    field = FormField("key", "API key", help=steps, secret=True)
    return Form("Connect Zotero", "zotero connect", (field,), submit="Connect", options={"form": "yes"})


def in_a_form() -> Message:
    """Refusal of a key that was typed in a line."""
    return say(IN_A_FORM, actions=(CONNECT,))


def connected(account: ZoteroAccount) -> Message:
    """Answer to a key that works."""
    sentence = _connected_as(account)
    where = _goes_to(account.place, "What you save from now on goes to ")
    note = block(
        "Your library is read once a day; all that is kept of it is one list of numbers.",
        "note",
    )
    return Message((sentence, where, note), (CHOOSE, FOR_YOU), sentence.text)


def status(account: ZoteroAccount, waiting: int, now: datetime) -> Message:
    """The state of a person's connection."""
    who = _connected_as(account)
    blocks = [who, _goes_to(account.place, "What you save goes to ")]
    if waiting:
        blocks.append(block(f"{count(waiting, 'paper')} on the way."))
    if account.fault:
        remedy = f" Connect again: {typed('zotero connect')}." if account.stopped else " It is tried again."
        blocks.append(Block("text", (Span(f"Zotero did not take papers lately: {account.fault}."),)))
        blocks.append(block(remedy.strip()))
    blocks.append(block(_reading(account, now), "note"))
    disconnect = Action("Disconnect", "zotero disconnect")
    return Message(tuple(blocks), (FOR_YOU, CHOOSE, disconnect), who.text)


def _connected_as(account: ZoteroAccount) -> Block:
    return Block("text", (Span("Connected to Zotero as "), Span(account.name or "you", bold=True), Span(".")))


def _goes_to(place: ZoteroPlace, before: str) -> Block:
    return Block("text", (Span(before), Span(place.name, bold=True), Span(".")))


def _reading(account: ZoteroAccount, now: datetime) -> str:
    if account.read_at is None:
        return "Your library will be read within minutes."
    return f"Your library was read {ago(account.read_at, now)}: {count(account.items, 'latest work')}."


def places_page(places: Sequence[ZoteroPlace], typed_name: str = "") -> Message:
    """Libraries and collections to choose from."""
    if not places:
        return say(NO_LIBRARY)
    choices = places[:PLACES_SHOWN]
    question = f"Which one is “{typed_name}”?" if typed_name else "Where shall saved papers go?"
    items = tuple(Block("item", (Span(each.name),)) for each in choices)
    more = len(places) - len(choices)
    hint = f"{more:,} more: type a name, as in {typed('zotero collection Reading')}."
    notes = (block(hint, "note"),) if more else ()
    options = [{"to": f"{each.library} {each.collection}".strip()} for each in choices]
    buttons = tuple(Action(f"#{n}", "zotero collection", each) for n, each in enumerate(options, start=1))
    return Message((Block("text", (Span(question),)), *items, *notes), buttons, question)


def chosen(place: ZoteroPlace) -> Message:
    """Answer to a choice."""
    sentence = _goes_to(place, "What you save goes to Zotero: ")
    return Message((sentence,), (FOR_YOU,), sentence.text)


def daily_state(account: ZoteroAccount, *, changed: bool) -> Message:
    """Whether the daily message comes, and when."""
    if account.daily_at is None:
        lead = "No daily message any more." if changed else "No daily message comes."
        return say(lead, actions=(Action("Every morning", "zotero daily", {"state": "on"}), FOR_YOU))
    lead = "From now on a" if changed else "A"
    when = f"{account.daily_at:%H:%M} ({account.timezone})"
    off = Action("Stop it", "zotero daily", {"state": "off"})
    return say(f"{lead} message with the papers closest to your library comes at {when}.", actions=(FOR_YOU, off))


def daily_message(account: ZoteroAccount, entries: Sequence[Entry], now: datetime) -> Message:
    """The daily message; `now` is by its reader's clock."""
    page = Listing(
        f"Close to your library · {day_text(now.date(), now.date())}",
        tuple(entries),
        "zotero today",
        {"count": str(len(entries))},
        notes=(by_library(account, now),),
        sharable=False,
        now=now,
        others=(Action("All of them", "zotero today"), Action("Stop it", "zotero daily", {"state": "off"})),
    )
    return replace(paper_listing(page), continuation=None)


def disconnected() -> Message:
    """Answer to `zotero disconnect`."""
    return say(
        f"Disconnected: the key and what was learnt from your library are erased. The key itself still works until you"
        f" delete it at {KEYS_PAGE}."
    )


def saved_note(account: ZoteroAccount) -> Block:
    """A line under the answer to `save`."""
    if account.stopped:
        again = spans(f" {typed('zotero connect')} connects again.")
        return Block("note", (Span(f"Not in Zotero: {account.fault}."), *again))
    return Block("note", (Span(f"Also to Zotero: {account.place.name}."),))


def by_library(account: ZoteroAccount, now: datetime) -> str:
    """The note on the order of a list."""
    read = ago(account.read_at, now) if account.read_at else "never"
    return f"By closeness to the {count(account.items, 'latest work')} of your Zotero library, read {read}."


def not_answering(reason: str) -> str:
    """The fault of a request that somebody waits for, with the remedy."""
    return f"Zotero did not answer as it should: {reason}. Try again in a few minutes."


def refused_notice(reason: str) -> str:
    """Notice: nothing more is tried."""
    return (
        f"Papers you save no longer reach your Zotero: {reason}. They stay on your reading list. To go on, use"
        " the command zotero connect with a new key, or zotero collection; those that wait are put there then."
    )


def waiting_notice(paper: Paper, reason: str) -> str:
    """Notice: it takes longer."""
    return (
        f"“{title_of(paper)}” is on your reading list, but not in your Zotero yet: {reason}. It is tried again for a"
        " week, as are those you save meanwhile; you are not told again."
    )
