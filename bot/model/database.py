"""Address of a store: the path of an SQLite file, or a PostgreSQL URL, whose password is never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

# As libpq reads it, but without what it would take apart in another place than its writer meant: an `@` or `/` of a
# password that is not written as %40 or %2F would make the rest of that password a host, which error messages name.
_HOST = r"(?:[\w.%-]*|\[[\da-f:.%]+\])(?::\d*)?"
_URL = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?]*)(?::(?P<password>[^@/]*))?@)?"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)"
    r"(?:/(?P<name>[^@/?]*))?(?:\?(?P<query>[^=&?]+=[^&]*(?:&[^=&?]+=[^&]*)*))?",
    re.IGNORECASE | re.ASCII,
)
_URL_LIKE = re.compile(r"(?:postgres(?:ql)?:|([a-z][a-z0-9+.-]*)://)", re.IGNORECASE)
_UNREADABLE = re.compile(r"[\s\x00-\x1f]|%(?:00|(?![0-9a-fA-F]{2}))")
_SHOWN = ("host", "hostaddr", "port", "dbname", "user", "sslmode")
"""Parameters that `str()` keeps; any other may be a password."""
_PASSWORDS = ("password", "sslpassword")
REMEDY = (
    "write a URL like postgresql://user:password@host:5432/name, with signs of a password such as @ / : % as %40 %2F"
    " %3A %25"
)


class DatabaseUrl:
    """URL of a PostgreSQL database. `str()` and `repr()` keep the address alone: no password."""

    __slots__ = ("_parts", "_url")

    def __init__(self, text: str) -> None:
        """Raises ValueError with the remedy, without the text, if it is no such URL."""
        parts = _URL.fullmatch(text)
        if parts is None or _UNREADABLE.search(text):
            raise ValueError(REMEDY)
        self._parts = parts
        self._url = f"postgresql://{text.partition('://')[2]}"

    def reveal(self) -> str:
        """The URL with its password, for the database's client alone."""
        return self._url

    def redact(self, text: str) -> str:
        """A text without the password, as it is written here or decoded."""
        for password in sorted(self.passwords(), key=len, reverse=True):
            text = text.replace(password, "[secret]")
        return text

    def passwords(self) -> set[str]:
        """The passwords in it, as they are written and decoded."""
        written = [self._parts["password"], *(value for key, value in self._query() if key in _PASSWORDS)]
        return {form for each in written if each for form in (each, unquote(each))}

    def _query(self) -> Iterator[tuple[str, str]]:
        for parameter in filter(None, (self._parts["query"] or "").split("&")):
            key, _, value = parameter.partition("=")
            yield unquote(key), value

    def __str__(self) -> str:
        user, hosts, name = self._parts["user"], self._parts["hosts"], self._parts["name"]
        options = "&".join(f"{key}={value}" for key, value in self._query() if key in _SHOWN)
        address = f"{user}@{hosts}" if user else hosts
        return f"postgresql://{address}{f'/{name}' if name else ''}{f'?{options}' if options else ''}"

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatabaseUrl) and self._url == other._url

    def __hash__(self) -> int:
        return hash(self._url)


Database: TypeAlias = Path | DatabaseUrl


def read_database(value: object) -> object:
    """A DatabaseUrl or a Path of a text; another value as it is. Raises ValueError for a URL of another scheme."""
    text = str(value).strip() if isinstance(value, str | Path) else ""
    if (like := _URL_LIKE.match(text)) is None:
        return Path(value) if isinstance(value, str) else value
    scheme = (like[1] or "postgresql").lower()
    if scheme not in {"postgresql", "postgres"}:
        raise ValueError(
            f"{scheme}:// is no database of Paperboy's: set PAPERBOY_DB to the path of an SQLite file, or {REMEDY}"
        )
    return DatabaseUrl(text)
