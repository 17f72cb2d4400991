"""The sentence under a title, and whose words it has. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bot.model import Paper
from bot.model.paper import HUGGING_FACE
from bot.summaries.extractive import key_sentence, tldr

AI_SUMMARY = f"AI summary · {HUGGING_FACE}"
FROM_ABSTRACT = "From the abstract"


def paper_summary(paper: Paper) -> str:
    """The paper's summary; made now if none is stored."""
    return paper.tldr or authors_summary(paper)


def authors_summary(paper: Paper) -> str:
    """The summary in the authors' words."""
    return _sentence(tldr, paper.title, paper.abstract) if paper.tldr_by or not paper.tldr else paper.tldr


def summary_mark(paper: Paper) -> str:
    """`AI summary · Hugging Face`, to stand by such a summary wherever it is shown; else empty."""
    return AI_SUMMARY if paper.tldr_by == HUGGING_FACE else ""


def other_summary(paper: Paper) -> str:
    """The authors' sentence, to stand beside Hugging Face's on a page of its own; empty without that one."""
    return authors_summary(paper) if paper.tldr_by == HUGGING_FACE else ""


def _sentence(make: Callable[..., str], *texts: str) -> str:
    """A sentence made of a paper's texts; "" if that fails, so that one paper does not fail a digest."""
    try:
        return make(*texts)
    except Exception:  # noqa: BLE001 - logged once, when the paper was described
        return ""


def paper_figures(paper: Paper) -> str:
    """The sentence of the abstract with the key figures; empty if there is none or it is the summary."""
    summary = paper_summary(paper)
    figures = _sentence(key_sentence, paper.title, paper.abstract, summary if paper.tldr_by else "")
    return figures if figures != summary else ""


def summary_credit(paper: Paper) -> str:
    """Credit of the summary, if it is not a sentence of the abstract; else empty."""
    if not paper.tldr_by or summary_mark(paper):
        return summary_mark(paper)
    return f"Summary written by {paper.tldr_by}, names and numbers checked against the abstract."


def summary_shown(paper: Paper) -> str:
    """Which summary is shown, as a sentence."""
    if not paper_summary(paper):
        return ""
    if summary_mark(paper):
        return f"Summary shown: {AI_SUMMARY}; its numbers, names and strong claims were checked against the abstract."
    return summary_credit(paper) or "Summary shown: from the abstract, in its authors' words."
