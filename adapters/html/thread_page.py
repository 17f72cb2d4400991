"""Threads as one HTML file. All text of others passes `printable`, `web_url` and Jinja's escaping."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from adapters.html_templates import ParagraphGroup, paragraph_groups, style_sheet, template
from adapters.text import printable, web_url
from bot.model import Action, Message, Thread

MENU = Action("More…", "")
"""Stands for the entries of a message's menu: a file has nothing to open."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message ready for the template."""

    groups: tuple[ParagraphGroup, ...]
    actions: tuple[Action, ...]


def thread_page(threads: Iterable[Thread], title: str, note: str = "") -> str:
    """One self-contained page, with a note above; its content security policy forbids scripts and remote content."""
    posts = [[_post(message) for message in thread.messages] for thread in threads]
    css = style_sheet(__package__, "thread.css")
    # The policy allows this style sheet alone: https://www.w3.org/TR/CSP3/#match-element-to-source-list
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return template(__package__, "thread.html").render(
        threads=posts, title=printable(title).strip(), remark=printable(note), css=css, policy=policy
    )


def _post(message: Message) -> Post:
    buttons = [action for action in message.actions if not action.in_menu]
    if len(buttons) < len(message.actions):
        buttons.append(MENU)
    actions = (replace(action, label=printable(action.label), url=web_url(action.url)) for action in buttons)
    return Post(tuple(paragraph_groups(message.blocks)), tuple(actions))
