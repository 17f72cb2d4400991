"""Topics that match by words and by meaning: what counts as said, what stays exact, and how answers report it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import embeddings
from bot.app import candidates, collect
from bot.digest.selection import choose
from bot.digest.shortlist import Shortlist
from bot.model import Channel, Findings, Paper, Subscription
from bot.query import semantic
from bot.query.field_index import Document
from bot.query.matcher import Documents
from bot.query.paper_set import PaperSet
from bot.query.semantic import Closeness, Spread, Threshold
from bot.query.topic_model import MATCHES
from bot.query.topic_reasons import words_said
from bot.query.topic_words import TopicWords, read_words
from bot.ranking.trend import rank_papers
from bot.search import Search
from bot.search.vector_segment import VectorSegment, quantise
from bot.search.vectors import Vectors
from bot.store import Store
from bot.wording.digest import words_reason
from tests.fakes import MONDAY
from tests.harness.command_line import filled, paperboy
from tests.harness.desk import Desk, listed
from tests.harness.store import new_store

ROBOTS = (
    "manipulation policies for robotic arms",
    "a gripper that grasps objects",
    "grasping by touch with dexterous hands",
)
HANDS = "manipulation with hands"
OTHERS = ("galaxy clusters and dark matter", "protein structures from sequences", "auctions with many bidders")


def stored_papers() -> tuple[Paper, ...]:
    texts = [*(f"Robot grasping {n}, or {OTHERS[n % 3]}, or {OTHERS[(n + 1) % 3]}" for n in range(6)), *ROBOTS]
    texts += [f"{OTHERS[n % 3]} {n}" for n in range(90)]
    return tuple(Paper(f"10.1/{n}", text, f"We study {text}.", listed_at=MONDAY) for n, text in enumerate(texts))


@pytest.fixture
async def store(tmp_path: Path):
    with new_store(tmp_path / "p.db") as opened:
        await opened.papers.add(Findings(stored_papers()), "file", MONDAY)
        await collect.describe(opened)
        await collect.embed(opened, embeddings.load(embeddings.DEFAULT))
        yield opened


async def shortlist_of(store: Store, *topics: str) -> Shortlist:
    shortlist = Shortlist(
        rank_papers(await store.papers.candidates(MONDAY.replace(year=2000), MONDAY), {}, MONDAY), MONDAY
    )
    await candidates.learn_topics(Search(store), shortlist, topics)
    return shortlist


def titles(shortlist: Shortlist, papers: PaperSet) -> set[str]:
    return {shortlist.trends[position].paper.title for position in papers}


async def test_a_topic_matches_papers_close_in_meaning_and_none_far_from_it(store: Store):
    shortlist = await shortlist_of(store, HANDS)
    close = titles(shortlist, shortlist.matching(HANDS) - shortlist.with_words(HANDS))
    assert "a gripper that grasps objects" in close
    assert not [title for title in close if title.startswith(OTHERS)]


async def test_mutes_fields_and_exclusions_stay_exact(store: Store):
    shortlist = await shortlist_of(store, HANDS, f"{HANDS} -gripper", f"{HANDS} cat:cs.RO")
    assert "a gripper that grasps objects" not in titles(shortlist, shortlist.matching(f"{HANDS} -gripper"))
    assert not shortlist.matching(f"{HANDS} cat:cs.RO")
    topics = (HANDS,)
    subscription = Subscription(Channel("slack:T1/C1"), topics=topics, mutes=topics, size=20)
    digest = choose(subscription, shortlist, PaperSet(), due_at=MONDAY)
    assert digest.picks
    assert all(pick.close_to == topics for pick in digest.picks)


@pytest.mark.parametrize("topic", ["zyzzyva quux", "机器人", '"robot grasping"', "author:ada", "the of", "x" * 1_500])
async def test_unknown_words_names_phrases_and_stop_words_match_by_words_only(store: Store, topic: str):
    shortlist = await shortlist_of(store, topic)
    assert shortlist.matching(topic) == shortlist.with_words(topic)


async def test_without_vectors_or_papers_topics_match_by_words_only(tmp_path: Path):
    with new_store(tmp_path / "empty.db") as empty:
        assert not (await shortlist_of(empty, "robot grasping")).matching("robot grasping")
        await empty.papers.add(Findings(stored_papers()), "file", MONDAY)
        await collect.describe(empty)
        shortlist = await shortlist_of(empty, "robot grasping")
        assert shortlist.matching("robot grasping") == shortlist.with_words("robot grasping")


async def test_an_invalid_topic_matches_nothing_and_the_others_do(store: Store):
    shortlist = await shortlist_of(store, 'cat:"', "robot grasping")
    assert not shortlist.matching('cat:"')
    assert shortlist.matching("robot grasping")


async def test_meanings_of_known_topics_are_not_computed_again(store: Store):
    shortlist = await shortlist_of(store, "robot grasping")

    class NoSearch:
        async def nearness(self, *_: object, **__: object):
            raise AssertionError("asked again")

    await candidates.learn_topics(NoSearch(), shortlist, ["robot grasping"])


@pytest.mark.parametrize("text", ["Robots' grasping", "multi-modal C++ models", "α-divergence", "RETRIEVAL-augmented"])
async def test_topics_and_search_read_the_same_words_in_the_same_way(tmp_path: Path, text: str):
    papers = (Paper("10.1/1", text, ""), Paper("10.1/2", "Something else", "entirely"))
    with new_store(tmp_path / "p.db") as store:
        await store.papers.add(Findings(papers), "file", MONDAY)
        await collect.describe(store)
        shortlist = await shortlist_of(store)
        hits = (await Search(store).search(text, limit=5, now=MONDAY)).hits
        assert titles(shortlist, shortlist.with_words(text)) == {h.paper.title for h in hits if not h.partial} == {text}


# --- what a topic's words mean -----------------------------------------------------------------------------------


def matched(topic: str, *texts: str) -> list[bool]:
    documents = Documents([Document(Paper(f"10.1/{n}", text, "")) for n, text in enumerate(texts)], MONDAY)
    return [bool(p >= MATCHES) for p in documents.probabilities(topic)]


def said(topic: str, *papers: Paper) -> TopicWords:
    return read_words(Documents([Document(paper) for paper in papers], MONDAY).word_places, topic)


def test_words_that_stand_apart_or_inside_a_compound_are_not_the_topic():
    apart = "Real-world deployment of robots, and what follows for the size of language models"
    texts = ("World models for games", apart, "A model of the world", "Models")
    assert matched("world models", *texts) == [True, False, False, False]


def test_a_topic_is_found_in_any_form_and_across_stop_words():
    texts = ("Languages and computation", "Computations and languages", "Chain-of-thought", "chains of thought")
    assert matched("computation and language", *texts) == [False, True, False, False]
    assert matched("chain of thought", *texts) == [False, False, True, True]
    assert matched("multi-modal learning", "Multimodal learning", "Multi-modal learning", "Learning") == [
        True,
        True,
        False,
    ]


def test_title_and_abstract_do_not_make_a_phrase_together():
    words = said("video diffusion", Paper("10.1/1", "A survey of video", "Diffusion is slow."))
    assert (words.phrase.tolist(), words.adjacent.tolist(), words.all_said.tolist()) == ([False], [0], [True])


def test_a_word_that_nobody_says_is_no_match():
    assert matched("zyzzyva quux", "Video", "") == [False, False]
    assert not matched("video")


def test_a_rare_word_is_a_larger_share_of_the_words_than_a_common_one():
    texts = ("rare common", "common", "common one", "common two", "nothing")
    shares = said("rare common", *(Paper(f"10.1/{n}", text, "") for n, text in enumerate(texts))).share
    assert (shares[0], shares[4]) == (pytest.approx(1), 0)
    assert 0 < shares[1] < 0.5


def near_papers(*, saying: int, refined: Sequence[float]) -> tuple[Documents, Closeness]:
    """Papers of which the first so many say `robot grasping`, and how near each is; the others are far."""
    papers = [Paper(f"10.1/{n}", "robot grasping" if n < saying else f"galaxies {n}", "") for n in range(400)]
    near = np.array([*refined, *[0.0] * (400 - len(refined))], np.float32)
    return Documents([Document(paper) for paper in papers], MONDAY), Closeness(near / 10, Spread(1_000, 0.0, 0.1), near)


def test_a_paper_matches_by_meaning_if_it_is_nearer_than_most_that_say_the_topic():
    documents, closeness = near_papers(saying=6, refined=[*np.linspace(1.5, 2.5, 6), 6.0, 0.3, np.nan, *[4.0] * 25])
    near = documents.probabilities("robot grasping", closeness) >= MATCHES
    assert near[:9].tolist() == [*[True] * 7, False, False]
    assert not near[40:].any()


def test_papers_without_a_term_that_the_nearest_papers_say_are_of_something_else():
    documents, closeness = near_papers(saying=40, refined=[*[5.0] * 40, 4.5, 0.3])
    assert (documents.probabilities("robot grasping", closeness) >= MATCHES).tolist() == [*[True] * 40, *[False] * 360]


def test_a_topic_that_nobody_says_brings_only_what_stands_out():
    refined = np.random.default_rng(0).normal(size=400)
    documents, closeness = near_papers(saying=1, refined=[3.0, *refined[1:]])
    near = documents.probabilities("robot grasping", closeness) >= MATCHES
    assert near[0]
    assert np.count_nonzero(near) < 40


def test_closeness_that_is_not_known_enough_does_not_count():
    documents, closeness = near_papers(saying=6, refined=[*[2.0] * 6, 6.0])
    spread = closeness.spread
    for unusable in (spread._replace(papers=49), spread._replace(deviation=0.0)):
        alone = documents.probabilities("robot grasping", closeness._replace(spread=unusable))
        assert alone.tolist() == documents.probabilities("robot grasping").tolist()


def test_closeness_is_refined_by_the_nearest_papers():
    dice = np.random.default_rng(0)
    subject, text = np.eye(64, dtype=np.float32)[:2]
    rows = dice.normal(size=(500, 64)).astype(np.float32) / 8
    rows[:30] += 3 * subject
    rows[:15] += 2 * text
    vectors = Vectors([], np.arange(501), quantise(np.vstack((rows, np.zeros((1, 64), np.float32)))))
    closeness = vectors.moments.closeness(vectors.of(range(501)), text)
    plain = closeness.spread.standardised(closeness.cosines)
    assert closeness.refined[15:30].min() > max(plain[15:30].max(), closeness.refined[30:500].max())
    assert np.isnan(closeness.cosines[500])
    assert np.isnan(closeness.refined[500])


@pytest.mark.parametrize(
    ("title", "abstract", "reason"),
    [
        ("World models for games", "", "in a row in the title"),
        ("Games", "We learn a world model.", "in a row in the abstract"),
        ("A model of the world", "", "all words in the title"),
        ("Models", "of the whole world", "“models” in the title, “world” in the abstract"),
        ("Models", "", "“models” in the title, not “world”; close in meaning"),
        ("Simulators", "", "none of its words, close in meaning"),
    ],
)
def test_the_reason_of_a_match_says_which_words_stand_where(title: str, abstract: str, reason: str):
    said = words_said("world models", Paper("10.1/1", title, abstract))
    assert words_reason(said, close=bool(said.missing)) == reason


def test_words_near_each_other_and_in_titles_are_told_from_words_far_apart():
    far = f"World {'games ' * 20} models"
    words = said(
        "world models", *(Paper(f"10.1/{n}", t, a) for n, (t, a) in enumerate((("World", "models"), (far, ""))))
    )
    assert words.together.tolist() == [pytest.approx(1), pytest.approx(0.5, abs=0.1)]
    assert words.title_share.tolist() == [pytest.approx(0.5, abs=0.1), pytest.approx(1)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(0, 40))
def test_the_spread_of_cosines_is_exact_also_after_vectors_were_added_and_replaced(seed: int, old: int, new: int):
    dice = np.random.default_rng(seed)
    first = quantise(dice.normal(size=(old, 64)).astype(np.float32))
    vectors = Vectors([], np.arange(old), first)
    assert vectors.moments.papers == old
    if new:
        at = dice.choice(60, new, replace=False)
        vectors = Vectors(
            [VectorSegment.of(np.arange(old), first)], at, quantise(dice.normal(size=(new, 64)).astype(np.float32))
        )
    target = vectors.of([0])[0]
    cosines = vectors.of(np.flatnonzero(vectors.has(np.arange(vectors.room)))) @ target
    spread = vectors.moments.spread(target)
    assert spread.papers == len(cosines)
    assert (spread.mean, spread.deviation) == pytest.approx((float(cosines.mean()), float(cosines.std())), abs=1e-4)


def test_no_vectors_have_a_spread_of_zero():
    assert Vectors([], np.zeros(0, np.int64), np.zeros((0, 64), np.int8)).moments.spread(np.ones(64, np.float32)) == (
        0,
        0,
        0,
    )


def test_enough_of_the_words_or_enough_closeness_is_found_and_unknown_closeness_is_not():
    words, closeness = np.array([1, 0.5, 0, 0]), np.array([np.nan, 3, 0.2, np.nan])
    assert semantic.matches(semantic.IN_SEARCH, words, closeness).tolist() == [True, True, False, False]
    assert semantic.matches(semantic.LIKE_IN_TOPICS, 0 * words, closeness).tolist() == [False, True, True, False]
    assert semantic.matches(semantic.LIKE_IN_SEARCH, 0 * words, closeness).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("threshold", "far", "near"),
    [(semantic.IN_SEARCH, 2.4, 2.6), (semantic.LIKE_IN_TOPICS, 0.14, 0.16), (semantic.LIKE_IN_SEARCH, 0.24, 0.26)],
    ids=["free words of a search", "like: in topics", "like: in searches"],
)
def test_how_close_is_close_enough(threshold: Threshold, far: float, near: float):
    assert semantic.matches(threshold, np.zeros(2), np.array([far, near])).tolist() == [False, True]


# --- answers ------------------------------------------------------------------------------------------------------


async def test_adding_a_topic_says_how_many_are_only_close_in_meaning(desk: Desk):
    await collect.embed(desk.store, embeddings.load(embeddings.DEFAULT))
    message = await desk.ask("topics add large language models")
    shortlist = await desk.engine.shortlist()
    matching = shortlist.matching("large language models")
    close = matching - shortlist.with_words("large language models")
    assert close
    assert f", {len(matching - close)} by words and {len(close)} close to it" in message.text
    assert "close to it" not in (await desk.ask("topics add zyzzyva")).text


async def test_a_similar_paper_that_shares_no_words_is_close_to_it(desk: Desk):
    await collect.embed(desk.store, embeddings.load(embeddings.DEFAULT))
    papers = [trend.paper for trend in (await desk.engine.shortlist()).trends]
    neighbours = [(paper, (await desk.search.similar(paper, limit=10, offset=0))[0]) for paper in papers[:20]]
    paper, near = next((paper, near) for paper, near in neighbours if not all(each.stems for each in near))
    items = [block for block in (await desk.ask(f"similar {paper.id} count:10")).blocks if block.role == "item"]
    assert ["· close to it" in item.text for item in items] == [not each.stems for each in near]


PROMPTS = "compression of prompts"


async def follow_widely(desk: Desk) -> None:
    """Follow a topic that no paper of the sample says, as widely as can be: one is near enough then."""
    await desk.run("topics add", topic=PROMPTS, confirm="yes")
    for _ in range(3):
        await desk.run("topics wider", topic=PROMPTS)


@pytest.mark.parametrize(
    ("command", "options"),
    [("today", {"topic": PROMPTS, "count": "20"}), ("catchup", {"days": "14", "count": "20"})],
)
async def test_lists_say_which_papers_are_close_to_a_topic_without_its_words(
    desk: Desk, command: str, options: dict[str, str]
):
    await collect.embed(desk.store, embeddings.load(embeddings.DEFAULT))
    await follow_widely(desk)
    message = await desk.run(command, **options)
    shortlist = await desk.engine.shortlist()
    worded = shortlist.with_words(PROMPTS)
    items = {block.text.partition("\n")[0]: block.text for block in message.blocks if block.role == "item"}
    papers = await desk.store.papers.get(listed(message))
    assert papers
    for paper in papers.values():
        position = shortlist.documents.position(paper.id)
        assert (f"close to “{PROMPTS}”" in items[paper.title]) == (position not in worded)
    assert any("close to" in item for item in items.values())


async def test_why_a_digest_and_similar_say_close_to_where_the_words_are_missing(desk: Desk):
    await collect.embed(desk.store, embeddings.load(embeddings.DEFAULT))
    await desk.ask("subscribe")
    await follow_widely(desk)
    shortlist = await desk.engine.shortlist()
    close = listed(await desk.run("catchup", days="14", count="20"))
    worded = shortlist.with_words(PROMPTS)
    paper = next(each for each in close if shortlist.documents.position(each) not in worded)
    text = (await desk.ask(f"why {paper}")).text
    assert re.search(rf"it has not been shown, close to “{PROMPTS}” \([^)]*close in meaning\)", text)
    assert "matches “" not in text
    picks = {pick.paper.id: pick for pick in (await desk.engine.preview(await desk.subscription())).picks}
    assert {pick.close_to for each, pick in picks.items() if each in close} >= {(PROMPTS,)}


def test_the_command_line_prints_matches_best_first_and_one_line_for_a_fault(alone: None):
    filled()
    lines = [json.loads(line) for line in paperboy("match", "video", "--json").stdout.splitlines()]
    assert lines
    scores = [line["score"] for line in lines]
    assert scores == sorted(scores, reverse=True)
    assert paperboy("match", "zyzzyva").stdout == "zyzzyva: nothing matches\n"
    assert len(paperboy("match", "video", "--days", "1", "--json").stdout.splitlines()) <= len(lines)
    for wrong in ('cat:"', "x" * 10_000, ""):
        malformed = paperboy("match", wrong)
        assert (malformed.exit_code, len(malformed.stderr.splitlines())) == (2, 1)
        assert len(malformed.stderr) < 300
