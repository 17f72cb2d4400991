"""Secrets cannot be read without the key, and keys can be changed; notes need none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SettingsError, StoreError
from bot.store.encryption import new_key
from tests.contracts.store import MakeStore
from tests.fakes import MONDAY

TOKEN = "xoxb-" + "a-token-nobody-should-see"


class SecretsContract:
    """Inherit it; `make_store` is a fixture (see tests/contracts/store/__init__.py)."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "paperboy.db"

    async def test_a_secret_comes_back_as_it_was_stored(self, make_store: MakeStore, path: Path) -> None:
        with make_store(path, keys=(new_key(),)) as store:
            await store.secrets.put("slack/team/T1", TOKEN)
            assert await store.secrets.get("slack/team/T1") == TOKEN

    async def test_another_key_opens_nothing_and_a_new_key_before_the_old_one_opens_all(
        self, make_store: MakeStore, path: Path
    ) -> None:
        old, new = new_key(), new_key()
        with make_store(path, keys=(old,)) as store:
            await store.secrets.put("a", TOKEN)
        with make_store(path, keys=(new,)) as store:
            assert await store.secrets.get("a") is None
        with make_store(path, keys=(new, old)) as store:
            assert await store.secrets.get("a") == TOKEN
            await store.secrets.put("b", TOKEN)
        with make_store(path, keys=(new,)) as store:
            assert await store.secrets.get("b") == TOKEN

    async def test_without_a_key_nothing_is_stored_and_nothing_is_disclosed(
        self, make_store: MakeStore, path: Path
    ) -> None:
        with make_store(path, keys=(new_key(),)) as store:
            await store.secrets.put("a", TOKEN)
        with make_store(path) as store:
            assert await store.secrets.get("a") is None
            with pytest.raises(StoreError, match="PAPERBOY_SECRET_KEY"):
                await store.secrets.put("b", TOKEN)

    async def test_names_are_listed_by_prefix_and_deleting_says_whether_there_was_something(
        self, make_store: MakeStore, path: Path
    ) -> None:
        with make_store(path, keys=(new_key(),)) as store:
            for name in ("slack/team/T2", "slack/team/T1", "slack/org/E1"):
                await store.secrets.put(name, TOKEN)
            assert await store.secrets.names("slack/team/") == ["slack/team/T1", "slack/team/T2"]
            assert await store.secrets.delete("slack/team/T1")
            assert not await store.secrets.delete("slack/team/T1")
            assert await store.secrets.get("slack/team/T1") is None

    async def test_an_invalid_key_is_refused_without_repeating_it(self, make_store: MakeStore, path: Path) -> None:
        with make_store(path, keys=("hunter2",)) as store, pytest.raises(SettingsError) as caught:
            await store.secrets.put("a", TOKEN)
        assert "hunter2" not in str(caught.value)
        assert "paperboy key" in str(caught.value)

    async def test_the_first_note_of_a_name_stays(self, make_store: MakeStore, path: Path) -> None:
        with make_store(path) as store:
            notes = await asyncio.gather(*(store.secrets.first_note("installation", str(n)) for n in range(8)))
            assert len(set(notes)) == 1
            assert await store.secrets.first_note("installation", "later") == notes[0]
            assert await store.secrets.get_note("installation") == notes[0]

    async def test_text_that_cannot_be_stored_breaks_nothing(self, make_store: MakeStore, path: Path) -> None:
        """NUL, which PostgreSQL has not, is left out there; no id of a paper is an unreadable list."""
        with make_store(path) as store:
            await store.secrets.put_note("note", "a\x00b")
            assert await store.secrets.get_note("note") in {"ab", "a\x00b"}
            assert await store.papers.get(["2510.00001\x00", "\ud800", "\\u0000", "😀"]) == {}

    async def test_a_note_needs_no_key_and_is_erased_with_the_place_it_names(
        self, make_store: MakeStore, path: Path
    ) -> None:
        with make_store(path) as store:
            await store.secrets.put_note("discord:1 button a", "first")
            await store.secrets.put_note("discord:1 button a", "second")
            await store.secrets.put_note("discord:11 button a", "another place")
            assert await store.secrets.get_note("discord:1 button a") == "second"
            assert await store.secrets.get_note("unknown") is None
            await store.secrets.put_note("discord:2/5 mcp discord:1", "a person's about it")
            await store.secrets.put_note("discord:2/5 mcp discord:2/1", "about another place")
            await store.people.forget("discord:1")
            assert await store.secrets.get_note("discord:1 button a") is None
            assert await store.secrets.get_note("discord:2/5 mcp discord:1") is None
            assert await store.secrets.get_note("discord:2/5 mcp discord:2/1") == "about another place"
            assert await store.secrets.get_note("discord:11 button a") == "another place"

    async def test_a_name_is_used_once_until_its_time_is_over(self, make_store: MakeStore, path: Path) -> None:
        until = MONDAY + timedelta(minutes=10)
        with make_store(path) as store:
            uses = (store.secrets.use_once("slack v0=1", until) for _ in range(3))
            assert sorted(await asyncio.gather(*uses)) == [False, False, True]
            assert await store.secrets.use_once("slack v0=2", until + timedelta(seconds=1))
        with make_store(path) as store:
            await store.secrets.forget_used(until)
            assert not await store.secrets.use_once("slack v0=1", until)
            await store.secrets.forget_used(until + timedelta(seconds=1))
            assert await store.secrets.use_once("slack v0=1", until)
            assert not await store.secrets.use_once("slack v0=2", until)

    async def test_notes_are_listed_by_their_beginning_and_deleted(self, make_store: MakeStore, path: Path) -> None:
        with make_store(path) as store:
            for name in ("server 1", "server 2", "service"):
                await store.secrets.put_note(name, name.upper())
            await store.secrets.delete_note("server 2")
            await store.secrets.delete_note("server 3")
            assert await store.secrets.notes("server ") == {"server 1": "SERVER 1"}

    async def test_a_name_that_was_used_for_nothing_may_be_used_again(self, make_store: MakeStore, path: Path) -> None:
        with make_store(path) as store:
            assert await store.secrets.use_once("share", MONDAY)
            await store.secrets.unuse("share")
            assert await store.secrets.use_once("share", MONDAY)
            assert not await store.secrets.use_once("share", MONDAY)
