"""Contract of every outlet. Inherit it and give it a fixture `platform` that reads the posted messages.

class TestMine(OutletContract):              class TestMineToo(FrontContract):
    @pytest.fixture                              @pytest.fixture
    def platform(self): return MyPlatform()      async def chat(self, desk): ... yield MyChat(front)
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import (
    Action,
    Block,
    Channel,
    DigestRecord,
    Evidence,
    Message,
    OtherTopic,
    Ref,
    Span,
    Subscription,
    TopicVotes,
    Trend,
    delivery_key,
)
from bot.model.counts import Counts
from bot.model.recap import Recap, RecapPaper
from bot.ports import Outlet
from bot.ports.editing import Editing
from bot.wording.cards import Entry, Listing, paper_card, paper_listing, rank_explanation
from bot.wording.counts import with_counts
from bot.wording.digest import digest_preview, digest_thread, quiet_day
from bot.wording.help import about_paperboy, help_all
from bot.wording.history import Total, past_digests, subscription_list
from bot.wording.mail_digest import digest_message
from bot.wording.notices import DELIVERY_PROOF, GREETING, notice_message, paused_notice, problem, skipped_notice
from bot.wording.recap import recap_message
from bot.wording.status import status_report
from bot.wording.topics import Strictness, TopicPreview, topic_list, topic_moved, topic_preview
from tests.fakes import MONDAY, digest, paper

TODAY = MONDAY.date()
HOSTILE = (
    "<!channel> <@U123> @everyone @here <@&99> <https://evil.example|click> [x](https://evil.example) "
    "\x1b[2J\x1b]0;owned\x07 \r\n\x00 ``` *_~`| \u202egnp.exe \u2066 &lt;script&gt; <script>alert(1)</script>"
)


class Platform(Protocol):
    """An outlet, and the eyes of somebody who reads its channel."""

    outlet: Outlet
    channel: Channel

    async def roots(self) -> list[str]:
        """The channel's own messages as they are shown, oldest first."""
        ...

    async def replies(self, root: int) -> list[str]:
        """The replies in the thread of one of them."""
        ...

    async def is_gone(self, ref: Ref, text: str) -> bool:
        """Whether a retracted message is gone, or where nothing can go, marked as taken back."""
        ...

    def pings(self, shown: str) -> bool:
        """Whether this text would notify somebody, link somewhere in disguise, or take over a screen."""
        ...

    def fails_next(self) -> bool:
        """Make the next post fail; False where that can't be arranged."""
        ...


def say(text: str) -> Message:
    """A public message of one line."""
    return Message((Block("text", (Span(text),)),), title=text, private=False)


def samples() -> dict[str, Message]:
    """Every kind of message the bot says."""
    channel = Channel("fake:T1/C1")
    papers = [paper(n) for n in range(1, 6)]
    chosen = digest(channel, papers)
    subscription = Subscription(channel, topics=("video diffusion",), mutes=("medical",), next_due=MONDAY)
    other = OtherTopic("cat:cs.RO", "Robotics", 84, 20)
    strictness = Strictness("stricter", {"usual": 40, "much-stricter": 24}, TopicVotes(2, 1))
    preview = TopicPreview(
        "video diffusion",
        mute=False,
        matched=31,
        noticed=12,
        days=14,
        examples=tuple(papers),
        missed=tuple(papers[:3]),
        strictness=strictness,
        others=(other,),
    )
    evidence = (Evidence("huggingface", "upvotes", 132, MONDAY, 91, MONDAY - timedelta(days=1), 0.8),)
    entries = tuple(Entry(each, evidence) for each in papers)
    trend = Trend(papers[0], 1.0, 1.0, evidence, "rule-1")
    thread = digest_thread(chosen)
    listed = tuple(RecapPaper(each, 3, each.url) for each in papers[:3])
    recap = Recap(TODAY, listed, listed, listed, MONDAY + timedelta(days=3), ("Journal club on Thursday.",))
    return {
        "opener": thread.opener,
        "reply": thread.replies[0],
        "compact": digest_thread(replace(chosen, style="compact")).opener,
        "single": digest_message(chosen),
        "quiet": quiet_day(digest(channel, [])),
        "preview": digest_preview(chosen, subscribed=True),
        "paused": notice_message(paused_notice(subscription, "it was archived")),
        "skipped": notice_message(skipped_notice(subscription, TODAY, "it was late")),
        "problem": problem("That is no time. Try 09:00."),
        "proof": DELIVERY_PROOF,
        "hello": GREETING,
        "help": help_all(),
        "about": about_paperboy("1.0"),
        "status": status_report([], [subscription], papers=5, observations=9, now=MONDAY),
        "card": paper_card(papers[0], trend),
        "listing": paper_listing(Listing("Today", entries, "today", more=True)),
        "why": rank_explanation(trend, MONDAY, rule="more is more"),
        "counts": with_counts(thread.replies[0], Counts(3, 2)),
        "recap": recap_message(recap, "UTC", MONDAY),
        "topics": topic_list(subscription, 1, MONDAY, {"video diffusion": TopicVotes(2, 1)}),
        "topic preview": topic_preview(preview),
        "topic moved": topic_moved(preview, "is stricter than usual now; it was as usual.", undo=True),
        "past days": past_digests([DigestRecord(TODAY, chosen.outcome, "done", 5)], MONDAY),
        "subscriptions": subscription_list([(subscription, None)], 1, Total(1, 1), MONDAY),
    }


