"""A channel's feedback profile in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Action, Block, Feedback, Message, Paper, Span
from bot.wording.channel import page_buttons
from bot.wording.parts import block, count, joined, say, title_span

WORDS_SHOWN = 8
"""On a page; with the papers and four more buttons no platform's limit of 25 is reached."""
PAPERS_SHOWN = 6
LEFT_OUT_SHOWN = 10
GESTURES = {("reaction", 1): "👍", ("reaction", -1): "👎", ("save", 1): "the save", ("share", 1): "the share"}
HOW = "👍 and 👎 teach it, and papers that are saved or shared here."


@dataclass(frozen=True, slots=True)
class Tuning:
    """A channel's profile, as it is shown."""

    words: Sequence[tuple[str, float]]
    """As papers write them, and what each adds to the standing of a paper that has it."""
    papers: Sequence[tuple[Paper, float]]
    """And how many signs they count."""
    most: float
    """How far the profile can move a paper by now, in units of standing."""
    left_out: Sequence[str] = ()
    """Words and papers that do not count."""


def tuning_overview(shown: Tuning, page: int) -> Message:
    """Words and papers that count for and against, strongest words and latest papers first, a button to forget each."""
    title = "What this channel's feedback has taught"
    if not shown.papers and not shown.left_out:
        return say(f"Nothing has been taught here yet. {HOW}")
    words = shown.words[(page - 1) * WORDS_SHOWN : page * WORDS_SHOWN]
    papers = shown.papers[(page - 1) * PAPERS_SHOWN : page * PAPERS_SHOWN]
    pages = max(-(-len(shown.words) // WORDS_SHOWN), -(-len(shown.papers) // PAPERS_SHOWN), 1)
    blocks = [
        block(title, "heading"),
        block(
            f"From {count(len(shown.papers), 'paper')}. It moves a paper's standing by {shown.most:.1f} at most;"
            " topics and mutes stay exact, and nothing is left out for it."
        ),
        *(_item(Span(word, code=True), weight) for word, weight in words),
        *(_item(title_span(paper), weight) for paper, weight in papers),
    ]
    if shown.left_out:
        blocks.append(Block("note", (Span(f"Not counted: {_few(shown.left_out)}."),)))
    if pages > 1:
        blocks.append(block(f"Page {page} of {pages}.", "note"))
    items = [word for word, _ in words] + [paper.id for paper, _ in papers]
    forget = [Action(f"Forget #{i}", "tuning forget", {"item": item}) for i, item in enumerate(items, start=1)]
    others = (Action("Undo the last", "tuning undo"), Action("Reset", "tuning reset", style="danger"))
    return Message(tuple(blocks), (*forget, *page_buttons("tuning list", page, more=page < pages), *others), title)


def _item(what: Span, weight: float) -> Block:
    side = "for" if weight > 0 else "against"
    return Block("item", (Span(f"{side} ", bold=True), what, Span(f" · {signed_weight(weight)}")))


def signed_weight(weight: float) -> str:
    """`+0.42`, `−1.00`."""
    return f"{weight:+.2f}".replace("-", "−")


def _few(names: Sequence[str]) -> str:
    listed = [f"“{name}”" for name in names[:LEFT_OUT_SHOWN]]
    more = len(names) - len(listed)
    return joined([*listed, f"{more} more"] if more else listed)


def tuning_undone(last: Feedback | None, paper: Paper | None) -> Message:
    """Answer to `tuning undo`; it names no person."""
    if last is None or paper is None:
        return say("There is no feedback to take back here.")
    what = GESTURES[last.gesture, last.value]
    return _said(f"Taken back: {what} on ", title_span(paper), (TUNING, Action("Undo another", "tuning undo")))


def tuning_forgotten(item: str, *, back: bool) -> Message:
    """After `tuning forget`."""
    again = Action("Count it again", "tuning forget", {"item": item, "back": "yes"})
    text = "Counts again: " if back else "No longer counts: "
    return _said(text, Span(item, code=True), (TUNING,) if back else (TUNING, again))


def tuning_reset_question(signs: int) -> Message:
    """Before a profile is thrown away."""
    if not signs:
        return say(f"Nothing has been taught here yet. {HOW}")
    return say(
        f"This erases {count(signs, 'sign')} of this channel and everything they taught. It can't be undone.",
        actions=(Action("Reset", "tuning reset", {"confirm": "yes"}, style="danger"),),
    )


def tuning_erased(signs: int) -> Message:
    """After it."""
    return say(f"Erased {count(signs, 'sign')}: digests here come as they would without feedback.")


def influence_text(influence: float, because: Sequence[tuple[str, float]]) -> str:
    """`This channel's feedback raises it by 1.21: it liked “video diffusion” (+0.80).`; empty where it does not."""
    if abs(influence) < 0.005:
        return ""
    effects = [
        f"it {'liked' if weight > 0 else 'disliked'} “{words}” ({signed_weight(weight)})" for words, weight in because
    ]
    why = f": {joined(effects)}" if effects else ""
    return f" This channel's feedback {'raises' if influence > 0 else 'lowers'} it by {abs(influence):.2f}{why}."


def _said(text: str, what: Span, actions: tuple[Action, ...]) -> Message:
    return Message((Block("text", (Span(text), what)),), actions, f"{text}{what.text}")


TUNING = Action("Tuning", "tuning list")
