"""A channel's feedback profile in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.model import Action, Block, Feedback, Message, Paper, Span, TopicVotes
from bot.text import joined
from bot.wording.parts import block, count, page_buttons, quoted, say, title_span
from bot.wording.topics import moved_text, strictness_text

WORDS_SHOWN = 8
"""Per page; with the papers and four more buttons within every platform's limit of 25."""
PAPERS_SHOWN = 6
LEFT_OUT_SHOWN = 10
GESTURES = {
    ("reaction", 1): "👍",
    ("reaction", -1): "👎",
    ("save", 1): "the save",
    ("share", 1): "the share",
    ("discuss", 1): "“Let's discuss”",
}
BEFORE_PROVEN = "Until a second person or five signs say more, it moves no paper by more than one place"
TUNING = Action("Tuning", "tuning list")
NOTHING_TAUGHT = say("Nothing has been taught here yet. 👍 and 👎 teach it, and papers that are saved or shared here.")


class Taught(NamedTuple):
    """Words and papers that count in a channel because of its feedback."""

    words: Sequence[tuple[str, float]]
    """With the change of standing that each brings, the strongest first."""
    papers: Sequence[tuple[Paper, float]]
    """With the number of signs that each counts, the latest first."""
    saved: int
    """Papers that count besides, because somebody saved them in private."""
    most: float | None
    """Largest change of standing; None while papers may move by one place only."""
    left_out: Sequence[str]
    """Words and papers that do not count."""
    topics: Sequence[tuple[str, TopicVotes]] = ()
    """Topics that votes on their papers make stricter or wider."""


def tuning_overview(taught: Taught, page: int) -> Message:
    """A page of the words and papers that count for and against, with a button each to forget it."""
    title = "What this channel's feedback has taught"
    if not taught.papers and not taught.left_out and not taught.saved:
        return NOTHING_TAUGHT
    pages = max(-(-len(taught.words) // WORDS_SHOWN), -(-len(taught.papers) // PAPERS_SHOWN), 1)
    words = taught.words[(page - 1) * WORDS_SHOWN : page * WORDS_SHOWN]
    papers = taught.papers[(page - 1) * PAPERS_SHOWN : page * PAPERS_SHOWN]
    before = min((page - 1) * WORDS_SHOWN, len(taught.words)) + min((page - 1) * PAPERS_SHOWN, len(taught.papers))
    all_papers = count(len(taught.papers) + taught.saved, "paper")
    reach = BEFORE_PROVEN if taught.most is None else f"It moves a paper's standing by {taught.most:.1f} at most"
    blocks = [
        block(title, "heading"),
        block(f"From {all_papers}. {reach}; mutes stay exact."),
        *(_topic(topic, votes) for topic, votes in taught.topics),
        *(_item(Span(word, code=True), weight) for word, weight in words),
        *(_item(title_span(paper), weight) for paper, weight in papers),
    ]
    if taught.saved:
        who = "Saved by somebody, which is private, and counted without its name"
        blocks.append(block(f"{who}: {count(taught.saved, 'paper')}.", "note"))
    if taught.left_out:
        blocks.append(Block("note", (Span(f"Not counted: {quoted(taught.left_out, LEFT_OUT_SHOWN)}."),)))
    if pages > 1:
        blocks.append(block(f"Page {page} of {pages}.", "note"))
    items = [word for word, _ in words] + [paper.id for paper, _ in papers]
    forget = [Action(f"Forget #{i}", "tuning forget", {"item": item}) for i, item in enumerate(items, before + 1)]
    others = (Action("Undo the last", "tuning undo"), Action("Reset", "tuning reset", style="danger"))
    actions = (*forget, *page_buttons("tuning list", page, more=page < pages), *others)
    return Message(tuple(blocks), actions, title, first=before + 1)


def _item(what: Span, weight: float) -> Block:
    side = "for" if weight > 0 else "against"
    return Block("item", (Span(f"{side} ", bold=True), what, Span(f" · {signed_weight(weight)}")))


def _topic(topic: str, votes: TopicVotes) -> Block:
    """`robotics is slightly wider: 3 of its papers got 👍, 1 got 👎`, in a paragraph of its own."""
    marks = ((votes.liked, "👍"), (votes.disliked, "👎"))
    papers = joined([f"{count(number, 'paper')} with {mark}" for number, mark in marks if number])
    return Block("text", (Span(topic, code=True), Span(f" is {moved_text(votes)}: {papers}.")))


def signed_weight(weight: float) -> str:
    """Weight with its sign: `+0.42`, `−1.00`."""
    return f"{weight:+.2f}".replace("-", "−")


def tuning_undone(last: Feedback | None, paper: Paper | None) -> Message:
    """Answer to `tuning undo`; it names no person."""
    if last is None or paper is None:
        return say("There is no feedback to take back here.")
    what = GESTURES[last.gesture, last.value]
    return _answer(f"Taken back: {what} on ", title_span(paper), (TUNING, Action("Undo another", "tuning undo")))


def step_undone(topic: str, level: str) -> Message:
    """Answer to `tuning undo` where the latest change was a step of a topic."""
    state = f" is {strictness_text(level)} again."
    spans = (Span("Taken back: "), Span(topic, code=True), Span(state))
    actions = (Action("Topics", "topics list"), Action("Undo another", "tuning undo"))
    return Message((Block("text", spans),), actions, f"Taken back: {topic}{state}")


SAVE_UNDONE = say("Taken back: a save by somebody else. What people save is private.", actions=(TUNING,))


def tuning_forgotten(item: str, *, back: bool) -> Message:
    """Answer to `tuning forget`."""
    again = Action("Count it again", "tuning forget", {"item": item, "back": "yes"})
    text = "Counts again: " if back else "No longer counts: "
    return _answer(text, Span(item, code=True), (TUNING,) if back else (TUNING, again))


def tuning_reset_question(signs: int) -> Message:
    """Question before `tuning reset`."""
    if not signs:
        return NOTHING_TAUGHT
    return say(
        f"This erases {count(signs, 'sign')} of this channel and everything they taught. It can't be undone.",
        actions=(Action("Reset", "tuning reset", {"confirm": "yes"}, style="danger"),),
    )


def tuning_erased(signs: int) -> Message:
    """Answer to `tuning reset`."""
    return say(f"Erased {count(signs, 'sign')}: digests here come as they would without feedback.")


def influence_text(
    influence: float, because: Sequence[tuple[str, float]], *, proven: bool = True, by_mail: bool = False
) -> str:
    """`This channel's feedback raises it: it liked “video diffusion”.`, in comparison with the other papers.

    Words are part of the effect only (meaning is another), so no numbers stand beside them. Empty without an effect.
    `by_mail`: to the one reader of these digests, whose feedback it is.
    """
    if abs(influence) < 0.005:
        return ""
    raises = influence > 0
    words = [words for words, weight in because if (weight > 0) is raises]
    effect = "raises it" if raises else "lowers it"
    liked = f"{'liked' if raises else 'disliked'} {quoted(words)}" if words else ""
    if by_mail:
        bound = "" if proven else ", by one place at most so far"
        return f" Your feedback {effect}{bound}{f': you {liked}' if liked else ''}."
    fits = f"fits this channel {'better than others' if raises else 'less well than others'}"
    bound = "" if proven else ", by one place at most until a second person or five signs say so"
    return f" This channel's feedback {effect}{bound}: it {liked or fits}."


def _answer(text: str, what: Span, actions: tuple[Action, ...]) -> Message:
    return Message((Block("text", (Span(text), what)),), actions, f"{text}{what.text}")
