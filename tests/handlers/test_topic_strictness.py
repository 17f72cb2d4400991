"""Topics that match more or less strictly: previewed, moved by managers and by votes, undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.digest.shortlist import Shortlist
from bot.model import TopicThreshold, Trend
from bot.query.matcher import Documents
from bot.query.paper_set import PaperSet
from bot.query.semantic import Closeness
from bot.query.strictness import threshold_of
from tests.fakes import digest
from tests.harness.desk import ADA, BEN, HERE, NOW, OMNI, Desk, options_of

MEANT = "teaching machines to see and speak"
"""A topic whose probabilities are spread evenly over the candidates: each step changes its papers."""
MANAGER = replace(BEN, may_manage=True)


@pytest.fixture(autouse=True)
def spread_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the model says of it: the first candidate is the likeliest to be of `MEANT`."""
    by_model = Documents.probabilities

    def probabilities(documents: Documents, text: str, closeness: Closeness | None = None) -> NDArray[np.float16]:
        if text.startswith("teaching machines"):
            return np.linspace(0.99, 0.01, len(documents)).astype(np.float16)
        return by_model(documents, text, closeness)

    monkeypatch.setattr(Documents, "probabilities", probabilities)


def buttons(message) -> list[str]:
    return [action.label for action in message.actions]


async def at(desk: Desk, topic: str, threshold: float) -> set[str]:
    """Ids of the candidates that match."""
    shortlist = await desk.engine.shortlist()
    await desk.engine.understand(shortlist, (topic,))
    return ids_of(shortlist, shortlist.matching(topic, threshold))


def ids_of(shortlist: Shortlist, papers: PaperSet) -> set[str]:
    return {shortlist.trends[position].paper.id for position in papers}


async def threshold(desk: Desk, topic: str = MEANT) -> float | None:
    return (await desk.subscription()).threshold(topic)


async def follow(desk: Desk, topic: str = MEANT, **options: str) -> None:
    await desk.run("topics add", topic=topic, confirm="yes", **options)


async def test_a_preview_names_what_nearly_matched_and_moves_both_ways(desk: Desk):
    preview = await desk.ask(f"topics add {MEANT}")
    assert buttons(preview)[:3] == ["Follow", "Stricter", "Wider"]
    matched = {level: len(await at(desk, MEANT, threshold_of(level))) for level in ("wider", "usual", "stricter")}
    assert matched["wider"] > matched["usual"] > matched["stricter"], "the topic is one that steps change"
    assert f"It would have matched {matched['usual']} papers" in preview.text
    assert "It matches as usual." in preview.text
    assert f"A step stricter: {matched['stricter']} paper" in preview.text
    assert f"a step wider: {matched['wider']} papers." in preview.text
    at_block = [block.text for block in preview.blocks].index("Nearly matched:")
    missed = [block.text.removeprefix("· ") for block in preview.blocks[at_block + 1 : at_block + 4]]
    titles = {trend.paper.title for trend in await trends(desk, await at(desk, MEANT, 0.5))}
    assert len(missed) == 3
    assert not titles & set(missed)
    stricter = await desk.press(preview, "Stricter")
    assert f"It would have matched {matched['stricter']} paper" in stricter.text
    assert "It is stricter than usual." in stricter.text
    saved = await desk.press(stricter, "Follow")
    assert f"Following {MEANT}, stricter than usual." in saved.text
    assert await threshold(desk) == threshold_of("stricter")


async def trends(desk: Desk, ids: set[str]) -> list[Trend]:
    return [trend for trend in (await desk.engine.shortlist()).trends if trend.paper.id in ids]


async def test_a_followed_topic_is_moved_a_step_at_a_time_to_the_end_and_no_further(desk: Desk):
    await follow(desk)
    states = []
    for _ in range(4):
        answer = await desk.ask(f"topics stricter {MEANT.upper()}")
        states.append(answer.blocks[0].text.removeprefix(f"{MEANT} is "))
    assert states == [
        "stricter than usual now; it was as usual.",
        "much stricter than usual now; it was stricter than usual.",
        "as strict as it gets now; it was much stricter than usual.",
        "as strict as it gets already.",
    ]
    assert "Stricter" not in buttons(answer)
    assert answer.announcement == "", "nothing was changed"
    assert await threshold(desk) == threshold_of("strictest")
    listed = await desk.ask("topics")
    assert f"follows {MEANT}\nas strict as it gets" in listed.text
    moved = await desk.ask("topics wider #1")
    assert "much stricter than usual now" in moved.text
    assert moved.announcement == f"Somebody made the topic “{MEANT}” of this channel's digest much stricter than usual."


