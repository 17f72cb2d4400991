"""`paperboy mcp` as a process, by the SDK's own client."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters

from bot.model import Channel
from bot.store.sqlite import SqliteStore
from tests.harness.command_line import paperboy
from tests.harness.desk import OMNI, sample_database
from tests.mcp.harness import called, refused

ROOT = Path(__file__).parents[2]


def assistant(folder: Path, module: str = "bot", *words: str, **settings: str) -> Client:
    """A client that starts a module as the server."""
    database = folder / "week.db"
    if not database.exists():
        database.write_bytes(sample_database())
    environment = {
        "PAPERBOY_DB": str(database),
        "PAPERBOY_SOURCES": "none",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    return Client(StdioServerParameters(command=sys.executable, args=["-m", module, *words], env=environment))


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token of whoever sits at the console."""
    monkeypatch.setenv("PAPERBOY_DB", str(_database(tmp_path)))
    monkeypatch.setenv("PAPERBOY_SOURCES", "none")
    [token] = [word for word in paperboy("papers", "mcp", "token").output.split() if word.startswith("paperboy_")]
    return token


async def test_a_process_answers_and_reads_the_store_alone(tmp_path: Path) -> None:
    with SqliteStore(_database(tmp_path), write=True):  # as a bot has it
        async with asyncio.timeout(60), assistant(tmp_path, "bot", "mcp") as client:
            assert len((await client.list_tools()).tools) == 5
            answer = await called(client, "search_papers", query="video diffusion")
            assert answer["papers"][0]["id"] == "2510.18692"
            assert "A quote is never closed" in await refused(client, "search_papers", query='"video')


async def test_with_a_token_it_saves_beside_a_bot_and_says_that_it_cannot_beside_an_import(
    tmp_path: Path, token: str
) -> None:
    settings = {"PAPERBOY_MCP_CHANNEL_TOKEN": token}
    async with asyncio.timeout(60), assistant(tmp_path, "bot", "mcp", **settings) as client:
        with SqliteStore(tmp_path / "week.db", write=True):
            assert (await called(client, "save_paper", paper=OMNI))["message"].startswith("Saved: ")
            [entry] = (await called(client, "reading_list"))["entries"]
            assert entry["paper"]["id"] == OMNI
        with SqliteStore(tmp_path / "week.db", write=True, beside=True):
            assert "wait for its end" in await refused(client, "save_paper", paper=OMNI)
        with SqliteStore(tmp_path / "week.db", write=True) as store:
            await store.people.forget(Channel("console:local"))
        for tool in ("reading_list", "channel_topics"):
            assert "opens nothing, or no longer" in await refused(client, tool), "at once, in a process that runs"


async def test_a_token_that_opens_nothing_ends_it_in_one_line(tmp_path: Path) -> None:
    _database(tmp_path)
    environment = {**os.environ, "PAPERBOY_DB": str(tmp_path / "week.db"), "PAPERBOY_MCP_CHANNEL_TOKEN": "paperboy_x.y"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "mcp"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    out, errors = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert errors.decode().splitlines() == [
        "paperboy: This token opens nothing, or no longer. Type /papers mcp token in the channel for a new one."
    ]


async def test_a_call_that_the_client_cancels_ends_in_the_process(tmp_path: Path) -> None:
    searching = asyncio.Event()

    async def progress(done: float, *_: Any) -> None:
        if done == 1:
            searching.set()

    async with asyncio.timeout(60), assistant(tmp_path, "tests.mcp.slow_assistant") as client:
        arguments = {"query": "video"}
        call = asyncio.create_task(client.call_tool("search_papers", arguments, progress_callback=progress))
        await searching.wait()
        call.cancel()
        assert "no paper that is stored here" in await refused(client, "get_paper", paper=OMNI)


async def test_without_a_database_the_process_ends(tmp_path: Path) -> None:
    with pytest.raises((MCPError, ExceptionGroup)):
        async with assistant(tmp_path, "bot", "mcp", "--db", str(tmp_path / "none.db")):
            pass


def _database(folder: Path) -> Path:
    (folder / "week.db").write_bytes(sample_database())
    return folder / "week.db"
