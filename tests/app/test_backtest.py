"""The replay: its figures by hand, and a small archive of three weeks in the shapes of the real one."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import backtest
from bot.app.backtest.archive import Archive
from bot.app.backtest.early import EARLY_CHANNELS
from bot.app.backtest.evaluation import Figures, figures, interval, mean
from bot.app.backtest.simulation import BacktestResult, hacker_news, step_count
from bot.app.forecasts import Forecasts
from bot.errors import SourceError, UserError
from bot.model import Evidence
from bot.ranking.forecast.odds import odds_after
from tests.fakes import paper
from tests.harness.recordings import DATA

REAL = DATA / "hf_daily_papers"
FIRST, DAYS = date(2025, 11, 3), 19
"""A Monday; the last day is a Friday."""
GAP = [FIRST + timedelta(days=n) for n in range(7, 12)]
"""The week between is missing."""
KEYS = ["days", "rule", "upvotes", "hacker_news", "random", "shown_twice", "silent_days"]


# --- figures by hand ------------------------------------------------------------------------------------------------


def test_a_perfect_order_has_perfect_figures() -> None:
    assert figures([3, 2, 1], [30, 20, 10]) == Figures(1.0, 1.0, 1.0)


def test_the_reverse_of_six_has_the_figures_worked_out_by_hand() -> None:
    """Gains 6…1 in the order 1…6: DCG = 1 + 2/log2(3) + 3/2 + 4/log2(5) + 5/log2(6)."""
    reversed_order = figures([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1])
    dcg = 1 + 2 / math.log2(3) + 3 / 2 + 4 / math.log2(5) + 5 / math.log2(6)
    best = 6 + 5 / math.log2(3) + 4 / 2 + 3 / math.log2(5) + 2 / math.log2(6)
    assert reversed_order.ndcg5 == pytest.approx(dcg / best)
    assert reversed_order.top5 == pytest.approx(4 / 5)
    assert reversed_order.spearman == pytest.approx(-1)


def test_ties_are_the_mean_over_every_order_of_the_tied() -> None:
    """Two of three tied on top: half the time the better one is first."""
    first, second = figures([2, 2.1, 1], [3, 2, 1]), figures([2.1, 2, 1], [3, 2, 1])
    tied = figures([2, 2, 1], [3, 2, 1])
    assert tied.ndcg5 == pytest.approx((first.ndcg5 + second.ndcg5) / 2)
    assert tied.spearman == pytest.approx(math.sqrt(3) / 2)


def test_an_order_without_opinion_finds_its_share_of_the_best_five() -> None:
    blind = figures([0] * 20, list(range(20)))
    assert (blind.top5, blind.spearman) == (pytest.approx(5 / 20), 0.0)
    assert blind.ndcg5 == pytest.approx(9.5 * sum(1 / math.log2(n + 1) for n in range(1, 6)) / figures_best(20))


def figures_best(n: int) -> float:
    return sum((n - place) / math.log2(place + 1) for place in range(1, 6))


def test_tied_gains_at_the_fifth_place_count_in_part() -> None:
    """Six papers share the best gain: each is in the best five with 5/6."""
    assert figures([7, 6, 5, 4, 3, 2, 1], [1, 1, 1, 1, 1, 1, 0]).top5 == pytest.approx(5 / 6)


def test_a_day_without_any_votes_is_in_perfect_order() -> None:
    assert figures([1, 2], [0, 0]) == Figures(1.0, 1.0, 0.0)


def test_the_mean_is_over_days_and_zero_without_any() -> None:
    assert mean([Figures(1, 0, 0.5), Figures(0, 1, -0.5)]) == Figures(0.5, 0.5, 0.0)
    assert mean([]) == Figures(0.0, 0.0, 0.0)
    assert Figures(0.123456, 0.5, -0.98765).rounded() == {"ndcg5": 0.1235, "top5": 0.5, "spearman": -0.9877}


def test_the_interval_holds_the_mean_and_narrows_with_more_days() -> None:
    differences = [0.1, -0.05, 0.02, 0.07] * 3
    low, high = interval(differences)
    assert low < sum(differences) / len(differences) < high
    tighter = interval(differences * 9)
    assert tighter[1] - tighter[0] < high - low
    assert interval(differences) == (low, high), "the same every time"
    assert interval([0.25] * 5) == (0.25, 0.25)
    assert interval([]) == (0.0, 0.0)


def test_hacker_newss_formula_has_the_value_worked_out_by_hand() -> None:
    """31 upvotes six hours after listing: 30^0.8 / 8^1.8."""
    listed = paper(1)
    assert listed.listed_at is not None
    upvotes = Evidence("huggingface", "upvotes", 31, listed.listed_at + timedelta(hours=6))
    assert hacker_news(upvotes, listed) == pytest.approx(30**0.8 / 8**1.8)
    assert hacker_news(None, listed) == 0.0


# --- a small archive ------------------------------------------------------------------------------------------------


def weekdays() -> Iterable[date]:
    days = (FIRST + timedelta(days=n) for n in range(DAYS))
    return (day for day in days if day.weekday() < 5 and day not in GAP)


def stamp(day: date, hour: int, minute: int = 0) -> str:
    return datetime.combine(day, time(hour, minute), UTC).isoformat().replace("+00:00", "Z")


def papers_of(day: date) -> list[tuple[str, int]]:
    """Twelve papers: id and how popular each will be, in no order."""
    number = (day - FIRST).days
    return [(f"25{number + 10}.{n:05d}", (n * 7 + number) % 12 + 1) for n in range(12)]


def paper_row(paper_id: str, day: date, popular: int) -> dict[str, Any]:
    row = paper(int(paper_id[5:]) + 100 * int(paper_id[2:4]))
    return {
        "id": paper_id,
        "list_date": day.isoformat(),
        "snapshot_at": stamp(day, 8),
        "title": f"{row.title}\n on {'agents' if popular % 4 == 0 else 'reinforcement learning'}",
        "summary": row.abstract,
        "authors": ["Ada Example", "Ben Example"],
        "publishedAt": stamp(day - timedelta(days=1), 17),
        "submittedOnDailyAt": stamp(day, 2),
        "upvotes": popular,
        "numComments": 1,
        "githubRepo": "https://example.org/code",
        "githubStars": 40,
        "organization": {"fullname": "An Organization"} if popular % 2 else None,
    }


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode(), 1))


def write_archive(folder: Path) -> Path:
    """Votes are 1x at 08 UTC, 3x at the next midnight and 5x after a week; the least popular get some late."""
    folder.mkdir()
    papers, snapshots, series, stars = [], [], [], []
    for day in weekdays():
        for paper_id, popular in papers_of(day):
            papers.append(paper_row(paper_id, day, popular))
            for at, votes in ((stamp(day, 8), popular), (stamp(day + timedelta(days=1), 0, 3), popular * 3)):
                snapshots.append({"id": paper_id, "t": at, "src": "A", "rank": 1, "upvotes": votes})
            week = popular * 5 + 20 * (popular == 2)
            series.append(
                {
                    "id": paper_id,
                    "list_date": day.isoformat(),
                    "t_day0": stamp(day, 8),
                    "up_day0": popular,
                    "t_d1": stamp(day + timedelta(days=1), 0, 3),
                    "up_d1": popular * 3,
                    "up_week": "" if popular == 12 else week,
                }
            )
        stars.append({"id": papers_of(day)[0][0], "t": stamp(day, 20)[:-1], "stars": 60, "github": [1]})
    snapshots.append({"id": "nobody", "t": stamp(FIRST, 8), "src": "A", "rank": 1, "upvotes": 5})
    series.append({"id": "nobody", "list_date": FIRST.isoformat(), "up_week": 9})
    write_lines(folder / "papers.jsonl.gz", papers)
    write_lines(folder / "upvote_snapshots.jsonl.gz", snapshots)
    write_lines(folder / "github_star_snapshots.jsonl.gz", stars)
    text = io.StringIO()
    table = csv.DictWriter(text, list(series[0]))
    table.writeheader()
    table.writerows(series)
    (folder / "upvote_series.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), 1))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(tmp_path_factory.mktemp("archive") / "hf")


@pytest.fixture(scope="module")
def played(folder: Path) -> BacktestResult:
    return backtest.run(folder, quiet=True)


def test_the_figures_come_as_one_line_with_exactly_these_keys(played: BacktestResult) -> None:
    line = backtest.as_json(played)
    row = json.loads(line)
    assert "\n" not in line
    assert list(row) == KEYS
    assert all(list(row[name]) == ["ndcg5", "top5", "spearman"] for name in KEYS[1:5])


def test_every_day_with_ten_judged_papers_counts(played: BacktestResult) -> None:
    """Eleven of twelve have a week's value."""
    row = json.loads(backtest.as_json(played))
    assert row["days"] == len(list(weekdays())) == 10
    assert list(played.day0) == list(played.next_day) == list(weekdays())


