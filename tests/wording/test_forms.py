"""Forms as messages: what to reply with."""

from __future__ import annotations

from bot.model import Form
from bot.wording.forms import form_message
from bot.wording.zotero import connect_form
from tests.contracts.front import SETTINGS


def last_line(form: Form) -> str:
    return "".join(span.text for span in form_message(form).blocks[-1].spans)


def test_the_example_of_a_line_has_a_value():
    filled = SETTINGS.filled({"size": "", "at": "08:00"})
    assert last_line(filled) == "Reply with the lines that you change, such as at: 08:00, or with cancel."


def test_one_question_is_answered_by_the_whole_reply():
    assert last_line(connect_form()) == "Reply with it, or with cancel."
