"""What people have after a soak: messages on Slack, mails, letters, pages and files, counted as rows."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tests.bench.figures import Row
from tests.bench.soak_visitors import Visitors
from tests.discord.fake import FakeDiscord
from tests.email.server import Mail
from tests.slack.fake import Team

PAPER = re.compile(r"arxiv\.org/abs/(\d{4}\.\d{5})")


@dataclass(frozen=True)
class Week:
    """The days of a soak, who was due, and how the process was killed."""

    days: tuple[datetime, ...]
    size: int
    channels: int
    readers: int
    kills: Counter[str]
    in_flight: set[tuple[str, str]]
    """Recipients of mails that were under way at a SIGKILL, and the day."""

    @property
    def names(self) -> list[str]:
        """The days as digests name them."""
        return [f"{day:%a} {day.day} {day:%b}" for day in self.days]


def rows(week: Week, team: Team, mails: Sequence[Mail], visitors: Visitors) -> Iterator[Row]:
    """All rows."""
    kills = ", ".join(f"{count} {name}" for name, count in sorted(week.kills.items()))
    size = f"{len(week.days)} days, {week.channels} Slack channels, {week.readers} readers by mail; killed by {kills}"
    yield from thread_rows("soak", f"Slack ({size})", week, slack_threads(team))
    yield from mail_rows("soak", week, [mail for mail in mails if mail.recipient.endswith("@example.com")])
    yield from _letters(week, [mail for mail in mails if mail.recipient.endswith("@example.net")], visitors)
    yield from _pages(visitors)


class Thread(NamedTuple):
    """A message outside of threads, and the replies to it."""

    channel: str
    text: str
    replies: list[str]
    """As the platform has them, in JSON."""


def slack_threads(team: Team) -> Iterator[Thread]:
    """Everything in the channels of a workspace."""
    for channel in team.channels.values():
        for root in channel.roots:
            yield Thread(channel.id, root.shown, [json.dumps(post.raw) for post in channel.thread(root.ts)])


def discord_threads(discord: FakeDiscord) -> Iterator[Thread]:
    """Everything in the channels of all servers."""
    for channel in list(discord.channels.values()):
        for root in channel.messages if channel.parent is None else ():
            thread = discord.channels.get(root.id)
            yield Thread(channel.id, root.text, [json.dumps(post.raw) for post in thread.messages] if thread else [])


def thread_rows(subject: str, where: str, week: Week, threads: Iterable[Thread]) -> Iterator[Row]:
    """Openers and replies of all digests in the channels of a platform."""
    openers, replies, lost, doubled = Counter[tuple[str, str]](), 0, 0, 0
    papers: defaultdict[str, list[str]] = defaultdict(list)
    for thread in threads:
        day = next((name for name in week.names if f"Trending papers · {name}" in thread.text), None)
        if day is None:
            continue
        openers[thread.channel, day] += 1
        shown = [PAPER.findall(reply)[0] for reply in thread.replies]
        replies += len(shown)
        doubled += len(shown) - len(set(shown))
        lost += max(0, week.size - len(set(shown)))
        papers[thread.channel] += set(shown)
    due = len(week.days) * week.channels
    again = sum(len(all_of_them) - len(set(all_of_them)) for all_of_them in papers.values())
    figure = f"{len(openers)} of {due}, {openers.total() - len(openers)} doubled"
    yield Row(subject, f"openers on {where}", figure, "all, 0")
    figure = f"{replies} of {due * week.size}, {doubled} doubled, {lost} lost; papers shown twice: {again}"
    yield Row(subject, "replies", figure, "all, 0, 0; 0")


def mail_rows(subject: str, week: Week, mails: Sequence[Mail]) -> Iterator[Row]:
    """Digests by mail: each once, or given up only if it may have left, and told of in the next one."""
    counts = Counter((mail.recipient, _day_of(mail, week.names)) for mail in mails)
    came = {key for key in counts if key[1]}
    due = {(f"reader{number}@example.com", name) for number in range(week.readers) for name in week.names}
    missing = due - came
    notices = {(mail.recipient, name) for mail in mails for name in week.names if _tells_of(mail, name)}
    doubled = sum(count > 1 for key, count in counts.items() if key[1])
    figure = f"{len(came & due)} of {len(due)}, {doubled} doubled, {len(missing)} given up"
    yield Row(subject, "digests by mail, from a server that takes a second each", figure, "0 doubled")
    silent, early = missing - notices, missing - week.in_flight
    figure = f"{len(missing)}; of them not under way at a SIGKILL: {len(early)}; not told of in the next: {len(silent)}"
    beside = f"under way at a SIGKILL: {len(week.in_flight & due)}"
    yield Row(subject, "mails given up", figure, "0; 0", beside)
    wrong = notices - missing - week.in_flight
    figure = f"{len(notices & came)}; of them not under way at a SIGKILL: {len(wrong)}"
    yield Row(subject, "mails that came, of which the next one says that they may not have", figure, "0")


def _day_of(mail: Mail, names: Sequence[str]) -> str | None:
    """The digest's day among these, by the line under its masthead: `Tuesday 16 June · 5 papers`; None for a letter."""
    dateline = next((line for line in mail.text.splitlines() if " · " in line), "")
    weekday, day, month = (*dateline.split(), "", "", "")[:3]
    name = f"{weekday[:3]} {day} {month[:3]}"
    return name if name in names else None


def _tells_of(mail: Mail, name: str) -> bool:
    """Whether a mail says that an earlier digest may be missing, and lists papers of it."""
    return f"The digest of {name} may not have reached you. It had: •" in " ".join(mail.text.split())


def _letters(week: Week, letters: Sequence[Mail], visitors: Visitors) -> Iterator[Row]:
    counts = Counter(letter.recipient for letter in letters)
    missing = visitors.answered - set(counts)
    early = missing - {address for address, _ in week.in_flight}
    doubled = sum(count > 1 for count in counts.values())
    figure = (
        f"{len(visitors.answered & set(counts))} of {len(visitors.answered)}, {doubled} doubled, {len(missing)} lost"
    )
    what = "letters to those whom the page told to look for one"
    yield Row("soak", what, f"{figure}; of them not under way at a SIGKILL: {len(early)}", "0 doubled; 0")


def _pages(visitors: Visitors) -> Iterator[Row]:
    figure = f"{visitors.changes_lost} of {visitors.changes}"
    yield Row("soak", "preferences that a page said were saved and that were not", figure, "0")
    yield Row("soak", "files downloaded that were not whole", f"{visitors.files_wrong} of {visitors.files}", "0")
    yield Row("soak", "answers to visitors, by status", str(dict(visitors.statuses)), "200, or cut")
    yield Row("soak", "pages opened after a restart, by status", str(dict(visitors.restarts)), "200 only")