async def test_digests_previews_and_catchup_take_the_topic_as_strictly_as_it_is(desk: Desk):
    await follow(desk)
    usual = {pick.paper.id for pick in (await desk.engine.preview(await whole(desk))).picks}
    await desk.run("topics stricter", topic=MEANT, strictness="strictest")
    strict = {pick.paper.id for pick in (await desk.engine.preview(await whole(desk))).picks}
    assert strict == await at(desk, MEANT, threshold_of("strictest"))
    assert strict < usual
    caught = await desk.ask("catchup 14 count:20")
    assert {dict(each.options)["paper"] for each in caught.actions if each.label.startswith("#")} == strict
    assert len((await desk.ask(f"today {MEANT} count:20")).actions) < len((await desk.ask("today count:20")).actions)


async def whole(desk: Desk):
    return replace(await desk.subscription(), size=20, last_at=NOW - timedelta(days=14))


async def test_moving_one_topic_or_editing_others_leaves_the_rest_as_it_is(desk: Desk):
    await follow(desk, strictness="wider")
    await follow(desk, "robotics")
    await desk.ask("topics stricter robotics")
    await desk.ask("topics remove robotics")
    await desk.handlers.run("settings", ADA, {"topics": f"video\n{MEANT}\nrobotics", "size": "7"})
    subscription = await desk.subscription()
    assert subscription.topics == ("video", MEANT, "robotics")
    assert {topic: each.value for topic, each in subscription.thresholds.items()} == {MEANT: threshold_of("wider")}


async def test_undo_takes_back_steps_and_votes_the_latest_first(desk: Desk):
    await follow(desk)
    await desk.ask(f"topics stricter {MEANT}")
    desk.clock.advance(minutes=1)
    await desk.run("dislike", paper=OMNI)
    desk.clock.advance(minutes=1)
    moved = await desk.ask("topics stricter #1")
    undone = await desk.press(moved, "Undo")
    assert undone.text == f"Taken back: {MEANT} is stricter than usual again."
    assert undone.announcement
    assert "Taken back: 👎" in (await desk.press(undone, "Undo another")).text
    assert f"{MEANT} is as usual again." in (await desk.ask("undo")).text
    assert "no feedback to take back" in (await desk.ask("undo")).text
    assert (await desk.subscription()).thresholds == {}


async def test_a_button_leads_where_it_said_whoever_pressed_before(desk: Desk):
    await follow(desk)
    seen = await desk.ask("topics add " + MEANT)
    assert buttons(seen)[:2] == ["Stricter", "Wider"], "it is followed already"
    await asyncio.gather(*(desk.press(seen, "Stricter", caller) for caller in (ADA, MANAGER, ADA)))
    assert await threshold(desk) == threshold_of("stricter"), "once, not three times"
    await desk.run("topics stricter", topic=MEANT, strictness="strictest")
    late = await desk.press(seen, "Stricter")
    assert "is as strict as it gets already." in late.text, "stricter never makes a topic wider"
    assert "is wider than usual now" in (await desk.press(seen, "Wider")).text
    await desk.ask(f"topics remove {MEANT}")
    gone = await desk.press(seen, "Wider")
    assert f"“{MEANT}” is not followed here. To follow it: /papers topics add {MEANT}." in gone.text
    assert (await desk.press(gone, MEANT)).blocks[0].text == f"Follow {MEANT}?"
    assert (await desk.subscription()).topics == ()


async def test_two_managers_who_follow_it_at_once_get_what_the_first_one_chose(desk: Desk):
    first, second = await desk.ask(f"topics add {MEANT}"), await desk.ask(f"topics add {MEANT}", MANAGER)
    stricter = await desk.press(second, "Stricter", MANAGER)
    await desk.press(await desk.press(first, "Wider"), "Follow")
    answer = await desk.press(stricter, "Follow", MANAGER)
    assert f"Already following {MEANT}, wider than usual." in answer.text
    assert await threshold(desk) == threshold_of("wider")


@pytest.mark.parametrize("topic", ["cat:cs.RO", '"world models"', "like:2405.14105", 'org:nvidia -"x y"'])
async def test_what_matches_exactly_has_no_buttons_and_says_so(desk: Desk, topic: str):
    preview = await desk.run("topics add", topic=topic)
    assert not {"Stricter", "Wider"} & set(buttons(preview))
    assert "matches as usual" not in preview.text
    await follow(desk, topic, strictness="stricter")
    assert (await desk.subscription()).thresholds == {}
    assert "matches exactly" in (await desk.run("topics stricter", topic=topic)).text


@pytest.mark.parametrize("topic", [f"{MEANT} | cat:cs.RO", f"{MEANT} -video", f"{MEANT} min:1"])
async def test_words_beside_fields_and_exclusions_move(desk: Desk, topic: str):
    await follow(desk, topic)
    before, after = await at(desk, topic, 0.5), await at(desk, topic, threshold_of("widest"))
    assert before < after
    assert "wider than usual now" in (await desk.run("topics wider", topic=topic)).text
    listed = await desk.ask("topics")
    assert "wider than usual" in listed.text


