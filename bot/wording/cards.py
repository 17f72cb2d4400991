"""One paper, and lists of papers: cards, search results, reading lists, the explanation of a rank. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from bot.model import Action, Block, Continuation, Evidence, Image, Message, Paper, Role, Span, Trend
from bot.model.category import PREPRINT_SERVERS
from bot.text.analyzer import stem_spans
from bot.wording import evidence
from bot.wording.forecast import forecast_blocks
from bot.wording.parts import (
    block,
    byline,
    byline_spans,
    compact,
    count,
    moment_text,
    share_button,
    source_name,
    title_of,
    title_span,
)
from bot.wording.summaries import (
    FROM_ABSTRACT,
    other_summary,
    paper_figures,
    paper_summary,
    summary_credit,
    summary_mark,
    summary_shown,
)

PICTURE = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{}.png", 1_200, 648
"""Address, by a paper's id, and size of the pictures that Hugging Face makes for links to its papers' pages."""
DISCUSS = "Let's discuss"
"""Label of the button that says so of a paper, to everybody in the channel."""


def paper_blocks(  # noqa: PLR0913 - what a reply and a card differ in
    paper: Paper,
    trend: Trend | None,
    *,
    now: datetime | None = None,
    number: int | None = None,
    note: str = "",
    both: bool = False,
) -> list[Block]:
    """A paper in full: title, people, summary and key figures, evidence as of `now`, credit, a note, links.

    `both`: the authors' sentence too, below Hugging Face's.
    """
    authors = other_summary(paper) if both else ""
    place = (Span(f"{number}. ", bold=True),) if number is not None else ()
    lines: tuple[tuple[Role, Span], ...] = (
        ("note", Span(byline(paper))),
        ("text", Span("Withdrawn by its authors." if paper.withdrawn else "")),
        ("text", Span(paper_summary(paper))),
        ("note", Span(summary_mark(paper))),
        ("text", Span(authors)),
        ("note", Span(FROM_ABSTRACT if authors else "")),
        ("text", Span(paper_figures(paper.in_authors_words if authors else paper), italic=True)),
        ("note", Span(evidence.long_evidence(trend or Trend(paper, 0.0, 0.0), now))),
        ("note", Span("" if summary_mark(paper) else summary_credit(paper))),
        ("note", Span(note)),
    )
    title = Block("text", (*place, title_span(paper, bold=True)))
    return [title, *(Block(role, (span,)) for role, span in lines if span.text), paper_links(paper)]


def paper_picture(paper: Paper) -> Image | None:
    """The picture of a paper; None without a page on Hugging Face."""
    url, *size = PICTURE
    alt = f"Hugging Face's picture of “{title_of(paper)}”"
    return Image(url.format(paper.id), alt, *size) if paper.on_hugging_face else None


def paper_links(paper: Paper) -> Block:
    """Links to read a paper."""
    spans = [span for label, url in labelled_urls(paper) for span in (Span(" · "), Span(label, url=url))]
    return Block("note", tuple(spans[1:]))


def labelled_urls(paper: Paper) -> list[tuple[str, str]]:
    """Labels and URLs of where to read a paper: abstract, PDF, Hugging Face, code, project."""
    server = paper.categories[0].partition(".")[0] if paper.categories else ""
    elsewhere = source_name(server) if server in PREPRINT_SERVERS else "Publisher"
    links = [("Abstract" if paper.is_arxiv else elsewhere, paper.url)]
    if paper.is_arxiv:
        links.append(("PDF", f"https://arxiv.org/pdf/{paper.id}"))
    if paper.on_hugging_face:
        links.append(("Hugging Face", f"https://huggingface.co/papers/{paper.id}"))
    return links + [(label, url) for label, url in (("Code", paper.code_url), ("Project", paper.project_url)) if url]


def paper_buttons(paper: Paper) -> tuple[Action, ...]:
    """Four buttons under a paper, and the entries of its menu."""
    options = {"paper": paper.id}
    votes = (Action("👍", "like", options), Action("👎", "dislike", options), Action(DISCUSS, "discuss", options))
    return (Action("Save", "save", options), *votes, *paper_menu(paper.id))


def paper_menu(paper_id: str) -> tuple[Action, ...]:
    """The entries of a paper's menu."""
    options = {"paper": paper_id}
    return (
        Action("Similar", "similar", options, in_menu=True),
        Action("Why?", "why", options, in_menu=True),
        Action("Follow this…", "follow", options, in_menu=True),
        Action("Less of this…", "less", options, in_menu=True),
    )


def number_buttons(papers: Iterable[Paper], start: int = 1) -> tuple[Action, ...]:
    """A button per paper, labelled with its number in the list, that opens its card."""
    return tuple(Action(f"#{i}", "paper", {"paper": paper.id}) for i, paper in enumerate(papers, start=start))


def paper_card(paper: Paper, trend: Trend | None, *, now: datetime | None = None, note: str = "") -> Message:
    """One paper in full with its buttons, as an answer."""
    actions = (*paper_buttons(paper), share_button("paper", {"paper": paper.id}))
    title, *blocks = paper_blocks(paper, trend, now=now, note=note, both=True)
    if people := byline_spans(paper):
        blocks[0] = Block("note", people)  # in a digest, a link more for each paper would be noise
    return Message((title, *blocks), actions, title_of(paper), paper.id, paper, image=paper_picture(paper))


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in a list, with its evidence, the words that matched and a note."""

    paper: Paper
    evidence: tuple[Evidence, ...] | None = None
    """None: not mentioned."""
    stems: frozenset[str] = frozenset()
    """Words with these stems are set in bold."""
    note: str = ""
    links: tuple[Span, ...] = ()
    """What follows the note, and may have links."""
    listed: float = 0.0
    """Probability that a paper without signals is listed; 0: not known."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of papers under a title, and the command whose pages it belongs to."""

    title: str
    entries: tuple[Entry, ...]
    command: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the command, for the buttons that run it again."""
    start: int = 1
    """Number of the first paper in the whole list."""
    size: int = 10
    """Papers of a full page."""
    more: bool = False
    notes: tuple[str, ...] = ()
    sharable: bool = True
    counted: int | None = None
    """Entries that the command counts, if others follow them."""
    now: datetime | None = None
    """The moment of reading by the reader's clock, by which the evidence is dated."""
    others: tuple[Action, ...] = ()
    """Buttons that lead to another list."""