def test_upvotes_are_as_good_as_the_archive_makes_them(played: BacktestResult) -> None:
    """Of eleven papers one ends 8 places higher than it began: that is what upvotes miss, on both days."""
    row = json.loads(backtest.as_json(played))
    gains = [popular * 5 + 20 * (popular == 2) for popular in range(1, 12)]
    expected = figures(range(1, 12), gains)
    assert row["upvotes"] == expected.rounded()
    assert row["rule"] == expected.rounded(), "nothing but the votes differs there"
    assert row["random"]["ndcg5"] < row["upvotes"]["ndcg5"]
    assert (row["random"]["spearman"], row["random"]["top5"]) == (0.0, round(5 / 11, 4))


def test_nothing_is_shown_twice_and_no_day_is_silent(played: BacktestResult) -> None:
    row = json.loads(backtest.as_json(played))
    assert (row["shown_twice"], row["silent_days"]) == (0, 0)
    assert played.due_days == sum(played.outcomes.values()) == 3 * DAYS + 3 + 3


def test_a_gap_on_a_weekday_says_the_source_was_down_and_a_weekend_that_nothing_is_new(played: BacktestResult) -> None:
    """Three channels a day and the Fridays one hear of five missing days; the two days after it are a weekend.

    The weekly one, on the Monday, still has the week before to choose from.
    """
    assert played.outcomes["sources down"] == 3 * 5 + 1
    assert played.outcomes["nothing new"] == 3 * 2