async def test_only_managers_move_topics_and_a_topic_must_be_there(desk: Desk):
    assert "gets no digest yet" in (await desk.ask("topics stricter robotics")).text
    await follow(desk)
    assert "Manage Channels" in (await desk.ask(f"topics stricter {MEANT}", BEN)).text
    assert (await desk.subscription()).thresholds == {}
    misspelt = await desk.ask("topics wider teaching machines to se and speak")
    assert f"Did you mean /papers topics wider {MEANT}?" in misspelt.text
    assert "wider than usual now" in (await desk.press(misspelt, MEANT)).text


async def test_votes_move_their_topic_visibly_and_no_person_is_named(desk: Desk):
    await follow(desk)
    liked, *others = sorted(await at(desk, MEANT, 0.5))
    answer = await desk.run("like", paper=liked)
    assert answer.blocks[1].text == f"{MEANT} is slightly wider."
    assert f"{MEANT}\n👍 on its papers makes it slightly wider" in (await desk.ask("topics")).text
    tuning = (await desk.ask("tuning")).text
    assert f"{MEANT} is slightly wider: 1 paper with 👍." in tuning
    why = (await desk.ask(f"why {liked}")).text
    assert f"probability for “{MEANT}” is 0." in why
    assert "it takes 0.47 (slightly wider than usual)." in why
    assert (await desk.subscription()).thresholds == {}, "votes are not mixed with what managers set"
    for paper in others[:7]:
        last = await desk.run("dislike", MANAGER, paper=paper)
    assert f"{MEANT} is a step stricter, the most that votes can." in last.text
    assert "the most that votes can" in (await desk.ask("topics")).text
    assert "U2" not in tuning
    await desk.ask("tuning reset confirm:yes")
    assert "👎" not in (await desk.ask("topics")).text


async def test_a_vote_counts_for_the_topic_that_brought_the_paper_however_strict_it_is_now(desk: Desk):
    await follow(desk)
    far = next(trend.paper for trend in (await desk.engine.shortlist()).trends if trend.paper.id == OMNI)
    chosen = digest(HERE, [far], at=NOW)
    picks = tuple(replace(pick, topics=(MEANT,)) for pick in chosen.picks)
    await desk.store.ledger.keep([replace(chosen, picks=picks)], {})
    await desk.run("topics stricter", topic=MEANT, strictness="strictest")
    assert f"{MEANT} is slightly stricter." in (await desk.run("dislike", paper=OMNI)).text
    assert f"{MEANT} is no longer moved by votes." in (await desk.run("like", MANAGER, paper=OMNI)).text


async def test_a_save_in_private_moves_no_topic(desk: Desk):
    await follow(desk)
    paper = min(await at(desk, MEANT, 0.5))
    await desk.run("save", paper=paper)
    await desk.run("paper", paper=paper, share="yes")
    assert "makes it" not in (await desk.ask("topics")).text


async def test_a_threshold_between_two_levels_is_named_by_the_nearer_and_moves_on_from_there(desk: Desk):
    await follow(desk)
    subscription = await desk.subscription()
    await desk.store.subscriptions.put(replace(subscription, thresholds={MEANT: TopicThreshold(0.6)}))
    assert "stricter than usual" in (await desk.ask("topics")).text
    assert "is as usual now; it was stricter than usual." in (await desk.ask("topics wider #1")).text


@pytest.mark.parametrize(
    ("topic", "other", "name"),
    [
        ("robotics", "cat:cs.RO", "arXiv's category Robotics"),
        ("computer vision", "cat:cs.CV", "arXiv's category Computer Vision and Pattern Recognition"),
        ("nvidia", "org:NVIDIA", ""),
        ("hanrong ye", 'author:"hanrong ye"', ""),
    ],
)
async def test_a_category_an_organisation_and_an_author_are_offered_beside_the_words(
    desk: Desk, topic: str, other: str, name: str
):
    preview = await desk.ask(f"topics add {topic}")
    [line] = [block.text for block in preview.blocks if block.text.startswith(other)]
    assert name in line
    assert "would have matched" in line or "matches nothing yet; once followed" in line
    assert dict(options_of(preview, other)) == {"topic": other}
    assert f"Follow {other}?" in (await desk.press(preview, other)).text


@pytest.mark.parametrize("topic", ["video diffusion", "robotics | drones", "robotics -video", "cat:cs.RO", "the of"])
async def test_nothing_is_offered_beside_other_topics(desk: Desk, topic: str):
    preview = await desk.run("topics add", topic=topic)
    assert not [each for each in buttons(preview) if ":" in each]
