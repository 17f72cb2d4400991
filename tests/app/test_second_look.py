"""Second looks: a reply where a paper was shown, once something about it changed that a reader would want to know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.routines import keep_posts
from bot.app.second_look import SecondLook
from bot.errors import Failure
from bot.model import Channel, ChannelSettings, Findings, Paper, Post, PostKey, Signal, SourceReport
from bot.model.post import RECAP
from bot.wording.parts import say
from tests.fakes import MONDAY, FakeOutlet, paper
from tests.harness.delivery import HERE, THERE, Delivery

SHOWN = replace(paper(1), comment="12 pages", version=1)


class Looks(Delivery):
    """A channel that was shown a paper on Monday, and the looks that follow."""

    def __init__(self, path: Path, outlet: FakeOutlet) -> None:
        super().__init__(path, outlet)
        self.outlet = outlet
        self.begin()

    def begin(self) -> None:
        """Start the routine, as a new process does."""

        async def post(posts: object) -> None:
            await keep_posts(self.store, None, posts, self.clock())  # type: ignore[arg-type]

        self.look_routine = SecondLook(self.store, post, ["fake", "slack", "discord"])

    async def show(self, *channels: Channel, papers: list[Paper] | None = None, **options: str) -> None:
        await self.collect(*(papers or [SHOWN]))
        for channel in channels or (HERE,):
            await self.subscribe(channel)
            await self.keep(channel, papers or [SHOWN], **options)  # type: ignore[arg-type]
        await self.look()

    async def collect(self, *papers: Paper, source: str = "arxiv", **counts: float) -> None:
        """A collection that brings these papers, and these counts of the first."""
        now = self.clock()
        await self.store.papers.add(Findings(papers), source, now)
        signals = tuple(Signal(SHOWN.id, "huggingface", kind, value, now) for kind, value in counts.items())
        await self.store.papers.add(Findings((), signals), "huggingface", now)
        await self.store.papers.report(SourceReport(source, now, now))

    async def look(self) -> None:
        await self.look_routine.run(self.clock())
        await self.deliver()

    async def changed(self, *papers: Paper, days: float = 1, source: str = "arxiv", **counts: float) -> None:
        """Some days later a collection brings these, and a look follows."""
        self.clock.advance(days=days)
        await self.collect(*papers, source=source, **counts)
        await self.look()

    def updates(self, channel: Channel = HERE) -> list[str]:
        return [each.text for each in self.outlet.in_channel(channel) if each.text.startswith("Update")]


@pytest.fixture
async def looks(tmp_path: Path) -> AsyncIterator[Looks]:
    made = Looks(tmp_path / "p.db", FakeOutlet())
    with made.store:
        yield made


ACCEPTED = replace(SHOWN, comment="12 pages. Accepted at ICLR 2026")
CODE = replace(SHOWN, code_url="https://github.com/acme/quill")
NEW_TEXT = replace(SHOWN, version=2, abstract=SHOWN.abstract.replace("1.5 %", "9.5 %"))
WITHDRAWN = replace(SHOWN, version=2, comment="This paper has been withdrawn by the authors.", withdrawn=True)


async def test_an_acceptance_is_told_once_under_the_opener_with_both_dates(looks: Looks) -> None:
    await looks.show()
    await looks.changed(ACCEPTED)
    [opener] = looks.outlet.openers(HERE)
    assert [each.text for each in looks.outlet.replies(opener)][-1] == (
        f"Update: {SHOWN.title}\n"
        "Venue: “Accepted at ICLR 2026”, in the authors' comment on arXiv since Tue 25 Nov, not on Mon 24 Nov"
    )
    for _ in range(3):
        looks.begin()
        await looks.changed(ACCEPTED)
    assert len(looks.updates()) == 1


async def test_several_changes_are_one_reply(looks: Looks) -> None:
    await looks.collect(SHOWN, github_stars=120, upvotes=40)
    await looks.show()
    await looks.changed(replace(ACCEPTED, code_url=CODE.code_url, version=2, abstract=NEW_TEXT.abstract), upvotes=131)
    assert looks.updates() == [
        f"Update: {SHOWN.title}\n"
        "Code: github.com/acme/quill, since Tue 25 Nov; no link on Mon 24 Nov, when it was shown here\n"
        "Venue: “Accepted at ICLR 2026”, in the authors' comment on arXiv since Tue 25 Nov, not on Mon 24 Nov\n"
        "New version: its abstract changed (v1 → v2, seen Tue 25 Nov; shown here Mon 24 Nov)\n"
        "… ember1x fjord1x. It reaches “1.5” → “9.5” % on the quill1x …\n"
        "Upvotes on Hugging Face: 40 on Mon 24 Nov → 131 on Tue 25 Nov"
    ]


async def test_stars_that_tripled_are_told_again_once_they_tripled_again(looks: Looks) -> None:
    await looks.collect(SHOWN, github_stars=120)
    await looks.show()
    for stars in (300, 359, 410, 900, 1_229, 1_230, 4_000, 20_000):
        await looks.changed(github_stars=stars)
    assert [each.partition("\n")[2] for each in looks.updates()] == [
        "GitHub stars: 120 on Mon 24 Nov → 410 on Thu 27 Nov",
        "GitHub stars: 410 on Thu 27 Nov → 1.2k on Sun 30 Nov",
        "GitHub stars: 1.2k on Sun 30 Nov → 4k on Mon 1 Dec",
    ]


async def test_one_reply_a_day_and_what_came_later_is_told_the_next_day(looks: Looks) -> None:
    await looks.show()
    await looks.changed(ACCEPTED)
    await looks.changed(CODE, days=0.1, source="huggingface")
    assert len(looks.updates()) == 1
    await looks.changed(days=1)
    assert [each.partition("\n")[2][:5] for each in looks.updates()] == ["Venue", "Code:"]


async def test_after_thirty_days_nothing_is_told_but_a_withdrawal_for_a_year(looks: Looks) -> None:
    await looks.show()
    await looks.changed(days=31)
    await looks.changed(ACCEPTED)
    assert looks.updates() == []
    await looks.changed(replace(WITHDRAWN, comment="withdrawn: eq. 3 is wrong"), days=300)
    assert looks.updates() == [
        f"Update: {SHOWN.title}\n"
        "Withdrawn: since Thu 22 Oct; it was shown here on Mon 24 Nov 2025\n“withdrawn: eq. 3 is wrong”"
    ]


async def test_a_withdrawal_that_is_taken_back_is_told_if_the_withdrawal_was(looks: Looks) -> None:
    await looks.show()
    await looks.changed(WITHDRAWN)
    back = replace(SHOWN, version=3, comment="12 pages, corrected")
    await looks.changed(back)
    await looks.changed(replace(WITHDRAWN, version=4))
    assert [each.partition("\n")[2].partition(":")[0] for each in looks.updates()] == [
        "Withdrawn",
        "No longer withdrawn",
        "Withdrawn",
    ]


async def test_a_withdrawal_that_was_taken_back_before_the_look_is_not_told(looks: Looks) -> None:
    await looks.show()
    looks.clock.advance(days=1)
    await looks.collect(WITHDRAWN)
    await looks.changed(replace(SHOWN, version=3, comment="12 pages, corrected"), days=0.1)
    assert looks.updates() == []


async def test_a_withdrawal_opens_an_archived_thread_and_nothing_else_does(looks: Looks) -> None:
    await looks.show()
    await looks.changed(ACCEPTED)
    await looks.changed(WITHDRAWN)
    assert [each.message.reopens for each in looks.outlet.in_channel(HERE)][-2:] == [False, True]


async def test_what_is_not_news_is_not_told(looks: Looks) -> None:
    await looks.collect(SHOWN, github_stars=20, upvotes=20)
    await looks.show()
    under_review = replace(SHOWN, comment="Submitted to ICLR 2026", title="Another title")
    await looks.changed(under_review, github_stars=80, upvotes=59)
    await looks.changed(replace(under_review, abstract=f"  {SHOWN.abstract.replace('study', 'studies')}\n", version=2))
    await looks.changed(replace(SHOWN, code_url="https://github.com/x/y"), source="file", days=40)
    assert looks.updates() == []


async def test_where_updates_are_off_or_the_digest_rests_nothing_is_told(looks: Looks) -> None:
    await looks.show(HERE, THERE)
    await looks.store.channels.change(HERE, ChannelSettings(), ChannelSettings(updates=False))
    await looks.store.subscriptions.pause(THERE, looks.clock(), until=None, reason=None)
    await looks.changed(ACCEPTED)
    assert looks.updates(HERE) == looks.updates(THERE) == []


async def test_in_several_channels_each_is_told_by_its_own_clock(looks: Looks) -> None:
    await looks.show(HERE, THERE)
    subscription = await looks.store.subscriptions.get(THERE)
    assert subscription is not None
    await looks.store.subscriptions.put(replace(subscription, timezone="Pacific/Auckland"))
    await looks.changed(ACCEPTED, days=0.4)
    assert "since Mon 24 Nov, not on Mon 24 Nov" in looks.updates(HERE)[0]
    assert "since Tue 25 Nov, not on Mon 24 Nov" in looks.updates(THERE)[0]


async def test_only_the_latest_thread_that_showed_it_is_used(looks: Looks) -> None:
    await looks.show()
    again = Post(
        PostKey(HERE, RECAP, "w"),
        MONDAY.date(),
        (say("again"),),
        MONDAY,
        MONDAY + timedelta(days=2),
        None,
        (SHOWN.id,),
    )
    looks.clock.advance(hours=1)
    await looks.store.ledger.keep_posts([again], looks.clock(), {HERE: 9})
    await looks.deliver()
    await looks.changed(ACCEPTED)
    [_, opener] = looks.outlet.openers(HERE)
    assert len(looks.outlet.replies(opener)) == len(looks.updates()) == 1


async def test_a_thread_that_is_gone_ends_the_update_and_no_other_follows_for_the_same_change(looks: Looks) -> None:
    await looks.show()
    looks.outlet.fails_next(Failure.THREAD_GONE)
    await looks.changed(ACCEPTED)
    await looks.changed()
    assert (looks.updates(), looks.outlet.attempts(HERE)) == ([], 3)


async def test_where_replies_are_forbidden_nothing_is_told(looks: Looks) -> None:
    looks.outlet.forbids_replies("no threads here")
    await looks.show()
    await looks.changed(ACCEPTED)
    assert looks.updates() == []


async def test_under_a_compact_digest_the_message_has_a_reply(looks: Looks) -> None:
    await looks.show(style="compact")
    await looks.changed(ACCEPTED)
    [opener] = looks.outlet.openers(HERE)
    assert len(looks.outlet.replies(opener)) == 1


@pytest.mark.parametrize("days", [-1, -40])
async def test_a_clock_that_is_set_back_tells_nothing_twice(looks: Looks, days: float) -> None:
    await looks.show()
    await looks.changed(ACCEPTED, days=2)
    await looks.changed(ACCEPTED, days=days)
    for _ in range(5):
        looks.begin()
        await looks.changed(ACCEPTED, days=1)
    assert len(looks.updates()) == 1


async def test_a_look_that_died_before_it_was_recorded_is_made_again_without_a_second_reply(looks: Looks) -> None:
    await looks.show()
    note = await looks.store.secrets.get_note("second look")
    assert note is not None
    await looks.changed(ACCEPTED)
    await looks.store.secrets.put_note("second look", note)
    looks.begin()
    await looks.changed(days=1)
    assert len(looks.updates()) == 1


async def test_a_source_that_fails_since_a_wrong_clock_set_its_time_ahead_holds_up_no_look(looks: Looks) -> None:
    ahead = MONDAY + timedelta(days=90)
    await looks.store.papers.report(SourceReport("hackernews", ahead, ahead))
    await looks.show()
    await looks.changed(ACCEPTED)
    assert len(looks.updates()) == 1
