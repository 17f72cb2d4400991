"""Messages as mails with headers, as bytes for SMTP. Pure.

Headers: https://www.rfc-editor.org/rfc/rfc5322, rfc2919 (List-Id), rfc2369 and rfc8058 (List-Unsubscribe), rfc3834
(Auto-Submitted).
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from markupsafe import escape

from adapters.email.html_body import html_body
from adapters.email.plain_text import plain_text
from adapters.text import printable, truncate, web_url
from bot.model import Action, Block, Image, Mailbox, Message, Span
from bot.model.mailbox import READER
from bot.wording.mail import mail_footer

MAX_SUBJECT = 150
"""Characters; phones show forty, and a cut title stands in full in the message."""
MAX_TEXT = 40_000
"""Characters. Gmail clips a mail at 102 kB of HTML, and the links to change and to unsubscribe stand at its end."""
PREFERENCES, UNSUBSCRIBE = "https://preferences.invalid/", "https://unsubscribe.invalid/"
"""Placeholders of the links that differ by subscriber, beside `READER`."""
PLACEHOLDERS = (PREFERENCES, UNSUBSCRIBE, READER)
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
    """A body of a digest: lines that are the same for every reader, encoded, and the lines with a reader's links."""

    parts: tuple[bytes | str, ...]

    def for_reader(self, links: Mapping[str, str]) -> bytes:
        """The whole body, with links for the placeholders."""
        return b"".join(part if isinstance(part, bytes) else _filled(part, links) for part in self.parts)


def _filled(text: str, links: Mapping[str, str]) -> bytes:
    for placeholder, url in links.items():
        text = text.replace(placeholder, url)
    return _quoted_printable(text)


def _bodies(message: Message, mailbox: Mailbox | None) -> tuple[bytes, bytes]:
    """Plain text and HTML. Equal digests differ by the subscriber's links alone, so each is rendered once."""
    if mailbox is None:
        blocks = _bounded(message.blocks)
        html = html_body(blocks, message.actions, title=message.title, image=message.image)
        return _quoted_printable(plain_text(blocks, message.actions)), _quoted_printable(html)
    actions = tuple((action.label, action.url) for action in message.actions)
    text, html_template = _digest_bodies(message.blocks, actions, message.title, message.image)
    urls = zip(PLACEHOLDERS, (mailbox.preferences, mailbox.unsubscribe, mailbox.reader), strict=True)
    links = {placeholder: web_url(url) or "" for placeholder, url in urls}
    escaped = {placeholder: str(escape(url)) for placeholder, url in links.items()}
    return text.for_reader(links), html_template.for_reader(escaped)


@lru_cache(maxsize=64)
def _digest_bodies(
    blocks: tuple[Block, ...], links: tuple[tuple[str, str | None], ...], title: str, image: Image | None
) -> tuple[_Body, _Body]:
    bounded, footer = _bounded(blocks), mail_footer(PREFERENCES, UNSUBSCRIBE, f"{READER}/pause")
    actions = [Action(label, url=url) for label, url in links]
    text = plain_text(bounded, actions, footer)
    return _split(text), _split(html_body(bounded, actions, footer, title=title, image=image))


def _split(text: str) -> _Body:
    """The body in runs of lines with a placeholder and without; quoted-printable encodes each line by itself."""

    def runs() -> Iterator[bytes | str]:
        for own, lines in groupby(text.splitlines(keepends=True), key=_has_placeholder):
            run = "".join(lines)
            yield run if own else _quoted_printable(run)

    return _Body(tuple(runs()))


def _has_placeholder(line: str) -> bool:
    return any(placeholder in line for placeholder in PLACEHOLDERS)


def _bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The leading blocks of at most MAX_TEXT characters, and a note if some are left out."""
    room = MAX_TEXT
    for position, block in enumerate(blocks):
        room -= sum(len(span.text) + len(span.url or "") for span in (*block.spans, *block.note))
        if room < 0 and position == 0:
            return (Block(block.role, (Span(truncate(block.text, MAX_TEXT)),)),)
        if room < 0:
            return (*blocks[:position], Block("note", (Span("The rest is too long for a mail."),)))
    return blocks
