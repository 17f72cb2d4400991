"""Cutting a file into parts for platforms that cannot attach it."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import File

ENTRIES = ("@a{1}\n", "@b{22}\n", "@c{é}\n", "@d{4}\n")


def file_of(*entries: str) -> File:
    content = "".join(entries).encode()
    return File("list.bib", "application/x-bibtex", content, ends=tuple(accumulate(len(e.encode()) for e in entries)))


@pytest.mark.parametrize(
    ("limit", "parts"),
    [
        (6, ("@a{1}\n", "@b{22}", "\n", "@c{é}\n", "@d{4}\n")),
        (7, ("@a{1}\n", "@b{22}\n", "@c{é}\n", "@d{4}\n")),
        (12, ("@a{1}\n", "@b{22}\n", "@c{é}\n@d{4}\n")),
        (13, ("@a{1}\n@b{22}\n", "@c{é}\n@d{4}\n")),
        (25, ("".join(ENTRIES),)),
    ],
)
def test_a_part_has_as_many_whole_entries_as_fit(limit, parts):
    assert file_of(*ENTRIES).parts(limit) == parts


def test_an_entry_that_is_too_long_is_cut_at_a_line_break():
    assert file_of("title\nauthors\nend\n").parts(10) == ("title\n", "authors\n", "end\n")


def test_a_file_without_entries_has_no_parts():
    assert file_of().parts(10) == ()


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=12), st.integers(1, 40))
def test_the_parts_are_the_file_and_none_is_too_long(entries, limit):
    file = file_of(*entries)
    assert "".join(file.parts(limit)) == file.content.decode()
    assert all(0 < len(part) <= limit for part in file.parts(limit))
