"""Hugging Face's AI summaries, which come with its list: stored where they pass the checks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence

from bot.model import Paper
from bot.model.paper import HUGGING_FACE
from bot.settings import Settings
from bot.store import Store
from bot.summaries.llm import summary_fault
from bot.text.cleaning import clean_text

log = logging.getLogger("paperboy.collect")


async def adopt(store: Store, summaries: Iterable[tuple[str, str]]) -> int:
    """Store the summaries of described papers, by id, that pass the checks. Returns the number of new ones.

    A language model's summary stays; one by Hugging Face is replaced by its next version, or goes with it.
    """
    texts = dict(summaries)
    if not texts:
        return 0
    stored = await store.papers.get(texts)
    papers = [paper for paper in stored.values() if paper.abstract and paper.tldr_by in {"", HUGGING_FACE}]
    checked = await asyncio.to_thread(_checked, papers, texts)
    await store.summaries.adopt(checked)
    new = sum(bool(text) for _, text in checked)
    if new:
        log.info("summaries adopted=%d of=%d", new, len(texts))
    return new


def _checked(papers: Sequence[Paper], texts: Mapping[str, str]) -> list[tuple[Paper, str]]:
    """The papers whose stored summary is to change, each with the new one, or with "" if that has a fault."""
    cleaned = {paper.id: clean_text(texts[paper.id]) for paper in papers}
    changed = [paper for paper in papers if not paper.tldr_by or paper.tldr != cleaned[paper.id]]
    checked = [(paper, _without_fault(cleaned[paper.id], paper)) for paper in changed]
    return [(paper, text) for paper, text in checked if text or paper.tldr_by]


def _without_fault(text: str, paper: Paper) -> str:
    """The text if the abstract has all that it claims, else "" and a log line."""
    fault = summary_fault(text, paper.title, paper.abstract)
    if fault:
        log.debug("a summary was left out paper=%s reason=%r", paper.id, fault)
    return "" if fault else text


async def forget_unwanted(settings: Settings, store: Store) -> None:
    """Delete the stored ones where the operator does not want them (any more)."""
    if settings.summaries == "authors" and store.writable and await store.summaries.adopted():
        log.info("summaries deleted=%d", await store.summaries.forget_adopted())
