"""Several digests in one channel: which one a command means, and that one alone shows no name."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.commands import parse_line
from bot.handlers.completion import complete
from bot.model import SubscriptionChanges
from tests.harness.desk import ADA, BEN, HERE, NOW, OMNI, listed, options_of

TWO = ("subscribe at:9 size:3", "subscribe name:rl reinforcement learning weekly:mon size:2")


async def several(desk, *lines: str):
    for line in lines or TWO:
        await desk.ask(line)


async def names(desk) -> list[str]:
    return [each.name for each in await desk.store.subscriptions.of(HERE)]


async def digest_of(desk, name: str):
    return await desk.store.subscriptions.get(HERE, name)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("subscribe name:rl reinforcement learning", {"name": "rl", "topics": "reinforcement learning"}),
        (
            "subscribe reinforcement learning, RLHF name:rl weekdays 9am",
            {"name": "rl", "topics": "reinforcement learning, RLHF", "days": "weekdays", "at": "9am"},
        ),
        (
            "subscribe name:rl cat:cs.LG -medical at 9 in Berlin please",
            {"name": "rl", "topics": "cat:cs.LG -medical", "at": "at 9", "timezone": "Berlin"},
        ),
        ("subscribe name:vlm Florence models 7 papers",
         {"name": "vlm", "topics": "Florence models", "size": "7 papers"}),
        ('subscribe name:nlp "machine translation" | author:"Yejin Choi" size:3',
         {"name": "nlp", "topics": '"machine translation" | author:"Yejin Choi"', "size": "3"}),
        ("subscribe name:rl topics: robot learning, drones size:3",
         {"name": "rl", "topics": "robot learning, drones", "size": "3"}),
        ("subscribe topics:robotics", {"topics": "robotics"}),
        ("topics add video diffusion name:rl", {"topic": "video diffusion", "name": "rl"}),
        ("topics add name:rl video diffusion", {"topic": "video diffusion", "name": "rl"}),
        ("pause name:rl 2w", {"name": "rl", "until": "2w"}),
        ("digest name:rl yesterday", {"name": "rl", "date": "yesterday"}),
    ],
)  # fmt: skip
def test_a_line_names_its_digest_and_has_the_topics_in_it(line: str, options: dict[str, str]):
    assert parse_line(line)[1] == options


async def test_a_second_digest_has_settings_of_its_own_and_the_first_stays(desk):
    await desk.ask("subscribe at:8 timezone:utc size:3 style:compact")
    before = await digest_of(desk, "main")
    answer = await desk.ask("subscribe name:RL reinforcement learning, robot learning weekly:mon size:2")
    assert answer.text.startswith("Subscribed to “rl”: 2 papers at 09:00 (UTC), Mondays, in one message.")
    assert "It follows “reinforcement learning” and “robot learning”." in answer.text
    assert answer.announcement.startswith("Somebody subscribed this channel to another digest, “rl”: 2 papers")
    digest = await digest_of(desk, "rl")
    assert (digest.topics, digest.days, digest.at) == (("reinforcement learning", "robot learning"), {0}, time(9))
    assert await digest_of(desk, "main") == before
    again = await desk.ask("subscribe name:rl video diffusion at:10")
    assert again.text.startswith("Changed the topics and the hour of “rl”")
    assert (await digest_of(desk, "rl")).topics == ("reinforcement learning", "robot learning", "video diffusion")


async def test_with_one_digest_nobody_sees_its_name(desk):
    lines = (
        "subscribe name:rl video", "settings", "subscribe size:2", "topics", "topics add audio", "topics mute medical",
        "topics add audio confirm:yes", "topics stricter audio", "topics remove audio", "pause", "resume", "test",
        "preview", "digest", "status", "subscriptions", "catchup 3", f"why {OMNI}", "unsubscribe",
        "unsubscribe confirm:yes",
    )  # fmt: skip
    for line in lines:
        answer = await desk.say(line)
        shown = answer.title if line == "settings" else f"{answer.text} {answer.announcement}"
        assert " rl" not in shown, line
        assert "“rl”" not in shown, line
    assert await names(desk) == []


async def test_a_command_without_a_name_means_main_and_says_so(desk):
    await several(desk)
    assert (await desk.ask("subscribe size:4")).text.startswith("Changed the size of “main”: 4 papers")
    preview = await desk.ask("topics add video diffusion")
    assert "Follow video diffusion in “main”?" in preview.text
    elsewhere = await desk.press(preview, "In rl instead")
    assert "Follow video diffusion in “rl”?" in elsewhere.text
    saved = await desk.press(elsewhere, "Follow")
    assert "Following video diffusion in “rl”. It follows 2 topics." in saved.text
    assert saved.announcement == "Somebody added the topic “video diffusion” of this channel's digest “rl”."
    assert (await digest_of(desk, "main")).topics == ()
    topics = await desk.ask("topics")
    assert topics.text.startswith("Topics of “main”")
    assert (await desk.press(topics, "Of rl")).text.startswith("Topics of “rl”\nfollows reinforcement learning")


async def test_a_topic_is_looked_for_in_every_digest(desk):
    await several(desk)
    assert "stricter than usual now" in (await desk.ask("topics stricter reinforcement learning")).text
    undone = await desk.ask("undo")
    assert "of this channel's digest “rl” usual again" in undone.announcement
    await desk.ask("topics add reinforcement learning confirm:yes name:main")
    which = await desk.ask("topics remove reinforcement learning")
    assert [action.label for action in which.actions] == ["main", "rl"]
    await desk.press(which, "rl")
    assert ((await digest_of(desk, "main")).topics, (await digest_of(desk, "rl")).topics) == (
        ("reinforcement learning",), (),
    )  # fmt: skip
    assert "No longer following" in (await desk.ask("topics remove #1 name:main")).text


async def test_what_would_stop_a_digest_asks_which(desk):
    await several(desk)
    for line in ("pause 2w", "unsubscribe"):
        which = await desk.ask(line)
        assert [action.label for action in which.actions] == ["main", "rl", "all"]
        assert which.text.startswith("Which digest: main, rl or all?")
    paused = await desk.press(await desk.ask("pause 2w"), "rl")
    assert paused.text.startswith("Paused “rl” until")
    assert paused.announcement.startswith("Somebody paused this channel's digest “rl” until")
    assert (await digest_of(desk, "main")).paused_at is None
    assert (await desk.ask("resume")).text.startswith("Digests of “rl” come again: next digest")
    paused = await desk.ask("pause name:all")
    assert paused.text.startswith("Paused “main” and “rl” until somebody resumes.")
    assert paused.announcement == "Somebody paused all digests of this channel."
    assert [action.label for action in (await desk.ask("resume")).actions] == ["main", "rl", "all"]
    resumed = await desk.press(paused, "Resume")
    assert "Digests of “main” come again" in resumed.text
    assert "Digests of “rl” come again" in resumed.text
    assert "The digest “main” was not paused" in (await desk.ask("resume")).text


async def test_a_pause_or_an_end_of_one_digest_leaves_the_others_posts(desk):
    await several(desk, "subscribe", "subscribe name:rl video")
    for name in ("main", "rl"):
        subscription = await digest_of(desk, name)
        digest = await desk.engine.preview(subscription)
        await desk.store.ledger.keep([digest], {subscription.key: subscription.next_due + timedelta(days=1)})
    await desk.ask("pause name:main")
    assert [each.post.key.partition(" ")[0] for each in await desk.store.ledger.open_posts(NOW)] == ["rl"]
    await desk.ask("resume name:main")
    await desk.ask("unsubscribe name:rl confirm:yes")
    assert not await desk.store.ledger.open_posts(NOW)


async def test_main_can_be_ended_while_others_remain(desk):
    await several(desk, *TWO, "subscribe name:nlp translation")
    ended = await desk.ask("unsubscribe name:main")
    assert ended.text.startswith("Unsubscribed from “main”. “nlp” and “rl” go on.")
    assert ended.announcement == "Somebody ended this channel's digest “main”."
    assert "Topics of “nlp”" in (await desk.ask("topics")).text, "what only shows takes the first"
    for line in ("subscribe size:2", "settings", "topics add video"):
        which = await desk.ask(line)
        assert which.text.startswith("Which digest: nlp or rl?"), line
        assert [action.label for action in which.actions] == ["nlp", "rl"]
    question = await desk.ask("unsubscribe name:nlp")
    assert question.text.startswith("No more digests of “nlp”, and its 1 topic would be deleted.")
    await desk.press(question, "Unsubscribe")
    assert (await desk.ask("subscribe size:6")).text.startswith("Changed the size: 6 papers"), (
        "the only one has no name"
    )
    assert await names(desk) == ["rl"]
    assert (await desk.ask("unsubscribe confirm:yes")).text.startswith("Unsubscribed: no more digests here.")
    assert await names(desk) == []


async def test_all_digests_end_with_one_question(desk):
    await several(desk, "subscribe name:rl video", "subscribe name:nlp translation")
    question = await desk.ask("unsubscribe name:all")
    assert "No more digests here, and the channel's 2 topics would be deleted." in question.text
    assert (await desk.press(question, "Unsubscribe")).text.startswith("Unsubscribed: no more digests here.")
    assert await names(desk) == []


@pytest.mark.parametrize(
    "line",
    [
        "pause name:lr",
        "preview name:lr",
        "topics name:lr",
        "topics add x name:lr",
        "settings name:lr",
        "digest name:lr",
    ],
)
async def test_an_unknown_name_is_answered_with_those_there_are(desk, line: str):
    await several(desk)
    assert (await desk.ask(line)).text.startswith("There is no digest “lr” here.")
    assert "This channel has main and rl." in (await desk.ask(line)).text
    assert await names(desk) == ["main", "rl"]


async def test_a_name_in_a_channel_with_one_digest_is_answered_with_the_line_that_makes_it(desk):
    await desk.ask("subscribe")
    answer = await desk.ask("pause name:rl")
    assert answer.text == "There is no digest “rl” here. To make one: /papers subscribe name:rl."
    await desk.press(answer, "subscribe name:rl")
    assert await names(desk) == ["main", "rl"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("robot learning", "A digest's name is one word of at most 20 letters and digits. It could be robot-learning."),
        ("a" * 21, "A digest's name is one word of at most 20 letters and digits."),
        ("r/l", "It could be r-l."),
        ("!", "A digest's name is one word of at most 20 letters and digits."),
        ("all", "“all” means every digest of this channel."),
    ],
)
async def test_a_name_is_one_short_word(desk, name: str, fault: str):
    assert fault in (await desk.run("subscribe", name=name)).text
    assert await names(desk) == []
    assert "“20 letters”" not in (await desk.run("subscribe", name="a" * 20)).text
    assert await names(desk) == ["a" * 20]


async def test_a_channel_has_at_most_five(desk):
    await several(desk, "subscribe", *(f"subscribe name:d{number} video" for number in range(4)))
    answer = await desk.ask("subscribe name:more video")
    assert answer.text.startswith("A channel can have 5 digests, and this one has: main, d0, d1, d2 and d3.")
    assert "A channel can have 5 digests" in (await desk.run("settings", new="yes")).text
    form = await desk.form("settings")
    assert [action.label for action in form.others] == ["d0", "d1", "d2", "d3"]


async def test_what_a_topic_in_the_line_cannot_mean_is_said_and_nothing_is_made(desk):
    await desk.ask("subscribe")
    assert "cs.XX" in (await desk.ask("subscribe name:rl cat:cs.XX")).text
    assert await names(desk) == ["main"]


async def test_forms_say_which_digest_they_are_of_and_offer_the_others(desk):
    await several(desk)
    form = await desk.form("settings")
    assert (form.title, dict(form.options)) == ("Settings: main", {"name": "main"})
    assert [(each.label, dict(each.options)) for each in form.others] == [
        ("rl", {"name": "rl"}), ("Add a digest", {"new": "yes"}),
    ]  # fmt: skip
    other = await desk.form("settings", name="rl")
    assert (other.title, other.fields[0].value) == ("Settings: rl", "reinforcement learning")
    changes = await desk.handlers.read(other.filled({"size": "7"}), HERE)
    assert isinstance(changes, SubscriptionChanges)
    assert (await desk.handlers.apply(changes, ADA)).text.startswith("Changed the size of “rl”: 7 papers")
    assert ((await digest_of(desk, "main")).size, (await digest_of(desk, "rl")).size) == (3, 7)


async def test_a_form_makes_another_digest(desk):
    await desk.ask("subscribe at:8")
    form = await desk.form("settings")
    assert [action.label for action in form.others] == ["Add a digest"]
    another = await desk.form("settings", **form.others[0].options)
    assert (another.title, another.fields[0].name) == ("Settings: another digest", "name")
    for name, fault in (("", "Give it a name, such as rl."), ("main", "This channel has a digest main already."),
                        ("a b", "It could be a-b."), ("all", "means every digest")):  # fmt: skip
        refused = await desk.handlers.read(another.filled({"name": name, "topics": "video"}), HERE)
        assert fault in refused.fields[0].error
    changes = await desk.handlers.read(another.filled({"name": "Vision", "topics": "video"}), HERE)
    assert (await desk.handlers.apply(changes, ADA)).text.startswith("Subscribed to “vision”")
    assert (await digest_of(desk, "vision")).topics == ("video",)


async def test_lists_and_previews_have_names_where_there_are_several(desk):
    await several(desk, "subscribe at:9", "subscribe name:rl video at:10")
    preview = await desk.ask("preview")
    assert preview.title.startswith("Trending papers · main · ")
    other = await desk.press(preview, "Of rl")
    assert other.title.startswith("Trending papers · rl · ")
    assert set(listed(other)) & set(listed(preview)), "a preview keeps nothing"
    overview = (await desk.ask("subscriptions")).text
    assert "1 channel with 2 digests" in overview
    assert "slack:T1/C1 · main\n" in overview
    assert "slack:T1/C1 · rl\n" in overview
    status = (await desk.ask("status")).text
    assert "This channel, main: 5 papers at 09:00" in status
    assert "This channel, rl: 5 papers at 10:00" in status
    tested = (await desk.ask("test")).text
    assert "main: The next digest is due" in tested
    assert "rl: The next digest is due" in tested


async def test_past_digests_are_those_of_all_names_and_of_names_that_are_gone(desk):
    await several(desk, "subscribe at:9", "subscribe name:rl video at:10")
    for name in ("main", "rl"):
        subscription = await digest_of(desk, name)
        await desk.store.ledger.keep([await desk.engine.preview(subscription)], {})
    past = await desk.ask("digest")
    assert [action.label for action in past.actions] == ["Fri 24 Oct · main", "Fri 24 Oct · rl"]
    assert (await desk.press(past, "Fri 24 Oct · rl")).title == "Trending papers · rl · Fri 24 Oct"
    await desk.ask("unsubscribe name:rl confirm:yes")
    assert dict(options_of(await desk.ask("digest name:rl"), "Fri 24 Oct"))["name"] == "rl"
    assert (await desk.ask("digest 2025-10-24")).title == "Trending papers · Fri 24 Oct"
    assert "“video”" in (await desk.ask("digest 2025-10-24 name:rl")).text


async def test_votes_and_why_are_about_every_digest_of_the_channel(desk):
    await several(desk, "subscribe", "subscribe name:rl omni")
    why = (await desk.ask(f"why {OMNI}")).text
    assert "it has not been shown. main: follows everything that trends. rl: matches “omni”" in why
    voted = await desk.run("like", paper=OMNI)
    assert "Noted for this channel" in voted.text
    lessons = (await desk.store.feedback.lessons((HERE,)))[HERE]
    assert [feedback.topics for feedback in lessons.feedback] == [("omni",)]


async def test_names_are_completed(desk):
    await several(desk)
    digests = await desk.store.subscriptions.of(HERE)
    assert complete("preview", "name", "", digests) == ("main", "rl")
    assert complete("pause", "name", "", digests) == ("main", "rl", "all")
    assert complete("pause", "name", "", digests[:1]) == ("main",)
    assert complete("topics remove", "topic", "", digests) == ("reinforcement learning",)
    assert await desk.handlers.complete("topics add", "name", "r", ADA) == ("rl",)


async def test_only_managers_make_another_digest(desk):
    await desk.ask("subscribe")
    assert "you need the permission" in (await desk.ask("subscribe name:rl video", BEN)).text
    assert await names(desk) == ["main"]
    await desk.ask("subscribe name:rl video", replace(BEN, may_manage=True))
    assert (await digest_of(desk, "rl")).set_by == BEN.user