class OutletContract:
    """The half of an outlet. The fixture `platform` is a fresh, empty Platform."""

    async def test_a_message_is_shown_once_and_has_a_handle(self, platform: Platform) -> None:
        ref = await self.post(platform, "Good morning")
        assert ref
        assert [("Good morning" in text) for text in await platform.roots()] == [True]

    async def test_replies_stand_under_their_own_opener_in_order(self, platform: Platform) -> None:
        if not platform.outlet.threads:
            pytest.skip("this outlet has no threads")
        for opener in ("Monday", "Tuesday"):
            ref = await self.post(platform, opener, slot=len(opener))
            for number in (1, 2, 3):
                await self.post(platform, f"{opener} {number}", under=ref, slot=len(opener) + number)
        assert len(await platform.roots()) == 2
        for root, opener in enumerate(("Monday", "Tuesday")):
            replies = await platform.replies(root)
            assert [f"{opener} {n}" in replies[n - 1] for n in (1, 2, 3)] == [True] * 3
            assert len(replies) == 3

    async def test_a_message_is_claimed_once_and_before_the_platform_has_it(self, platform: Platform) -> None:
        roots_at_claims: list[int] = []

        async def claim() -> None:
            roots_at_claims.append(len(await platform.roots()))

        key = delivery_key(platform.channel, TODAY, 0)
        await platform.outlet.post(platform.channel, say("Claimed"), under=None, key=key, claim=claim)
        assert roots_at_claims == [0]
        assert len(await platform.roots()) == 1

    async def test_a_message_that_cannot_be_claimed_is_not_sent(self, platform: Platform) -> None:
        async def claim() -> None:
            raise OSError("disk full")

        key = delivery_key(platform.channel, TODAY, 0)
        with pytest.raises(OSError, match="disk full"):
            await platform.outlet.post(platform.channel, say("Unclaimed"), under=None, key=key, claim=claim)
        assert await platform.roots() == []

    async def test_two_messages_have_two_handles(self, platform: Platform) -> None:
        assert await self.post(platform, "One", slot=1) != await self.post(platform, "Two", slot=2)

    async def test_a_message_is_found_by_its_key_or_the_outlet_says_that_it_cannot_tell(
        self, platform: Platform
    ) -> None:
        ref = await self.post(platform, "Where am I?", slot=4)
        assert await self.find(platform, slot=4) in {ref, "cannot tell"}

    async def test_a_reply_is_found_in_its_thread(self, platform: Platform) -> None:
        if not platform.outlet.threads:
            pytest.skip("this outlet has no threads")
        opener = await self.post(platform, "Opener")
        ref = await self.post(platform, "Reply", under=opener, slot=1)
        assert await self.find(platform, slot=1, under=opener) in {ref, "cannot tell"}

    async def test_nothing_is_found_that_was_never_posted(self, platform: Platform) -> None:
        await self.post(platform, "Something else")
        assert await self.find(platform, slot=77) in {None, "cannot tell"}

    async def test_foreign_text_notifies_nobody_and_acts_on_no_screen(self, platform: Platform) -> None:
        assert platform.pings(HOSTILE), "the harness would notice"
        span = Span(HOSTILE, url="javascript:alert(1)")
        spans = (span, Span(HOSTILE, code=True))
        blocks = tuple(Block(role, spans, spans) for role in ("heading", "text", "item", "note"))
        message = Message(blocks, (Action(HOSTILE[:70], "why", {"paper": HOSTILE[:40]}),), HOSTILE, private=False)
        await self.post_message(platform, message)
        [text] = await platform.roots()
        assert not platform.pings(text)
        assert "script" in text, "it is shown all the same"

    @pytest.mark.parametrize("kind", samples())
    async def test_every_kind_of_message_can_be_posted(self, platform: Platform, kind: str) -> None:
        message = samples()[kind]
        await self.post_message(platform, message)
        [text] = await platform.roots()
        word = re.search(r"[A-Za-z]{4,}", message.text)
        assert word is not None
        assert word[0] in text

    async def test_a_message_too_long_for_any_platform_arrives_cut_rather_than_not(self, platform: Platform) -> None:
        blocks = tuple(Block("item", (Span(f"paper {n} " + "word " * 300),)) for n in range(60))
        await self.post_message(platform, Message(blocks, title="t" * 500, private=False))
        assert "paper 0" in (await platform.roots())[0]

    async def test_an_edited_message_stays_in_its_place_is_found_again_and_notifies_nobody(
        self, platform: Platform
    ) -> None:
        outlet, channel = platform.outlet, platform.channel
        if not isinstance(outlet, Editing):
            pytest.skip("this platform edits no messages")
        opener = await self.post_message(platform, samples()["opener"])
        if platform.outlet.threads:
            await self.post(platform, "Before", under=opener, slot=1)
        under = opener if platform.outlet.threads else None
        card, key = samples()["reply"], delivery_key(channel, TODAY, 2)
        ref = await self.post_message(platform, card, under=under, slot=2)
        for likes in (1, 2):
            await outlet.edit(channel, ref, with_counts(card, Counts(likes, 1)), under=under, key=key)
        opened = replace(samples()["opener"], title="t", blocks=(Block("text", (Span(f"new {HOSTILE}"),)),))
        await outlet.edit(channel, opener, opened, under=None, key=delivery_key(channel, TODAY, 0))
        [root], shown = await platform.roots(), await platform.replies(0)
        assert "new" in root
        assert ["👍 2 · 💬 1 wants to discuss" in text for text in shown] == [False, True]
        assert await self.find(platform, slot=2, under=under) == ref
        assert not platform.pings(root)

    async def test_an_edit_of_a_message_that_is_gone_says_so(self, platform: Platform) -> None:
        outlet = platform.outlet
        if not isinstance(outlet, Editing):
            pytest.skip("this platform edits no messages")
        ref = await self.post(platform, "Gone")
        await outlet.retract(platform.channel, ref)
        with pytest.raises(DeliveryError) as caught:
            await outlet.edit(
                platform.channel, ref, say("Back"), under=None, key=delivery_key(platform.channel, TODAY, 0)
            )
        assert caught.value.kind in {Failure.MESSAGE_REFUSED, Failure.THREAD_GONE}

    async def test_a_retracted_message_is_gone(self, platform: Platform) -> None:
        await self.post(platform, "Stays", slot=1)
        ref = await self.post_message(platform, DELIVERY_PROOF, slot=2)
        await platform.outlet.retract(platform.channel, ref)
        assert await platform.is_gone(ref, DELIVERY_PROOF.text)
        assert "Stays" in (await platform.roots())[0]

    async def test_a_proof_leaves_nothing_behind(self, platform: Platform) -> None:
        await self.post(platform, "Stays", slot=1)
        with suppress(CannotTell):
            await platform.outlet.prove(platform.channel)
        [remaining] = await platform.roots()
        assert "Stays" in remaining
        assert await platform.replies(0) == []

    async def test_what_a_proof_lacks_is_said(self, platform: Platform) -> None:
        if not platform.fails_next():
            pytest.skip("this platform can't be made to fail")
        with pytest.raises(DeliveryError) as caught:
            await platform.outlet.prove(platform.channel)
        assert caught.value.reason

    async def test_a_failure_is_a_delivery_error_of_a_known_kind_and_the_next_post_goes_through(
        self, platform: Platform
    ) -> None:
        if not platform.fails_next():
            pytest.skip("this platform can't be made to fail")
        with pytest.raises(DeliveryError) as caught:
            await self.post(platform, "Lost", slot=1)
        assert caught.value.kind in set(Failure)
        assert caught.value.reason
        await self.post(platform, "Found", slot=2)
        assert any("Found" in text for text in await platform.roots())

    # how a test says it

    async def post(self, platform: Platform, text: str, *, under: Ref | None = None, slot: int = 0) -> Ref:
        return await self.post_message(platform, say(text), under=under, slot=slot)

    async def post_message(
        self, platform: Platform, message: Message, *, under: Ref | None = None, slot: int = 0
    ) -> Ref:
        key = delivery_key(platform.channel, TODAY, slot)
        return await platform.outlet.post(platform.channel, message, under=under, key=key)

    async def find(self, platform: Platform, *, slot: int, under: Ref | None = None) -> Ref | None:
        key = delivery_key(platform.channel, TODAY, slot)
        try:
            return await platform.outlet.find(platform.channel, key, under=under, since=MONDAY - timedelta(days=1))
        except CannotTell as error:
            return Ref("cannot tell" if error.reason else "no reason")
