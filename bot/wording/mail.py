"""Texts of mail: the confirmation letter, the pages it links to, and the footer of a digest. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.model import (
    Action,
    Block,
    Digest,
    Message,
    OtherTopic,
    Span,
    Subscription,
    WeekOfTopics,
)
from bot.model.schedule import local_day
from bot.wording.channel import next_text, pause_text, schedule_text
from bot.wording.export import FORMATS
from bot.wording.help import THANKS_TO_ARXIV
from bot.wording.mail_digest import digest_url, reader_url
from bot.wording.parts import block, count, day_text, quoted, say, span_text, title_span
from bot.wording.topics import other_topic

NO_DAY = "Tick at least one day."
LINK_INCOMPLETE = "This link is incomplete. Copy all of it from the e-mail."
UNICODE_REFUSED = (
    "Our mail server cannot write to an address with letters such as ö before the @. Please use another one."
)
MAIL_DELAY = (
    "It mostly comes within ten minutes, perhaps into the spam folder, and never twice in a short while. At busy times"
    " it waits for hours, a day at most: if nothing has come by then, ask again."
)
MAIL_UNSUBSCRIBE_QUESTION = say(
    "End the digests by e-mail? The address is erased.", actions=(Action("Unsubscribe", "unsubscribe"),)
)
MAIL_UNSUBSCRIBED = say("Unsubscribed: no more e-mail comes, and the address is erased.")


def mail_requested(address: str) -> Message:
    """Answer to a request with the typed address; it does not tell whether the address is stored."""
    sent = (Span("We e-mail a link to "), Span(address, bold=True), Span(". Open it to start your digests."))
    return Message((Block("text", sent), block(MAIL_DELAY, "note")), title="Check your inbox")


def mail_renewed() -> Message:
    """Answer to a request for a new link, without the address: who asks may have found the old link."""
    sent = "We e-mail a new link to the address that got the old one."
    return Message((block(sent), block(MAIL_DELAY, "note")), title="Check your inbox")


def mail_preview(week: WeekOfTopics) -> Message:
    """Papers that the last week would have brought: their number, the best of them, and what topics may mean too."""
    others = [Block("text", _other_meaning(*each)) for each in week.others]
    if not week.matched:
        nothing = "Nothing of the last week matches. That is fine for a rare topic; else try fewer or other words."
        return Message((block(nothing), *others), title="The last week")
    such = ":" if week.matched == len(week.papers) else ", such as:"
    number = f"{count(week.matched, 'paper')} of the last week would have matched{such}"
    papers = (Block("item", (title_span(paper),)) for paper in week.papers)
    return Message((block(number), *papers, *others), title="The last week")


def _other_meaning(topic: str, matched: int, other: OtherTopic) -> tuple[Span, ...]:
    """`robotics brings 12 of them. cat:cs.RO, arXiv's category Robotics, would have matched 84 papers, …`."""
    return (Span(topic, code=True), Span(f": {count(matched, 'paper')}. "), *other_topic(other))


def mail_confirmation(url: str, good_for: timedelta) -> Message:
    """The confirmation letter. It quotes no typed text: the person who typed may be a stranger to its reader."""
    title, validity = "Confirm your digest of research papers", f"The link is good for {span_text(good_for)}."
    otherwise = "If it was not you, do nothing: no digest comes, and the address is forgotten."
    blocks = (
        block(title, "heading"),
        block("Somebody, probably you, asked to get the day's trending research papers at this address."),
        block("If it was you, confirm it. The page shows what will come, and when, before anything is sent."),
        block(f"{validity} {otherwise}", "note"),
    )
    return Message(blocks, (Action("Confirm", url=url, style="primary"),), title)


def mail_already_subscribed(preferences: str) -> Message:
    """The letter to an address that is subscribed already."""
    blocks = (
        block("You are subscribed already", "heading"),
        block("Somebody, probably you, asked to subscribe this address again, or for a new link."),
        block("Nothing was changed. Change what comes and when, or unsubscribe, on your own page."),
    )
    change = Action("Change it", url=preferences, style="primary")
    return Message(blocks, (change,), "You are subscribed to Paperboy already")


def mail_proposal(subscription: Subscription, preview: Message) -> Message:
    """The subscription that confirming starts, and what it would have brought lately."""
    blocks = (
        block(f"Get {schedule_text(subscription, style=False)} by e-mail? The first comes at once."),
        Block("text", (Span(_what(subscription)),)),
        *preview.blocks,
        block("Every e-mail has a link to change that, and one to end it.", "note"),
    )
    return Message(blocks, (Action("Confirm", "confirm"),), "Confirm your digest")


def mail_saved(done: str, subscription: Subscription, now: datetime, preferences: str) -> Message:
    """The subscription after `done`: `Confirmed` or `Saved`, with a link to its settings."""
    sentence = next_text(subscription, now)
    if subscription.next_due is not None and subscription.next_due <= now and subscription.paused_at is None:
        sentence = "your first digest is on its way; the next ones come at the time above"
    name = f" “{subscription.label}”" if subscription.label else ""
    blocks = (
        block(f"{done}{name}: {schedule_text(subscription, style=False)} by e-mail."),
        Block("text", (Span(_what(subscription)),)),
        block(f"{sentence[:1].upper()}{sentence[1:]}."),
    )
    return Message(blocks, (Action("Change what comes", url=preferences),), done)


def mail_past_digest(message: Message, digest: Digest) -> Message:
    """A digest by mail as a page: without the masthead, the date below it and the link to the page itself."""
    browser = digest_url(digest)
    blocks = (
        _number_of_papers(each) if any(span.url == browser for span in each.spans) else each
        for each in message.blocks
        if each.role not in {"preheader", "masthead"}
    )
    title = f"Your digest · {day_text(digest.day, digest.read_at.date())}"
    saved = Action("Your reading list", url=reader_url("saved"))
    lead = next((pick.paper for pick in digest.picks), None)
    return Message(tuple(blocks), (saved,), title, paper=lead)


def _number_of_papers(dateline: Block) -> Block:
    """`5 papers` of `Sunday 22 November · 5 papers · Read in the browser`."""
    return Block(dateline.role, (Span(dateline.spans[0].text.split(" · ")[-2]),))


def mail_pick(why: Message, *, vote: int, saved: bool) -> Message:
    """Why a paper is in a digest, and the votes that it can get; `vote`: +1 or -1 if it has one, `saved`: it is on the
    reading list.
    """
    like = ("Take 👍 back", "unvote") if vote > 0 else ("👍 More like this", "like")
    dislike = ("Take 👎 back", "unvote") if vote < 0 else ("👎 Less like this", "dislike")
    keep = ("Remove from your reading list", "unsave") if saved else ("Save for later", "save")
    actions = (*(Action(label, command) for label, command in (like, dislike, keep)), *_onwards(why))
    return Message(why.blocks[1:], actions, pick_title(why), why.paper_id)


def pick_title(why: Message) -> str:
    """The paper's title in an answer to `why`."""
    return why.title.removeprefix("Why this rank: ")