def paper_listing(page: Listing) -> Message:
    """A list of papers with a button each, paging, and Share."""
    blocks = [Block("heading", (Span(page.title),)), *(_item(entry, page.now) for entry in page.entries)]
    blocks += [Block("note", (Span(note),)) for note in page.notes]
    counted = len(page.entries) if page.counted is None else page.counted
    actions = [*number_buttons((entry.paper for entry in page.entries), page.start)]
    if page.start > 1:
        actions.append(_from(page, "Back", max(page.start - page.size, 1)))
    if page.more:
        actions.append(_from(page, "More", page.start + counted))
    actions += page.others
    if page.sharable:
        actions.append(share_button(page.command, {**page.options, "start": str(page.start)}))
    continuation = Continuation(Action("More", page.command, page.options), counted)
    return Message(tuple(blocks), tuple(actions), page.title, first=page.start, continuation=continuation)


def _from(page: Listing, label: str, start: int) -> Action:
    return Action(label, page.command, {**page.options, "start": str(start)})


def _item(entry: Entry, now: datetime | None) -> Block:
    sentence = paper_summary(entry.paper)
    spans = [title_span(entry.paper, bold=True)]
    if sentence:
        spans += [Span("\n"), *highlighted(sentence, entry.stems)]
    facts = [entry.paper.id]
    if entry.evidence is not None:
        facts.insert(0, evidence.short_evidence(entry.evidence, entry.paper, now, entry.listed))
    facts += [each for each in (entry.note, summary_mark(entry.paper)) if each]
    return Block("item", tuple(spans), (Span(" · ".join(facts)), *entry.links))


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


EVIDENCE_COLUMNS = ("Signal", "Before", "Adds", "Read")
NO_PARTS: Mapping[str, float] = MappingProxyType({})


def rank_explanation(  # noqa: PLR0913 - the parts of one answer
    trend: Trend,
    now: datetime,
    *,
    rule: str = RANKING_RULE,
    here: str = "",
    lead: str = "",
    forecast: Mapping[str, float] = NO_PARTS,
) -> Message:
    """A plain sentence, then every signal (value, earlier value, weight, source, time), the score, and the rule.

    `now` is the moment of reading by the reader's clock, whose time zone is named. `forecast` has the parts of the
    log-odds of a paper without signals.
    """
    paper = trend.paper
    blocks = [Block("text", (Span("Why this rank: ", bold=True), title_span(paper)))]
    lead = lead or evidence.lead_sentence(trend, None, now)
    blocks += [Block("text", (Span(sentence),)) for sentence in (lead, here) if sentence]
    blocks += [block(sentence) for sentence in (_forecast(trend, now),) if sentence and trend.is_noticed]
    blocks += [_row(e, now) for e in trend.evidence]
    if trend.is_noticed:
        standing = f"{abs(trend.standing):.2f} {'above' if trend.standing >= 0 else 'below'}"
        score = f"Score {trend.score:.2f}, {standing} what is usual among papers of its own age."
        blocks.append(Block("note", (Span(score),)))
    else:
        blocks.append(block("Nobody has noticed it yet, as far as the sources tell: no upvotes, comments or stars."))
        blocks += forecast_blocks(trend, forecast)
    how = (f"Times are those of {now.tzinfo}.", f"Rule {trend.rule}: {rule}" if rule and trend.rule else rule)
    notes = (*(how if trend.is_noticed else ()), summary_shown(paper))
    blocks += [Block("note", (Span(note),)) for note in notes if note]
    share = share_button("why", {"paper": paper.id})
    return Message(tuple(blocks), (share,), f"Why this rank: {title_of(paper)}", paper.id, columns=EVIDENCE_COLUMNS)


def _forecast(trend: Trend, now: datetime) -> str:
    """The votes to come; of a paper past its first week, that there is no forecast. Empty for an unknown age."""
    if trend.paper.age_at is None:
        return ""
    if not evidence.is_young(trend.paper, now):
        return "Its first week is over; no more upvotes are forecast."
    more = round(trend.expected)
    if not more:
        return "Hardly any more upvotes expected."
    return f"About {count(more, 'more upvote')} expected."


def _row(e: Evidence, now: datetime) -> Block:
    before, timezone = "", str(now.tzinfo)
    if e.before is not None:
        read = f" on {moment_text(e.before_at, timezone, now)}" if e.before_at else ""
        before = f"{compact(e.before)}{read}"
    adds = f"{e.weight:+.2f}".replace("-", "−") if round(e.weight, 2) else ""
    read = moment_text(e.seen_at, timezone, now)
    signal = Span(evidence.counted_text(e), bold=True, url=e.url)
    text = f"{before and f', {before}'}{adds and f' · adds {adds}'} · read {read}"
    return Block("item", (signal, Span(text)), cells=(signal, Span(before), Span(adds), Span(read)))
