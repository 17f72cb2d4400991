"""What tests of the command line are given."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import settings
from bot.sources import sample


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of its own, the sample's time, sources that refuse at once; the log as it was afterwards."""
    for name, _, _ in settings.table():
        monkeypatch.delenv(name, raising=False)
    for name in ("PORT", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clock").write_text(sample.NOW.isoformat())
    monkeypatch.setenv("PAPERBOY_CLOCK", str(tmp_path / "clock"))
    for name in ("HUGGINGFACE_URL", "ARXIV_API_URL", "ARXIV_FEED_URL", "HACKERNEWS_URL"):
        monkeypatch.setenv(f"PAPERBOY_{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("PAPERBOY_RETRIES", "1")
    root, own = logging.getLogger(), logging.getLogger("paperboy")
    before = (root.handlers[:], root.level, own.level)
    yield
    root.handlers[:], root.level, own.level = before
