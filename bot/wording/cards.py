"""One paper, and lists of them: cards, search results, reading lists, the table behind `why`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model import Action, Block, Evidence, Message, Paper, Span, Trend
from bot.summaries.extractive import key_sentence, tldr
from bot.text.analyzer import stem_spans
from bot.wording import evidence
from bot.wording.parts import block, byline, compact, moment_text, title_of, title_span

PDF = "https://arxiv.org/pdf/"
HF_PAGE = "https://huggingface.co/papers/"


def paper_summary(paper: Paper) -> str:
    """The one sentence; taken now if it was not stored."""
    return paper.tldr or tldr(paper.title, paper.abstract)


def summary_credit(paper: Paper) -> str:
    """That the summary is a language model's, and whose."""
    return f"Summary written by {paper.tldr_by}, names and numbers checked against the abstract."


def paper_blocks(paper: Paper, trend: Trend | None, *, number: int | None = None, note: str = "") -> list[Block]:
    """A paper in full: title, people, what it says, why it is noticed, where to read it."""
    place = (Span(f"{number}. ", bold=True),) if number is not None else ()
    blocks = [Block("text", (*place, title_span(paper, bold=True)))]
    if people := byline(paper):
        blocks.append(Block("note", (Span(people),)))
    if paper.withdrawn:
        blocks.append(block("Withdrawn by its authors."))
    if sentence := paper_summary(paper):
        blocks.append(Block("text", (Span(sentence),)))
    if (
        figures := key_sentence(paper.title, paper.abstract, sentence if paper.tldr_by else "")
    ) and figures != sentence:
        blocks.append(Block("text", (Span(figures, italic=True),)))
    seen, expected = (trend.evidence, trend.expected) if trend else ((), 0.0)
    blocks.append(Block("note", (Span(evidence.long_evidence(seen, expected)),)))
    if paper.tldr_by:
        blocks.append(Block("note", (Span(summary_credit(paper)),)))
    if note:
        blocks.append(Block("note", (Span(note),)))
    blocks.append(paper_links(paper))
    return blocks


def paper_links(paper: Paper) -> Block:
    """Links to read a paper: abstract, PDF, Hugging Face, code, project."""
    links = [("Abstract" if paper.is_arxiv else "Publisher", paper.url)]
    if paper.is_arxiv:
        links.append(("PDF", f"{PDF}{paper.id}"))
    if paper.is_arxiv and paper.listed_at is not None:
        links.append(("Hugging Face", f"{HF_PAGE}{paper.id}"))
    links += [(name, url) for name, url in (("Code", paper.code_url), ("Project", paper.project_url)) if url]
    spans: list[Span] = []
    for name, url in links:
        spans += [Span(" · "), Span(name, url=url)] if spans else [Span(name, url=url)]
    return Block("note", tuple(spans))


def paper_buttons(paper: Paper) -> tuple[Action, ...]:
    """The buttons under a paper."""
    what = {"paper": paper.id}
    return (
        Action("Similar", "similar", what),
        Action("Save", "save", what),
        Action("👍", "like", what),
        Action("👎", "dislike", what),
        Action("Why?", "why", what),
        Action("Follow this…", "follow", what),
        Action("Less of this…", "less", what),
    )


def number_buttons(papers: Iterable[Paper]) -> tuple[Action, ...]:
    """A button a paper, as it is numbered in the list: opens its card."""
    return tuple(Action(f"#{i}", "paper", {"paper": paper.id}) for i, paper in enumerate(papers, start=1))


def share_button(command: str, options: Mapping[str, str]) -> Action:
    """A button that shows the answer to everybody."""
    return Action("Share", command, {**options, "share": "yes"})


