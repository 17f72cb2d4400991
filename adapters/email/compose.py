"""A message with its headers, as bytes for the wire. Pure.

Headers: https://www.rfc-editor.org/rfc/rfc5322, rfc2919 (List-Id), rfc2369 and rfc8058 (List-Unsubscribe), rfc3834
(Auto-Submitted).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from markupsafe import escape

from adapters.email.page import page
from adapters.email.plain import plain
from adapters.text import cut, printable, web_url
from bot.model import Action, Block, Mailbox, Message, Span
from bot.wording.mail import mail_footer

SUBJECT = 150
"""Characters; phones show forty, and what a title says last is not lost: it is in the message."""
LONGEST = 40_000
"""Characters of text. Gmail cuts a mail off at 102 kB of HTML, where the links to change and to leave stand."""
PREFERENCES, UNSUBSCRIBE = "https://preferences.invalid/", "https://unsubscribe.invalid/"
"""Where the links go that differ from mail to mail (https://www.rfc-editor.org/rfc/rfc6761#section-6.4)."""
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mail comes from."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Where the address is."""
        return self.address.rpartition("@")[2]

    def message_id(self, key: str) -> str:
        """The same for the same delivery, for ever."""
        return f"<{key}@{self.domain}>"


def compose(  # noqa: PLR0913 - a mail is exactly these facts
    message: Message, address: str, sender: Sender, *, key: str, now: datetime, mailbox: Mailbox | None
) -> bytes:
    """Text and HTML for one address; with a mailbox, the links and headers that every digest carries."""
    text, html = _drawn(message, mailbox)
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(sender.name, addr_spec=sender.address)
    mail["To"] = Address(addr_spec=address)
    mail["Subject"] = _subject(message.title) or sender.name
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = sender.message_id(key)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"Paperboy <paperboy.{sender.domain}>"
    if mailbox:
        mail["List-Unsubscribe"] = f"<{mailbox.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"={key}=")
    return mail.as_bytes()


def _subject(title: str) -> str:
    """On one line, and without what the library would read as an encoded word: its inside may be another header."""
    return cut(printable(title).strip(), SUBJECT).replace("=?", "= ?")


def _drawn(message: Message, mailbox: Mailbox | None) -> tuple[str, str]:
    """Text and HTML. Subscribers with one wish get the same but for the two links, so a digest is drawn once."""
    if mailbox is None:
        blocks = _bounded(message.blocks)
        return plain(blocks, message.actions), page(blocks, message.actions, title=message.title)
    text, html = _digest(message.blocks, tuple((each.label, each.url) for each in message.actions), message.title)
    for place, url in ((PREFERENCES, mailbox.preferences), (UNSUBSCRIBE, mailbox.unsubscribe)):
        safe = web_url(url) or ""
        text, html = text.replace(place, safe), html.replace(place, str(escape(safe)))
    return text, html


@lru_cache(maxsize=64)
def _digest(blocks: tuple[Block, ...], buttons: tuple[tuple[str, str | None], ...], title: str) -> tuple[str, str]:
    bounded, footer = _bounded(blocks), mail_footer(PREFERENCES, UNSUBSCRIBE)
    actions = [Action(label, url=url) for label, url in buttons]
    return plain(bounded, actions, footer), page(bounded, actions, footer, title=title)


def _bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """As many paragraphs as there is room for, and a word about the rest."""
    kept: list[Block] = []
    room = LONGEST
    for block in blocks:
        room -= sum(len(span.text) + len(span.url or "") for span in block.spans)
        if room < 0:
            return (*kept, Block("note", (Span("The rest is too long for a mail."),))) if kept else (_first(block),)
        kept.append(block)
    return tuple(kept)


def _first(block: Block) -> Block:
    return Block(block.role, (Span(cut(block.text, LONGEST)),))
