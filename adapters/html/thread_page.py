"""Threads as one HTML file. All text of others passes `printable`, `web_url` and Jinja's escaping."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from jinja2 import Template
from markupsafe import Markup

from adapters.html_templates import ParagraphGroup, environment, paragraph_groups
from adapters.text import printable, web_url
from bot.model import Action, Message, Thread


@dataclass(frozen=True, slots=True)
class Post:
    """A message ready for the template."""

    groups: tuple[ParagraphGroup, ...]
    actions: tuple[Action, ...]


def thread_page(threads: Iterable[Thread], title: str) -> str:
    """One self-contained page; its content security policy forbids scripts and remote content."""
    posts = [[_post(message) for message in thread.messages] for thread in threads]
    return _template().render(threads=posts, title=printable(title).strip(), css=_css(), policy=_policy())


def _post(message: Message) -> Post:
    actions = (replace(action, label=printable(action.label), url=web_url(action.url)) for action in message.actions)
    return Post(tuple(paragraph_groups(message.blocks)), tuple(actions))


@cache
def _template() -> Template:
    return environment("adapters.html").get_template("thread.html")


@cache
def _css() -> Markup:
    return Markup(files(__package__).joinpath("thread.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _policy() -> str:
    """Policy that allows this style sheet alone (https://www.w3.org/TR/CSP3/#match-element-to-source-list)."""
    digest = base64.b64encode(hashlib.sha256(_css().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
