"""`python -m tests.slack.fake --port 0 --latency 0.02`: print the URL of a fake Slack and serve until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal

from tests.slack.fake.server import FakeSlack
from tests.slack.fake.subscriptions import SCOPES


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="tests.slack.fake", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each Web API call")
    parser.add_argument("--per-channel", type=float, default=0.0, help="seconds between two posts to a channel")
    parser.add_argument("--channels", type=int, default=0, help="make C0001, C0002, … with U1 in them")
    parser.add_argument("--external", action="store_true", help="history once a minute, 15 objects")
    parser.add_argument("--without", nargs="*", default=[], help="scopes that are not granted")
    return parser.parse_args()


async def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    arguments = options()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    slack = FakeSlack(
        port=arguments.port,
        latency=arguments.latency,
        per_channel=arguments.per_channel,
        internal=not arguments.external,
        scopes=SCOPES - set(arguments.without),
    )
    async with slack:
        team = slack.team("T1")
        alice = team.user("U1")
        for number in range(1, arguments.channels + 1):
            team.channel(f"C{number:04d}", [alice])
        print(slack.url, flush=True)
        await ended.wait()


asyncio.run(serve())
