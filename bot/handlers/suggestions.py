"""Lines to begin with, for platforms that offer some before anything was typed: a channel's topics, what trends."""

from __future__ import annotations

from bot.handlers.context import Context
from bot.model import Caller
from bot.text.sentences import shorten
from bot.wording.parts import title_of

SUGGESTED = 4
TOPICS = 2
TOPIC_MAX, TITLE_MAX = 40, 60
"""Characters that are shown of a topic and of a paper's title."""
TRENDING = ("What trends today", "today")


async def suggestions(context: Context, caller: Caller) -> tuple[tuple[str, str], ...]:
    """Labels and the lines that they stand for, four at most: topics first, then what trends, then its first paper."""
    digests = await context.digests(caller.channel)
    topics = dict.fromkeys(topic for each in digests for topic in each.topics)
    lines = [(f"New on {shorten(topic, TOPIC_MAX)}", f"today {topic}") for topic in topics][:TOPICS]
    lines.append(TRENDING)
    if not context.engine.latest:
        await context.engine.shortlist()
    for paper in context.engine.latest[:1]:
        title = shorten(title_of(paper), TITLE_MAX)
        lines += [(f"Why does “{title}” trend?", f"why {paper.id}"), (f"Papers like “{title}”", f"similar {paper.id}")]
    return tuple(lines[:SUGGESTED])
