"""The commands of reading lists, and of what a channel liked."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Command, Option
from bot.commands.options import PAGE, PAPER, SHARE, START

EXPORT_FORMATS = ("bibtex", "csl", "csv", "ris")
SHOWN = ("all", "unread", "read")

_LEADING_PAPER = replace(PAPER, rest=False, leading=True)
_SHOW = Option("show", "unread, read, or all", "choice", choices=SHOWN, default="all", rest=True)
_TAG = Option("tag", "Only papers with this tag", "tags", example="to-discuss")
_PLACE = (START, replace(_SHOW, rest=False, hidden=True), replace(_TAG, hidden=True))
"""The page of the list that a button stands on, which is shown again."""

_PERSONAL = (
    Command("save", "Put a paper on your reading list", (PAPER,), examples=("save 2405.14105",), writes=True),
    Command("unsave", "Take a paper off your reading list", (PAPER,), examples=("unsave 2405.14105",), writes=True),
    Command(
        "saved list",
        "Your reading list, with notes and tags; or what is unread in it",
        (_SHOW, _TAG, PAGE, START),
        examples=("saved", "saved list unread", "saved list tag:to-discuss"),
        detail="Nobody else sees it.",
        aliases=("bookmarks",),
    ),
    Command(
        "saved read",
        "Mark a paper of your reading list as read",
        (PAPER, *_PLACE),
        examples=("saved read 2405.14105",),
        writes=True,
    ),
    Command(
        "saved unread",
        "Mark a paper of your reading list as unread",
        (PAPER, *_PLACE),
        examples=("saved unread 2405.14105",),
        writes=True,
    ),
    Command(
        "saved note",
        "Write a note on a paper, for yourself alone",
        (
            _LEADING_PAPER,
            Option("text", "Your note; none opens a form, - deletes it", "note", rest=True, verbatim=True),
        ),
        examples=("saved note 2405.14105 compare table 3 with ours", "saved note 2405.14105"),
        detail="A paper that is not on your reading list is put there.",
        writes=True,
    ),
    Command(
        "saved tag",
        "Tag a paper of your reading list; -tag takes one off",
        (
            _LEADING_PAPER,
            Option("tags", "Tags to add, -tag to take one off; none opens a form", "tags", rest=True, verbatim=True),
            Option("replace", "In place of all others", "choice", choices=("yes", "no"), default="no", hidden=True),
        ),
        examples=("saved tag 2405.14105 rl to-discuss", "saved tag 2405.14105 -rl"),
        detail="A paper that is not on your reading list is put there. saved list tag:rl lists what has a tag.",
        writes=True,
    ),
    Command(
        "saved export",
        "Your reading list as a file, with notes and tags: BibTeX, CSL JSON, CSV or RIS",
        (Option("format", "bibtex, csl, csv or ris", "choice", choices=EXPORT_FORMATS, default="bibtex", rest=True),),
        examples=("saved export bibtex", "saved export csl"),
        aliases=("export",),
    ),
    Command(
        "saved import",
        "Put the papers of a BibTeX, CSL JSON, RIS or CSV file on your reading list",
        (
            Option("file", "A .bib, .json, .ris or .csv file; none opens a form to paste entries into", "file"),
            Option("entries", "The entries as text", "file", rest=True, verbatim=True, hidden=True),
        ),
        examples=("saved import",),
        detail=(
            "Papers are known by arXiv id, by DOI, or by the title of a stored one; the answer names those that are"
            " not. Keywords become tags, and files of saved export come back with notes, tags and read marks."
        ),
        writes=True,
        aliases=("import",),
    ),
    Command(
        "saved feed",
        "Your reading list as a feed for a feed reader, by a link of your own",
        (
            Option(
                "action",
                "show the link, or reset: a new one",
                "choice",
                choices=("show", "reset"),
                default="show",
                rest=True,
            ),
        ),
        examples=("saved feed", "saved feed reset"),
        detail="Whoever has the link can read your list with its notes; reset makes a new one and ends the old one.",
        writes=True,
    ),
    # reached by buttons only
    Command("saved entry", "A paper on your reading list", (PAPER,), hidden=True),
)
"""They need no channel."""

SAVED_COMMANDS = (
    *(replace(command, anywhere=True) for command in _PERSONAL),
    Command(
        "saved channel",
        "What people of this channel liked and shared here, most first",
        (PAGE, START, SHARE),
        examples=("saved channel",),
        detail="👍 and papers shared here count, by number and without names. What somebody saves never counts.",
    ),
)