def paper_card(paper: Paper, trend: Trend | None, *, note: str = "") -> Message:
    """One paper, on request."""
    actions = (*paper_buttons(paper), share_button("paper", {"paper": paper.id}))
    return Message(tuple(paper_blocks(paper, trend, note=note)), actions, title_of(paper), paper.id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in a list: its evidence, what matched, and a word about it."""

    paper: Paper
    evidence: tuple[Evidence, ...] | None = None
    """None: say nothing about it."""
    stems: frozenset[str] = frozenset()
    """Words with these stems are set in bold."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of papers: what it is, and how to turn it."""

    title: str
    entries: tuple[Entry, ...]
    command: str
    options: Mapping[str, str] = field(default_factory=dict)
    """What was asked for, so that pages turn and answers are shared by asking again."""
    page: int = 1
    more: bool = False
    notes: tuple[str, ...] = ()
    sharable: bool = True


def paper_listing(page: Listing) -> Message:
    """A list of papers with a button each, paging, and Share."""
    blocks = [Block("heading", (Span(page.title),)), *(_item(entry) for entry in page.entries)]
    blocks += [Block("note", (Span(note),)) for note in page.notes]
    actions = [*number_buttons(entry.paper for entry in page.entries), *turning(page)]
    if page.sharable:
        actions.append(share_button(page.command, {**page.options, "page": str(page.page)}))
    return Message(tuple(blocks), tuple(actions), page.title)


def turning(page: Listing) -> tuple[Action, ...]:
    """Back and More, where there is something."""
    back = [Action("Back", page.command, {**page.options, "page": str(page.page - 1)})] if page.page > 1 else []
    more = [Action("More", page.command, {**page.options, "page": str(page.page + 1)})] if page.more else []
    return (*back, *more)


def _item(entry: Entry) -> Block:
    sentence = paper_summary(entry.paper)
    spans = [title_span(entry.paper, bold=True)]
    if sentence:
        spans += [Span("\n"), *highlighted(sentence, entry.stems)]
    facts = [entry.paper.id] if entry.evidence is None else [evidence.short_evidence(entry.evidence), entry.paper.id]
    facts += [entry.note] if entry.note else []
    return Block("item", (*spans, Span(f"\n{' · '.join(facts)}", italic=True)))


def highlighted(text: str, stems: frozenset[str]) -> list[Span]:
    """The text with the words of these stems in bold."""
    spans: list[Span] = []
    at = 0
    for start, end in stem_spans(text, stems) if stems else ():
        spans += [Span(text[at:start]), Span(text[start:end], bold=True)]
        at = end
    return [span for span in (*spans, Span(text[at:])) if span.text]


RANKING_RULE = (
    "votes so far and votes still expected, as their logarithm; what each signal adds is what the score would lose "
    "without it. Papers compete by how they stand among those listed on the same day."
)


def rank_explanation(trend: Trend, *, timezone: str, rule: str = RANKING_RULE, here: str = "") -> Message:
    """Every signal of a paper: value, before, what it adds, who counted, when it was read; and the rule."""
    paper = trend.paper
    blocks = [Block("text", (Span("Why this rank: ", bold=True), title_span(paper)))]
    if here:
        blocks.append(Block("text", (Span(here),)))
    blocks += [_row(e, timezone) for e in trend.evidence]
    if trend.evidence:
        blocks.append(
            block(f"Score {trend.score:.2f}, {_above(trend.standing)} what is usual among papers of its own age.")
        )
        blocks.append(
            block(
                f"About {trend.expected:.1f} more upvotes expected: from its votes, its time on the list,"
                " how short its title is, how many authors it has, and its pace."
            )
        )
    else:
        blocks.append(block("Nobody has noticed it yet, as far as the sources tell: there are no signals."))
    if rule or trend.rule:
        blocks.append(
            Block("note", (Span(f"Rule {trend.rule}: {rule}" if rule and trend.rule else rule or trend.rule),))
        )
    if paper.tldr_by:
        blocks.append(Block("note", (Span(summary_credit(paper)),)))
    return Message(
        tuple(blocks), (share_button("why", {"paper": paper.id}),), f"Why this rank: {title_of(paper)}", paper.id
    )


def _above(standing: float) -> str:
    return f"{abs(standing):.2f} {'above' if standing >= 0 else 'below'}"


def _row(e: Evidence, timezone: str) -> Block:
    before = ""
    if e.before is not None:
        read = f" on {moment_text(e.before_at, timezone)}" if e.before_at else ""
        before = f", {compact(e.before)}{read}"
    adds = f"adds {e.weight:+.2f}".replace("-", "−") if e.weight else "adds nothing"
    read = f"read {moment_text(e.seen_at, timezone)}"
    return Block("item", (Span(evidence.counted_text(e), bold=True), Span(f"{before} · {adds} · {read}")))
