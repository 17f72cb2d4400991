"""Notes and tags as people type them."""

from __future__ import annotations

import pytest

from bot.commands import parse_line
from bot.commands.notes import NOTE_MAX, read_note, read_tags
from bot.errors import UserError


def test_a_note_is_one_paragraph_of_a_thousand_characters():
    assert read_note(" one\n\ntwo\t three ") == "one two three"
    assert read_note("-") == read_note("") == ""
    assert len(read_note("x" * 1_000)) == NOTE_MAX == 1_000
    with pytest.raises(UserError, match=r"at most 1,000 characters; this one has 1,001"):
        read_note("x" * 1_001)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("rl vision", ("rl", "vision")),
        ("machine learning, RL", ("machine-learning", "rl")),
        ("#to-discuss, #RL;#rl", ("to-discuss", "rl")),
        ("-rl c++ b/w v1.2", ("-rl", "c++", "b/w", "v1.2")),
        ("-", ("-",)),
        ('"to read"\n論文', ("to-read", "論文")),
        ("", ()),
        ("x" * 30, ("x" * 30,)),
    ],
)
def test_tags_are_words_or_stand_between_commas(text, tags):
    assert read_tags(text) == tags


@pytest.mark.parametrize("text", ["x" * 31, "rl!", "--", "a:b", "<@U1>", "😀", "-"[:0] + "_x"])
def test_what_can_be_no_tag_is_named(text):
    with pytest.raises(UserError, match="can't be a tag: a tag is letters and digits"):
        read_tags(text)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ('2405.14105 is it "new? at:9', {"paper": "2405.14105", "text": 'is it "new? at:9'}),
        ("https://arxiv.org/abs/2405.14105v2 x", {"paper": "https://arxiv.org/abs/2405.14105v2", "text": "x"}),
        ("paper:2405.14105 text: x", {"paper": "2405.14105", "text": "x"}),
        ("#3 x", {"paper": "#3", "text": "x"}),
        ("2405.14105", {"paper": "2405.14105"}),
        ("about 3 of them", {"text": "about 3 of them"}),
        ("", {}),
    ],
)
def test_a_note_is_taken_as_it_is_typed_after_its_paper(line, options):
    assert parse_line(f"saved note {line}") == ("saved note", options)


def test_the_unread_part_of_the_list_has_a_short_name():
    assert parse_line("saved unread") == ("saved list", {"show": "unread"})
    assert parse_line("saved unread 2405.14105") == ("saved unread", {"paper": "2405.14105"})
    assert parse_line("saved list unread tag:rl") == ("saved list", {"show": "unread", "tag": "rl"})
