"""Handlers about papers: today, catchup, paper, why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.commands import typed
from bot.digest.selection import SHORTEST_WINDOW, best_trends, channel_request, place_of
from bot.digest.shortlist import Shortlist
from bot.errors import QueryError
from bot.handlers.context import Context, Invocation, handles
from bot.handlers.corrections import category_question, exactly, respelled, with_corrections, with_hints
from bot.handlers.named_digest import read_digest
from bot.handlers.topic_preview import NEAREST_LEAST
from bot.model import Action, Channel, Message, Paper, Subscription, platform
from bot.query.parser import parse
from bot.query.strictness import has_threshold
from bot.query.topic_model import MATCHES
from bot.ranking.forecast.model import load
from bot.search import Correction
from bot.sources.sample import is_retold
from bot.wording.cards import Entry, Listing, paper_card, paper_listing, rank_explanation
from bot.wording.digest import matched_because, matched_topics, words_reason
from bot.wording.evidence import lead_sentence
from bot.wording.forecast import EARLY_ORDER
from bot.wording.memory import neighbour_spans
from bot.wording.notices import problem
from bot.wording.parts import count, outage_text, say, stale_note
from bot.wording.results import NO_MORE, RETOLD_ONE, nothing_recent
from bot.wording.topic_odds import TopicOdds, odds_text
from bot.wording.tuning import influence_text

if TYPE_CHECKING:
    from bot.query.paper_set import PaperSet
    from bot.ranking.profile import ProfileMatch


@handles("today")
async def list_trending(context: Context, invocation: Invocation) -> Message:
    """The trending papers of three days, of everything or of one topic; or those without votes."""
    shortlist = await context.engine.shortlist()
    topic, corrections = "", tuple[Correction, ...]()
    if invocation.has("topic"):
        topic, corrections = await respelled(context.search, invocation.text("topic"), invocation.now)
    is_early = invocation.text("order") == "early"
    all_papers = shortlist.unnoticed if is_early else shortlist.noticed
    papers, by_words = all_papers, all_papers
    if topic:
        matches, threshold = (
            await context.matches(shortlist, topic),
            await _threshold(context, invocation.channel, topic),
        )
        papers, by_words = matches.at(threshold), matches.by_words
    papers = papers & shortlist.unnoticed if is_early else papers
    now_is = "Not noticed yet" if is_early else "Trending now"
    title = f"{now_is} · {topic}" if topic else now_is
    recent = papers & shortlist.window(shortlist.now - SHORTEST_WINDOW)
    close = {topic: papers - by_words}
    order = EARLY_ORDER if is_early else ""
    digests = await context.digests(invocation.channel)
    if topic or not any(each.topics or each.mutes for each in digests):
        best = _Best(title, shortlist, recent, close=close, applies=order)
        answer = await _best_papers(context, invocation, best)
        answer = _with_typed(answer, invocation, corrections)
        if not topic or invocation.page(1)[0]:
            return answer
        return await with_hints(context, invocation, answer, is_empty=not recent)
    note = f"{order} Of everything: this channel's topics and mutes do not apply here.".strip()
    by_topics = (Action("By this channel's topics", "catchup", {"days": "3"}),)
    return await _best_papers(context, invocation, _Best(title, shortlist, recent, applies=note, others=by_topics))


async def _threshold(context: Context, channel: Channel, topic: str) -> float:
    """The threshold of a topic: as the channel follows it, if it does."""
    subscription = next((each for each in await context.digests(channel) if topic in each.topics), None)
    if subscription is None:
        return MATCHES
    return (await context.engine.with_votes(subscription)).threshold(topic) or MATCHES


def _with_typed(answer: Message, invocation: Invocation, corrections: Sequence[Correction]) -> Message:
    """The answer with what was corrected in its topic, and the button for the topic as typed."""
    if not corrections:
        return answer
    exact = exactly(invocation.text("topic"), corrections)
    return with_corrections(answer, corrections, Action("As typed", "today", {**invocation.again, "topic": exact}))


@handles("catchup")
async def catch_up(context: Context, invocation: Invocation) -> Message:
    """The best papers of some days by the channel's topics, mutes and profile."""
    span = invocation.value("days", timedelta)
    shortlist = await context.engine.shortlist_of(span)
    stored = await read_digest(context, invocation) or Subscription(invocation.channel)
    subscription = await context.engine.with_votes(stored)
    await context.engine.understand(shortlist, subscription.topics)
    request = await asyncio.to_thread(channel_request, subscription, shortlist)
    by_words = dict(request.with_words)
    close = {topic: papers - by_words[topic] for topic, papers in request.by_topic}
    title = f"The best of the last {count(span.days, 'day')}"
    recent = request.papers & shortlist.window(shortlist.now - span)
    profile_match = await context.engine.profile_match(invocation.channel, shortlist)
    best = _Best(title, shortlist, recent, profile_match, close)
    if subscription.topics or subscription.mutes:
        whose = f"the topics and mutes of “{stored.label}”" if stored.label else "this channel's topics and mutes"
        note = f"By {whose}."
        best = replace(best, applies=note, others=(Action("Of everything", "today"),))
    return await _best_papers(context, invocation, best)