def test_the_channel_that_follows_everything_is_compared_with_plain_upvotes(played: BacktestResult) -> None:
    for papers in (played.ours, played.plain):
        assert 5 * 10 < len(papers.ages) <= 5 * (5 + 7)
        assert len(papers.weeks) < len(papers.ages), "the most popular have no value after a week"
        assert set(papers.weeks) <= {popular * 5.0 + 20 * (popular == 2) for popular in range(1, 12)}
    table = backtest.as_table(played)
    for words in ("Day 0", "Next day", "| rule |", "| hacker news |", "Shown twice: 0", "plain top five", "10 days"):
        assert words in table


def test_from_leaves_earlier_lists_out(folder: Path) -> None:
    later = backtest.run(folder, start=date(2025, 11, 17), hour=10, quiet=True)
    assert list(later.day0) == [date(2025, 11, 17) + timedelta(days=n) for n in range(5)]
    nothing = backtest.run(folder, start=date(2026, 1, 1), quiet=True)
    assert json.loads(backtest.as_json(nothing))["days"] == 0
    assert "– | –" in backtest.as_table(nothing)


def test_a_play_has_as_many_steps_as_the_bar_is_told(folder: Path) -> None:
    archive = Archive(folder)
    assert step_count(archive, archive.first_day) == DAYS + 2 * 10
    assert step_count(archive, date(2025, 11, 17)) == 5 + 2 * 5
    assert step_count(archive, date(2026, 1, 1)) == 0


# --- early picks ----------------------------------------------------------------------------------------------------


def write_days(folder: Path) -> Path:
    """The first day's arXiv papers: one that is listed on the next, one that never is, one whose time is not known."""
    listed = papers_of(FIRST + timedelta(days=1))
    tomorrow = next(paper_id for paper_id, popular in listed if popular == 11)
    day = {"day": FIRST.isoformat(), "abstract": "We do.", "categories": ["cs.LG"], "comment": None, "n_authors": 2}
    rows = (("A likely paper", tomorrow, True), ("Soil", "2511.77777", False), ("A secret", "2511.88888", True))
    file = folder / "days.jsonl.gz"
    write_lines(file, [{"id": each, "title": title, "on_hf_daily": listed} | day for title, each, listed in rows])
    return file


def test_early_picks_are_counted_beside_the_same_channel_without_them(folder: Path, tmp_path: Path) -> None:
    odds = {"A likely paper": 0.9, "Soil": 0.7, "A secret": 0.99}
    forecasts = Forecasts(lambda papers: [odds.get(each.title, 0.0) for each in papers])
    played = backtest.run(folder, quiet=True, arxiv=write_days(tmp_path), forecasts=forecasts)
    early = played.early
    assert early is not None
    one, three = (each.channel for each in EARLY_CHANNELS)
    (first, second) = early.picks[one]
    assert (first.picked_at, second.picked_at) == (at(FIRST, 9), at(FIRST + timedelta(days=1), 9)), "one a day"
    assert first.odds == pytest.approx(odds_after(0.9, timedelta(hours=9)))
    assert [each.paper_id for each in early.picks[three]] == [first.paper_id, "2511.77777"], "the secret is left out"
    assert [each.paper_id for each in early.hits(one)] == [first.paper_id]
    assert early.hours(one) == [24.0], "the same channel by votes was shown it a day later"
    with_picks, without = early.upvotes(three)
    assert with_picks < without, "a paper that nobody ever listed has no upvotes"
    table = backtest.as_table(played)
    assert "1 whole arXiv days" in table
    assert "0 of these days are later" in table
    assert "| 1 | 2 |" in table


