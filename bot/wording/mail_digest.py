"""A digest by mail, laid out as a morning paper: masthead, a lead story, the others in short. Pure.

Every paper has two links at most: its page, and the page that says why it is here and takes a vote. Both lead below
`READER`, in whose place the outlet puts each reader's own signed link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

from bot.model import MAIN, Block, Digest, Message, Paper, Pick, Role, Span
from bot.model.mailbox import READER
from bot.wording import evidence
from bot.wording.cards import paper_picture
from bot.wording.digest import matched_topics, quiet_day, unusual_notes
from bot.wording.memory import date_text
from bot.wording.missed import missed_blocks
from bot.wording.parts import LONG_DAYS, block, byline, count, day_text, quoted, title_of
from bot.wording.summaries import authors_summary, paper_figures, paper_summary, summary_credit, summary_mark

SUBJECT_MAX = 60
"""Characters of a subject: more is cut by most lists of mails."""
NAME_MAX = 34
"""Characters of one paper's name in a subject."""
_NAME_END = re.compile(r":\s|:(?=[A-Z])|\s[–—]\s")
"""Between the name of a paper and what it is about."""
TOPICS_SHOWN = 3


def digest_message(digest: Digest) -> Message:
    """The whole digest in one message without buttons, for outlets without threads; titled by its papers' names."""
    today = digest.read_at.date()
    if not digest.picks:
        quiet = quiet_day(digest)
        title = f"{_named(digest, ' · ')}No papers · {day_text(digest.day, today)}"
        return Message((_masthead(), _dateline(digest, "no papers"), *quiet.blocks), title=title, private=False)
    lead, *others = digest.picks
    clock = digest.read_at, digest.timezone
    preheader = authors_summary(lead.paper) or title_of(lead.paper)  # a list of mails has no room for whose words
    blocks = [Block("preheader", (Span(preheader),)), _masthead()]
    blocks += [_dateline(digest, count(len(digest.picks), "paper")), *_matched_line(digest), *_story(lead, *clock)]
    for pick in others:
        blocks += _story(pick, *clock, short=True)
    blocks += missed_blocks(digest, today)
    if notes := unusual_notes(digest, today):
        blocks.append(Block("closing", (Span(" ".join(notes)),)))
    return Message(tuple(blocks), title=subject(digest), private=False, image=paper_picture(lead.paper))


def subject(digest: Digest) -> str:
    """Names of the first papers and how many more there are, in 60 characters: `DataFlow, Seed-Prover 1.5 + 3`.

    After the digest's own name, where its reader has several.
    """
    names, own = [short_name(pick.paper) for pick in digest.picks], _named(digest, ": ")
    for number in range(len(names), 0, -1):
        more = f" + {len(names) - number}" if number < len(names) else ""
        text = f"{own}{', '.join(names[:number])}{more}"
        if len(text) <= SUBJECT_MAX or number == 1:
            break
    return text


def short_name(paper: Paper) -> str:
    """Short name of a paper: the part of its title before the colon, else the beginning of the title."""
    title = title_of(paper)
    name = _NAME_END.split(title, maxsplit=1)[0] or title
    if len(name) <= NAME_MAX:
        return name
    return f"{name[:NAME_MAX].rpartition(' ')[0].rstrip(' ,;–—-') or name[: NAME_MAX - 1]}…"


def reader_url(*path: str) -> str:
    """URL of a page for the reader of a mail, below the placeholder `READER`."""
    return "/".join((READER, *(quote(part, safe="/.:()-_") for part in path)))


def _masthead() -> Block:
    return block("Paperboy", "masthead")


def _dateline(digest: Digest, what: str) -> Block:
    """`Sunday 22 November · 5 papers · Read in the browser`."""
    day = f"{LONG_DAYS[digest.day.weekday()]} {date_text(digest.day, digest.read_at.date())}"
    browser = Span("Read in the browser", url=digest_url(digest))
    return Block("dateline", (Span(f"{_named(digest, ' · ')}{day} · {what} · "), browser))


def _named(digest: Digest, separator: str) -> str:
    return f"{digest.label}{separator}" if digest.label else ""


def digest_url(digest: Digest) -> str:
    """URL of a digest's page: by its day, and by its name if that is not `main`."""
    name = "" if digest.name == MAIN else f":{digest.name}"
    return reader_url("digest", f"{digest.day.isoformat()}{name}")


def _matched_line(digest: Digest) -> Iterator[Block]:
    """One line of what matched, most papers first: `On “video”, “agents” and 1 more`; none without topics."""
    counts = {topic: sum(topic in pick.topics for pick in digest.picks) for topic in digest.topics}
    if matched := sorted(filter(counts.get, counts), key=lambda topic: -counts[topic]):
        yield Block("dateline", (Span(f"On {quoted(matched, TOPICS_SHOWN)}"),))


@lru_cache(maxsize=512)  # most channels get the same papers at the same moment
def _story(pick: Pick, now: datetime, timezone: str, *, short: bool = False) -> tuple[Block, ...]:  # noqa: ARG001 - below
    """A paper: the lead with authors, a key figure and the evidence in words, the others in three lines.

    `timezone` is that of `now`: the same moment in two zones is equal, and its words differ.
    """
    paper = pick.paper
    seen = (
        evidence.short_evidence(pick.trend.evidence, paper, now, pick.trend.listed)
        if short
        else evidence.long_evidence(pick.trend, now)
    )
    matched = [topic for topic in pick.topics if topic not in pick.close_to], list(pick.close_to)
    liked = f"you liked {quoted(pick.liked)}" if pick.liked else ""
    facts = " · ".join(part for part in (seen, matched_topics(*matched), liked) if part)
    why = Span("Why,\u00a0👍,\u00a0👎 or\u00a0save", url=reader_url("pick", paper.id))
    title = Span(title_of(paper), url=reader_url("paper", paper.id), bold=True)
    lines: tuple[tuple[Role, str], ...] = (
        ("note", "" if short else byline(paper)),
        ("text", "Withdrawn by its authors." if paper.withdrawn else ""),
        ("text", paper_summary(paper)),
        ("text", "" if short else paper_figures(paper)),
        ("note", summary_mark(paper) if short else summary_credit(paper)),
    )
    middle = (Block(role, (Span(text),)) for role, text in lines if text)
    return Block("title" if short else "lead", (title,)), *middle, Block("note", (Span(f"{facts} · "), why))