@dataclass(frozen=True, slots=True)
class _Best:
    """A list of the best papers before it is cut into pages."""

    title: str
    shortlist: Shortlist
    papers: PaperSet
    profile_match: ProfileMatch | None = None
    close: Mapping[str, PaperSet] = field(default_factory=dict)
    """Topics and the papers that match them by meaning alone."""

    applies: str = ""
    """What the order is where that needs saying, and whether the channel's topics apply, where it has some."""
    others: tuple[Action, ...] = ()

    def note(self, paper: Paper) -> str:
        """`close to “robotics”`; empty for a paper that has the words of its topics."""
        position = self.shortlist.documents.position(paper.id)
        return matched_topics(
            (), [topic for topic, papers in self.close.items() if position is not None and position in papers]
        )


async def _best_papers(context: Context, invocation: Invocation, best: _Best) -> Message:
    start, end = invocation.page(invocation.number("count"))
    trends = await asyncio.to_thread(best_trends, best.shortlist, best.papers, end + 1, best.profile_match)
    entries = tuple(
        Entry(trend.paper, trend.evidence, note=best.note(trend.paper), listed=trend.listed)
        for trend in trends[start:end]
    )
    if not entries:
        question = category_question(invocation) if invocation.has("topic") else None
        return question or await _no_papers(context, invocation, best.shortlist)
    now = await context.local_now(invocation)
    outages = [each for each in best.shortlist.faults if each.is_stale(now)]
    news = stale_note(context.new_outages(invocation.caller.user, outages), now)
    notes = tuple(note for note in (best.applies, news) if note)
    page = listing_page(invocation, best.title, entries, more=len(trends) > end, notes=notes, now=now)
    return await worded_listing(context, invocation, replace(page, others=best.others))


async def _no_papers(context: Context, invocation: Invocation, shortlist: Shortlist) -> Message:
    if invocation.page(1)[0]:
        return problem(NO_MORE)
    if shortlist.faults:
        outages = outage_text(shortlist.faults, await context.local_now(invocation))
        return problem(f"Nothing to show: {outages}. Try again later.")
    if not len(shortlist):
        stored, _ = await context.store.papers.count()
        return say(f"{nothing_recent(stored)} {typed('status')} says how they do.")
    further = invocation.options.get("topic", "video diffusion")
    return say(f"Nothing matches at the moment. To look further back: {typed(f'search {further}')}.")


@handles("paper")
async def show_paper(context: Context, invocation: Invocation) -> Message:
    """One paper in full."""
    return await current_card(context, await context.paper(invocation.text("paper")), invocation)


@handles("why")
async def explain_rank(context: Context, invocation: Invocation) -> Message:
    """Every signal of a paper, and how the channel's topics and profile rate it."""
    paper = await context.paper(invocation.text("paper"))
    trend = (await context.engine.trends([paper], invocation.now))[paper.id]
    (worded,) = await context.worded(invocation.channel, trend.paper)
    trend = replace(trend, paper=worded)
    here = await _channel_view(context, invocation, paper)
    place = await asyncio.to_thread(place_of, await context.engine.shortlist(), paper)
    now = await context.local_now(invocation)
    parts = {} if trend.is_noticed else await asyncio.to_thread(load().why_listed, paper)
    return rank_explanation(trend, now, here=here, lead=lead_sentence(trend, place, now), forecast=parts)


