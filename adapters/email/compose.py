"""Messages as mails with headers, as bytes for SMTP. Pure.

Headers: https://www.rfc-editor.org/rfc/rfc5322, rfc2919 (List-Id), rfc2369 and rfc8058 (List-Unsubscribe), rfc3834
(Auto-Submitted).
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from markupsafe import escape

from adapters.email.html_body import html_body
from adapters.email.plain_text import plain_text
from adapters.text import printable, truncate, web_url
from bot.model import Action, Block, Mailbox, Message, Span
from bot.wording.mail import mail_footer

MAX_SUBJECT = 150
"""Characters; phones show forty, and a cut title stands in full in the message."""
MAX_TEXT = 40_000
"""Characters. Gmail clips a mail at 102 kB of HTML, and the links to change and to unsubscribe stand at its end."""
PREFERENCES, UNSUBSCRIBE = "https://preferences.invalid/", "https://unsubscribe.invalid/"
"""Placeholders of the links that differ by subscriber (https://www.rfc-editor.org/rfc/rfc6761#section-6.4)."""
POLICY = SMTP.clone(cte_type="7bit")
MAX_LINE = 900
"""Characters of a header, below the limit of 998 (https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)."""
ONE_CLICK = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


@dataclass(frozen=True, slots=True)
class Sender:
    """Name and address in From."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Domain of the address."""
        return self.address.rpartition("@")[2]

    def message_id(self, key: str) -> str:
        """Message-ID of a delivery; one delivery always has the same."""
        return f"<{key}@{self.domain}>"


def compose(  # noqa: PLR0913 - a mail is exactly these facts
    message: Message, address: str, sender: Sender, *, key: str, now: datetime, mailbox: Mailbox | None
) -> bytes:
    """A mail with plain text and HTML; with a mailbox, also with the links and headers of a subscription.

    The email package makes the headers that quote foreign text, once a digest. For whole mails it took ten times as
    long, and it encoded a long link in List-Unsubscribe, where no mail program decodes it.
    """
    text, html = _bodies(message, mailbox)
    own_headers = [
        _header("To", address),
        _ascii_header("Date", format_datetime(now)),
        _ascii_header("Message-ID", sender.message_id(key)),
    ]
    if mailbox:
        own_headers += [_ascii_header("List-Unsubscribe", f"<{mailbox.unsubscribe}>"), ONE_CLICK]
    boundary = f"={key}=".encode("ascii")  # no line of quoted-printable has an equals sign before two letters
    return b"".join(
        (
            _shared_headers(sender, message.title),
            *own_headers,
            b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="%b"\r\n' % boundary,
            *(b"\r\n--%b\r\n%b" % (boundary, part) for part in (_part(b"plain", text), _part(b"html", html))),
            b"\r\n--%b--\r\n" % boundary,
        )
    )


@lru_cache(maxsize=64)
def _shared_headers(sender: Sender, title: str) -> bytes:
    """Headers that are the same for every reader of a digest."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(sender.name, addr_spec=sender.address)
    # The library would decode "=?…?=" in a title, and its content may be another header.
    mail["Subject"] = truncate(printable(title).strip(), MAX_SUBJECT).replace("=?", "= ?") or sender.name
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"Paperboy <paperboy.{sender.domain}>"
    return mail.as_bytes().removesuffix(b"\r\n")


def _ascii_header(name: str, value: str) -> bytes:
    """A header of printable ASCII on one line: some mail programs do not read a folded link. Raises ValueError."""
    if not value.isascii():
        raise ValueError(f"the header {name} would need an encoding")
    return _header(name, value)


def _header(name: str, value: str) -> bytes:
    """A header on one line, in UTF-8 as SMTPUTF8 allows it. Raises ValueError."""
    encoded = f"{name}: {value}\r\n".encode()
    if not value.isprintable() or len(encoded) > MAX_LINE:
        raise ValueError(f"the header {name} would need an encoding")
    return encoded


def _part(subtype: bytes, content: bytes) -> bytes:
    """One body with its headers."""
    return b'Content-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%b' % (
        subtype,
        content,
    )


def _quoted_printable(text: str) -> bytes:
    return b2a_qp(text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace"))


class _Body(NamedTuple):
    """A body of a digest, encoded up to the line with the first of the subscriber's links."""

    encoded: bytes
    rest: str

    def for_reader(self, links: Mapping[str, str]) -> bytes:
        """The whole body, with links for the placeholders."""
        rest = self.rest
        for placeholder, url in links.items():
            rest = rest.replace(placeholder, url)
        return self.encoded + _quoted_printable(rest)


def _bodies(message: Message, mailbox: Mailbox | None) -> tuple[bytes, bytes]:
    """Plain text and HTML. Equal digests differ by the subscriber's two links alone, so each is rendered once."""
    if mailbox is None:
        blocks = _bounded(message.blocks)
        html = html_body(blocks, message.actions, title=message.title)
        return _quoted_printable(plain_text(blocks, message.actions)), _quoted_printable(html)
    actions = tuple((action.label, action.url) for action in message.actions)
    text, html_template = _digest_bodies(message.blocks, actions, message.title)
    links = {PREFERENCES: web_url(mailbox.preferences) or "", UNSUBSCRIBE: web_url(mailbox.unsubscribe) or ""}
    escaped = {placeholder: str(escape(url)) for placeholder, url in links.items()}
    return text.for_reader(links), html_template.for_reader(escaped)


@lru_cache(maxsize=64)
def _digest_bodies(
    blocks: tuple[Block, ...], links: tuple[tuple[str, str | None], ...], title: str
) -> tuple[_Body, _Body]:
    bounded, footer = _bounded(blocks), mail_footer(PREFERENCES, UNSUBSCRIBE)
    actions = [Action(label, url=url) for label, url in links]
    text = plain_text(bounded, actions, footer)
    return _split(text), _split(html_body(bounded, actions, footer, title=title))


def _split(text: str) -> _Body:
    first = min(text.index(PREFERENCES), text.index(UNSUBSCRIBE))
    start = text.rfind("\n", 0, first) + 1
    return _Body(_quoted_printable(text[:start]), text[start:])


def _bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The leading blocks of at most MAX_TEXT characters, and a note if some are left out."""
    room = MAX_TEXT
    for position, block in enumerate(blocks):
        room -= sum(len(span.text) + len(span.url or "") for span in block.spans)
        if room < 0 and position == 0:
            return (Block(block.role, (Span(truncate(block.text, MAX_TEXT)),)),)
        if room < 0:
            return (*blocks[:position], Block("note", (Span("The rest is too long for a mail."),)))
    return blocks
