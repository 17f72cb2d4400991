"""Notes beside a list of papers, and reasons for an empty one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.model import Action, Block, Hint, Message, Outage, Paper, Span
from bot.text import joined
from bot.wording.parts import category_server, say, source_name, stale_note, title_span

LAST_LATIN = "\u024f"
"""The last letter of the block Latin Extended-B."""
RETOLD = "The abstracts of the sample are retold, not their authors' own."
RETOLD_ONE = "A paper of the bundled sample: its abstract is retold, not its authors' own."
NO_MORE = "There are no more."
NO_PERIOD = "Nothing is stored about that time: nobody had noticed a paper of it, or Paperboy was not running yet."
NO_DAY = "Nothing is stored about that day: nobody had noticed a paper by then, or Paperboy was not running yet."


def still_to_come(span: str) -> str:
    """`That week is still to come.`"""
    return f"That {span} is still to come."


def unanswered(sources: Sequence[str]) -> str:
    """`Hugging Face and arXiv did not answer`: of a question that was put to them just now."""
    return f"{joined(map(source_name, sources))} did not answer"


def trending_notes(
    outages: Sequence[Outage], now: datetime, *, empty: bool, recent: bool, stored: int
) -> tuple[str, ...]:
    """Notes about sources that do not answer, and the reason for an empty list.

    `recent`: whether a stored paper is of the last fourteen days; `stored`: how many there are, read if none is recent.
    """
    missing = tuple(filter(None, (stale_note(outages, now),)))
    if not empty:
        return missing
    if recent:
        return (*missing, "Nothing matches at the moment. Try fewer words, or search all papers.")
    return (*missing, nothing_recent(stored))


def nothing_recent(stored: int) -> str:
    """Reason why no paper of the last two weeks is stored."""
    if not stored:
        return "No papers are stored yet: the first look at the sources may still be under way."
    papers = "The only paper that is stored is" if stored == 1 else f"The {stored:,} papers that are stored are all"
    return f"{papers} older than two weeks: the sources have brought nothing since then."


def match_note(*, partial: bool, by_meaning: bool) -> str:
    """Label of a match by meaning alone or by some of the words; empty for a paper with all of the words."""
    return "close to your words" if by_meaning else "some of your words" if partial else ""


def in_another_script(query: str) -> bool:
    """Whether most letters of a query are of no Latin alphabet."""
    letters = [character for character in query if character.isalpha()]
    return sum(character > LAST_LATIN for character in letters) * 2 > len(letters)


def some_words(query: str, *, by_meaning: bool = False) -> str:
    """The note above papers of which none has all of the words; `by_meaning`: nor any of them."""
    # A word in lower case with a letter that English has not, such as `génération`; a name has a capital.
    is_foreign = any(word.islower() and word.isalpha() and not word.isascii() for word in query.split())
    english = " Papers are indexed in English." if is_foreign else ""
    if by_meaning:
        return f"Nothing stored has any of the words; these are close to them.{english}"
    return f"Nothing stored has all of the words; these have some.{english}"


def nothing_found(*, first: bool, only_common: bool, query: str = "", like: bool = False, example: str = "") -> str:
    """The reason for an empty page of results; `like`: whether the query names a paper by `like:`."""
    end = f": {example}" if example else "."
    if not first:
        return NO_MORE
    if like:
        return "No other stored paper is close enough to that one."
    if only_common:
        return f"These words are in nearly every paper. Add one that tells more{end}"
    if in_another_script(query):
        return f"Nothing found: papers are indexed in English. Try English words{end}"
    return "Nothing found. Try fewer or other words, or an arXiv id."


def correction_note(corrections: Sequence[tuple[str, str]]) -> str:
    """`Looked for “video” instead of “vidoe”, which no stored paper has.`, by pairs of typed and corrected words."""
    corrected = "; ".join(f"“{corrected}” instead of “{typed}”" for typed, corrected in corrections)
    return f"Looked for {corrected}, which no stored paper has."


def hint_notes(hints: Sequence[Hint]) -> tuple[str, ...]:
    """`Did you mean org:nvidia instead of org:nvida?`, a sentence a hint."""
    return tuple(f"Did you mean {joined(hint.likely, 'or')} instead of {hint.typed}?" for hint in hints)


def unknown_category(category: str, example: str, actions: Sequence[Action]) -> Message:
    """The question which category is meant; `example` is a command line with the likeliest one."""
    near = joined([action.label for action in actions], "or")
    return say(
        f"{category_server(category)} has no category “{category}”. Did you mean {near}? As in {example}.",
        actions=actions,
    )


def proposed_papers(
    papers: Sequence[Paper], title: str, command: str, options: Mapping[str, str], option: str
) -> Message:
    """The question which of these papers a typed title means, with a numbered button each that runs the command."""
    question = f"“{title}” is no id of a paper. Did you mean one of these?"
    blocks = [Block("text", (Span(question),)), *(Block("item", (title_span(paper),)) for paper in papers)]
    actions = [Action(f"#{i}", command, {**options, option: paper.id}) for i, paper in enumerate(papers, start=1)]
    return Message(tuple(blocks), tuple(actions), question)
