"""Import of bibliographies: what export writes comes back, what is not found is named, nothing is lost."""

from __future__ import annotations

import pytest

from bot.errors import SourceError
from bot.model import FilledForm, Form, SavedPaper
from tests.harness.desk import ADA, BEN, ELSEWHERE, HERE, OMNI, SINKS, Desk, listed

NOTE = r"a {b \x ~ $5 50% #1_a ^ & 'quoted' “naïve” 論文"


async def filled_list(desk: Desk) -> list[SavedPaper]:
    """Ada's list: a note, tags, one that is read."""
    for paper_id in (OMNI, SINKS):
        await desk.ask(f"save {paper_id}")
        desk.clock.advance(minutes=1)
    await desk.run("saved note", paper=OMNI, text=NOTE)
    await desk.ask(f"saved tag {OMNI} rl, to discuss, c++")
    await desk.ask(f"saved read {SINKS}")
    return await desk.store.reading_lists.entries(ADA.user)


def noted(entries: list[SavedPaper]) -> list[tuple[object, ...]]:
    return [(each.paper.id, each.note, each.tags, each.read_at is not None) for each in entries]


@pytest.mark.parametrize("file_format", ["bibtex", "csl", "csv", "ris"])
async def test_what_was_exported_is_imported_as_it_was(desk, file_format):
    entries = await filled_list(desk)
    assert noted(entries)[1][1] == NOTE
    file = (await desk.ask(f"saved export {file_format}")).file
    assert file is not None
    text = file.content.decode()
    assert "2 new papers on your reading list." in (await desk.run("saved import", BEN, file=text)).text
    assert noted(await desk.store.reading_lists.entries(BEN.user)) == noted(entries)
    again = await desk.run("saved import", BEN, file=text)
    assert "0 new papers on your reading list; 2 papers were on it before." in again.text
    assert noted(await desk.store.reading_lists.entries(BEN.user)) == noted(entries), "nothing is added twice"
    assert not (await desk.store.feedback.lessons((HERE,)))[HERE].feedback[2:], "an import teaches the channel nothing"


async def test_papers_are_found_by_id_by_title_and_at_the_source_and_the_rest_is_named(desk):
    desk.archive.papers[ELSEWHERE.id] = ELSEWHERE
    title = (await desk.engine.fetch_paper(SINKS)).title
    bib = (
        f"@misc{{a, title={{Whatever}}, eprint={{{OMNI}}}}}\n@misc{{b, title={{{title.upper()}.}}, keywords={{x}}}}\n"
        f"@misc{{c, url={{https://arxiv.org/abs/{ELSEWHERE.id}}}}}\n@misc{{d, title={{Nobody Knows It}}}}\n"
        f"@misc{{e, title=\n@misc{{f, title={{Twice}}, eprint={{{OMNI}}}, keywords={{y}}, comment={{n}}}}\n"
    )
    answer = await desk.run("saved import", file=bib)
    assert answer.text.splitlines() == [
        "3 new papers on your reading list.",
        "1 more entry could not be read.",
        "1 entry without a paper: no stored paper has the title, and no source knows the id.",
        "– Nobody Knows It",
    ]
    page = await desk.press(answer, "Reading list")
    assert listed(page) == [OMNI, SINKS, ELSEWHERE.id], "in the order of the file"
    assert f"{OMNI} · #y · “n”" in page.text


async def test_a_source_that_is_down_is_named_and_a_later_import_goes_on(desk):
    desk.archive.papers[ELSEWHERE.id] = ELSEWHERE
    desk.archive.fault = SourceError("arxiv", "HTTP 503")
    bib = f"@misc{{a, eprint={{{OMNI}}}}} @misc{{b, eprint={{{ELSEWHERE.id}}}}}"
    answer = await desk.run("saved import", file=bib)
    assert "1 new paper" in answer.text
    assert "arXiv does not answer: import the file again later" in answer.text
    desk.archive.fault = None
    assert (
        "1 new paper on your reading list; 1 paper was on it before." in (await desk.run("saved import", file=bib)).text
    )


async def test_many_entries_that_are_not_found_come_as_a_file(desk):
    bib = "".join(f"@misc{{k{n}, title={{Unknown {n}}}}}\n" for n in range(11))
    answer = await desk.run("saved import", file=bib)
    assert answer.text.count("– Unknown") == 10
    assert answer.file is not None
    assert answer.file.content.decode().splitlines() == [f"Unknown {n}" for n in range(11)]


async def test_entries_are_pasted_into_a_form_which_comes_back_with_its_faults(desk):
    form = await desk.form("saved import")
    wrong = await desk.handlers.read(form.filled({"entries": "hello"}), HERE)
    assert isinstance(wrong, Form)
    assert "no entry in this that can be read" in (wrong.fields[0].error or "")
    assert wrong.fields[0].value == "hello"
    read = await desk.handlers.read(wrong.filled({"entries": f"@misc{{a, eprint={{{OMNI}}}}}"}), HERE)
    assert isinstance(read, FilledForm)
    assert "1 new paper" in (await desk.handlers.apply(read, ADA)).text
    assert "1 new paper" in (await desk.ask(f'saved import @misc{{a, title="x", eprint={{{SINKS}}}}}')).text
