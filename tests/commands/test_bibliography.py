"""Bibliographies that people send."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.bibliography import BibEntry, Bibliography, read_bibliography
from bot.errors import UserError
from tests.harness.examples import examples

SCHOLAR = r"""
@inproceedings{vaswani2017,
  title={{A}ttention is all you need},
  author={Vaswani, Ashish and others},
  booktitle={Advances},
  year={2017}
}
@article{devlin,
  title="{BERT}: Pre-training of \'Etudes",
  journal = {arXiv preprint arXiv:1810.04805v2},
  keywords = {language models; to read},
}
@misc{k3, title={Three}, eprint={2405.14105}, archivePrefix={arXiv}, DOI={https://doi.org/10.1000/XYZ.1},
  readstatus={read}, comment={50\% of \textbraceleft{}x\_1}, annote={and 3 more authors}}
@misc{k3, title={Four}, url={https://arxiv.org/abs/2401.00001}, title={Again}}
"""


def test_what_reference_managers_write_is_read():
    entries, broken = read_bibliography(SCHOLAR)
    assert broken == 0
    assert entries == (
        BibEntry((), "Attention is all you need"),
        BibEntry(("1810.04805",), "BERT: Pre-training of Études", "", ("language-models", "to-read")),
        BibEntry(("2405.14105", "10.1000/xyz.1"), "Three", "50% of {x_1", (), read=True),
        BibEntry(("2401.00001",), entries[3].title),
    )


RIS = """TY  - JOUR
T1  - One
DO  - 10.1000/a
KW  - cs.CL
KW  - my tag
N1  - first
N1  - second
ER  -

TY  - BOOK
TI  - Two
C1  - read"""


def test_ris_of_other_programs_is_read():
    one = BibEntry(("10.1000/a",), "One", "first · second", ("my-tag",))
    assert read_bibliography(RIS) == Bibliography((one, BibEntry((), "Two", read=True)), 0)


def test_csv_of_zotero_is_read():
    names = "Key,Title,DOI,Url,Notes,Manual Tags,Extra"
    row = 'A,"One, two",,https://x.example,"a ""note""",rl; b,arXiv:2405.14105 [cs]'
    [entry] = read_bibliography(f"\ufeff{names}\n{row}\n").entries
    assert entry == BibEntry(("2405.14105",), "One, two", 'a "note"', ("rl", "b"))


@pytest.mark.parametrize(
    ("text", "entries", "broken"),
    [
        ("@article{a, title={ok}}\n@misc{b, title = \n@misc{c, title={fine}}", ["ok", "fine"], 1),
        ("@article{a, title={never closed", [], 1),
        ("@article{a, title={x},, note={}}\n@misc{b, title={y}}", ["y"], 1),
        ("@comment{x} % text\n@string{j={J}}\n@article(a, title={paren})", ["paren"], 0),
    ],
)
def test_a_broken_entry_is_counted_and_the_others_are_read(text, entries, broken):
    if not entries:
        with pytest.raises(UserError, match="no entry in this that can be read"):
            read_bibliography(text)
        return
    bibliography = read_bibliography(text)
    assert ([each.title for each in bibliography.entries], bibliography.broken) == (entries, broken)


@pytest.mark.parametrize("text", ["", "hello", "%PDF-1.7\x00\xff", "a,b\n1,2", "@", "{" * 10_000, "TY  -"])
def test_what_is_no_bibliography_is_refused_in_one_line(text):
    with pytest.raises(UserError, match="no entry in this that can be read") as refused:
        read_bibliography(text)
    assert "\n" not in str(refused.value)


def test_a_file_has_two_thousand_entries_and_four_million_characters_at_most():
    entries = [f"@misc{{k{n}, title={{T {n}}}}}\n" for n in range(5_000)]
    assert len(read_bibliography("".join(entries[:2_000])).entries) == 2_000
    with pytest.raises(UserError, match=r"5,000 entries; at most 2,000 are read at a time. Split it; nothing was imp"):
        read_bibliography("".join(entries))
    with pytest.raises(UserError, match=r"4,000,001 characters; at most 4,000,000"):
        read_bibliography("x" * 4_000_001)


@examples(60)
@given(st.lists(st.sampled_from([*SCHOLAR.split(), "TY  - X", "ER  -", "\n", "@", "{", "}", '"', "id,title", "\x00"])))
def test_no_text_raises_anything_but_a_mistake_of_its_sender(words):
    with suppress(UserError):
        assert read_bibliography(" ".join(words)).entries


CSL = """[
  {"id": "a", "type": "article", "title": "One", "number": "arXiv:2405.14105", "DOI": "10.48550/arXiv.2405.14105",
   "note": "arXiv:2405.14105 [cs]", "keyword": "my tag, rl", "annote": "mine", "custom": {"read": true}},
  {"id": 7, "title": "Two", "DOI": 12, "URL": "https://doi.org/10.1000/b", "custom": []},
  "no item"
]"""


@pytest.mark.parametrize("text", [CSL, f'{{"items": {CSL}}}', f"\ufeff{CSL}"])
def test_csl_json_of_other_programs_is_read(text):
    entries, broken = read_bibliography(text)
    assert broken == 1
    assert entries[0] == BibEntry(entries[0].ids, "One", "mine", ("my-tag", "rl"), read=True)
    assert entries[0].ids[0] == "2405.14105"
    assert entries[1] == BibEntry(("10.1000/b",), "Two")


@pytest.mark.parametrize("text", ["[" * 100_000, '[{"title": ', "[]", "{}", '["a"]', '{"items": 3}'])
def test_json_without_an_item_is_refused_with_the_remedy(text):
    with pytest.raises(UserError, match="no entry in this that can be read"):
        read_bibliography(text)
