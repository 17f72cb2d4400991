"""A digest as a thread, as one message, or as the one line of a quiet day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.model import Block, Digest, Message, Outcome, Pick, Reason, Span, Thread
from bot.wording import evidence
from bot.wording.cards import number_buttons, paper_blocks, paper_buttons, paper_summary
from bot.wording.parts import block, count, day_text, joined, named_fault, title_of, title_span

LONG_WINDOW = timedelta(days=4)
"""From here on a reader wonders how far back a digest looks."""
TOPICS_SHOWN = 6


def digest_thread(digest: Digest) -> Thread:
    """An opener with the ranked list and one reply a paper; compact style and quiet days are an opener alone."""
    if not digest.picks:
        return Thread(quiet_day(digest))
    if digest.style == "compact":
        return Thread(_compact(digest))
    replies = (_reply(number, pick) for number, pick in enumerate(digest.picks, start=1))
    return Thread(_opener(digest), tuple(replies))


def digest_message(digest: Digest) -> Message:
    """All of it in one message without buttons, for outlets that have no threads."""
    if not digest.picks:
        return quiet_day(digest)
    blocks = [block(_title(digest), "heading")]
    for number, pick in enumerate(digest.picks, start=1):
        blocks += _pick_blocks(number, pick)
    return Message((*blocks, *_notes(digest)), title=_subject(digest), private=False)


def _subject(digest: Digest) -> str:
    """The first title, and what else there is: that is how a mail is recognised in an inbox."""
    more = f" + {len(digest.picks) - 1} more" if len(digest.picks) > 1 else ""
    return f"{title_of(digest.picks[0].paper)}{more} · {day_text(digest.day)}"


def digest_preview(digest: Digest, *, subscribed: bool, past: bool = False) -> Message:
    """A digest shown to somebody who asked: the coming one as it would be now, or a past one."""
    if past:
        intro = "Chosen that day, with the evidence as it was then."
    elif subscribed:
        intro = "This is what the next digest here would be, if it were chosen now."
    else:
        intro = "This channel is not subscribed. With `subscribe` alone, this is what it would get now."
    if not digest.picks:
        return Message((Block("text", (Span(_why_quiet(digest)),)),), title=_title(digest))
    items = tuple(_compact_item(pick, reason=True) for pick in digest.picks)
    blocks = (block(_title(digest), "heading"), block(intro, "note"), *items, *_notes(digest))
    return Message(blocks, number_buttons(pick.paper for pick in digest.picks), title=_title(digest))


def quiet_day(digest: Digest) -> Message:
    """The one line of a day without papers, with the reason."""
    return Message((Block("text", (Span(_why_quiet(digest)),)),), title=_title(digest), private=False)


def pick_reason(pick: Pick) -> str:
    """`matches “video”`, `close in meaning to “robotics”`, `trending · your channel liked “drafts”`, `new, …`."""
    reason = pick.reason.value if pick.reason is not Reason.TOPIC else ""
    return " · ".join(part for part in (_matched(pick), reason, _liked(pick)) if part)


def _matched(pick: Pick) -> str:
    """The topics it matches, those with its words first."""
    return matched_topics(
        [topic for topic in pick.topics if topic not in pick.close_to],
        [topic for topic in pick.topics if topic in pick.close_to],
    )


def matched_topics(by_words: Sequence[str], close_to: Sequence[str]) -> str:
    """`matches “a”, close in meaning to “b”`; empty if there is nothing."""
    parts = (("matches", by_words), ("close in meaning to", close_to))
    return ", ".join(f"{verb} {joined(f'“{topic}”' for topic in topics)}" for verb, topics in parts if topics)


def _liked(pick: Pick) -> str:
    return f"your channel liked {joined(f'“{words}”' for words in pick.liked)}" if pick.liked else ""


def _title(digest: Digest) -> str:
    return f"Trending papers · {day_text(digest.day)}"


def _opener(digest: Digest) -> Message:
    items = tuple(
        Block("item", (title_span(pick.paper), Span(" — "), Span(evidence.short_evidence(pick.trend.evidence))))
        for pick in digest.picks
    )
    title = _title(digest)
    return Message((block(title, "heading"), *items, *_notes(digest)), title=title, private=False)


def _compact(digest: Digest) -> Message:
    items = tuple(_compact_item(pick) for pick in digest.picks)
    title = _title(digest)
    actions = number_buttons(pick.paper for pick in digest.picks)
    return Message((block(title, "heading"), *items, *_notes(digest)), actions, title=title, private=False)


def _compact_item(pick: Pick, *, reason: bool = False) -> Block:
    lines = [Span(f" — {evidence.short_evidence(pick.trend.evidence)}")]
    if sentence := paper_summary(pick.paper):
        lines.append(Span(f"\n{sentence}"))
    if reason and (why := pick_reason(pick)):
        lines.append(Span(f"\nChosen: {why}", italic=True))
    return Block("item", (title_span(pick.paper, bold=True), *lines))


def _reply(number: int, pick: Pick) -> Message:
    paper = pick.paper
    return Message(tuple(_pick_blocks(number, pick)), paper_buttons(paper), title_of(paper), paper.id, private=False)


def _pick_blocks(number: int, pick: Pick) -> list[Block]:
    note = " · ".join(part for part in (_matched(pick), _liked(pick)) if part)
    return paper_blocks(pick.paper, pick.trend, number=number, note=f"{note[:1].upper()}{note[1:]}")


def _notes(digest: Digest) -> tuple[Block, ...]:
    """The topics followed, and anything unusual about the day."""
    notes = [f"Following {_topics(digest)}." if digest.topics else "Following everything that trends."]
    if digest.chosen_at - digest.since > LONG_WINDOW:
        notes.append(f"This looks back to {day_text(digest.since.date())}.")
    if digest.day.weekday() >= 5:
        notes.append("The lists rest on weekends, so these are from the days before.")
    if digest.thinned:
        notes.append(f"{count(digest.thinned, 'near-duplicate')} left out.")
    if digest.faults:
        notes.append(f"Something may be missing: {'; '.join(map(named_fault, digest.faults))}.")
    return (Block("note", (Span(" ".join(notes)),)),)


def _topics(digest: Digest) -> str:
    listed = [f"“{topic}”" for topic in digest.topics[:TOPICS_SHOWN]]
    more = len(digest.topics) - len(listed)
    return joined([*listed, f"{more} more"]) if more else joined(listed)


def _why_quiet(digest: Digest) -> str:
    """One sentence without markup: topics are foreign."""
    day = day_text(digest.day)
    if digest.outcome is Outcome.LATE:
        return f"The digest of {day} was skipped: Paperboy was not running at that time."
    return f"No papers on {day}: {_reason(digest)}."


def _reason(digest: Digest) -> str:
    weekend = digest.day.weekday() >= 5
    match digest.outcome:
        case Outcome.NOTHING_NEW:
            return "the lists are empty on weekends" if weekend else "nothing new was listed since the last digest"
        case Outcome.NOTHING_MATCHED if digest.topics:
            return f"new ones came in, but none matched {_topics(digest)}"
        case Outcome.NOTHING_MATCHED:
            return "new ones came in, but nobody has noticed them yet, or they are muted here"
        case Outcome.SOURCES_DOWN:
            return f"{'; '.join(map(named_fault, digest.faults))}. They come with the next digest"
        case _:
            return "they are no longer stored"
