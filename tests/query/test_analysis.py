"""Analyses of papers: made once, used again by the next index, and never mixed up."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest

from bot.model import Paper
from bot.query import analysis
from bot.query.analysis import Analyses
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.query.parser import parse
from tests.fakes import MONDAY

PAPERS = [Paper(f"2511.{n:05d}", f"Multi-modal planning {n}", f"Agents of the kind{n} plan.") for n in range(40)]


def found(papers: list[Paper], topic: str, analyses: Analyses | None = None) -> list[int]:
    return list(Documents([Document(paper) for paper in papers], MONDAY, analyses=analyses).matching(parse(topic)))


def test_a_paper_is_analysed_once_as_long_as_its_text_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    words = analysis.written_words
    monkeypatch.setattr(analysis, "written_words", lambda text: texts.append(text) or words(text))
    analyses = Analyses()
    found(PAPERS[:3], "planning", analyses)
    changed = [replace(PAPERS[1], abstract="Robots walk."), PAPERS[2], PAPERS[3]]
    texts.clear()
    assert found(changed, "robots", analyses) == [0]
    assert texts == [PAPERS[1].title, "Robots walk.", PAPERS[3].title, PAPERS[3].abstract]
    texts.clear()
    found(PAPERS[:1], "planning", analyses)
    assert texts == [PAPERS[0].title, PAPERS[0].abstract], "it was no candidate any more"


def test_an_index_answers_the_same_whether_its_analyses_are_new_or_kept_and_after_others_were_added() -> None:
    analyses = Analyses()
    earlier = Documents([Document(paper) for paper in PAPERS[:20]], MONDAY, analyses=analyses)
    found(list(reversed(PAPERS)), "plan", analyses)
    for topic in ("multimodal", '"multi-modal planning 7"', "kind3", "kind39", '"kind7 plan"', "zyx"):
        assert found(PAPERS, topic, analyses) == found(PAPERS, topic)
        assert list(earlier.matching(parse(topic))) == found(PAPERS[:20], topic)
        counts = [each.word_places.counts(each.word_places.of(topic)).tolist() for each in (earlier,)]
        assert all(len(each) == 20 for each in counts)


def test_when_too_many_stems_were_numbered_everything_is_analysed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    analyses = Analyses()
    earlier = Documents([Document(paper) for paper in PAPERS[:20]], MONDAY, analyses=analyses)
    monkeypatch.setattr(analysis, "STEMS_MAX", 10)
    assert found(PAPERS[20:], "kind25", analyses) == [5]
    assert list(earlier.matching(parse("kind7"))) == [7]


def test_threads_that_analyse_at_once_give_no_two_stems_one_number() -> None:
    analyses, results = Analyses(), []

    def analyse(start: int) -> None:
        results.extend(analyses.of([replace(paper, id=f"{paper.id}{start}") for paper in PAPERS[start::4]])[0])

    threads = [Thread(target=analyse, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _, numbers = analyses.of([])
    assert sorted(numbers.values()) == list(range(len(numbers)))
    assert len(results) == len(PAPERS)
