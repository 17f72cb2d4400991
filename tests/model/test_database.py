"""Where a store is: a path or a URL, whose password no text shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model.database import DatabaseUrl, read_database


@pytest.mark.parametrize(
    ("url", "shown", "passwords"),
    [
        ("postgresql://me:hunter22@db.example.org/papers", "postgresql://me@db.example.org/papers", {"hunter22"}),
        ("postgres://me:hunter22@h:5432/papers", "postgresql://me@h:5432/papers", {"hunter22"}),
        ("POSTGRESQL://me:hunter22@h ", "postgresql://me@h", {"hunter22"}),
        ("postgresql://me:p%40ss%2Fw@h/d", "postgresql://me@h/d", {"p%40ss%2Fw", "p@ss/w"}),
        ("postgresql://me:a#b:c?d@h/d", "postgresql://me@h/d", {"a#b:c?d"}),
        ("postgresql://h/d?password=hunter22&sslmode=require", "postgresql://h/d?sslmode=require", {"hunter22"}),
        ("postgresql://h/d?p%61ssword=a%26b&sslpassword=cc", "postgresql://h/d", {"a%26b", "a&b", "cc"}),
        ("postgresql:///d?host=/run/postgresql&user=me", "postgresql:///d?host=/run/postgresql&user=me", set()),
        ("postgresql://me@[::1]:5432,h2/d", "postgresql://me@[::1]:5432,h2/d", set()),
        ("postgresql://", "postgresql://", set()),
    ],
)
def test_a_url_is_shown_without_its_password_which_the_client_alone_gets(url: str, shown: str, passwords: set[str]):
    database = read_database(url)
    assert isinstance(database, DatabaseUrl)
    assert (str(database), database.passwords()) == (shown, passwords)
    assert repr(database) == f"DatabaseUrl({shown!r})"
    assert database.reveal().partition("://")[2] == url.strip().partition("://")[2]
    assert all(password not in database.redact(f"a {password} b") for password in passwords)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:pa@ss-hunter22@h/d",  # libpq would call `ss-hunter22@h` the host, and say so
        "postgresql://me:pa/hunter22@h/d",
        "postgresql://me:12/hunter22@h/d",
        "postgresql://me:1/2?hunter22@h/d",
        "postgresql://me:hunter22%zz@h/d",
        "postgresql://me:hunter22%00@h/d",
        "postgresql://me:hunter22 @h/d",
        "postgresql:/me:hunter22@h/d",
        "postgres:me:hunter22@h/d",
        "postgresql://me:hunter22@h:port/d",
        "postgresql://h/d?hunter22",
        "postgresql+psycopg://me:hunter22@h/d",
        "mysql://me:hunter22@h/d",
        "sqlite:///hunter22.db",
        f"postgresql://{'a' * 5_000}!hunter22",  # and no pattern that takes forever
    ],
)
def test_what_the_client_would_read_otherwise_is_refused_with_the_remedy_and_not_repeated(url: str):
    with pytest.raises(ValueError, match=r"postgresql://user:password@host:5432/name, .* %40") as refusal:
        read_database(url)
    assert "hunter22" not in str(refusal.value)


@pytest.mark.parametrize("path", ["paperboy.db", "/srv/data/a b.db", "C:\\data\\paperboy.db", "a:b", "@x"])
def test_anything_else_is_a_path(path: str):
    assert read_database(path) == Path(path)
    assert read_database(Path(path)) == Path(path)


def test_urls_are_equal_by_all_that_they_say():
    first, second = DatabaseUrl("postgresql://me:a@h/d"), DatabaseUrl("postgresql://me:b@h/d")
    assert {first, second, DatabaseUrl("postgres://me:a@h/d")} == {first, second}
