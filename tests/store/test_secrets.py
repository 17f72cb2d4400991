"""Secrets in the SQLite file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.store.encryption import lost_key_fault, new_key
from tests.harness.store import new_store

TOKEN = "xoxb-" + "a-token-nobody-should-see"


async def test_a_secret_is_nowhere_in_the_file(tmp_path: Path) -> None:
    with new_store(tmp_path / "paperboy.db", keys=(new_key(),)) as store:
        await store.secrets.put("slack/team/T1", TOKEN)
        assert await store.secrets.get("slack/team/T1") == TOKEN
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert TOKEN.encode() not in written
    assert b"slack/team/T1" in written


async def test_without_the_key_the_tokens_are_named_and_a_rotated_key_encrypts_them_anew(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    with new_store(tmp_path / "paperboy.db", keys=(old,)) as store:
        await store.secrets.put("slack/team/T1", TOKEN)
        assert (await store.secrets.unreadable(), await store.secrets.reseal()) == ([], 0)
    for keys in ((), (new,)):
        with new_store(tmp_path / "paperboy.db", keys=keys) as store:
            assert await store.secrets.unreadable() == ["slack/team/T1"]
            assert await store.secrets.reseal() == 0
    with new_store(tmp_path / "paperboy.db", keys=(new, old)) as store:
        assert (await store.secrets.unreadable(), await store.secrets.reseal()) == ([], 1)
        assert await store.secrets.reseal() == 0
    with new_store(tmp_path / "paperboy.db", keys=(new,)) as store:
        assert await store.secrets.get("slack/team/T1") == TOKEN


@pytest.mark.parametrize(("number", "text"), [(1, "decrypts 1 stored token;"), (2, "decrypts 2 stored tokens;")])
def test_a_lost_key_is_reported_with_the_number_of_tokens(number: int, text: str) -> None:
    assert text in lost_key_fault(number)
