"""The selection of a digest: window, topics, mutes, near-duplicates, profile, and the outcome when it is empty."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.selection import channel_request, choose, skipped_digest, window_start
from bot.digest.shortlist import Shortlist, latest_upvotes
from bot.model import (
    Channel,
    Digest,
    Evidence,
    Outage,
    Outcome,
    Paper,
    Reason,
    Signal,
    Subscription,
    TopicThreshold,
    Trend,
)
from bot.query.paper_set import PaperSet
from bot.ranking.profile import Corpus, Example, ProfileMatch, learn_profile
from bot.ranking.trend import rank_papers
from tests.fakes import paper as invented
from tests.harness.recordings import DATA

NOW = datetime(2025, 11, 24, 12, tzinfo=UTC)
CHANNEL = Channel("fake:T1/C1")
SEED = DATA / "seed_papers.jsonl.gz"


def aged(number: int, days: float = 0.5, **fields: object) -> Paper:
    return replace(invented(number, at=NOW), listed_at=NOW - timedelta(days=days), **fields)


def trending(paper: Paper, standing: float = 1.0, votes: float = 10) -> Trend:
    return Trend(paper, standing + 3, standing, (Evidence("huggingface", "upvotes", votes, NOW, weight=1.0),), "test")


def without_signals(paper: Paper) -> Trend:
    return Trend(replace(paper, listed_at=None, first_seen=paper.listed_at), 1.0, 9.0)


def chosen(
    subscription: Subscription, *trends: Trend, delivered: tuple[str, ...] = (), faults: tuple[Outage, ...] = ()
) -> Digest:
    sources_down = any(fault.source != "hackernews" for fault in faults)
    shortlist = Shortlist(trends, NOW, faults=faults, sources_down=sources_down)
    return choose(subscription, shortlist, shortlist.subset(delivered), due_at=NOW)


def everything(**fields: object) -> Subscription:
    return replace(Subscription(CHANNEL), **fields)


def ids(digest: Digest) -> list[str]:
    return [pick.paper.id for pick in digest.picks]


# --- the window -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "back"),
    [(None, 3), (1, 3), (3, 3), (5, 5), (7, 7), (14, 14), (60, 14), (-2, 3)],
    ids=["first", "yesterday", "three days", "five", "a week", "fourteen", "two months", "a clock set back"],
)
def test_the_window_is_the_time_since_the_last_digest_but_three_to_fourteen_days(last: float | None, back: int) -> None:
    subscription = everything(last_at=None if last is None else NOW - timedelta(days=last))
    assert window_start(subscription, NOW) == NOW - timedelta(days=back)
    assert chosen(subscription).since == NOW - timedelta(days=back)


def test_only_papers_of_the_window_are_chosen() -> None:
    trends = [trending(aged(n, days=days)) for n, days in enumerate([0.1, 2.9, 3.2, 6.9, 7.2])]
    assert ids(chosen(everything(), *trends)) == [trends[0].paper.id, trends[1].paper.id]
    weekly = everything(last_at=NOW - timedelta(days=7))
    assert ids(chosen(weekly, *trends)) == [trend.paper.id for trend in trends[:4]]


def test_a_paper_of_unknown_age_is_in_no_window() -> None:
    ageless = replace(aged(1), listed_at=None, published_at=None)
    assert chosen(everything(), trending(ageless)).outcome is Outcome.NOTHING_NEW


# --- the subscription -----------------------------------------------------------------------------------------------


def test_the_best_come_first_up_to_the_size_of_the_digest() -> None:
    trends = [trending(aged(n), standing=n) for n in range(9)]
    assert ids(chosen(everything(size=3), *trends)) == [trends[n].paper.id for n in (8, 7, 6)]


def test_papers_that_the_channel_had_are_left_out() -> None:
    trends = [trending(aged(n), standing=n) for n in range(4)]
    digest = chosen(everything(), *trends, delivered=(trends[3].paper.id, "not here"))
    assert ids(digest) == [trends[n].paper.id for n in (2, 1, 0)]


def test_topics_choose_and_are_named_and_mutes_leave_out() -> None:
    video, agents, both = (aged(n, title=title) for n, title in enumerate(["Video", "Agents", "Video agents"], start=1))
    trends = [trending(video, 1), trending(agents, 2), trending(both, 3), trending(aged(4), 9)]
    digest = chosen(everything(topics=("video", "agents")), *trends)
    assert [(pick.paper, pick.topics, pick.reason) for pick in digest.picks] == [
        (both, ("video", "agents"), Reason.TOPIC),
        (agents, ("agents",), Reason.TOPIC),
        (video, ("video",), Reason.TOPIC),
    ]
    assert ids(chosen(everything(topics=("video",), mutes=("agents",)), *trends)) == [video.id]
    assert ids(chosen(everything(mutes=("agents", "video")), *trends)) == [trends[3].paper.id]


def test_a_pick_of_a_channel_without_topics_is_simply_trending() -> None:
    (pick,) = chosen(everything(), trending(aged(1))).picks
    assert (pick.reason, pick.topics) == (Reason.TRENDING, ())


def test_min_asks_for_the_latest_upvotes() -> None:
    few, many = trending(aged(1), votes=5), trending(aged(2), votes=50)
    assert ids(chosen(everything(topics=("min:20",)), few, many)) == [many.paper.id]
    assert (latest_upvotes(few), latest_upvotes(without_signals(aged(3)))) == (5, None)


def test_an_invalid_topic_matches_nothing_and_the_others_do() -> None:
    broken = 'cat: "'
    trends = [trending(aged(1, title="Video")), trending(aged(2))]
    assert ids(chosen(everything(topics=(broken, "video")), *trends)) == [trends[0].paper.id]
    assert len(chosen(everything(mutes=(broken,)), *trends).picks) == 2
    assert chosen(everything(topics=(broken,)), *trends).outcome is Outcome.NOTHING_MATCHED


def test_equal_subscriptions_share_one_request() -> None:
    trends = [trending(aged(n, title=f"Video {n}"), standing=n) for n in range(1, 5)]
    shortlist = Shortlist(trends, NOW)
    one, other = everything(topics=("video",)), replace(everything(topics=("video",)), channel=Channel("fake:T1/C2"))
    assert one.selection_key == other.selection_key
    request = channel_request(one, shortlist)
    for subscription, delivered in ((one, ()), (other, (trends[3].paper.id,))):
        mask = shortlist.subset(delivered)
        shared = choose(subscription, shortlist, mask, due_at=NOW, request=request)
        assert shared == choose(subscription, shortlist, mask, due_at=NOW)


def test_a_digest_keeps_what_the_wording_needs() -> None:
    subscription = everything(topics=("video",), style="compact", quiet="skip")
    digest = chosen(subscription, faults=(Outage("hackernews"),))
    assert (digest.topics, digest.style, digest.quiet) == (("video",), "compact", "skip")
    assert digest.faults == (Outage("hackernews"),)
    assert (digest.channel, digest.chosen_at) == (CHANNEL, NOW)


# --- near-duplicates ------------------------------------------------------------------------------------------------


def near_duplicate(of: Paper, number: int) -> Paper:
    return replace(of, id=f"2511.{number:05d}", title=f"{of.title} again")


def test_near_duplicates_are_thinned_and_counted_and_others_move_up() -> None:
    first, third = aged(1), aged(3)
    trends = [trending(first, 3), trending(near_duplicate(first, 2), 2), trending(third, 1)]
    digest = chosen(everything(size=2), *trends)
    assert (ids(digest), digest.thinned) == ([first.id, third.id], 1)


def test_near_duplicates_of_papers_already_shown_are_thinned_too() -> None:
    first = aged(1)
    trends = [trending(first, 3), trending(near_duplicate(first, 2), 2)]
    digest = chosen(everything(), *trends, delivered=(first.id,))
    assert (ids(digest), digest.thinned, digest.outcome) == ([], 1, Outcome.NOTHING_NEW)


@pytest.mark.skipif(not SEED.exists(), reason="the seed papers are not here")
def test_a_pool_of_near_duplicates_is_thinned_to_papers_unlike_each_other() -> None:
    with gzip.open(SEED, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    papers = [
        Paper(f"2511.{n:05d}", row["title"], row["abstract"], listed_at=NOW - timedelta(hours=5))
        for n, row in enumerate(rows)
    ]
    trends = [trending(paper, standing=-float(n)) for n, paper in enumerate(papers)]
    shortlist = Shortlist(trends, NOW)
    digest = choose(everything(size=len(papers)), shortlist, PaperSet(), due_at=NOW)
    picked = [int(paper_id[5:]) for paper_id in ids(digest)]
    assert len(picked) + digest.thinned == len(papers)
    assert digest.thinned >= 3
    assert not any(b in shortlist.near_duplicates(a) for a in picked for b in picked)
    print(f"seed papers: {len(picked)} picked, {digest.thinned} thinned")
    for n in sorted(set(range(len(papers))) - set(picked)):
        better = next(k for k in picked if k in shortlist.near_duplicates(n))
        cosine = shortlist.documents.cosines(n)[better]
        print(f"  {papers[n].title[:70]}  <-  {papers[better].title[:70]}  {cosine:.2f}")


# --- papers without signals -----------------------------------------------------------------------------------------


def test_new_papers_without_signals_follow_the_others_newest_first() -> None:
    noticed = trending(aged(1, title="Video one"), standing=-5)
    older, newer = (
        without_signals(aged(2, days=2, title="Video two")),
        without_signals(aged(3, days=1, title="Video three")),
    )
    digest = chosen(everything(topics=("video",)), older, newer, noticed)
    assert ids(digest) == [noticed.paper.id, newer.paper.id, older.paper.id]
    assert [pick.reason for pick in digest.picks] == [Reason.TOPIC, Reason.NEW, Reason.NEW]
    assert ids(chosen(everything(topics=("video",), size=1), older, newer, noticed)) == [noticed.paper.id]


def test_a_channel_without_topics_gets_no_paper_without_signals() -> None:
    noticed, new = trending(aged(1)), without_signals(aged(2))
    assert ids(chosen(everything(), noticed, new)) == [noticed.paper.id]
    assert chosen(everything(), new).outcome is Outcome.NOTHING_NEW
    assert ids(chosen(everything(mutes=("video",)), new)) == []


def forecast(number: int, listed: float, title: str | None = None) -> Trend:
    return replace(without_signals(aged(number, **({"title": title} if title else {}))), listed=listed)


def test_papers_without_signals_stand_in_the_order_of_their_forecast() -> None:
    trends = [forecast(1, 0.1, "Video one"), forecast(2, 0.4, "Video two"), forecast(3, 0.0, "Video three")]
    noticed = trending(aged(4, title="Video four"), standing=-5)
    assert ids(chosen(everything(topics=("video",)), *trends, noticed)) == [
        each.paper.id for each in (noticed, trends[1], trends[0], trends[2])
    ]


def noticed_videos(count: int) -> list[Trend]:
    return [trending(aged(10 + n, title=f"Video number{n}"), standing=9 - n) for n in range(count)]


@pytest.mark.parametrize(("early", "expected"), [(None, 1), (0, 0), (1, 1), (2, 2), (3, 2)])
def test_a_digest_has_early_picks_in_place_of_its_last_papers(early: int | None, expected: int) -> None:
    """Three are unlikely to be noticed or likely; the least likely of them, below one in five, is no early pick."""
    new = [forecast(1, 0.25, "Video one"), forecast(2, 0.6, "Video two"), forecast(3, 0.19, "Video three")]
    votes = noticed_videos(6)
    digest = chosen(everything(topics=("video",), early=early, size=4), *new, *votes)
    picks = [new[1].paper.id, new[0].paper.id][:expected]
    assert ids(digest) == [*(each.paper.id for each in votes[: 4 - expected]), *picks]
    assert [pick.reason for pick in digest.picks][4 - expected :] == [Reason.NEW] * expected


def test_early_picks_obey_topics_mutes_and_what_was_shown_and_never_push_out_the_first() -> None:
    new, other = forecast(1, 0.5, "Video one"), forecast(2, 0.9, "Robots two")
    votes = noticed_videos(3)
    topic = everything(topics=("video",), early=3, size=2)
    assert ids(chosen(topic, new, other, *votes)) == [votes[0].paper.id, new.paper.id]
    assert ids(chosen(topic, new, *votes, delivered=(new.paper.id,))) == [each.paper.id for each in votes[:2]]
    assert ids(chosen(replace(topic, mutes=("one",)), new, *votes)) == [each.paper.id for each in votes[:2]]
    assert ids(chosen(replace(topic, size=1), new, *votes)) == [votes[0].paper.id]
    assert ids(chosen(everything(early=1, size=2), new, other, *votes)) == [votes[0].paper.id, other.paper.id]
    assert ids(chosen(everything(size=2), new, other, *votes)) == [each.paper.id for each in votes[:2]]


def test_subscriptions_with_another_number_of_early_picks_share_no_selection() -> None:
    assert everything(topics=("a",)).selection_key == everything(topics=("a",), early=1).selection_key
    assert everything(topics=("a",)).selection_key != everything(topics=("a",), early=2).selection_key


# --- outcomes -------------------------------------------------------------------------------------------------------


def test_every_digest_has_the_outcome_that_explains_it() -> None:
    video, other = trending(aged(1, title="Video")), trending(aged(2))
    fault = (Outage("huggingface"),)
    topic = everything(topics=("video",))
    assert chosen(topic, video).outcome is Outcome.PICKED
    assert chosen(topic, video, faults=fault).outcome is Outcome.PICKED
    assert chosen(topic, other).outcome is Outcome.NOTHING_MATCHED
    assert choose(topic, Shortlist([other], NOW), PaperSet(), due_at=NOW).outcome is Outcome.NOTHING_MATCHED
    assert chosen(topic, other, faults=fault).outcome is Outcome.SOURCES_DOWN
    assert chosen(topic).outcome is Outcome.NOTHING_NEW
    assert chosen(topic, faults=(Outage("hackernews"),)).outcome is Outcome.NOTHING_NEW
    assert chosen(topic, video, delivered=(video.paper.id,)).outcome is Outcome.NOTHING_NEW
    assert chosen(everything(mutes=("video",)), video).outcome is Outcome.NOTHING_MATCHED


def test_a_day_skipped_for_lateness_is_recorded_with_its_reason() -> None:
    due = NOW - timedelta(hours=8)
    record = skipped_digest(everything(quiet="skip"), due, NOW)
    assert (record.outcome, record.picks, record.due_at, record.chosen_at) == (Outcome.LATE, (), due, NOW)
    assert record.day == due.date()
    assert (record.quiet, record.since) == ("skip", NOW - timedelta(days=3))


# --- two days -------------------------------------------------------------------------------------------------------


def test_leftovers_of_a_big_yesterday_do_not_crowd_out_today() -> None:
    """Votes fall off by rank on both days; the same subscription, once by standing and once by raw upvotes."""
    team = tuple(f"Author {n}" for n in range(8))
    yesterday = [aged(n, days=1.25, authors=team) for n in range(40)]
    today = [aged(100 + n, days=0.2, authors=team) for n in range(20)]
    votes = {paper.id: 160 // (n + 1) for n, paper in enumerate(yesterday)}
    votes |= {paper.id: 28 // (n + 1) for n, paper in enumerate(today)}
    signals = {paper: [Signal(paper, "huggingface", "upvotes", value, NOW)] for paper, value in votes.items()}
    trends = rank_papers([*yesterday, *today], signals, NOW)
    delivered = tuple(paper.id for paper in yesterday[:5])
    by_votes = [paper for paper in sorted(votes, key=lambda paper: -votes[paper]) if paper not in delivered][:5]
    picks = ids(chosen(everything(), *trends, delivered=delivered))
    assert (today[0].id in picks, today[1].id in picks, today[1].id in by_votes) == (True, True, False)


# --- the shortlist --------------------------------------------------------------------------------------------------


def test_a_shortlist_is_ordered_whatever_the_order_it_is_given() -> None:
    trends = [trending(aged(n), standing=n % 3) for n in range(6)] + [without_signals(aged(9, days=d)) for d in (2,)]
    shortlist = Shortlist(trends, NOW)
    assert [t.paper.id for t in shortlist.trends] == [t.paper.id for t in Shortlist(trends[::-1], NOW).trends]
    assert (len(shortlist), shortlist.with_signals) == (7, 6)


def test_a_subset_ignores_papers_that_are_no_candidates() -> None:
    trends = [trending(aged(n), standing=-n) for n in range(3)]
    assert Shortlist(trends, NOW).subset([trends[0].paper.id, trends[2].paper.id, trends[2].paper.id, "x"]) == PaperSet(
        {0, 2}
    )


# --- the profile ----------------------------------------------------------------------------------------------------


def profile_match_of(
    shortlist: Shortlist, *liked: Paper, disliked: tuple[Paper, ...] = (), people: int = 2
) -> ProfileMatch:
    corpus = Corpus(shortlist.documents.bags)
    fans = frozenset({"a", "b"})
    examples = [Example(paper, 1.0, None, fans) for paper in liked] + [Example(paper, -1.0) for paper in disliked]
    return ProfileMatch(learn_profile(examples, corpus, people=people), corpus)


def about(number: int, subject: str, standing: float) -> Trend:
    titles = {
        "video": "Video diffusion of moving scenes",
        "robots": "Robot arms grasp by imitation",
        "speech": "Speech",
    }
    other = ("lanterns", "otters", "glaciers", "violins", "harbours")[number]
    abstract = f"We study {other} {other} beside {other}ry, {other}hood and {other}less{number} weather{number}."
    return trending(aged(number, title=f"{titles[subject]} with {other}", abstract=abstract), standing)


SUBJECTS = [about(1, "video", 3.0), about(2, "robots", 2.0), about(3, "speech", 1.0), about(4, "robots", 0.5)]


def digest_with(subscription: Subscription, shortlist: Shortlist, profile_match: ProfileMatch | None) -> Digest:
    return choose(subscription, shortlist, PaperSet(), due_at=NOW, profile_match=profile_match)


def test_a_profile_without_feedback_changes_nothing() -> None:
    shortlist = Shortlist([*SUBJECTS, without_signals(aged(9, title="Nobody saw this"))], NOW)
    subscription = everything(size=20)
    plain = digest_with(subscription, shortlist, None)
    assert digest_with(subscription, shortlist, profile_match_of(shortlist)) == plain


def test_liked_subjects_rise_disliked_ones_sink_and_none_is_left_out() -> None:
    shortlist = Shortlist(SUBJECTS, NOW)
    liked = [aged(50 + number, title="Robot arms grasp") for number in range(4)]
    disliked = tuple(aged(60 + number, title="Video diffusion") for number in range(4))
    digest = digest_with(everything(size=20), shortlist, profile_match_of(shortlist, *liked, disliked=disliked))
    assert ids(digest)[0] == SUBJECTS[1].paper.id
    assert ids(digest)[-1] == SUBJECTS[0].paper.id
    assert sorted(ids(digest)) == sorted(trend.paper.id for trend in SUBJECTS)
    assert digest.picks[0].liked
    assert not digest.picks[-1].liked


def test_a_liked_paper_is_picked_only_if_it_matches_the_topics() -> None:
    shortlist = Shortlist(SUBJECTS, NOW)
    profile_match = profile_match_of(shortlist, aged(50, title="Robot arms grasp"))
    assert ids(digest_with(everything(topics=("video",)), shortlist, profile_match)) == [SUBJECTS[0].paper.id]
    unmuted = digest_with(everything(mutes=("robot",)), shortlist, profile_match)
    assert {SUBJECTS[1].paper.id, SUBJECTS[3].paper.id}.isdisjoint(ids(unmuted))


def test_a_liked_paper_without_signals_may_pass_one_with_signals() -> None:
    new = without_signals(aged(9, title="Robot arms grasp cups"))
    shortlist = Shortlist([*SUBJECTS, new], NOW)
    liked = [aged(50 + number, title="Robot arms grasp cups") for number in range(5)]
    digest = digest_with(everything(topics=("robot", "speech"), size=5), shortlist, profile_match_of(shortlist, *liked))
    assert ids(digest).index(new.paper.id) < ids(digest).index(SUBJECTS[2].paper.id)
    assert next(pick for pick in digest.picks if pick.paper.id == new.paper.id).reason is Reason.NEW


MANY = [about(n % 5, ("video", "robots", "speech")[n % 3], 3.0 - n / 4) for n in range(5)]


@given(
    st.lists(st.sampled_from(range(5)), unique=True, min_size=1, max_size=4),
    st.sets(st.sampled_from(range(5))),
    st.integers(1, 5),
)
def test_a_few_signs_of_one_person_move_no_paper_by_more_than_one_place(signs, disliked, size) -> None:
    shortlist = Shortlist(MANY, NOW)
    plain = [trend.paper for trend in shortlist.trends]
    liked = [plain[n] for n in signs if n not in disliked]
    against = tuple(plain[n] for n in signs if n in disliked)
    match = profile_match_of(shortlist, *liked, disliked=against, people=1)
    places = ids(digest_with(everything(size=5), shortlist, match))
    before = ids(digest_with(everything(size=5), shortlist, None))
    assert all(abs(places.index(each) - before.index(each)) <= 1 for each in before)
    few = ids(digest_with(everything(size=size), shortlist, match))
    assert len(set(before[:size]) - set(few)) <= 1
    assert before[0] in few


def test_a_few_signs_put_no_near_duplicate_in_the_place_of_its_better_twin() -> None:
    abstract = (
        "We study robot arms that grasp cups, plates and spoons by imitation of people in kitchens, with cameras."
    )
    better, twin = (
        trending(aged(number, title="Robot arms grasp by imitation", abstract=f"{abstract}{more}"), standing)
        for number, more, standing in ((11, "", 2.0), (12, " Lanterns glow.", 1.9))
    )
    shortlist = Shortlist([SUBJECTS[0], better, twin, about(3, "speech", 0.5)], NOW)
    match = profile_match_of(shortlist, aged(50, title="Lanterns glow", abstract="Lanterns glow."), people=1)
    assert match.influence[2] > 1 > 0 > match.influence[1]
    plain = digest_with(everything(size=3), shortlist, None)
    assert ids(digest_with(everything(size=3), shortlist, match)) == ids(plain)
    assert better.paper.id in ids(plain)


@given(
    st.lists(st.sampled_from(range(5)), min_size=1, max_size=12), st.sets(st.sampled_from(range(5))), st.integers(1, 5)
)
def test_the_first_paper_by_trend_stays_in_whatever_was_learnt(signs, disliked, size) -> None:
    shortlist = Shortlist(MANY, NOW)
    plain = [trend.paper for trend in shortlist.trends]
    liked = [plain[n] for n in signs if n not in disliked]
    against = tuple(plain[n] for n in signs if n in disliked)
    digest = digest_with(everything(size=size), shortlist, profile_match_of(shortlist, *liked, disliked=against))
    assert plain[0].id in ids(digest)
    assert len(digest.picks) == size


def test_a_topic_with_a_threshold_of_its_own_is_matched_by_it():
    asked: list[float] = []

    class Recorded(Shortlist):
        def matching(self, topic: str, threshold: float = 0.5) -> PaperSet:
            asked.append(threshold)
            return super().matching(topic, threshold)

    subscription = Subscription(CHANNEL, topics=("a", "b"), thresholds={"b": TopicThreshold(0.7311)})
    channel_request(subscription, Recorded([], NOW))
    assert asked == [0.5, 0.7311]
    assert replace(subscription, thresholds={}).selection_key != subscription.selection_key
