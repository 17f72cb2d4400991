"""Tools of an assistant: public papers through `ports.Library`, a person's own through the rest of the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from pydantic import Field

from adapters.mcp import models
from bot import model
from bot.model.paper_id import paper_id
from bot.ports import Desk, Library

QUERY_MAX = 500
PAGE_SIZE, MOST_PAGES = 25, 50
Request = Context[Any, Any]
Result = TypeVar("Result")

LANGUAGE = (
    'Words match by stem and by meaning; "a phrase", author:, org:, cat:cs.CL, venue:, since:30d, has:code, min:50 and'
    " like:2405.14105 narrow it down; -word leaves out; a | b takes either. A title or an arXiv id finds that paper."
)
Query = Annotated[str, Field(max_length=QUERY_MAX, description=LANGUAGE)]
Topic = Annotated[str, Field(max_length=QUERY_MAX, description=f"Only papers of this topic; empty for all. {LANGUAGE}")]
PaperId = Annotated[str, Field(max_length=QUERY_MAX, description="arXiv id, DOI, or a link to the paper.")]
Limit = Annotated[int, Field(ge=1, le=PAGE_SIZE, description="Papers on a page.")]
Page = Annotated[int, Field(ge=1, le=MOST_PAGES, description="From 1; `next_page` of the answer goes on.")]
Day = Annotated[date | None, Field(description="The list at the end of this day (UTC), like 2025-10-24; null for now.")]
Early = Annotated[bool, Field(description="Papers that nobody has noticed yet, the likeliest to trend first.")]


class PublicTools:
    """Tools that anybody may use who may come in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def _library(self) -> Library:
        if self._desk.library is None:
            raise ToolError("There are no papers here to be asked for.")
        return self._desk.library

    async def search_papers(
        self, ctx: Request, query: Query, order: model.Order = "best", limit: Limit = 10, page: Page = 1
    ) -> models.PaperPage:
        """Search all stored papers: by words, phrase, author, organisation, category, date and meaning."""
        await self._ready(ctx)
        papers = await self._library.search(query, order=order, offset=(page - 1) * limit, limit=limit)
        return await self._worded(ctx, models.paper_list, papers, page)

    async def trending_papers(  # noqa: PLR0913, PLR0917 - the arguments that a client may give
        self,
        ctx: Request,
        topic: Topic = "",
        day: Day = None,
        early: Early = False,  # noqa: FBT002 - given by name
        limit: Limit = 10,
        page: Page = 1,
    ) -> models.PaperPage:
        """List the papers trending now, or at the end of a day, best first, each with its evidence."""
        await self._ready(ctx)
        offset = (page - 1) * limit
        if day is None:
            papers = await self._library.today(topic, early=early, offset=offset, limit=limit)
        elif topic or early:
            raise ToolError("A past day has no topic and no early papers. Leave out `day`, or `topic` and `early`.")
        else:
            papers = _cut(await self._library.day(day, limit=offset + limit + 1), offset, limit)
        return await self._worded(ctx, models.paper_list, papers, page)

    async def get_paper(self, ctx: Request, paper: PaperId) -> models.PaperAnswer:
        """Get one stored paper: title, abstract, authors, links, and what sources count of it."""
        return await self._worded(ctx, models.paper_details, await self._details(ctx, paper))

    async def similar_papers(self, ctx: Request, paper: PaperId, limit: Limit = 10) -> models.SimilarAnswer:
        """List stored papers like one, by words and by meaning."""
        return await self._worded(ctx, models.similar_papers, await self._details(ctx, paper, similar=limit))

    async def explain_rank(self, ctx: Request, paper: PaperId) -> models.RankAnswer:
        """Explain why a paper ranks where it does: every signal, its weight, and the rule."""
        return await self._worded(ctx, models.rank_explanation, await self._details(ctx, paper))

    async def paper_resource(self, id: str) -> str:  # noqa: A002 - the variable of the URI
        """One stored paper as JSON, as get_paper returns it."""
        identifier = paper_id(id)
        details = await self._library.paper(identifier, similar=0) if identifier else None
        if details is None:
            raise ResourceNotFoundError(_unknown(id))
        return models.paper_details(details).model_dump_json()

    async def _ready(self, ctx: Request) -> None:
        """Wait for the ranking, which the first who asks may have to wait for."""
        await ctx.report_progress(0, 2, "Ranking the papers of the last days")
        await self._library.ranked_at()
        await ctx.report_progress(1, 2, "Searching")

    async def _details(self, ctx: Request, text: str, *, similar: int = 0) -> model.PaperDetails:
        await self._ready(ctx)
        identifier = paper_id(text)
        details = await self._library.paper(identifier, similar=similar) if identifier else None
        if details is None:
            raise ToolError(_unknown(text))
        return details

    @staticmethod
    async def _worded(ctx: Request, make: Callable[..., Result], *values: object) -> Result:
        """The answer, made on a thread: it takes some milliseconds of summaries and cleaning."""
        answer = await asyncio.to_thread(make, *values)
        await ctx.report_progress(2, 2)
        return answer


class PersonalTools(PublicTools):
    """Tools for the holder of a person's token besides."""

    def __init__(self, desk: Desk, token_of: Callable[[Request], str]) -> None:
        super().__init__(desk)
        self._token_of = token_of

    async def channel_topics(self, ctx: Request) -> models.TopicsAnswer:
        """List what the token's channel follows and leaves out, and when its digests come."""
        return models.channel_topics(await self._desk.personal.digests(self._token_of(ctx)))

    async def save_paper(self, ctx: Request, paper: PaperId) -> models.SaveAnswer:
        """Put a paper on the reading list of the token's person. Saving it again changes nothing."""
        caller = await self._desk.personal.holder(self._token_of(ctx))
        identifier = paper_id(paper)
        if identifier is None:
            raise ToolError(_unknown(paper))
        answer = await self._desk.run("save", caller, {"paper": identifier})
        if not isinstance(answer, model.Message) or answer.paper_id is None:  # an answer about no paper is a mistake
            raise ToolError(answer.text if isinstance(answer, model.Message) else answer.title)
        return models.SaveAnswer(id=identifier, message=answer.text)

    async def reading_list(self, ctx: Request, limit: Limit = 10, page: Page = 1) -> models.ReadingListPage:
        """List the reading list of the token's person, latest first, with notes, tags and read marks."""
        entries = await self._desk.personal.reading_list(self._token_of(ctx))
        return await asyncio.to_thread(models.reading_list, entries, page, limit)


def _cut(papers: model.PaperList, offset: int, limit: int) -> model.PaperList:
    """A page of a list that begins at its first paper."""
    end = offset + limit
    return model.PaperList(papers.papers[offset:end], papers.as_of, len(papers.papers) > end, notes=papers.notes)


def _unknown(text: str) -> str:
    short = " ".join(text.split())[:60]
    return f"“{short}” is no paper that is stored here. Find its id with search_papers, or give one like 2405.14105."
