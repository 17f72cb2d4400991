"""Which messages have a picture, and which channels want it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import OPENER, ChannelSettings, Image
from bot.wording.cards import paper_card, paper_picture
from bot.wording.digest import digest_thread
from bot.wording.mail_digest import digest_message
from bot.wording.posting_options import pictured, with_options
from tests.harness.samples import MONDAY, digest, paper, pick

LISTED = replace(paper("2510.00001", title="First"), listed_at=MONDAY)


def test_a_paper_with_a_page_on_hugging_face_has_a_picture():
    url = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2510.00001.png"
    assert paper_picture(LISTED) == Image(url, "Hugging Face's picture of “First”", 1_200, 648)
    assert paper_card(LISTED, None).image == paper_picture(LISTED)


@pytest.mark.parametrize("other", [replace(LISTED, listed_at=None), replace(LISTED, id="10.1101/2025.01.01.123456")])
def test_a_paper_without_such_a_page_has_none(other):
    assert paper_picture(other) is None
    assert paper_card(other, None).image is None


def test_replies_have_pictures_and_lists_have_none():
    thread = digest_thread(digest(pick(LISTED), pick(paper("2510.00002"))))
    assert thread.opener.image is None
    assert [reply.image for reply in thread.replies] == [paper_picture(LISTED), None]
    assert digest_thread(digest(pick(LISTED), style="compact")).opener.image is None


def test_a_mail_has_that_of_its_first_paper_where_its_reader_wants_it():
    mail = digest_message(digest(pick(LISTED), pick(replace(LISTED, id="2510.00002"))))
    assert mail.image == paper_picture(LISTED)
    assert pictured(mail, ChannelSettings(), threads=False).image is None, "it would tell its host who reads"
    assert pictured(mail, ChannelSettings(mail_pictures=True), threads=False) == mail


def test_a_channel_that_wants_none_gets_none():
    content = digest(pick(LISTED))
    messages = dict(enumerate(digest_thread(content).messages))
    assert with_options(messages, content, ChannelSettings(), threads=True) == messages
    plain = with_options(messages, content, ChannelSettings(pictures=False), threads=True)
    assert [message.image for message in plain.values()] == [None, None]
    assert plain[OPENER] == messages[OPENER]
