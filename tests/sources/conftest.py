"""Fixtures of the sources: an HTTP server on loopback, and a client that repeats a request once, at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sources.http_client import HttpClient, HttpLimits
from tests.fakes.http_server import Loopback


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    limits = HttpLimits(timeout=5, attempts=2, wait_initial=0, wait_max=0, wait_jitter=0)
    async with HttpClient("test", limits=limits) as client:
        yield client
