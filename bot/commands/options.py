"""Options that several commands share."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Option

MOST_PAPERS = 20
"""The most papers in one answer or one digest."""
DEFAULT_PAPERS = "5"

SHARE = Option("share", "Answer for everybody here", "choice", choices=("yes", "no"), default="no", hidden=True)
PAGE = Option("page", "Which page", "int", default="1", minimum=1, maximum=100, hidden=True)
CONFIRM = Option("confirm", "Do it, do not ask", "choice", choices=("yes", "no"), default="no", hidden=True)
COUNT = Option("count", "How many, 1 to 20", "int", default=DEFAULT_PAPERS, minimum=1, maximum=MOST_PAPERS)
PAPER = Option(
    "paper", "An arXiv id, a DOI, or a link to the paper", "paper", required=True, rest=True, completes="papers"
)
TOPIC = Option("topic", "Words, or cat: author: org: and so on", "topic", required=True, rest=True, completes="topics")
FOLLOWED = Option("topic", "One of the channel's lines, as listed", required=True, rest=True, completes="followed")
MUTED = replace(FOLLOWED, completes="muted")

AT = Option("at", "Hour of the day, such as 09:00, 9am or 21.30", "time", rest=True)
TIMEZONE = Option("timezone", "Time zone by place, such as Europe/Berlin", "timezone", completes="timezones")
DAYS = Option("days", "daily, weekdays, mon-fri, mon,wed,fri, or weekly", "days", completes="days")
WEEKLY = Option(
    "weekly", "Once a week, on this day", "choice", choices=("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
SIZE = Option("size", "Papers in a digest, 1 to 20", "int", minimum=1, maximum=MOST_PAPERS)
STYLE = Option(
    "style", "A thread with one reply a paper, or one compact message", "choice", choices=("thread", "compact")
)
QUIET = Option("quiet", "On a day without papers: say so in a line, or skip it", "choice", choices=("say", "skip"))
