"""The order of a digest: what a profile may move, and how far; the candidates' own order and windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.digest.selection import best_trends, choose, place_of, ranked_positions
from bot.digest.shortlist import Shortlist
from bot.model import Channel, Evidence, Paper, Subscription, Trend
from bot.query.paper_set import PaperSet
from bot.ranking.profile import Corpus, Example, ProfileMatch, learn_profile

NOW = datetime(2025, 11, 24, 12, 40, tzinfo=UTC)
SUBJECTS = ("lanterns", "otters", "glaciers", "violins", "harbours", "meadows")


def trend(number: int, standing: float | None, *, hours: float = 5, about: str | None = None) -> Trend:
    """A paper with votes and a standing, or one without signals."""
    subject = about or SUBJECTS[number]
    paper = Paper(f"2511.{number:05d}", f"On {subject}", f"{subject}", published_at=NOW - timedelta(hours=hours))
    signals = (Evidence("huggingface", "upvotes", 9, NOW, weight=1.0),) if standing is not None else ()
    return Trend(paper, 1.0, standing or 0.0, signals, "test")


def moved(shortlist: Shortlist, influence: Sequence[float], *, people: int = 2) -> ProfileMatch:
    """A profile of so many people that moves each candidate by this much."""
    corpus = Corpus(shortlist.documents.bags)
    match = ProfileMatch(learn_profile([Example(shortlist.trends[0].paper, 1.0)], corpus, people=people), corpus)
    match.influence[:] = influence
    return match


def places(shortlist: Shortlist, size: int, match: ProfileMatch | None, delivered: PaperSet | None = None) -> list[int]:
    """Numbers of the papers of a digest of every candidate."""
    subscription = Subscription(Channel("fake:T1/C1"), topics=tuple(SUBJECTS), size=size)
    digest = choose(subscription, shortlist, delivered or PaperSet(), due_at=NOW, profile_match=match)
    return [int(pick.paper.id[5:]) for pick in digest.picks]


def ladder(count: int = 5) -> Shortlist:
    """Papers a unit of standing apart, the first one best."""
    return Shortlist([trend(number, 3.0 - number) for number in range(count)], NOW)


@pytest.mark.parametrize(
    ("influence", "expected"),
    [
        ((0, 0, 0, 0, 0), [0, 1, 2, 3, 4]),
        ((0, 2, 0, 0, 0), [1, 0, 2, 3, 4]),
        ((0, 1, 0, 0, 0), [0, 1, 2, 3, 4]),
        ((0, 0, 9, 0, 0), [0, 2, 1, 3, 4]),
        ((0, 2, 4, 0, 0), [1, 0, 2, 3, 4]),
        ((0, 2, 0, 2, 0), [1, 0, 3, 2, 4]),
        ((0, 0, 0, 0, 9), [0, 1, 2, 4, 3]),
        ((-9, 0, 0, 0, 0), [1, 0, 2, 3, 4]),
    ],
    ids=["nothing", "up", "a draw", "far up", "each once", "two exchanges", "the last two", "down"],
)
def test_an_unproven_profile_exchanges_neighbours_and_each_paper_once(influence, expected):
    shortlist = ladder()
    match = moved(shortlist, influence, people=1)
    assert places(shortlist, 9, match) == expected
    assert list(ranked_positions(shortlist, PaperSet.first(5), match)) == expected


@pytest.mark.parametrize(
    ("size", "expected"), [(1, [0]), (2, [1, 0]), (3, [1, 0, 3]), (4, [1, 0, 3, 2]), (5, [1, 0, 3, 2, 4])]
)
def test_an_unproven_profile_exchanges_the_last_paper_with_the_next_one_but_never_the_first(size, expected):
    shortlist = ladder()
    assert places(shortlist, size, moved(shortlist, (0, 2, 0, 2, 0), people=1)) == expected


def test_a_digest_of_one_paper_or_none_is_not_moved():
    shortlist = ladder(1)
    assert places(shortlist, 5, moved(shortlist, (9,), people=1)) == [0]
    assert places(shortlist, 5, moved(shortlist, (9,), people=1), PaperSet({0})) == []
    assert places(shortlist, 5, moved(shortlist, (9,)), PaperSet({0})) == []


@pytest.mark.parametrize(
    ("size", "expected"), [(1, [0]), (2, [4, 0]), (3, [4, 3, 0]), (4, [4, 3, 2, 0]), (5, [4, 3, 2, 1, 0])]
)
def test_a_proven_profile_moves_papers_any_way_and_the_first_by_trend_stays_in(size, expected):
    shortlist = ladder()
    assert places(shortlist, size, moved(shortlist, (-9, 0, 2, 4, 6))) == expected
    assert list(ranked_positions(shortlist, PaperSet.first(5), moved(shortlist, (0, 0, 0, 0, 0)))) == [0, 1, 2, 3, 4]


def test_near_duplicates_of_the_first_paper_give_way_to_it_though_a_profile_prefers_them():
    shortlist = Shortlist(
        [trend(0, 3.0), trend(1, 2.0, about=SUBJECTS[0]), trend(2, 1.0), trend(3, 0.5), trend(4, 0.0)], NOW
    )
    match = moved(shortlist, (-9, 9, 2, 2, 2))
    subscription = Subscription(Channel("fake:T1/C1"), size=3)
    digest = choose(subscription, shortlist, PaperSet(), due_at=NOW, profile_match=match)
    assert [pick.paper.id[-1] for pick in digest.picks] == ["2", "3", "0"]
    assert digest.thinned == 1
    after_one = choose(subscription, shortlist, PaperSet({0}), due_at=NOW, profile_match=moved(shortlist, range(5)))
    assert [pick.paper.id[-1] for pick in after_one.picks] == ["4", "3", "2"]
    few = replace(subscription, size=2)
    after_one = choose(few, shortlist, PaperSet({0}), due_at=NOW, profile_match=moved(shortlist, (0, 9, 0, 2, 3)))
    assert ([pick.paper.id[-1] for pick in after_one.picks], after_one.thinned) == (["4", "2"], 1)


@pytest.mark.parametrize(
    ("standing", "influence", "expected"),
    [
        (0.0, (0, 1.9), [0, 1]),
        (0.0, (0, 2.1), [1, 0]),
        (-1.0, (0, 0.9), [0, 1]),
        (-1.0, (0, 1.1), [1, 0]),
        (-5.0, (0, 0), [0, 1]),
        (-5.0, (0, 0.1), [1, 0]),
        (-5.0, (0.1, 0), [0, 1]),
    ],
)
def test_beside_a_profile_a_paper_nobody_saw_stands_two_below_the_usual_and_none_stands_lower(
    standing, influence, expected
):
    shortlist = Shortlist([trend(0, standing), trend(1, None)], NOW)
    assert places(shortlist, 5, moved(shortlist, influence)) == expected


def test_the_best_of_a_set_are_its_first_without_near_duplicates():
    shortlist = Shortlist(
        [trend(0, 3.0), trend(1, 2.0, about=SUBJECTS[0]), trend(2, 1.0), trend(3, 0.5), trend(4, 0.0)], NOW
    )

    def best(papers: PaperSet, limit: int, match: ProfileMatch | None = None) -> list[int]:
        return [int(each.paper.id[5:]) for each in best_trends(shortlist, papers, limit, match)]

    assert best(PaperSet.first(5), 3) == [0, 2, 3]
    assert best(PaperSet({1, 2}), 3) == [1, 2]
    assert best(PaperSet.first(5), 0) == []
    assert best(PaperSet.first(5), 2, moved(shortlist, (0, 0, 0, 0, 9))) == [4, 0]


def test_the_place_of_a_paper_is_that_in_the_list_of_three_days_without_near_duplicates():
    shortlist = Shortlist(
        [
            trend(0, 3.0),
            trend(1, 2.5, hours=73),
            trend(2, 2.0, about=SUBJECTS[0]),
            trend(3, 1.0, hours=71),
            trend(4, 0.5),
            trend(5, None),
        ],
        NOW,
    )
    assert [place_of(shortlist, each.paper) for each in shortlist.trends] == [1, None, None, 2, 3, None]
    assert place_of(shortlist, Paper("2401.00001", "No candidate", "")) is None


def test_the_list_of_three_days_has_a_hundred_places():
    papers = [trend(number, 3.0 - number, about=f"zz{number} yy{number}") for number in range(102)]
    shortlist = Shortlist(papers, NOW)
    assert [place_of(shortlist, papers[number].paper) for number in (98, 99, 100, 101)] == [99, 100, None, None]


# --- the candidates -------------------------------------------------------------------------------------------------


def test_candidates_stand_by_standing_then_age_then_score_then_id_and_those_of_unknown_age_last():
    ageless = trend(5, None)
    in_order = [
        trend(3, -4.0, hours=1),
        trend(4, None, hours=2),
        replace(trend(2, None, hours=3), score=2.0),
        trend(0, None, hours=3),
        trend(1, None, hours=3),
        replace(ageless, paper=replace(ageless.paper, published_at=None)),
    ]
    assert list(Shortlist(in_order[::-1], NOW).trends) == in_order


def test_a_window_starts_at_the_full_hour_and_a_paper_of_that_moment_is_before_it():
    ages = [NOW.replace(minute=0) - timedelta(days=3) + timedelta(seconds=seconds) for seconds in (1, 0, -1)]
    papers = [
        replace(trend(n, 3.0 - n), paper=replace(trend(n, 0).paper, published_at=age)) for n, age in enumerate(ages)
    ]
    shortlist = Shortlist(papers, NOW)
    for minutes in (0, 40, 59):
        since = (NOW - timedelta(days=3)).replace(minute=minutes, second=59, microsecond=9)
        assert list(shortlist.window(since)) == [0]


def test_like_a_candidate_needs_no_other_index_and_like_an_older_paper_does():
    shortlist = ladder()
    here = shortlist.trends[1].paper
    assert shortlist.documents_knowing({here.id: here}) is shortlist.documents
    elsewhere = Paper("2401.00001", "On otters", "otters")
    knowing = shortlist.documents_knowing({here.id: here, elsewhere.id: elsewhere})
    assert knowing is not shortlist.documents
    assert knowing.all_ids == shortlist.documents.all_ids