async def _channel_view(context: Context, invocation: Invocation, paper: Paper) -> str:
    """Sentences about the paper in the channel: earlier digests, each one's topics and mutes, profile."""
    digests = await context.digests(invocation.channel)
    if not digests:
        return ""
    shortlist = await context.engine.shortlist()
    position = shortlist.documents.position(paper.id)
    by_mail = platform(invocation.channel) == "mail"
    is_shown = await context.store.ledger.shown_in(invocation.channel, [paper.id])
    where = "In your digests" if by_mail else "In this channel"
    history = f"{where}: it has {'' if is_shown else 'not '}been shown"
    if position is None:
        return f"{history}; it is older than 14 days."
    views = [await _digest_view(context, shortlist, each, position) for each in digests]
    profile_match = await context.engine.profile_match(invocation.channel, shortlist)
    if len(views) > 1:
        named = (f"{digest.label}: {view.removeprefix(', ')}" for digest, view in zip(digests, views, strict=True))
        view = " ".join([f"{history}.", *named])
    else:
        view = f"{history}{views[0]}"
    if neighbour := await context.engine.memory.neighbour(invocation.channel, paper, shortlist):
        spans = neighbour_spans(neighbour, await context.local_now(invocation))
        view = " ".join([view, "".join(span.text for span in spans)])
    if profile_match is None:
        return view
    because = await asyncio.to_thread(profile_match.reasons, position, shortlist.trends[position].paper)
    effect = float(profile_match.influence[position])
    influence = influence_text(effect, because, proven=profile_match.proven, by_mail=by_mail)
    return f"{view}{influence}"


async def _digest_view(context: Context, shortlist: Shortlist, digest: Subscription, position: int) -> str:
    """`, matches “video”.`: the topics and mutes of one digest that a candidate matches, and how surely."""
    await context.engine.understand(shortlist, digest.topics)
    moved = await context.engine.with_votes(digest)
    by_words, close, mutes = await asyncio.to_thread(_matching_lines, shortlist, moved, position)
    odds = await asyncio.to_thread(_topic_odds, shortlist, moved, position, [*by_words, *close])
    topics = f", {matched_because(by_words, close)}" if by_words or close else ""
    if digest.topics and not topics:
        topics = ", matches no topic"
    muted = f", is muted by {', '.join(f'“{mute}”' for mute in mutes)}" if mutes else ""
    if digest.label and not topics and not muted:
        topics = ", follows everything that trends"
    return " ".join([f"{topics}{muted}.", *([odds_text(odds)] if odds else [])])


def _matching_lines(
    shortlist: Shortlist, subscription: Subscription, position: int
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Topics that a candidate matches by words, and by meaning only, each with the reason; and mutes it matches."""
    topics = [topic for topic, papers in channel_request(subscription, shortlist).by_topic if position in papers]
    by_words = {line: position in shortlist.with_words(line) for line in topics}
    reasons = {
        line: words_reason(words, close=not by_words[line]) if (words := shortlist.words_said(line, position)) else ""
        for line in topics
    }
    worded, close = ({line: reasons[line] for line in topics if by_words[line] is each} for each in (True, False))
    return worded, close, [line for line in subscription.mutes if position in shortlist.with_words(line)]


def _topic_odds(
    shortlist: Shortlist, subscription: Subscription, position: int, matched: Sequence[str]
) -> list[TopicOdds]:
    """The probability that a candidate is of each topic that it matches, else of the nearest one."""
    listed = []
    for topic in subscription.topics:
        with suppress(QueryError):
            if has_threshold(query := parse(topic)):
                probability = float(shortlist.scores(query)[position])
                listed.append(TopicOdds(topic, probability, subscription.threshold(topic) or MATCHES, topic in matched))
    if any(each.matches for each in listed):
        return [each for each in listed if each.matches]
    near = [each for each in listed if not matched and each.probability >= NEAREST_LEAST]
    return sorted(near, key=lambda each: each.threshold - each.probability)[:1]


async def current_card(context: Context, paper: Paper, invocation: Invocation) -> Message:
    """One paper in full, with its evidence as of now."""
    trends = await context.engine.trends([paper], invocation.now)
    (worded,) = await context.worded(invocation.channel, paper)
    note = RETOLD_ONE if is_retold(paper) else ""
    card = paper_card(worded, trends[paper.id], now=await context.local_now(invocation), note=note)
    settings = await context.store.channels.settings(invocation.channel)
    return card if settings.pictures else replace(card, image=None)


async def worded_listing(context: Context, invocation: Invocation, page: Listing) -> Message:
    """A page of papers with the summaries that the channel chose."""
    papers = await context.worded(invocation.channel, *(entry.paper for entry in page.entries))
    entries = (replace(entry, paper=paper) for entry, paper in zip(page.entries, papers, strict=True))
    return paper_listing(replace(page, entries=tuple(entries)))


def listing_page(  # noqa: PLR0913 - a page is made of exactly these
    invocation: Invocation,
    title: str,
    entries: tuple[Entry, ...],
    *,
    more: bool,
    now: datetime,
    notes: tuple[str, ...] = (),
) -> Listing:
    """A page of papers whose buttons run the command again."""
    size = invocation.number("count")
    start, _ = invocation.page(size)
    command = invocation.command.name
    return Listing(title, entries, command, invocation.again, start + 1, size, more, notes, now=now)
