"""A digest as a thread, as a preview, or as the one line of a quiet day; by mail: `mail_digest`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.model import Action, Block, Digest, Message, Outcome, Pick, Reason, Span, Thread
from bot.query.topic_reasons import WordsSaid
from bot.text import joined
from bot.wording import evidence
from bot.wording.cards import number_buttons, paper_blocks, paper_buttons, paper_picture
from bot.wording.forecast import NOTICED
from bot.wording.linked import linked_blocks
from bot.wording.memory import neighbour_spans
from bot.wording.missed import missed_blocks
from bot.wording.parts import block, count, day_text, outage_text, quoted, stale_note, title_of, title_span
from bot.wording.summaries import paper_summary, summary_mark

LONG_WINDOW = timedelta(days=4)
"""Longest window that the digest does not mention."""
TOPICS_SHOWN = 6


def digest_thread(digest: Digest) -> Thread:
    """An opener with the ranked list and one reply per paper; compact style and quiet days are an opener alone."""
    if not digest.picks:
        return Thread(quiet_day(digest))
    if digest.style == "compact":
        items = [_compact_item(digest, pick) for pick in digest.picks]
        return Thread(_opener(digest, items, number_buttons(pick.paper for pick in digest.picks)))
    items = [Block("item", (title_span(pick.paper),), (Span(_short(digest, pick)),)) for pick in digest.picks]
    replies = (_reply(digest, number, pick) for number, pick in enumerate(digest.picks, start=1))
    return Thread(_opener(digest, items), tuple(replies))


def digest_preview(digest: Digest, *, subscribed: bool, past: bool = False, today: date | None = None) -> Message:
    """A digest on request: the coming one as it would be now, or a past one that is read `today`."""
    if not digest.picks:
        return replace(quiet_day(digest, today), private=True)
    intro = "This channel is not subscribed. With `subscribe` alone, this is what it would get now."
    if past:
        intro = "Chosen that day, with the evidence as it was then."
    elif subscribed:
        intro = "This is what the next digest here would be, if it were chosen now."
    items = tuple(_compact_item(digest, pick, reason=True) for pick in digest.picks)
    today = today or digest.read_at.date()
    title = _title(digest, today)
    notes = (*missed_blocks(digest, today), *linked_blocks(digest, today), *digest_notes(digest, today))
    blocks = (block(title, "heading"), block(intro, "note"), *items, *notes)
    return Message(blocks, number_buttons(pick.paper for pick in digest.picks), title=title)


def quiet_day(digest: Digest, today: date | None = None) -> Message:
    """The one line of a day without papers, with the reason; read `today`, or when it was chosen."""
    today = today or digest.read_at.date()
    reason = Block("text", (Span(_why_quiet(digest, today)),))
    others = (*missed_blocks(digest, today), *linked_blocks(digest, today))
    return Message((reason, *others), title=_title(digest, today), private=False)


def pick_reason(pick: Pick) -> str:
    """`matches “video”`, `close to “robotics”`, `trending · your channel liked “drafts”`, `new, …`."""
    reason = pick.reason.value if pick.reason is not Reason.TOPIC else ""
    return " · ".join(part for part in (_matched(pick), reason, _liked(pick)) if part)


def _matched(pick: Pick) -> str:
    """Topics that the paper matches, by words and by meaning."""
    return matched_topics(
        [topic for topic in pick.topics if topic not in pick.close_to],
        [topic for topic in pick.topics if topic in pick.close_to],
    )


def matched_topics(by_words: Sequence[str], close_to: Sequence[str]) -> str:
    """`matches “a”, close to “b”`; empty if there is nothing."""
    parts = (("matches", by_words), ("close to", close_to))
    return ", ".join(f"{verb} {quoted(topics)}" for verb, topics in parts if topics)


def matched_because(by_words: Mapping[str, str], close_to: Mapping[str, str]) -> str:
    """`matches “a” (in a row in the title), close to “b” (none of its words, by meaning)`: topics and their reasons."""
    parts = (("matches", by_words), ("close to", close_to))
    named = ((verb, f"“{topic}”", reason) for verb, topics in parts for topic, reason in topics.items())
    return ", ".join(f"{verb} {topic}{f' ({reason})' if reason else ''}" for verb, topic, reason in named)


def words_reason(said: WordsSaid, *, close: bool) -> str:
    """`in a row in the title`, `“agents” in the title, “science” in the abstract, not “LLM”; close in meaning`."""
    if said.in_a_row:
        return f"in a row in the {said.in_a_row}"
    if not said.missing and not close and not (said.title and said.abstract):
        several = len(said.title or said.abstract) > 1
        return f"{'all words ' if several else ''}in the {'title' if said.title else 'abstract'}"
    if not said.title and not said.abstract:
        return "none of its words, close in meaning" if said.missing else ""
    places = (("title", said.title), ("abstract", said.abstract))
    parts = [f"{joined([f'“{word}”' for word in words])} in the {place}" for place, words in places if words]
    if said.missing:
        parts.append(f"not {joined([f'“{word}”' for word in said.missing])}")
    return f"{', '.join(parts)}{'; close in meaning' if close else ''}"


def _liked(pick: Pick) -> str:
    return f"your channel liked {quoted(pick.liked)}" if pick.liked else ""


def _title(digest: Digest, today: date) -> str:
    name = f"{digest.label} · " if digest.label else ""
    return f"Trending papers · {name}{day_text(digest.day, today)}"


def _short(digest: Digest, pick: Pick) -> str:
    return evidence.short_evidence(pick.trend.evidence, pick.paper, digest.read_at, pick.trend.listed)


def _opener(digest: Digest, items: Sequence[Block], actions: tuple[Action, ...] = ()) -> Message:
    today = digest.read_at.date()
    title = _title(digest, today)
    notes = (*missed_blocks(digest, today), *linked_blocks(digest, today), *digest_notes(digest, today))
    return Message((block(title, "heading"), *items, *notes), actions, title, private=False)


def _compact_item(digest: Digest, pick: Pick, *, reason: bool = False) -> Block:
    sentence, why = paper_summary(pick.paper), pick_reason(pick) if reason else ""
    facts = " · ".join(filter(None, (_short(digest, pick), summary_mark(pick.paper))))
    lines = [facts, *([f"Chosen: {why}"] if why else [])]
    summary = (Span(f"\n{sentence}"),) if sentence else ()
    close = (Span("\n"), *neighbour_spans(pick.neighbour, digest.read_at)) if pick.neighbour else ()
    return Block("item", (title_span(pick.paper, bold=True), *summary), (Span("\n".join(lines)), *close))


def _reply(digest: Digest, number: int, pick: Pick) -> Message:
    paper, blocks = pick.paper, _pick_blocks(digest.read_at, digest.timezone, number, pick)
    image = paper_picture(paper)
    return Message(blocks, paper_buttons(paper), title_of(paper), paper.id, private=False, image=image)


@lru_cache(maxsize=2_048)
def _pick_blocks(read_at: datetime, timezone: str, number: int, pick: Pick) -> tuple[Block, ...]:  # noqa: ARG001 - equal moments of two zones are one key
    """The paragraphs of a pick; cached, because most channels get the same papers."""
    note = " · ".join(part for part in (_matched(pick), _liked(pick)) if part)
    note = f"{note[:1].upper()}{note[1:]}"
    *blocks, links = paper_blocks(pick.paper, pick.trend, now=read_at, number=number, note=note)
    close = (Block("note", neighbour_spans(pick.neighbour, read_at)),) if pick.neighbour else ()
    return (*blocks, *close, links)


def digest_notes(digest: Digest, today: date) -> tuple[Block, ...]:
    """The topics followed, and anything unusual about the day."""
    topics = quoted(digest.topics, TOPICS_SHOWN) if digest.topics else "everything that trends"
    return (Block("note", (Span(" ".join((f"Following {topics}.", *unusual_notes(digest, today)))),)),)


def unusual_notes(digest: Digest, today: date) -> list[str]:
    """Sentences about anything unusual about the day."""
    notes, since = [], digest.since.astimezone(digest.read_at.tzinfo).date()
    if digest.chosen_at - digest.since > LONG_WINDOW:
        notes.append(f"This looks back to {day_text(since, today)}.")
    if digest.day.weekday() >= 5:
        notes.append("The lists rest on weekends, so these are from the days before.")
    if digest.thinned:
        notes.append(f"{count(digest.thinned, 'near-duplicate')} left out.")
    if any(pick.trend.listed >= evidence.ODDS_LEAST and not pick.trend.is_noticed for pick in digest.picks):
        notes.append(NOTICED)
    if stale := stale_note(digest.faults, digest.read_at):
        notes.append(stale)
    return notes


def _why_quiet(digest: Digest, today: date) -> str:
    """One sentence, for a span without markup: topics are foreign text."""
    day, weekend = day_text(digest.day, today), digest.day.weekday() >= 5
    name = f" for {digest.label}" if digest.label else ""
    match digest.outcome:
        case Outcome.LATE:
            return f"The digest{name} of {day} was skipped: Paperboy was not running at that time."
        case Outcome.NOTHING_NEW:
            reason = "the lists are empty on weekends" if weekend else "nothing new was listed since the last digest"
        case Outcome.NOTHING_MATCHED if digest.topics:
            reason = f"new ones came in, but none matched {quoted(digest.topics, TOPICS_SHOWN)}"
        case Outcome.NOTHING_MATCHED:
            reason = "new ones came in, but nobody has noticed them yet, or they are muted here"
        case Outcome.SOURCES_DOWN:
            reason = f"{outage_text(digest.faults, digest.read_at)}. They come with the next digest"
        case _:
            reason = "they are no longer stored"
    return f"No papers{name} on {day}: {reason}."
