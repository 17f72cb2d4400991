"""Papers merged under one id, and the time series of their signals."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import Channel, Findings, Paper, Ref, Revision, Signal, SourceReport, State, digest_key
from bot.model.paper import HUGGING_FACE
from bot.model.segment import IndexedPaper, IndexEntry, PostingsEntry
from bot.store import Store
from tests.contracts.store import MakeStore
from tests.contracts.store.segments import index
from tests.fakes import MONDAY, digest, paper, reactions

HERE = Channel("fake:T1/C1")
ADA = Channel("fake:T1/U1")
DOI = "10.1145/1234567"


async def add(store: Store, *papers: Paper, source: str = "huggingface", signals: tuple[Signal, ...] = ()) -> None:
    await store.papers.add(Findings(papers, signals), source, MONDAY)


async def stored(store: Store, paper_id: str) -> Paper:
    return (await store.papers.get([paper_id]))[paper_id]


async def summarise(store: Store) -> None:
    papers = await store.papers.unsummarised(100)
    await store.papers.summarise([(each, "A sentence.") for each in papers])


def votes(value: float, *, hours: float = 0, about: str = "2511.00001", source: str = "huggingface") -> Signal:
    return Signal(about, source, "upvotes", value, MONDAY + timedelta(hours=hours))


async def values(store: Store, about: str = "2511.00001", since_hours: float = -1000) -> list[float]:
    signals = await store.papers.signals([about], MONDAY + timedelta(hours=since_hours))
    return [signal.value for signal in signals.get(about, [])]


async def followed(store: Store, doi_paper: Paper) -> None:
    """Store a paper under its DOI with a signal, a pick, a save and a reaction."""
    await add(store, doi_paper, source="file", signals=(votes(5, about=DOI),))
    await store.ledger.keep([digest(HERE, [doi_paper])], {})
    for slot, about, ref in ((0, None, "r0"), (1, DOI, "r1")):
        await store.ledger.claim(digest_key(HERE, MONDAY.date()), slot, about, MONDAY)
        await store.ledger.settle(digest_key(HERE, MONDAY.date()), slot, State.POSTED, MONDAY, ref=Ref(ref))
    await store.people.save(ADA, DOI, MONDAY)
    await store.people.react(HERE, ADA, DOI, 1, MONDAY)


async def everything_followed(store: Store) -> None:
    assert (await store.papers.count())[0] == 1
    assert await values(store) == [5]
    assert await store.ledger.channels_shown(["2511.00001"]) == {"2511.00001": [HERE]}
    chosen = await store.ledger.digest(HERE, MONDAY.date())
    assert chosen is not None
    assert [pick.paper.id for pick in chosen.picks] == ["2511.00001"]
    assert [each.id for each in await store.people.reading_list(ADA)] == ["2511.00001"]
    assert await reactions(store, HERE) == [("2511.00001", 1)]
    assert await store.ledger.paper_of(HERE, Ref("r1")) == "2511.00001"
    assert (await store.shown.last(HERE, ["2511.00001"]))["2511.00001"].ref == Ref("r1")


class PapersContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    async def store(self, make_store: MakeStore, tmp_path: Path) -> AsyncIterator[Store]:
        with make_store(tmp_path / "p.db") as opened:
            yield opened

    # --- merging ---

    async def test_listed_are_those_that_a_list_took_up_in_that_time_newest_first(self, store: Store) -> None:
        await add(store, *(replace(paper(n), listed_at=MONDAY + timedelta(hours=n)) for n in range(4)))
        await add(store, replace(paper(5), listed_at=None), replace(paper(6), withdrawn=True, listed_at=MONDAY))
        ids = [paper(n).id for n in range(4)]
        listed = await store.papers.listed(MONDAY, MONDAY + timedelta(hours=3), 10)
        assert listed == [(ids[n], MONDAY + timedelta(hours=n)) for n in (2, 1, 0)], "the first moment and not the last"
        assert [each for each, _ in await store.papers.listed(MONDAY, MONDAY + timedelta(days=9), 2)] == ids[:1:-1]

    async def test_a_paper_comes_back_as_it_was_put_in(self, store: Store) -> None:
        whole = Paper(
            id="2511.00001",
            title="A title with ünïcode",
            abstract="An abstract.",
            authors=("Ada Example", "Bén Example"),
            published_at=MONDAY - timedelta(days=2),
            listed_at=MONDAY - timedelta(hours=2),
            first_seen=MONDAY - timedelta(hours=1),
            categories=("cs.CL", "cs.AI"),
            organization="An Org",
            organization_handle="an-org",
            code_url="https://example.org/code",
            project_url="https://example.org",
            comment="5 pages",
            journal_ref="A Journal 1 (2025)",
            doi="10.1/x",
            version=2,
            withdrawn=True,
        )
        await add(store, whole)
        assert await stored(store, whole.id) == whole
        assert await store.papers.count() == (1, 0)

    async def test_sources_and_versions_meet_under_one_id(self, store: Store) -> None:
        listed = paper(1)
        added = await store.papers.add(Findings((listed,)), "huggingface", MONDAY)
        assert (added.new, added.changed) == ((listed.id,), ())
        details = Paper(
            listed.id, "The title", "The text.", ("Ada",), categories=("cs.LG",), comment="5 pages", version=2
        )
        added = await store.papers.add(Findings((details,)), "arxiv", MONDAY)
        assert (added.new, added.changed) == ((), (listed.id,))
        merged = await stored(store, listed.id)
        assert (merged.title, merged.abstract, merged.authors) == ("The title", "The text.", ("Ada",))
        assert (merged.listed_at, merged.comment, merged.version) == (listed.listed_at, "5 pages", 2)
        assert merged.first_seen == MONDAY

    async def test_an_empty_field_never_overwrites_a_value(self, store: Store) -> None:
        whole = replace(paper(1), organization="Org", code_url="https://e.org/c", doi="10.1/x", version=3, comment="c")
        await add(store, whole)
        added = await store.papers.add(Findings((Paper(whole.id, ""),)), "huggingface", MONDAY + timedelta(days=1))
        assert added.changed == ()
        assert await stored(store, whole.id) == replace(whole, first_seen=MONDAY)

    async def test_a_full_name_is_better_than_an_accounts_whichever_comes_first(self, store: Store) -> None:
        account = replace(paper(1), organization="antgroup", organization_handle="antgroup")
        text = replace(paper(1), organization="antgroup")
        full = replace(paper(1), organization="Ant Group", organization_handle="antgroup")
        for each in (account, full, account, text):
            await add(store, each)
        merged = await stored(store, full.id)
        assert (merged.organization, merged.organization_handle) == ("Ant Group", "antgroup")
        await add(store, replace(full, organization="Ant Research"))
        assert (await stored(store, full.id)).organization == "Ant Research"

    async def test_text_of_a_better_source_stays(self, store: Store) -> None:
        await add(store, Paper("2511.1", "From arXiv", "Its text.", ("Ada",), version=2), source="arxiv")
        await add(store, Paper("2511.1", "A copy", "Its copy.", ("A.",)), source="huggingface")
        await add(store, Paper("2511.1", "A blog", "Hearsay.", ("?",)), source="file")
        stays = await stored(store, "2511.1")
        assert (stays.title, stays.abstract, stays.authors) == ("From arXiv", "Its text.", ("Ada",))

    async def test_an_older_version_does_not_bring_its_text_back(self, store: Store) -> None:
        await add(store, Paper("2511.1", "Second", "Second text.", version=2), source="arxiv")
        await add(store, Paper("2511.1", "First", "First text.", version=1), source="arxiv")
        stays = await stored(store, "2511.1")
        assert (stays.title, stays.version) == ("Second", 2)
        await add(store, Paper("2511.1", "Third", "Third text.", version=3), source="arxiv")
        assert ((await stored(store, "2511.1")).title, (await stored(store, "2511.1")).version) == ("Third", 3)

    async def test_a_missing_abstract_or_author_is_taken_from_anybody(self, store: Store) -> None:
        await add(store, Paper("2511.1", "A title"), source="arxiv")
        await add(store, Paper("2511.1", "A title", "Hearsay."), source="file")
        assert (await stored(store, "2511.1")).abstract == "Hearsay."
        await add(store, Paper("2511.1", "A title", "The text."), source="arxiv")
        await add(store, Paper("2511.1", "Another", authors=("Ada",)), source="file")
        merged = await stored(store, "2511.1")
        assert (merged.title, merged.abstract, merged.authors) == ("A title", "The text.", ("Ada",))

    async def test_the_earliest_dates_are_kept(self, store: Store) -> None:
        await add(store, replace(paper(1), listed_at=MONDAY, published_at=None))
        await add(
            store, replace(paper(1), listed_at=MONDAY - timedelta(days=1), published_at=MONDAY - timedelta(days=3))
        )
        await add(store, replace(paper(1), listed_at=MONDAY + timedelta(days=1), published_at=MONDAY))
        merged = await stored(store, paper(1).id)
        assert (merged.listed_at, merged.published_at) == (MONDAY - timedelta(days=1), MONDAY - timedelta(days=3))

    async def test_withdrawn_is_for_ever_and_leaves_the_candidates(self, store: Store) -> None:
        since = MONDAY - timedelta(days=3)
        await add(store, paper(1), paper(2))
        assert len(await store.papers.candidates(since, MONDAY)) == 2
        await add(store, replace(paper(1), withdrawn=True), source="arxiv")
        await add(store, paper(1), source="arxiv")
        assert (await stored(store, paper(1).id)).withdrawn
        assert [each.id for each in await store.papers.candidates(since, MONDAY)] == [paper(2).id]

    async def test_candidates_are_those_of_the_span_newest_first(self, store: Store) -> None:
        ages = {n: MONDAY - timedelta(hours=n) for n in (1, 5, 30, 80)}
        await add(store, *(replace(paper(n), listed_at=at) for n, at in ages.items()))
        await add(store, replace(paper(7), listed_at=None, first_seen=MONDAY - timedelta(hours=7)), source="arxiv")
        candidates = await store.papers.candidates(MONDAY - timedelta(hours=80), MONDAY - timedelta(hours=2))
        assert [each.id for each in candidates] == [paper(n).id for n in (5, 7, 30)]

    # --- revisions ---

    async def test_what_a_text_was_before_it_changed_is_kept_with_its_time_and_sources(self, store: Store) -> None:
        first = replace(paper(1), comment="12 pages")
        second = replace(first, title="New title", abstract="New.", comment="Accepted at ACL", withdrawn=True)
        tuesday = MONDAY + timedelta(days=1)
        await store.papers.add(Findings((first, paper(2))), "huggingface", MONDAY)
        await store.papers.add(Findings((second, paper(2))), "arxiv", tuesday)
        assert await store.papers.revisions([first.id, paper(2).id], MONDAY) == {
            first.id: [
                Revision(first.id, "abstract", first.abstract, tuesday, "arxiv", "huggingface"),
                Revision(first.id, "comment", "12 pages", tuesday, "arxiv", None),
                Revision(first.id, "title", first.title, tuesday, "arxiv", "huggingface"),
                Revision(first.id, "withdrawn", "", tuesday, "arxiv", None),
            ]
        }
        assert await store.papers.revisions([first.id], tuesday + timedelta(seconds=1)) == {}
        await store.papers.add(Findings((replace(second, title="Newer"),)), "arxiv", tuesday + timedelta(hours=1))
        latest = (await store.papers.revisions([first.id], tuesday + timedelta(seconds=1)))[first.id]
        assert [each[1:3] for each in latest] == [("title", "New title")]

    @pytest.mark.parametrize(
        "changed",
        [
            {"abstract": "We study\n  it. "},
            {"organization": "Org"},
            {"authors": ("Somebody",)},
            {"version": 3},
            {"code_url": "https://github.com/a/b"},
        ],
        ids=["white space", "organisation", "authors", "a first version", "code that a first list names"],
    )
    async def test_nothing_else_is_a_revision(self, store: Store, changed: dict[str, Any]) -> None:
        known = replace(paper(1), abstract="We study it.", listed_at=None)
        await add(store, known, source="arxiv")
        await add(store, replace(known, **changed), source="arxiv")
        assert await store.papers.revisions([known.id], MONDAY) == {}

    async def test_that_there_was_none_is_kept_where_a_source_had_read_the_paper(self, store: Store) -> None:
        first = replace(paper(1), version=1)
        more = {"comment": "12 pages", "journal_ref": "Nature 1 (2025)", "code_url": "https://github.com/a/b"}
        await add(store, first, source="arxiv")
        await add(store, replace(first, version=2, **more), source="arxiv")  # type: ignore[arg-type]
        kept = (await store.papers.revisions([first.id], MONDAY))[first.id]
        assert {each.field: each.before for each in kept} == dict.fromkeys(more, "") | {"version": "1"}

    async def test_details_that_come_late_are_no_revision(self, store: Store) -> None:
        await add(store, paper(1), source="huggingface")
        await add(store, replace(paper(2), published_at=None), source="arxiv")  # of the feed, which has no comments
        for number in (1, 2):
            await add(store, replace(paper(number), comment="Accepted at ACL 2025"), source="arxiv")
        kept = await store.papers.revisions([paper(1).id, paper(2).id], MONDAY)
        assert not any(each.field == "comment" for each in kept.get(paper(2).id, []) + kept.get(paper(1).id, []))

    async def test_a_paper_is_withdrawn_until_a_later_text_of_it_no_longer_says_so(self, store: Store) -> None:
        first = replace(paper(1), version=1, comment="12 pages")
        notice = replace(first, version=2, comment="Withdrawn.", withdrawn=True)
        await add(store, first, source="arxiv")
        await add(store, notice, source="arxiv")
        feed = replace(notice, version=3, published_at=None, comment=None, withdrawn=False)
        for still in (replace(feed, version=2), feed, first, replace(notice, withdrawn=False)):
            await add(store, still, source="arxiv")
            assert (await stored(store, first.id)).withdrawn
        await add(store, replace(first, version=3, comment=None), source="arxiv")
        back = await stored(store, first.id)
        assert (back.withdrawn, back.comment) == (False, None)
        kept = (await store.papers.revisions([first.id], MONDAY))[first.id]
        assert [each.before for each in kept if each.field == "withdrawn"] == [""]

    async def test_a_text_that_is_not_taken_leaves_no_revision(self, store: Store) -> None:
        await add(store, replace(paper(1), version=2), source="arxiv")
        await add(store, replace(paper(1), abstract="Hearsay."), source="file")
        await add(store, replace(paper(1), abstract="First.", version=1), source="arxiv")
        assert await store.papers.revisions([paper(1).id], MONDAY) == {}

    async def test_ten_revisions_of_a_field_are_kept(self, store: Store) -> None:
        for number in range(13):
            at, comment = MONDAY + timedelta(hours=number), f"version {number}"
            changed = replace(paper(1), comment=comment, title="Odd" if number == 1 else paper(1).title)
            await store.papers.add(Findings((changed,)), "arxiv", at)
        kept = (await store.papers.revisions([paper(1).id], MONDAY))[paper(1).id]
        assert [each.before for each in kept if each.field == "comment"] == [f"version {n}" for n in range(2, 12)]
        assert [each.before for each in kept if each.field == "title"] == [paper(1).title, "Odd"]

    async def test_revisions_follow_a_paper_to_its_arxiv_id(self, store: Store) -> None:
        for source, comment in (("file", "one"), ("file", "two")):
            await add(store, replace(paper(9), id=DOI, comment=comment), source=source)
        await add(store, paper(1), source="arxiv")
        await add(store, replace(paper(1), doi=DOI), source="arxiv")
        assert [each.before for each in (await store.papers.revisions([paper(1).id], MONDAY))[paper(1).id]] == ["one"]

    # --- a DOI becomes an arXiv id ---

    @pytest.fixture
    async def doi_paper(self, store: Store) -> Paper:
        published = replace(paper(9), id=DOI)
        await followed(store, published)
        return published

    async def test_a_dois_paper_is_renamed_when_its_arxiv_id_turns_up(self, store: Store, doi_paper: Paper) -> None:
        await add(store, replace(paper(1), doi=DOI), source="arxiv")
        assert await store.papers.get([DOI]) == {}
        assert (await stored(store, "2511.00001")).doi == DOI
        await everything_followed(store)

    async def test_two_rows_that_turn_out_to_be_one_work_become_one(self, store: Store, doi_paper: Paper) -> None:
        """arXiv tells the DOI only later, once both were stored, saved and noticed."""
        await add(store, paper(1), source="arxiv", signals=(votes(3, hours=-1, source="other"),))
        await store.people.save(ADA, "2511.00001", MONDAY)
        await index(store)
        await add(store, replace(paper(1), doi=DOI), source="arxiv")
        signals = await store.papers.signals(["2511.00001"], MONDAY - timedelta(days=9))
        assert {(s.source, s.value) for s in signals["2511.00001"]} == {("other", 3), ("huggingface", 5)}
        assert [each.id for each in await store.people.reading_list(ADA)] == ["2511.00001"]
        assert await store.papers.get([DOI]) == {}
        assert await store.segments.read(lambda view: len(view.tail())) == 1

    async def test_what_comes_under_the_doi_later_goes_to_the_arxiv_id(self, store: Store, doi_paper: Paper) -> None:
        await add(store, replace(paper(1), doi=DOI), source="arxiv")
        await add(store, replace(doi_paper, organization="Org"), source="file")
        await add(store, signals=(votes(8, hours=1, about=DOI),))
        assert (await store.papers.count())[0] == 1
        assert (await stored(store, "2511.00001")).organization == "Org"
        assert await values(store) == [5, 8]

    async def test_a_doi_nobody_else_told_changes_nothing(self, store: Store) -> None:
        await add(store, replace(paper(1), doi=DOI), source="arxiv")
        await add(store, replace(paper(1), doi=DOI), source="arxiv")
        assert (await stored(store, paper(1).id)).doi == DOI

    async def test_a_paper_whose_doi_is_its_id_stays_itself(self, store: Store) -> None:
        await add(store, replace(paper(1), id=DOI, doi=DOI), source="file")
        await add(store, replace(paper(1), id=DOI, doi=DOI), source="file", signals=(votes(2, about=DOI),))
        assert await values(store, DOI) == [2]

    # --- two ids of one work, as a source or the same title tells ---

    async def test_a_preprint_that_comes_second_is_merged_into_the_paper_on_arxiv(self, store: Store) -> None:
        await add(store, replace(paper(1), categories=("q-bio.NC",)), source="arxiv")
        preprint = replace(paper(1), id=DOI, title="As on bioRxiv", categories=("biorxiv.neuroscience",))
        result = await store.papers.add(
            Findings((preprint,), (votes(4, about=DOI),), same=((paper(1).id, DOI),)), "biorxiv", MONDAY
        )
        assert result.new == ()
        one = await stored(store, paper(1).id)
        assert (one.title, one.categories) == (paper(1).title, ("q-bio.NC", "biorxiv.neuroscience"))
        assert (await values(store), (await store.papers.count())[0]) == ([4], 1)
        assert await store.papers.find(DOI) == one

    async def test_a_preprint_that_came_first_becomes_the_paper_on_arxiv(self, store: Store, doi_paper: Paper) -> None:
        await store.papers.add(Findings((paper(1),), same=((paper(1).id, DOI),)), "arxiv", MONDAY)
        await everything_followed(store)
        await add(store, replace(doi_paper, organization="Org"), source="biorxiv", signals=(votes(6, about=DOI),))
        assert (await stored(store, paper(1).id)).organization == "Org"
        assert (await store.papers.count())[0] == 1

    async def test_a_preprint_on_another_server_completes_a_paper_and_changes_none_of_it(self, store: Store) -> None:
        on_arxiv = replace(paper(1), organization="Loft Labs", version=2)
        await add(store, on_arxiv, source="huggingface")
        before = await stored(store, paper(1).id)
        preprint = replace(paper(1), id=DOI, title="Other", abstract="Other.", version=7, withdrawn=True)
        preprint = replace(preprint, organization="Elsewhere", project_url="https://example.org/p")
        for _ in range(2):
            await store.papers.add(Findings((preprint,), same=((paper(1).id, DOI),)), "biorxiv", MONDAY)
        assert await stored(store, paper(1).id) == replace(before, project_url="https://example.org/p")

    async def test_a_version_of_another_server_does_not_keep_arxivs_text_out(self, store: Store) -> None:
        await add(store, replace(paper(9), id=DOI, version=5), source="biorxiv")
        await store.papers.add(Findings((replace(paper(1), version=1),), same=((paper(1).id, DOI),)), "arxiv", MONDAY)
        one = await stored(store, paper(1).id)
        assert (one.title, one.version) == (paper(1).title, 1)

    async def test_a_paper_with_categories_of_another_server_alone_is_without_details(self, store: Store) -> None:
        for number, category in ((1, "biorxiv.zoology"), (2, "medrxiv.oncology"), (3, "q-bio.NC")):
            await add(store, replace(paper(number), categories=(category,)))
        ids = await store.papers.without_details(MONDAY - timedelta(days=1), 9)
        assert set(ids) == {paper(1).id, paper(2).id}

    async def test_two_stored_papers_that_are_one_work_become_one(self, store: Store, doi_paper: Paper) -> None:
        await add(store, paper(1), source="arxiv")
        for _ in range(2):  # it is told again
            details = Paper(paper(1).id, "", journal_ref="A Venue")
            await store.papers.add(Findings((details,), same=((paper(1).id, DOI),)), "semanticscholar", MONDAY)
        await everything_followed(store)
        assert await store.papers.get([DOI]) == {}

    async def test_ids_of_a_work_follow_it(self, store: Store, doi_paper: Paper) -> None:
        """A preprint under a third id is known by it after the paper was given its arXiv id."""
        other = "10.1101/2026.06.12.1"
        await store.papers.add(Findings((doi_paper,), same=((DOI, other),)), "file", MONDAY)
        await add(store, replace(paper(1), doi=DOI), source="arxiv", signals=())
        await add(store, signals=(votes(7, hours=1, about=other),))
        assert await values(store) == [5, 7]
        assert (await store.papers.find(other)) == await stored(store, paper(1).id)

    async def test_a_pair_of_which_nothing_is_stored_changes_nothing(self, store: Store) -> None:
        await store.papers.add(Findings((paper(2),), same=(("2511.00001", DOI),)), "arxiv", MONDAY)
        assert await store.papers.find(DOI) is None
        assert (await store.papers.count())[0] == 1

    async def test_what_comes_without_a_title_completes_a_paper_and_makes_none(self, store: Store) -> None:
        await add(store, replace(paper(1), journal_ref="J. Loft 7"), paper(2), source="arxiv")
        venues = [Paper(paper(number).id, "", journal_ref="A Venue") for number in (1, 2, 3)]
        await add(store, *venues, source="semanticscholar")
        papers = await store.papers.get([paper(number).id for number in (1, 2, 3)])
        assert [each.journal_ref for each in papers.values()] == ["J. Loft 7", "A Venue"]
        assert [each.title for each in papers.values()] == [paper(1).title, paper(2).title]

    async def test_papers_are_uncounted_until_their_series_has_a_value(self, store: Store) -> None:
        await add(store, paper(1), paper(2), paper(3))
        for number, hours in ((1, 0.0), (2, -100.0)):
            counted = Signal(paper(number).id, "scholar", "citations", 4, MONDAY + timedelta(hours=hours))
            await add(store, signals=(counted,))
        series = ("scholar", "citations", MONDAY - timedelta(days=30), MONDAY - timedelta(days=3))
        assert set(await store.papers.uncounted(*series, 9)) == {paper(2).id, paper(3).id}
        assert len(await store.papers.uncounted(*series, 1)) == 1
        assert await store.papers.uncounted("scholar", "citations", MONDAY + timedelta(days=1), MONDAY, 9) == []

    # --- signals ---

    async def test_signals_are_appended_never_overwritten(self, store: Store) -> None:
        await add(store, paper(1), signals=(votes(5), votes(9, hours=1), votes(4, hours=2)))
        await add(store, signals=(votes(99, hours=1),))
        assert await values(store) == [5, 9, 4]

    async def test_an_unchanged_value_is_stored_again_only_after_six_hours(self, store: Store) -> None:
        await add(store, paper(1), signals=(votes(5),))
        for hours, count in ((0.5, 0), (5.9, 0), (6, 1), (6.5, 0), (12, 1)):
            added = await store.papers.add(Findings((), (votes(5, hours=hours),)), "huggingface", MONDAY)
            assert (hours, added.signals) == (hours, count)

    async def test_a_changed_value_is_stored_at_once(self, store: Store) -> None:
        await add(store, paper(1), signals=(votes(5), votes(6, hours=0.5), votes(5, hours=1)))
        assert await values(store) == [5, 6, 5]

    async def test_a_late_observation_finds_its_place_and_changes_nothing_else(self, store: Store) -> None:
        await add(store, paper(1), signals=(votes(5), votes(9, hours=10)))
        await add(store, signals=(votes(7, hours=5),))
        await add(store, signals=(votes(9, hours=11),))
        assert await values(store) == [5, 7, 9], "still unchanged since hour 10"

    async def test_two_values_of_one_moment_leave_the_first(self, store: Store) -> None:
        await add(store, paper(1), signals=(votes(5), votes(6)))
        await add(store, signals=(votes(5, hours=1),))
        assert await values(store) == [5]

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    async def test_what_is_no_number_is_not_stored_and_takes_nothing_with_it(self, store: Store, value: float) -> None:
        await add(store, paper(1), signals=(votes(value), votes(5, hours=1)))
        assert await values(store) == [5]

    async def test_signals_of_papers_nobody_knows_are_dropped(self, store: Store) -> None:
        added = await store.papers.add(Findings((), (votes(5),)), "huggingface", MONDAY)
        assert (added.signals, await values(store)) == (0, [])

    async def test_each_source_and_kind_is_a_series_of_its_own(self, store: Store) -> None:
        points = Signal("2511.00001", "hackernews", "points", 5, MONDAY)
        await add(store, paper(1), signals=(votes(5), points, votes(5, source="elsewhere")))
        assert len(await values(store)) == 3

    async def test_signals_since_a_moment_come_with_the_last_one_before_it(self, store: Store) -> None:
        await add(store, paper(1), signals=tuple(votes(n, hours=n * 10) for n in range(6)))
        assert await values(store, since_hours=25) == [2, 3, 4, 5]
        assert await values(store, since_hours=30) == [2, 3, 4, 5], (
            "the moment itself is `since`, so one more before it"
        )
        assert await values(store, since_hours=999) == [5]
        assert await values(store, since_hours=-1) == [0, 1, 2, 3, 4, 5]

    async def test_signals_of_ids_nobody_counted_are_simply_absent(self, store: Store) -> None:
        await add(store, paper(1), paper(2), signals=(votes(5),))
        assert set(await store.papers.signals([paper(1).id, paper(2).id, "x"], MONDAY)) == {paper(1).id}

    async def test_after_ninety_days_one_observation_a_day_is_left(self, store: Store) -> None:
        """09:00 on the first day, so hours 0 to 14 are of one UTC day, hour 15 is of the next."""
        first = tuple(votes(n, hours=n) for n in range(30))
        await add(store, paper(1), signals=(*first, votes(40, hours=24 * 40), votes(41, hours=24 * 40 + 1)))
        assert await store.papers.thin(MONDAY + timedelta(days=89)) == 0
        assert await store.papers.thin(MONDAY + timedelta(days=100)) == 28
        assert await values(store) == [14, 29, 40, 41]
        assert await store.papers.thin(MONDAY + timedelta(days=100)) == 0

    # --- summaries ---

    async def test_new_and_changed_texts_wait_for_their_summary(self, store: Store) -> None:
        await add(store, paper(1), paper(2, at=MONDAY - timedelta(hours=1)))
        assert [each.id for each in await store.papers.unsummarised(9)] == [paper(1).id, paper(2).id], "newest first"
        assert [each.id for each in await store.papers.unsummarised(1)] == [paper(1).id]
        await summarise(store)
        assert await store.papers.unsummarised(9, deferred=True) == []
        assert (await stored(store, paper(1).id)).tldr == "A sentence."
        await add(store, replace(paper(1), organization="Org"))
        assert await store.papers.unsummarised(9) == [], "its text is the same"
        for changed in ({"title": "New"}, {"abstract": "New."}, {"authors": ("New",)}):
            await add(store, replace(paper(1), **changed), source="arxiv")
            assert [each.id for each in await store.papers.unsummarised(9)] == [paper(1).id]
            await summarise(store)

    async def test_summaries_of_an_import_may_wait(self, store: Store) -> None:
        imported = Findings((paper(1), paper(3, at=MONDAY - timedelta(hours=2))))
        added = await store.papers.add(imported, "file", MONDAY, deferred=True)
        assert added.new == (paper(1).id, paper(3).id)
        await add(store, paper(2, at=MONDAY - timedelta(hours=1)))
        assert [each.id for each in await store.papers.unsummarised(9)] == [paper(2).id]
        everyone = await store.papers.unsummarised(9, deferred=True)
        assert [each.id for each in everyone] == [paper(n).id for n in (1, 2, 3)], "newest first"
        assert await store.papers.unsummarised(2, deferred=True) == everyone[:2]
        await store.papers.summarise([(everyone[0], "A sentence.")])
        assert (await stored(store, paper(1).id)).tldr == "A sentence."
        await store.papers.add(
            replace(imported, papers=(replace(paper(3), title="New"),)), "file", MONDAY, deferred=True
        )
        assert [each.id for each in await store.papers.unsummarised(9)] == [paper(2).id, paper(3).id]

    @pytest.mark.parametrize("changed", [{"title": "New"}, {"abstract": "New."}])
    async def test_a_text_that_changed_while_it_was_summarised_is_summarised_again(
        self, store: Store, changed: dict[str, Any]
    ) -> None:
        await add(store, paper(1))
        before = await store.papers.unsummarised(9)
        await add(store, replace(paper(1), **changed))
        await store.papers.summarise([(before[0], "Out of date.")])
        assert [each.id for each in await store.papers.unsummarised(9)] == [paper(1).id]
        assert (await stored(store, paper(1).id)).tldr == ""

    async def test_a_models_summary_stays_until_its_text_changes(self, store: Store) -> None:
        await store.papers.add(Findings((paper(1),)), "file", MONDAY, deferred=True)
        assert await store.summaries.write(await stored(store, paper(1).id), "A model's.", "tiny-1b")
        await store.summaries.record_failure(paper(1))
        await store.summaries.record_failure(paper(1))
        await store.papers.summarise([(await stored(store, paper(1).id), "A sentence.")])
        assert (await stored(store, paper(1).id)).tldr == "A model's."
        await add(store, replace(paper(1), abstract="New."))
        assert not await store.summaries.write(await stored(store, paper(1).id), "Too early.", "tiny-1b")
        await summarise(store)
        shown = await stored(store, paper(1).id)
        assert (shown.tldr, shown.tldr_by) == ("A sentence.", "")
        unwritten = await store.summaries.unwritten(MONDAY - timedelta(days=1), 9)
        assert [each.id for each in unwritten] == [shown.id], "attempts begin anew"

    # --- details, repositories, sources ---

    async def test_details_are_missing_where_no_source_gave_categories(self, store: Store) -> None:
        bare = replace(paper(1), categories=())
        early = replace(paper(2), categories=(), first_seen=MONDAY - timedelta(days=3))
        listed_before = replace(paper(4), categories=(), listed_at=MONDAY - timedelta(days=5), first_seen=MONDAY)
        await add(store, bare, early, paper(3), replace(bare, id=DOI), listed_before)
        missing = await store.papers.without_details(MONDAY - timedelta(days=2), 9)
        assert set(missing) == {bare.id, listed_before.id}
        assert len(await store.papers.without_details(MONDAY - timedelta(days=2), 1)) == 1

    async def test_known_repositories_lead_to_their_papers(self, store: Store) -> None:
        await add(store, replace(paper(1), code_url="https://e.org/c"), paper(2))
        assert await store.papers.repositories(MONDAY - timedelta(days=1)) == {"https://e.org/c": paper(1).id}
        assert await store.papers.repositories(MONDAY) == {}

    async def test_a_fault_leaves_the_last_success_standing(self, store: Store) -> None:
        later = MONDAY + timedelta(hours=1)
        await store.papers.report(SourceReport("huggingface", MONDAY, MONDAY, papers=5, signals=7))
        await store.papers.report(SourceReport("huggingface", later, None, fault="it is down"))
        await store.papers.report(SourceReport("arxiv", MONDAY, MONDAY))
        assert await store.papers.reports() == [
            SourceReport("arxiv", MONDAY, MONDAY),
            SourceReport("huggingface", later, MONDAY, fault="it is down"),
        ]
        await store.papers.report(SourceReport("huggingface", later, later, papers=1))
        assert (await store.papers.reports())[1].fault is None

    async def test_what_a_source_sent_broken_is_kept_with_its_report(self, store: Store) -> None:
        report = SourceReport("arxiv", MONDAY, MONDAY, skipped=7, skipped_items=("paper 1 has no “title”", "é; b"))
        await store.papers.report(report)
        assert await store.papers.reports() == [report]
        await store.papers.report(replace(report, skipped=0, skipped_items=()))
        assert (await store.papers.reports())[0].skipped_items == ()

    async def test_papers_without_words_or_meaning_are_found(self, store: Store) -> None:
        papers = [paper(number) for number in (1, 2, 3, 4)]
        await add(store, *papers)
        waiting = await store.segments.unindexed(9)
        orders = {each.number: b"" if each.paper.id == papers[2].id else b"0000" for each in waiting}
        postings = PostingsEntry("t", "a", "n")
        await store.segments.index(
            [IndexedPaper(each.number, each.change, IndexEntry(postings, orders[each.number])) for each in waiting]
        )
        unembedded = await store.segments.unembedded("m", 9)
        vectors = [bytes(2) if each.title == papers[1].title else b"\x01\x00" for each in unembedded]
        await store.segments.keep_vectors("m", unembedded, vectors)
        assert await store.papers.unsearchable(9) == [papers[1].id, papers[2].id]
        assert await store.papers.unsearchable(1) == [papers[1].id]

    async def test_a_half_good_batch_is_not_stored_at_all(self, store: Store) -> None:
        broken = replace(paper(2), title="lone \ud800 surrogate")
        with pytest.raises(UnicodeEncodeError):
            await add(store, paper(1), broken)
        assert await store.papers.count() == (0, 0)

    async def test_an_adopted_summary_stays_until_it_is_replaced_forgotten_or_its_text_changes(
        self, make_store: MakeStore, tmp_path: Path
    ):
        with make_store(tmp_path / "p.db") as store:
            await add(store, paper(1), paper(2))
            one, two = await stored(store, paper(1).id), await stored(store, paper(2).id)
            await store.summaries.adopt([(one, "Too early.")])
            assert await store.summaries.adopted() == 0, "its text is not summarised yet"
            await summarise(store)
            await store.summaries.write(two, "A model's.", "tiny-1b")
            await store.summaries.adopt([(one, "Theirs."), (two, "Theirs.")])
            shown = [await stored(store, each.id) for each in (one, two)]
            assert [(each.tldr, each.tldr_by) for each in shown] == [
                ("Theirs.", HUGGING_FACE),
                ("A model's.", "tiny-1b"),
            ]
            await store.summaries.adopt([(one, "Theirs, again."), (two, "")])
            assert (await stored(store, one.id)).tldr == "Theirs, again."
            assert (await stored(store, two.id)).tldr_by == "tiny-1b"
            assert await store.summaries.forget_adopted() == await store.summaries.forget_adopted() + 1
            assert [each.id for each in await store.papers.unsummarised(10, deferred=True)] == [one.id]
            await store.summaries.adopt([(one, "Theirs.")])
            await store.summaries.adopt([(one, "")])
            assert (await stored(store, one.id)).tldr_by == ""