def mail_noted(command: str, answer: Message, paper_title: str) -> Message:
    """The answer to a vote, with a button that takes it back; the paper's title is foreign text."""
    done = {
        "like": ("👍 Noted", "Your digests will have more like it."),
        "dislike": ("👎 Noted", "Your digests will have less like it."),
        "save": ("Saved", "It is on your reading list."),
        "unvote": ("Taken back", "Your vote on it no longer counts."),
        "unsave": ("Removed", "It is no longer on your reading list."),
    }
    title, sentence = done[command]
    undo = {"like": "unvote", "dislike": "unvote", "save": "unsave"}.get(command)
    actions = (*([Action("Take it back", undo)] if undo else ()), *_onwards(answer))
    paper = Block("text", (Span(paper_title, bold=True),))
    return Message((paper, block(sentence), *answer.blocks[1:]), actions, title, answer.paper_id)


def _onwards(about: Message) -> tuple[Action, ...]:
    """Links from a page about a paper."""
    return (
        Action("The paper", url=reader_url("paper", about.paper_id or "")),
        Action("Your reading list", url=reader_url("saved")),
    )


def mail_saved_papers(listing: Message, page: int) -> Message:
    """A page of the reading list with a button a paper, in their order, that removes it; files of the whole list."""
    ids = [action.options["paper"] for action in listing.actions if action.label.startswith("#")]
    removals = [Action("Remove", "unsave", {"paper": paper_id}, reader_url("pick", paper_id)) for paper_id in ids]
    papers = iter(ids)
    listed = (each for each in listing.blocks if each.role != "note")  # of buttons and commands that are not here
    blocks = tuple(_saved_item(each, next(papers)) if each.role == "item" else each for each in listed)
    turns = (("Back", page - 1), ("More", page + 1))
    labels = {action.label for action in listing.actions}
    links = [Action(label, url=reader_url("saved", str(to))) for label, to in turns if label in labels]
    if ids:
        links += [Action(f"Save as {FORMATS[each].label}", url=reader_url("reading-list", each)) for each in FORMATS]
    return Message(blocks, (*removals, *links), listing.title or "Your reading list")


