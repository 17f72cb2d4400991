"""Fixtures of mail: a server, and the parts of mail that send to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.email.harness import WiredMail, wired_mail
from tests.email.server import MailServer, certificate


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the server's certificate, by SSL_CERT_FILE as an operator would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()[0]))


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as started:
        yield started


@pytest.fixture
async def mail(tmp_path: Path, server: MailServer) -> AsyncIterator[WiredMail]:
    async with wired_mail(tmp_path, server.server()) as wired:
        yield wired
