"""Reading lists as files, read back by parsers that others wrote."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import SavedPaper
from bot.wording.export import COLUMNS, FORMATS, export_answer, export_file, file_parts
from tests.harness.examples import examples
from tests.harness.samples import SUNDAY, paper

PAPERS = [
    replace(
        paper(f"2511.{n:05d}", published_at=SUNDAY, title=f"Würfel & Dice {n}: 50% #1_a"),
        authors=("Ada Lovelace", "Maarten van der Berg", "OpenAI", "ATLAS Collaboration"),
        categories=("cs.CL", "cs.LG"),
        journal_ref="J. Dice 3 (2026)" if n % 2 else None,
        doi=f"10.1000/dice.{n}" if n % 3 else None,
    )
    for n in range(1, 41)
]


SAVED = list(map(SavedPaper, PAPERS))


def content(papers, file_format: str) -> str:
    return export_file(list(map(SavedPaper, papers)), file_format).content.decode()


def test_an_independent_parser_reads_every_entry_of_the_bibtex():
    bibtexparser = pytest.importorskip("bibtexparser")
    library = bibtexparser.parse_string(content(PAPERS, "bibtex"))
    assert not library.failed_blocks
    assert len({entry.key for entry in library.entries}) == 40
    first, second = library.entries[:2]
    assert (first.entry_type, second.entry_type) == ("article", "misc")
    fields = {name: field.value for name, field in first.fields_dict.items()}
    assert fields["title"] == r"{Würfel \& Dice 1: 50\% \#1\_a}"
    authors = [" ".join(name.split()) for name in fields["author"].split(" and")]
    assert authors == ["Ada Lovelace", "Maarten van der Berg", "OpenAI", "{ATLAS Collaboration}"]
    assert (fields["eprint"], fields["doi"]) == ("2511.00001", "10.1000/dice.1")


def test_an_independent_parser_reads_every_reference_of_the_ris():
    rispy = pytest.importorskip("rispy")
    references = rispy.loads(content(PAPERS, "ris"))
    assert len(references) == 40
    first, second = references[:2]
    assert (first["type_of_reference"], second["type_of_reference"]) == ("JOUR", "UNPB")
    assert first["authors"] == ["Lovelace, Ada", "van der Berg, Maarten", "OpenAI", "ATLAS Collaboration"]
    assert first["title"] == "Würfel & Dice 1: 50% #1_a"
    assert (first["year"], first["date"]) == ("2026", f"{PAPERS[0].published_at:%Y/%m/%d}")
    assert (first["doi"], first["accession_number"]) == ("10.1000/dice.1", "arXiv:2511.00001")
    assert first["keywords"] == ["cs.CL", "cs.LG"]
    assert first["urls"] == [PAPERS[0].url]


@examples(50)
@given(st.text(max_size=60), st.text(min_size=1, max_size=30))
def test_foreign_text_adds_no_reference_and_no_entry(title, author):
    hostile = replace(PAPERS[0], title=f"{title}\r\nER  - \r\nTY  - JOUR", authors=(f"{author}\nER  - ",))
    for parser, file_format in (("rispy", "ris"), ("bibtexparser", "bibtex")):
        module, text = pytest.importorskip(parser), content([hostile, PAPERS[1]], file_format)
        entries = module.loads(text) if parser == "rispy" else module.parse_string(text).entries
        assert len(entries) == 2


def test_the_csl_json_has_the_names_types_and_parts_of_its_schema():
    first, second, *others = json.loads(content(PAPERS, "csl"))
    assert len(others) == 38
    assert first == {
        "id": "lovelace2026wurfel",
        "type": "article-journal",
        "title": "Würfel & Dice 1: 50% #1_a",
        "author": [
            {"family": "Lovelace", "given": "Ada"},
            {"family": "van der Berg", "given": "Maarten"},
            {"literal": "OpenAI"},
            {"literal": "ATLAS Collaboration"},
        ],
        "issued": {"date-parts": [[2026, 11, 22]]},
        "container-title": "J. Dice 3 (2026)",
        "number": "arXiv:2511.00001",
        "DOI": "10.1000/dice.1",
        "URL": "https://arxiv.org/abs/2511.00001",
        "abstract": first["abstract"],
    }
    assert (second["type"], second["publisher"], second["id"]) == ("article", "arXiv", "lovelace2026wurfel2")
    assert json.loads(content([], "csl")) == []


NAMES = (
    ("Barnes and Noble Lab", ("Barnes and Noble Lab", "")),
    ("Ada Lovelace", ("Lovelace", "Ada")),
    ("Ling Team", ("Ling Team", "")),
    ("OpenAI, Inc.", ("OpenAI, Inc.", "")),
    ("Research and Development Group of X", ("Research and Development Group of X", "")),
    ("Martin L. King Jr.", ("King", "Martin L.", "Jr.")),
    ('Jos&eacute; van der M\\"uller', ("van der Müller", "José")),
)


def test_groups_suffixes_and_particles_are_read_back_as_they_were_written():
    bibtexparser, rispy = pytest.importorskip("bibtexparser"), pytest.importorskip("rispy")
    listed = replace(PAPERS[0], authors=tuple(name for name, _ in NAMES))
    split = [bibtexparser.middlewares.SeparateCoAuthors(), bibtexparser.middlewares.SplitNameParts()]
    (entry,) = bibtexparser.parse_string(content([listed], "bibtex"), append_middleware=split).entries
    parts = [
        tuple(" ".join(part).strip("{}") for part in (each.von + each.last, each.first, each.jr) if part)
        for each in entry.fields_dict["author"].value
    ]
    assert [each if len(each) > 1 else (*each, "") for each in parts] == [name for _, name in NAMES]
    (reference,) = rispy.loads(content([listed], "ris"))
    assert reference["authors"] == [", ".join(filter(None, name)) for _, name in NAMES]


def test_a_doi_is_the_same_in_every_format():
    bibtexparser, rispy = pytest.importorskip("bibtexparser"), pytest.importorskip("rispy")
    doi = "10.1007/978-3-319-10602-1_48"
    book = replace(PAPERS[0], id=doi, doi=None)
    entry = bibtexparser.parse_string(content([book], "bibtex")).entries[0].fields_dict
    assert (entry["doi"].value, entry["url"].value) == (doi, f"https://doi.org/{doi}")
    assert rispy.loads(content([book], "ris"))[0]["doi"] == doi


def test_a_bibtex_key_keeps_the_letters_of_accented_names():
    assert "@article{muller2026wurfel," in content([replace(PAPERS[0], authors=("José Müller",))], "bibtex")


def test_bibtex_escapes_what_tex_would_run():
    entry = content([paper(title=r"50% of \input{x} & #1_a", authors=("A & B",), published_at=SUNDAY)], "bibtex")
    assert r"50\% of" in entry
    assert r"\input" not in entry
    assert r"\& \#1\_a" in entry
    assert "author = {A \\& B}" in entry
    assert entry.count("{") == entry.count("}")


def test_bibtex_keys_are_unique():
    text = content([paper("2511.00001", published_at=SUNDAY), paper("2511.00002", published_at=SUNDAY)], "bibtex")
    assert "@misc{one2026plain," in text
    assert "@misc{one2026plain2," in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_of_the_csv_is_a_formula(start):
    text = content([paper(tldr=f'{start}HYPERLINK("http://x")')], "csv")
    row = list(csv.reader(io.StringIO(text)))[1]
    assert row[COLUMNS.index("summary")].startswith("'")


def test_the_csv_reads_back_as_it_was():
    original = paper(title='Quotes " and, commas', tldr="one\nline?")
    rows = list(csv.DictReader(io.StringIO(content([original], "csv"))))
    assert rows[0]["title"] == 'Quotes " and, commas'
    assert rows[0]["summary"] == "one\nline?"


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("limit", [2_500, 12_000])
def test_a_part_of_a_file_ends_where_a_paper_ends(file_format, limit):
    file = export_file(SAVED, file_format)
    parts = file_parts(file, limit)
    assert [len(part.blocks[-1].text) <= limit for part in parts] == [True] * len(parts)
    assert "".join(part.blocks[-1].text for part in parts) == file.content.decode()
    whole = {"bibtex": "}\n\n", "csl": "\n", "csv": "\n", "ris": "ER  - \r\n\r\n"}[file_format]
    assert all(part.blocks[-1].text.endswith(whole) for part in parts)
    numbered = f", part 1 of {len(parts)}" if len(parts) > 1 else ""
    assert parts[0].title == f"{file.name}{numbered}"


def test_every_author_of_a_large_collaboration_is_exported():
    crowd = replace(PAPERS[0], authors=tuple(f"Person {n}" for n in range(3_432)))
    for file_format in FORMATS:
        assert "3431" in content([crowd], file_format)
        assert "more author" not in content([crowd], file_format)


@pytest.mark.parametrize(("more", "words"), [(1_432, "and 1,432 more authors"), (1, "and 1 more author")])
def test_every_format_says_how_many_authors_are_not_named(more, words):
    rispy, bibtexparser = pytest.importorskip("rispy"), pytest.importorskip("bibtexparser")
    capped = replace(PAPERS[0], more_authors=more)
    reference = rispy.loads(content([capped], "ris"))[0]
    assert (reference["notes"], len(reference["authors"])) == ([words], 4)
    entry = bibtexparser.parse_string(content([capped], "bibtex")).entries[0].fields_dict
    assert entry["annote"].value == words
    assert " ".join(entry["author"].value.split()).endswith("{ATLAS Collaboration} and others")
    row = next(csv.DictReader(io.StringIO(content([capped], "csv"))))
    assert row["authors"].split("; ")[-2:] == ["ATLAS Collaboration", words]


def test_the_answer_says_how_many_and_offers_the_other_formats_and_a_link():
    answer = export_answer(SAVED, "csv", "https://papers.example/x")
    assert answer.file is not None
    assert answer.file.name == "reading-list.csv"
    assert "Your reading list as CSV: 40 papers." in answer.text
    assert "works for a week" in answer.text
    assert [action.label for action in answer.actions] == ["Download", "BibTeX", "CSL JSON", "RIS"]
    assert [action.label for action in export_answer(SAVED, "csv", None).actions] == ["BibTeX", "CSL JSON", "RIS"]
    assert export_answer([], "csv", None).file is None
