"""Mails as bytes: no text of others gets into a header or a tag, and the HTML is valid."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email import Sender, compose
from adapters.email.compose import MAX_TEXT
from adapters.email.html_body import html_body
from adapters.email.plain_text import WIDTH, plain_text
from bot.model import Action, Block, Mailbox, Message, Span
from bot.wording.mail import mail_already_subscribed, mail_confirmation
from bot.wording.mail_digest import digest_message
from tests.contracts.outlet import samples
from tests.email.colours import contrast, declared_colours
from tests.harness.examples import examples
from tests.harness.samples import GOLDEN
from tests.wording.test_digest import sample_digest

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SENDER = Sender("Paperboy", "papers@example.org")
BOX = Mailbox(
    "ada@example.com",
    "https://p.example.org/preferences/a.b-c_d",
    "https://p.example.org/unsubscribe/e.f",
    "https://p.example.org/reader/g.h",
)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
}  # fmt: skip


def composed(message: Message, mailbox: Mailbox | None = BOX) -> EmailMessage:
    raw = compose(message, "ada@example.com", SENDER, key="pb123", now=NOW, mailbox=mailbox)
    assert raw.isascii(), "seven bits, so that no server on the way has to change anything"
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1"
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def valid(html: str) -> bool:
    """Raises html5lib's ParseError for invalid HTML."""
    html5lib.HTMLParser(strict=True).parse(html)
    return True


def test_a_long_link_to_unsubscribe_is_never_encoded_or_folded() -> None:
    link = f"https://papers.example.org/unsubscribe/{'MQ.aP3jEA-_' * 12}"
    mailbox = Mailbox("ada@example.com", "https://p.example.org/preferences/x", link, "https://p.example.org/reader/x")
    raw = compose(
        mail_confirmation("https://p.example.org/confirm/x", timedelta(days=3)),
        "ada@example.com",
        SENDER,
        key="pb1",
        now=NOW,
        mailbox=mailbox,
    )
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in raw


foreign = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "a\r\nBcc: eve@example.com",
        "\nSubject: owned\n\n<script>",
        "=?utf-8?q?=0ABcc:_x?=",
        "=??Q?=0A",
        "</style><img src=x>",
        "\x00",
    ]
)


@examples(100)
@given(foreign, foreign, st.none() | foreign)
def test_with_any_title_the_headers_are_ours_and_the_html_is_valid(title: str, text: str, url: str | None):
    blocks = (
        Block("heading", (Span(text),)),
        Block("text", (Span(title, url=url, bold=True),)),
        Block("item", (Span(text),)),
    )
    mail = composed(Message(blocks, title=title))
    assert set(mail.keys()) == HEADERS
    assert mail["To"] == "ada@example.com"
    assert valid(part(mail, "html"))
    assert not re.search(r"<(script|img|iframe|form|link)", part(mail, "html"))


@pytest.mark.parametrize("kind", samples())
def test_every_kind_of_message_is_a_valid_document(kind: str):
    assert valid(part(composed(samples()[kind]), "html"))


def test_letters_are_valid_documents_with_their_link_in_both_halves():
    link = "https://p.example.org/preferences/x?a=1&b=2"
    for letter in (mail_already_subscribed(link), mail_confirmation(link, timedelta(days=3))):
        mail = composed(letter, None)
        assert valid(part(mail, "html"))
        assert "https://p.example.org/preferences/x?a=1&b=2" in part(mail, "plain")
        assert 'href="https://p.example.org/preferences/x?a=1&amp;b=2"' in part(mail, "html")
        assert "List-Unsubscribe" not in mail


def test_the_plain_text_is_as_complete_as_the_html():
    mail = composed(digest_message(sample_digest()))
    text, html = part(mail, "plain"), part(mail, "html")
    assert text.replace("\r\n", "\n") == (GOLDEN / "mail.txt").read_text(encoding="utf-8")
    words = unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", html.partition("<body")[2].partition(">")[2]))
    for word in re.findall(r"[\w%★▲]+", words):
        assert word in text
    for url in re.findall(r'href="([^"]+)"', html):
        assert url in text
    assert all(len(line) <= WIDTH or "http" in line for line in text.splitlines())


def test_the_subject_names_the_days_papers():
    assert composed(digest_message(sample_digest()))["Subject"] == "OmniVinci, Every Attention Matters, LightMem"


def test_two_readers_of_one_digest_get_their_own_links():
    other = Mailbox(
        "ben@example.com",
        "https://p.example.org/preferences/BEN",
        "https://p.example.org/unsubscribe/BEN",
        "https://p.example.org/reader/BEN",
    )
    message = digest_message(sample_digest())
    for box, theirs, foreigners in ((BOX, "a.b-c_d", "BEN"), (other, "BEN", "a.b-c_d")):
        mail = composed(message, box)
        for half in ("plain", "html"):
            assert theirs in part(mail, half)
            assert foreigners not in part(mail, half)
            assert "invalid" not in part(mail, half)
        assert mail["List-Unsubscribe"] == f"<{box.unsubscribe}>"


def test_nothing_is_loaded_and_styles_are_inlined():
    html = part(composed(replace(digest_message(sample_digest()), image=None)), "html")
    assert not re.search(r"<(img|link|script)|url\(|@import|@font-face", html)
    assert 'style="' in html
    assert html.count("<style") == 1, "what cannot be inlined: dark mode and narrow screens"
    assert "prefers-color-scheme: dark" in html


def test_a_mail_stays_below_the_size_that_gmail_clips():
    blocks = tuple(Block("item", (Span(f"paper {n} " + "word " * 300),)) for n in range(60))
    mail = composed(Message(blocks, title="t" * 500))
    assert len(part(mail, "html").encode()) < 102_000
    assert "The rest is too long" in part(mail, "plain")
    assert "unsubscribe/e.f" in part(mail, "html")
    assert len(mail["Subject"]) <= 150


def test_an_endless_paragraph_is_truncated():
    mail = composed(Message((Block("text", (Span("word " * MAX_TEXT),)),), title="Long"))
    assert len(part(mail, "plain")) < MAX_TEXT * 1.2


def test_contrast_suffices_in_light_and_dark_mode():
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    for sheet, ground in (("mail.css", "#ffffff"), ("dark.css", "#1c1e20")):
        for selector, colours in declared_colours(sheet).items():
            ink, back = colours.get("color"), colours.get("background-color", ground)
            if ink:
                assert contrast(ink, back) >= 4.5, (sheet, selector)


def test_a_right_to_left_title_runs_from_right_to_left():
    blocks = (
        Block("title", (Span("نموذج لغوي", bold=True, url="https://e.org/1"),)),
        Block("text", (Span("A model"),)),
    )
    html = html_body(blocks, (), title="News")
    assert html.count('dir="auto"') == 1
    assert re.search(r'<h2[^>]* dir="auto"[^>]*>', html)


def test_actions_without_a_url_are_no_buttons():
    message = Message(
        (Block("text", (Span("Hello"),)),), (Action("Settings", "settings"), Action("Bad", url="file:/x"))
    )
    assert "Settings" not in html_body(message.blocks, message.actions, title="x")
    assert plain_text(message.blocks, message.actions) == "Hello\n"


def test_a_picture_stands_above_the_lead_with_its_size_and_its_alternative():
    message = digest_message(sample_digest())
    assert message.image is not None
    html = part(composed(message), "html")
    [image] = list(html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html).iter("img"))
    assert image.attrib["src"] == message.image.url
    assert image.attrib["alt"] == message.image.alt
    assert (image.attrib["width"], image.attrib["height"]) == ("552", "298")
    assert html.index("<img") < html.index("<h2")
