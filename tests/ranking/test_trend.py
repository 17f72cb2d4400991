"""Trend rule: its values, the signals it ignores, and the weights of its evidence."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Paper, Signal, Trend
from bot.ranking.trend import RULE, expected_votes, latest_evidence, rank_papers, rule_inputs, trend_score, usual_score
from tests.harness.examples import examples

NOW = datetime(2025, 11, 24, 12, tzinfo=UTC)
HF, HN, GITHUB = "huggingface", "hackernews", "github"


def listed(
    hours: float, *, paper_id: str = "2511.00001", title: str = "A title of usual length", authors: int = 5
) -> Paper:
    names = tuple(f"Author {n}" for n in range(authors))
    return Paper(paper_id, title, authors=names, listed_at=NOW - timedelta(hours=hours))


def seen(value: float, *, ago: float = 0, kind: str = "upvotes", source: str = HF, paper: str = "2511.00001") -> Signal:
    return Signal(paper, source, kind, value, NOW - timedelta(hours=ago))


def trend(paper: Paper, *signals: Signal, now: datetime = NOW) -> Trend:
    return rank_papers([paper], {paper.id: signals}, now)[0]


def scored(paper: Paper, *signals: Signal) -> float:
    return trend(paper, *signals).score


@pytest.mark.parametrize(
    ("paper", "signals", "value"),
    [
        (listed(5.5, title="A short title about agents", authors=12), [seen(10)], 2.98508217),
        (listed(0.5, title="", authors=0), [seen(0)], 2.00148000),
        (listed(22, title="t" * 90, authors=8), [seen(12, ago=16.2), seen(20)], 3.07552531),
    ],
    ids=["a young one", "nothing else known", "with a pace"],
)
def test_the_score_has_the_value_of_the_formula(paper: Paper, signals: list[Signal], value: float) -> None:
    assert scored(paper, *signals) == pytest.approx(value, abs=5e-9)


def test_a_trend_names_the_rule_that_gave_it() -> None:
    assert trend(listed(5), seen(1)).rule == RULE


@pytest.mark.parametrize(
    ("hours", "compared"),
    [
        ((5.99,), None),
        ((6,), 6),
        ((6, 10, 23, 26), 23),
        ((6, 21.9, 26), 26),
        ((48, 1), 48),
        ((72, 30, 4), 30),
    ],
)
def test_a_count_is_compared_with_the_one_nearest_to_a_day_before_and_six_hours_at_least(
    hours: tuple[float, ...], compared: float | None
) -> None:
    signals = [seen(20), *(seen(10 + at, ago=at) for at in hours)]
    [evidence] = latest_evidence(signals, NOW)
    assert evidence.value == 20
    assert evidence.before == (None if compared is None else 10 + compared)
    assert evidence.before_at == (None if compared is None else NOW - timedelta(hours=compared))


def test_counts_beyond_belief_and_of_the_future_are_ignored() -> None:
    assert latest_evidence([seen(1e9)], NOW)[0].value == 1e9
    assert latest_evidence([seen(0)], NOW)[0].value == 0
    for odd in (seen(1e9 + 1), seen(-1), seen(5, ago=-1 / 3600)):
        assert latest_evidence([odd], NOW) == []
    assert latest_evidence([seen(5, ago=0)], NOW)[0].value == 5


def test_votes_that_were_taken_back_slow_a_paper_down_and_never_to_nothing() -> None:
    paper = listed(30)
    slowed = [
        expected_votes(rule_inputs(paper, latest_evidence([seen(20 + lost, ago=24), seen(20)], NOW)))
        for lost in (0, 1, 9)
    ]
    assert slowed[0] > slowed[1] > slowed[2] > 0
    steady = expected_votes(rule_inputs(paper, latest_evidence([seen(20)], NOW)))
    assert slowed[1] == pytest.approx(steady / (1 + 21 * 24 / 30))


def test_a_front_page_is_worth_thirty_votes_and_stars_ten_at_most() -> None:
    def votes(*signals: Signal) -> float:
        return math.expm1(scored(listed(5), seen(10), *signals)) - math.expm1(scored(listed(5), seen(10)))

    for points, worth in ((10, 1), (299, 29.9), (300, 30), (301, 30), (5_000, 30)):
        assert votes(seen(points, kind="points", source=HN)) == pytest.approx(worth)
    twice = 10 * math.log(2)
    for before, after, worth in ((0, 100, twice), (100, 300, twice), (0, 1e6, 10), (900, 100, 0)):
        stars = [
            seen(before, kind="github_stars", source=GITHUB, ago=24),
            seen(after, kind="github_stars", source=GITHUB),
        ]
        assert votes(*stars) == pytest.approx(worth)


# --- what is missing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "zero"),
    [
        ([seen(10)], [seen(10), seen(0, kind="points", source=HN)]),
        ([seen(10)], [seen(10), seen(312, kind="github_stars", source=GITHUB)]),
    ],
    ids=["points", "stars"],
)
def test_an_unknown_signal_neither_adds_nor_takes_away(missing: list[Signal], zero: list[Signal]) -> None:
    assert scored(listed(5), *missing) == scored(listed(5), *zero)


def test_unknown_title_team_and_age_are_factors_of_one() -> None:
    unknown = rule_inputs(Paper("10.1/x", ""), latest_evidence([seen(10)], NOW))
    assert expected_votes(unknown) == pytest.approx(1.2 * 11**0.36)


def test_missing_is_not_zero_in_the_order_of_the_list() -> None:
    """A paper without signals comes after all papers with signals, but is not scored as having no votes."""
    noticed, unseen = listed(5, paper_id="2511.00002"), listed(5)
    trends = rank_papers([unseen, noticed], {noticed.id: [seen(0, paper=noticed.id)]}, NOW)
    assert [each.paper.id for each in trends] == [noticed.id, unseen.id]
    assert trends[1].evidence == ()


def test_there_is_no_velocity_before_two_observations() -> None:
    (evidence,) = latest_evidence([seen(20)], NOW)
    assert (evidence.before, evidence.before_at) == (None, None)
    assert trend(listed(22), seen(20)).evidence[0].before is None


def test_two_observations_close_together_are_no_velocity_either() -> None:
    assert scored(listed(22), seen(5, ago=5.9), seen(20)) == scored(listed(22), seen(20))
    assert scored(listed(22), seen(5, ago=6), seen(20)) > scored(listed(22), seen(20))


def test_the_pace_is_taken_from_the_observation_nearest_to_a_day_before() -> None:
    (evidence,) = latest_evidence([seen(1, ago=60), seen(9, ago=26), seen(11, ago=20), seen(15, ago=8), seen(20)], NOW)
    assert (evidence.before, evidence.before_at) == (9, NOW - timedelta(hours=26))


def test_observations_may_come_in_any_order() -> None:
    ordered = [seen(1, ago=60), seen(9, ago=26), seen(20)]
    assert latest_evidence(reversed(ordered), NOW) == latest_evidence(ordered, NOW)


def test_counts_of_a_story_have_its_latest_page_and_the_story_is_no_evidence_of_its_own() -> None:
    stories = [seen(2, ago=1, kind="story", source=HN), seen(1, ago=9, kind="story", source=HN)]
    counts = [seen(12, kind="points", source=HN), seen(20)]
    points, upvotes = latest_evidence([*stories, *counts], NOW)
    assert (points.kind, points.url) == ("points", "https://news.ycombinator.com/item?id=2")
    assert upvotes.url is None
    assert latest_evidence(stories, NOW) == []
    assert not trend(listed(5), *stories).is_noticed


def test_of_signals_before_the_last_three_days_only_the_last_counts() -> None:
    (over,) = latest_evidence([seen(9, ago=120), seen(20, ago=96)], NOW)
    assert (over.value, over.before) == (20, None)
    (young,) = latest_evidence([seen(1, ago=120), seen(9, ago=96), seen(20, ago=1)], NOW)
    assert (young.before, young.before_at) == (9, NOW - timedelta(hours=96))


def test_signals_after_now_are_ignored() -> None:
    early = trend(listed(5), seen(10, ago=1), now=NOW - timedelta(minutes=30))
    late = trend(listed(5), seen(10, ago=1), seen(90), now=NOW - timedelta(minutes=30))
    assert early == late


@pytest.mark.parametrize("value", [-3.0, math.inf, math.nan, 2e9])
def test_what_cannot_be_a_count_is_ignored(value: float) -> None:
    assert trend(listed(5), seen(10, ago=1), seen(value)) == trend(listed(5), seen(10, ago=1))


def test_a_paper_listed_after_it_was_counted_counts_as_just_listed() -> None:
    assert scored(listed(-2), seen(10)) == scored(listed(0), seen(10))


# --- what weighs little ---------------------------------------------------------------------------------------------


def stars(before: float, after: float) -> float:
    return scored(listed(22), seen(10), *grown(before, after)) - scored(listed(22), seen(10))


def grown(before: float, after: float) -> list[Signal]:
    return [seen(before, ago=24, kind="github_stars", source=GITHUB), seen(after, kind="github_stars", source=GITHUB)]


def test_a_frameworks_many_stars_are_not_this_papers_trend() -> None:
    """50,000 to 50,400 in a day is next to nothing; 312 to 498 is worth votes."""
    assert 0 < stars(50_000, 50_400) < 0.01
    assert stars(312, 498) > 0.15


def test_lost_stars_take_nothing_away_and_a_storm_of_them_is_bounded() -> None:
    assert stars(498, 312) == 0
    assert stars(0, 10**6) == stars(0, 10**8)


def test_hacker_news_is_bounded_by_a_front_page() -> None:
    points = [scored(listed(5), seen(10), seen(value, kind="points", source=HN)) for value in (0, 210, 300, 5_000)]
    assert points[0] < points[1] < points[2] == points[3]


def test_kinds_that_the_rule_does_not_know_are_shown_but_weigh_nothing() -> None:
    ranked = trend(listed(5), seen(10), seen(3, kind="comments"))
    assert [(each.kind, each.weight > 0) for each in ranked.evidence] == [("upvotes", True), ("comments", False)]
    assert ranked.score == scored(listed(5), seen(10))


def test_of_two_sources_of_one_kind_the_larger_count_counts() -> None:
    ranked = trend(listed(5), seen(10), seen(4, source="elsewhere"))
    assert ranked.score == scored(listed(5), seen(10))
    assert [(each.source, each.weight > 0) for each in ranked.evidence] == [(HF, True), ("elsewhere", False)]


# --- evidence -------------------------------------------------------------------------------------------------------


def test_evidence_carries_value_before_and_when_both_were_seen() -> None:
    (evidence,) = trend(listed(30), seen(12, ago=24), seen(53)).evidence
    assert (evidence.source, evidence.kind, evidence.value, evidence.seen_at) == (HF, "upvotes", 53, NOW)
    assert (evidence.before, evidence.before_at) == (12, NOW - timedelta(hours=24))


def test_weights_say_how_much_lower_the_score_would_be_without() -> None:
    paper = listed(22)
    votes, points, growth = [seen(10)], [seen(200, kind="points", source=HN)], grown(312, 498)
    ranked = trend(paper, *votes, *points, *growth)
    weights = {each.kind: each.weight for each in ranked.evidence}
    assert weights["points"] == pytest.approx(ranked.score - scored(paper, *votes, *growth))
    assert weights["github_stars"] == pytest.approx(ranked.score - scored(paper, *votes, *points))
    assert weights["upvotes"] > 0


def test_a_single_kind_of_evidence_and_its_prior_make_the_whole_score() -> None:
    paper = listed(22)
    inputs = rule_inputs(paper, latest_evidence([seen(10)], NOW))
    without = trend_score(rule_inputs(paper, []))
    (evidence,) = trend(paper, seen(10)).evidence
    at_this_age_without_votes = trend_score(inputs._replace(upvotes=None, points=None, stars=None))
    assert evidence.weight == pytest.approx(trend_score(inputs) - at_this_age_without_votes)
    assert without > at_this_age_without_votes, "the age is known by the count alone"


def test_evidence_comes_strongest_first() -> None:
    signals = [seen(2), seen(300, kind="points", source=HN), seen(9, kind="comments"), *grown(312, 498)]
    weights = [each.weight for each in trend(listed(22), *signals).evidence]
    assert weights == sorted(weights, reverse=True)


# --- standing -------------------------------------------------------------------------------------------------------


def a_day(hours: float, upvotes: list[int], start: int) -> tuple[list[Paper], dict[str, list[Signal]]]:
    papers = [listed(hours, paper_id=f"2511.{start + n:05d}") for n in range(len(upvotes))]
    return papers, {p.id: [seen(votes, paper=p.id)] for p, votes in zip(papers, upvotes, strict=True)}


def test_papers_of_one_day_keep_the_order_of_their_scores() -> None:
    papers = [listed(2 + n / 2, paper_id=f"2511.{n:05d}", authors=n + 1) for n in range(12)]
    signals = {p.id: [seen(votes * 7 % 31, paper=p.id)] for votes, p in enumerate(papers)}
    trends = rank_papers(papers, signals, NOW)
    assert [t.paper.id for t in trends] == [t.paper.id for t in sorted(trends, key=lambda t: -t.score)]
    assert len({round(t.score - t.standing, 9) for t in trends}) == 1


def test_standing_is_comparable_across_ages() -> None:
    """Yesterday's ordinary papers have more votes than today's best, and stand lower."""
    yesterday, old = a_day(30, [30] * 20, 100)
    today, new = a_day(4, [20, *[2] * 10], 200)
    trends = rank_papers([*yesterday, *today], old | new, NOW)
    assert trends[0].paper == today[0]
    first_of_yesterday = next(t for t in trends if t.paper in yesterday)
    assert first_of_yesterday.score > trends[0].score


def test_few_peers_are_held_against_the_usual_score() -> None:
    """The only paper of its day is not average by definition."""
    (poor,), votes = a_day(24, [0], 100)
    (good,), more = a_day(50, [200], 200)
    trends = {t.paper.id: t for t in rank_papers([poor, good], votes | more, NOW)}
    assert trends[poor.id].standing < 0 < trends[good.id].standing
    assert trends[poor.id].standing == pytest.approx((trends[poor.id].score - 2.75) * 10 / 11)


def test_a_paper_without_votes_is_compared_with_those_of_its_exact_age_on_the_list() -> None:
    ranked = trend(listed(16.5), seen(200, kind="points", source=HN))
    assert ranked.standing == pytest.approx((ranked.score - usual_score(16.5)) * 10 / 11)


def test_a_paper_on_no_list_stands_against_the_oldest() -> None:
    unlisted = Paper("2511.00009", "Found by hackers", first_seen=NOW)
    ranked = trend(unlisted, seen(200, kind="points", source=HN, paper=unlisted.id))
    assert ranked.standing == pytest.approx(ranked.score - usual_score(None))


def test_the_usual_score_grows_with_age_and_is_flat_outside_what_was_measured() -> None:
    assert usual_score(0) == usual_score(8) == 2.55
    assert usual_score(16) == pytest.approx(2.65)
    assert usual_score(24) == usual_score(500) == usual_score(None) == 2.75


def test_equal_standings_are_ordered_by_id_so_that_every_run_agrees() -> None:
    papers, signals = a_day(5, [3, 3, 3], 100)
    assert [t.paper for t in rank_papers(reversed(papers), signals, NOW)] == papers


def test_no_papers_give_no_trends() -> None:
    assert rank_papers([], {}, NOW) == []


# --- for all signals ------------------------------------------------------------------------------------------------

counts = st.integers(0, 5_000)
hours = st.floats(0, 400, allow_nan=False)


@examples(75)
@given(less=counts, more=counts, before=st.none() | counts, age=hours, ago=st.floats(0, 60), team=st.integers(0, 100))
def test_more_upvotes_never_lower_the_score(
    less: int, more: int, before: int | None, age: float, ago: float, team: int
) -> None:
    """Also where votes were taken back since."""
    less, more = sorted((less, more))
    earlier = [] if before is None else [seen(before, ago=ago + 0.001)]
    paper = listed(age, authors=team)
    assert scored(paper, *earlier, seen(less)) <= scored(paper, *earlier, seen(more)) + 1e-12


any_signal = st.builds(
    Signal,
    st.sampled_from(["2511.00001", "2511.00002", "nobody"]),
    st.sampled_from([HF, HN, GITHUB]),
    st.sampled_from(["upvotes", "comments", "points", "github_stars", "position"]),
    st.floats(),
    st.datetimes(datetime(2025, 11, 1), datetime(2025, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
)


@examples(75)
@given(observed=st.lists(any_signal, max_size=12), age=st.none() | st.floats(-100, 10_000), title=st.text(max_size=300))
def test_any_signals_give_finite_numbers(observed: list[Signal], age: float | None, title: str) -> None:
    at = None if age is None else NOW - timedelta(hours=age)
    papers = [Paper(paper_id, title, listed_at=at) for paper_id in ("2511.00001", "2511.00002")]
    signals = {paper.id: [signal for signal in observed if signal.paper_id == paper.id] for paper in papers}
    for ranked in rank_papers(papers, signals, NOW):
        numbers = [ranked.score, ranked.standing, *(n for e in ranked.evidence for n in (e.value, e.weight))]
        assert all(map(math.isfinite, numbers))
        assert ranked.score >= 0


def test_citations_and_mentions_are_shown_and_change_no_place() -> None:
    papers = [listed(9, paper_id=f"2511.0000{number}") for number in (1, 2, 3)]
    signals = {"2511.00002": [seen(4, paper="2511.00002")]}
    other = {
        "2511.00002": [
            *signals["2511.00002"],
            seen(99, kind="citations", source="semanticscholar", paper="2511.00002"),
        ],
        "2511.00003": [seen(1, kind="mentioned in A Feed", source="feeds", paper="2511.00003")],
    }
    odds = {"2511.00001": 0.4, "2511.00003": 0.2}
    before, after = rank_papers(papers, signals, NOW, odds), rank_papers(papers, other, NOW, odds)
    places = [(each.paper.id, each.score, each.standing, each.listed) for each in before]
    assert [(each.paper.id, each.score, each.standing, each.listed) for each in after] == places
    assert [each.is_noticed for each in after] == [True, False, False]
    assert all(evidence.weight == 0 for each in after for evidence in each.evidence if evidence.kind != "upvotes")
