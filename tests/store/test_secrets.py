"""The safe: what is kept can't be read without the key, keys can be changed, and nothing is kept open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import SettingsError, StoreError
from bot.store import Store
from bot.store.encryption import new_key
from bot.store.sqlite import SqliteStore
from bot.store.sqlite.secrets import SqliteSecrets

TOKEN = "xoxb-" + "a-token-nobody-should-see"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    with SqliteStore(tmp_path / "paperboy.db", write=True) as opened:
        yield opened


async def test_what_is_put_in_comes_out_and_is_nowhere_in_the_file(store: Store) -> None:
    safe = SqliteSecrets(store.connection, (new_key(),))
    await safe.put("slack/team/T1", TOKEN)
    assert await safe.get("slack/team/T1") == TOKEN
    store.close()
    written = b"".join(path.read_bytes() for path in store.path.parent.iterdir() if path.is_file())
    assert TOKEN.encode() not in written
    assert b"slack/team/T1" in written


async def test_another_key_opens_nothing_and_a_new_key_before_the_old_one_opens_all(store: Store) -> None:
    old, new = new_key(), new_key()
    await SqliteSecrets(store.connection, (old,)).put("a", TOKEN)
    assert await SqliteSecrets(store.connection, (new,)).get("a") is None
    rotated = SqliteSecrets(store.connection, (new, old))
    assert await rotated.get("a") == TOKEN
    await rotated.put("b", TOKEN)
    assert await SqliteSecrets(store.connection, (new,)).get("b") == TOKEN


async def test_without_a_key_nothing_is_kept_and_nothing_is_told(store: Store) -> None:
    await SqliteSecrets(store.connection, (new_key(),)).put("a", TOKEN)
    shut = store.secrets
    assert await shut.get("a") is None
    with pytest.raises(StoreError, match="PAPERBOY_SECRET_KEY"):
        await shut.put("b", TOKEN)


async def test_names_are_listed_by_prefix_and_deleting_says_whether_there_was_something(store: Store) -> None:
    safe = SqliteSecrets(store.connection, (new_key(),))
    for name in ("slack/team/T2", "slack/team/T1", "slack/org/E1"):
        await safe.put(name, TOKEN)
    assert await safe.names("slack/team/") == ["slack/team/T1", "slack/team/T2"]
    assert await safe.delete("slack/team/T1")
    assert not await safe.delete("slack/team/T1")
    assert await safe.get("slack/team/T1") is None


async def test_a_key_that_is_none_is_named_without_repeating_it(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "paperboy.db", write=True) as store, pytest.raises(SettingsError) as caught:
        await SqliteSecrets(store.connection, ("hunter2",)).put("a", TOKEN)
    assert "hunter2" not in str(caught.value)
    assert "paperboy key" in str(caught.value)
