"""Options that several commands share."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from bot.commands.command import Option
from bot.model import WEEKDAYS, Early, Order, Quiet, Style, Summaries
from bot.query.strictness import LEVELS

MOST_PAPERS = 20
"""The most papers in one answer or one digest."""

SHARE = Option("share", "Answer for everybody here", "choice", choices=("yes", "no"), default="no", hidden=True)
PAGE = Option("page", "Which page", "int", default="1", minimum=1, maximum=100, hidden=True, unit="pages")
START = Option("start", "The number of the first paper", "int", minimum=1, maximum=2_000, hidden=True)
CONFIRM = Option("confirm", "Do it, do not ask", "choice", choices=("yes", "no"), default="no", hidden=True)
COUNT = Option(
    "count",
    "How many, 1 to 20",
    "int",
    default="5",
    minimum=1,
    maximum=MOST_PAPERS,
    aliases=("size", "number", "limit"),
)
PAPER = Option(
    "paper", "An arXiv id, a DOI, or a link to the paper", "paper", required=True, rest=True, completes="papers"
)
TOPIC = Option("topic", "Words, or cat: author: org: and so on", "topic", required=True, rest=True, completes="topics")
STRICTNESS = Option(
    "strictness",
    "How strictly its words match: fewer and surer papers, or more",
    "choice",
    choices=LEVELS,
    example="stricter",
)
FOLLOWED = Option(
    "topic", "One of the channel's lines, as listed", required=True, rest=True, completes="followed", listed_by="topics"
)
MUTED = replace(FOLLOWED, completes="muted")

AT = Option(
    "at", "Hour of the day, such as 09:00, 9am or 21.30", "time", rest=True, example="09:00", aliases=("time", "hour")
)
TIMEZONE = Option(
    "timezone",
    "Time zone by place, such as Europe/Berlin",
    "timezone",
    completes="timezones",
    example="Europe/Berlin",
    aliases=("tz", "zone", "time_zone"),
)
DAYS = Option(
    "days",
    "daily, weekdays, mon-fri, mon,wed,fri, or weekly",
    "days",
    completes="days",
    example="mon-fri",
    aliases=("day", "on"),
)
WEEKLY = Option("weekly", "Once a week, on this day", "choice", choices=WEEKDAYS)
SIZE = Option(
    "size",
    "Papers in a digest, 1 to 20",
    "int",
    minimum=1,
    maximum=MOST_PAPERS,
    aliases=("count", "number", "papers"),
    example="5",
)
STYLE = Option("style", "A thread with one reply per paper, or one compact message", "choice", choices=get_args(Style))
QUIET = Option("quiet", "On a day without papers: say so in a line, or skip it", "choice", choices=get_args(Quiet))
SUMMARIES = Option(
    "summaries",
    "Any, AI summaries too where Paperboy has some; or the authors' own words alone",
    "choice",
    choices=get_args(Summaries),
    aliases=("summary",),
)

MENTION = Option(
    "mention", "A role or user group that each digest mentions; off: nobody", completes="groups", example="off"
)

EARLY = Option(
    "early",
    "Places kept for papers nobody has noticed yet; auto: 1 where topics are followed, else 0",
    "choice",
    choices=get_args(Early),
)

ABOUT = Option("topic", "Only papers on this: words, cat:, author:, org: …", "topic", rest=True, completes="queries")
ORDER = Option(
    "order", "best, newest or trending first", "choice", choices=get_args(Order), default="best", aliases=("sort",)
)
ORDER_TODAY = Option(
    "order",
    "best first; or early: papers that nobody has noticed yet, the likeliest first",
    "choice",
    choices=("best", "early"),
    default="best",
    aliases=("sort",),
)
NAME = Option(
    "name", "Which digest, where this channel has several", "name", completes="digests", aliases=("named", "digest")
)
NEW_NAME = replace(
    NAME, help="A second digest with topics of its own, such as rl; or which one to change", example="rl"
)
ALL_DIGESTS = "all"
"""In place of a name: every digest of the channel."""
NAME_OR_ALL = replace(NAME, help="Which digest, where this channel has several; or all")
TOPICS = Option(
    "topics",
    "What it follows, such as video diffusion; several with commas between them",
    "topics",
    completes="topics",
    aliases=("topic",),
    example="video diffusion",
)
UNTIL = Option(
    "until", "A day such as 2026-12-01 or friday, or a time such as 2w; none: until resumed", "until", rest=True
)
DATE = Option("date", "A day such as 2026-11-22, or yesterday; none lists the latest", "date", rest=True)