def test_arxiv_days_of_another_form_are_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    write_lines(tmp_path / "days.jsonl.gz", [{"id": "2511.1", "title": "T"}])
    with pytest.raises(UserError, match="days.jsonl.gz is not of the form this reads: KeyError"):
        backtest.run(folder, quiet=True, arxiv=tmp_path / "days.jsonl.gz")


# --- the archive as a source ----------------------------------------------------------------------------------------


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


async def test_nothing_is_told_before_it_was_seen(folder: Path) -> None:
    archive = Archive(folder)
    early = await archive.fetch(at(FIRST, 0), at(FIRST, 8))
    assert {signal.kind for signal in early.signals} == {"upvotes", "comments", "github_stars"}
    assert max(signal.seen_at for signal in early.signals) == at(FIRST, 8)
    later = await archive.fetch(at(FIRST, 8), at(FIRST + timedelta(days=1), 1))
    assert [signal.value for signal in later.signals if signal.kind == "github_stars"] == [60]
    assert later.signals[-1].seen_at == at(FIRST + timedelta(days=1), 0) + timedelta(minutes=3)
    assert {each.id for each in early.papers} == {paper_id for paper_id, _ in papers_of(FIRST)}


async def test_a_paper_of_the_archive_has_its_fields(folder: Path) -> None:
    paper = (await Archive(folder).fetch(at(FIRST, 0), at(FIRST, 8))).papers[0]
    assert "\n" not in paper.title
    assert paper.authors == ("Ada Example", "Ben Example")
    assert (paper.listed_at, paper.published_at) == (at(FIRST, 2), at(FIRST - timedelta(days=1), 17))
    assert (paper.organization, paper.code_url) == ("An Organization", "https://example.org/code")


async def test_a_weekday_without_snapshots_is_a_source_that_is_down(folder: Path) -> None:
    archive = Archive(folder)
    with pytest.raises(SourceError, match="no snapshot of 2025-11-14"):
        await archive.fetch(at(GAP[3], 0), at(GAP[4], 9))
    saturday = date(2025, 11, 15)
    assert (await archive.fetch(at(saturday, 5), at(saturday, 9))).papers == ()
    assert archive.snapshots(at(GAP[3], 1), at(GAP[3], 9)).signals == ()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "papers.jsonl.gz").unlink(), "lacks papers.jsonl.gz"),
        (lambda folder: (folder / "upvote_series.csv.gz").write_bytes(b"no gzip"), "cannot read .*upvote_series"),
        (lambda folder: write_lines(folder / "papers.jsonl.gz", [{"title": "no id"}]), "not of the form"),
        (lambda folder: write_lines(folder / "upvote_snapshots.jsonl.gz", [{"id": "2510.00000"}]), "not of the form"),
        (lambda folder: write_lines(folder / "papers.jsonl.gz", []), "no snapshot of any paper"),
    ],
    ids=["missing", "not gzip", "no id", "no votes", "empty"],
)
def test_an_archive_that_cannot_be_used_says_why_in_one_line(
    tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    folder = write_archive(tmp_path / "hf")
    spoil(folder)
    with pytest.raises(UserError, match=words) as refusal:
        backtest.run(folder, quiet=True)
    assert "\n" not in str(refusal.value)


async def test_stars_on_list_pages_are_optional(tmp_path: Path) -> None:
    folder = write_archive(tmp_path / "hf")
    (folder / "github_star_snapshots.jsonl.gz").unlink()
    stars = [s for s in Archive(folder).snapshots(at(FIRST, 0), at(FIRST, 23)).signals if s.kind == "github_stars"]
    assert {signal.value for signal in stars} == {40}


# --- the real one ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not REAL.exists(), reason="the archive is not here")
def test_december_of_the_real_archive(tmp_path: Path) -> None:
    row = json.loads(backtest.as_json(backtest.run(REAL, start=date(2025, 12, 1), quiet=True)))
    assert (row["days"], row["shown_twice"], row["silent_days"]) == (13, 0, 0)
    assert row["rule"]["ndcg5"] > row["random"]["ndcg5"]
    assert row["rule"]["ndcg5"] > row["hacker_news"]["ndcg5"]