def _saved_item(item: Block, paper_id: str) -> Block:
    link = Span("Why,\u00a0👍 or\u00a0👎", url=reader_url("pick", paper_id))
    return replace(item, note=(*item.note, Span(" · "), link))


def mail_pause(subscription: Subscription, now: datetime, end: date) -> Message:
    """The question before a pause of a week; of paused digests, what ends the pause."""
    if subscription.paused_at is not None:
        return mail_paused(subscription, now)
    back = day_text(end, local_day(subscription, now))
    pause = Action("Pause for a week", "pause", style="primary")
    return Message((block(f"No digest comes before {back}; nothing else changes."),), (pause,), "Pause your digests?")


def mail_paused(subscription: Subscription, now: datetime) -> Message:
    """The state after a pause or its end."""
    if subscription.paused_at is None:
        sentence = next_text(subscription, now)
        zoned = f"{sentence[:1].upper()}{sentence[1:]} ({subscription.timezone})."
        return Message((block(zoned),), title="Your digests come again")
    resume = Action("Resume now", "resume", style="primary")
    return Message((Block("text", (Span(pause_text(subscription, now)),)),), (resume,), "Your digests are paused")


def mail_state(subscription: Subscription, now: datetime) -> Message:
    """Lines of the settings page beside the form: a pause with its end, or the offer of one; the reading list."""
    reading_list = Action("Your reading list", url=reader_url("saved"))
    if subscription.paused_at is None:
        return Message((), (Action("Pause for a week", url=reader_url("pause")), reading_list))
    resume = Action("Resume now", "resume", url=reader_url("pause"))
    return Message((Block("text", (Span(pause_text(subscription, now)),)),), (resume, reading_list))


def mail_footer(preferences: str, unsubscribe: str, pause: str) -> tuple[Block, ...]:
    """The footer of every digest by mail."""
    named = (
        ("Change what comes", preferences),
        ("Reading list", reader_url("saved")),
        ("Pause for a week", pause),
        ("Unsubscribe", unsubscribe),
    )
    links = [span for label, url in named for span in (Span(" · "), Span(label, url=url))][1:]
    why = "You get this because you subscribed and confirmed it."
    return (Block("note", (Span(f"{why} "), *links)), block(THANKS_TO_ARXIV, "note"))


def _what(subscription: Subscription) -> str:
    """Topics and mutes in words; foreign text, for a span of its own."""
    follows = f"On {quoted(subscription.topics)}." if subscription.topics else "Everything that trends."
    mutes = f" Without {quoted(subscription.mutes)}." if subscription.mutes else ""
    return f"{follows}{mutes}"
