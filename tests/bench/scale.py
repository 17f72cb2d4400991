"""Sizes: those of the targets, smaller ones for a quick run, and toy sizes that only exercise the code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes of all subjects."""

    runs: int
    channels: tuple[int, ...]
    selections: int
    """Distinct topics, mutes and sizes among the subscriptions."""
    candidates: int
    days_shown: int
    """Days with an earlier digest of every channel; the steady state is as many as a digest looks back."""
    looped_channels: int
    """The peer's loop is measured over so many channels and multiplied: its cost is the same for each."""
    looped_pairs: int
    digests: int
    """Digests delivered; six messages each."""
    seconds: float
    """Seconds of commands before the tick and, at most, after it."""
    starts: int
    stored: int
    observations: int
    """Observations of each series; a paper has three series."""
    windows: tuple[int, ...]
    """Candidates of fourteen days, a window each."""
    day: int
    """Papers that a source brings in a day."""
    ticks: int
    slack_channels: int
    """Channels posted to beside a bare loop; `slack_more` are posted to once, without one."""
    slack_more: tuple[int, ...]
    discord_channels: int
    discord_more: tuple[int, ...]
    discord_servers: tuple[int, ...]
    """Servers of a Paperboy at rest."""
    mails: int
    web_seconds: float
    """Seconds of reading, for each kind of page."""
    seeds: int
    """Simulated channels that teach their profile."""
    labelled: int
    """Papers with categories, at most about so many."""
    queries: int
    """Of each judged collection; 0 for all of them."""
    searched: tuple[int, ...]
    """Papers searched; of the largest only the search is measured."""
    millions: tuple[int, ...]
    """Papers of the stores whose searches are timed by kind, beside exhaustive scoring and other engines."""
    search_queries: int
    """Queries whose search is timed."""
    matched: int
    """Papers of whole arXiv days that topics are matched with; 0 for all of them."""
    summarised: int
    """Abstracts of SciTLDR dev; 0 for all of them."""
    queue_messages: int
    """Posted by all processes together."""
    queue_workers: tuple[int, ...]
    soak_kills: int
    """Of the process, over a simulated week."""
    soak_channels: int
    """Of Slack."""
    soak_readers: int
    """By mail."""
    kills: int
    """Of several processes on one PostgreSQL."""
    kill_restarts: int
    """Of its server."""
    kill_channels: int
    """Of each platform, and readers by mail."""
    kill_processes: int
    cut_seconds: float
    """Between a process and the database."""
    frozen_seconds: float
    """Of a process; 0 leaves the slower of these scenes out."""
    copied: int
    """Papers of a store that is copied to PostgreSQL and back."""
    planned: tuple[int, ...]
    """Channels of the two databases whose reading is compared: about 600 rows each, of all tables."""
    many_channels: tuple[int, ...]
    """Channels due in one minute, for several processes."""


FULL = Scale(
    runs=3,
    channels=(100, 1_000, 10_000),
    selections=1_000,
    candidates=1_000,
    days_shown=14,
    looped_channels=300,
    looped_pairs=1_000,
    digests=500,
    seconds=30.0,
    starts=9,
    stored=100_000,
    observations=10,
    windows=(280, 2_800, 10_000),
    day=500,
    ticks=200,
    slack_channels=1_000,
    slack_more=(250, 4_000),
    discord_channels=1_000,
    discord_more=(250, 4_000),
    discord_servers=(1, 2_000),
    mails=1_000,
    web_seconds=10.0,
    seeds=50,
    labelled=1_000_000,
    queries=0,
    searched=(100_000,),
    millions=(100_000, 1_000_000),
    search_queries=300,
    summarised=0,
    matched=0,
    queue_messages=3000,
    queue_workers=(1, 2, 4),
    soak_kills=200,
    soak_channels=20,
    soak_readers=80,
    kills=200,
    kill_restarts=20,
    kill_channels=20,
    kill_processes=3,
    cut_seconds=30.0,
    frozen_seconds=60.0,
    copied=1_000_000,
    planned=(500, 5_000),
    many_channels=(10_000, 100_000),
)
QUICK = Scale(
    runs=1,
    channels=(100, 1_000),
    selections=200,
    candidates=500,
    days_shown=3,
    looped_channels=50,
    looped_pairs=200,
    digests=100,
    seconds=4.0,
    starts=3,
    stored=10_000,
    observations=10,
    windows=(280, 2_800),
    day=100,
    ticks=50,
    slack_channels=200,
    slack_more=(50,),
    discord_channels=200,
    discord_more=(50,),
    discord_servers=(1, 200),
    mails=200,
    web_seconds=2.0,
    seeds=10,
    labelled=1_000_000,
    queries=100,
    searched=(10_000,),
    millions=(10_000,),
    search_queries=100,
    summarised=200,
    matched=0,
    queue_messages=600,
    queue_workers=(1, 2),
    soak_kills=20,
    soak_channels=6,
    soak_readers=20,
    kills=20,
    kill_restarts=2,
    kill_channels=6,
    kill_processes=2,
    cut_seconds=15.0,
    frozen_seconds=15.0,
    copied=20_000,
    planned=(50, 500),
    many_channels=(10_000,),
)
TOY = Scale(
    runs=1,
    channels=(8,),
    selections=4,
    candidates=30,
    days_shown=1,
    looped_channels=2,
    looped_pairs=4,
    digests=3,
    seconds=0.1,
    starts=1,
    stored=60,
    observations=2,
    windows=(10, 20),
    day=4,
    ticks=2,
    slack_channels=3,
    slack_more=(),
    discord_channels=3,
    discord_more=(),
    discord_servers=(1,),
    mails=6,
    web_seconds=0.1,
    seeds=2,
    labelled=400,
    queries=3,
    searched=(60,),
    millions=(60,),
    search_queries=5,
    summarised=12,
    matched=120,
    queue_messages=12,
    queue_workers=(1,),
    soak_kills=1,
    soak_channels=2,
    soak_readers=3,
    kills=0,
    kill_restarts=1,
    kill_channels=1,
    kill_processes=1,
    cut_seconds=0.5,
    frozen_seconds=0.0,
    copied=60,
    planned=(12, 24),
    many_channels=(8,),
)
