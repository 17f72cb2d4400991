"""Interface of a database to the parts of a store: queries and changes as functions of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar

from bot.store.sql.transaction import Statement, Transaction

P = ParamSpec("P")
T = TypeVar("T")

_Answer: TypeAlias = Coroutine[Any, Any, T]


class Connection(Protocol):
    """A database. Functions run off the event loop; one may run again if its transaction was undone."""

    async def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on one state of the database."""

    async def write(self, change: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change; when this returns, the whole change is durable and readers see it.

        The function may run twice; its effects outside the database repeat.
        """

    async def update(self, change: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a change as `write` does, whose statements each see what was committed before them.

        For changes that decide by nothing but the rows that they write: a database where others write at the same time
        need not watch what else they read. They say the same when they are made twice.
        """

    async def apply(self, *statements: Statement) -> int:
        """Make a change of statements as `update` does, committed together with others that wait for their commit.

        Returns the number of rows that the last one changed.
        """


class Part:
    """One part of the store: its methods run SQL on a connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


_Part = TypeVar("_Part", bound=Part)


def reads(query: Callable[Concatenate[_Part, Transaction, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a query (see `Connection.read`)."""

    @wraps(query)
    async def ask(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.read(partial(query, part), *args, **kwargs)

    return ask


def reading(query: Callable[Concatenate[Transaction, P], T]) -> Callable[Concatenate[Part, P], _Answer[T]]:
    """Make an async method of a query that other changes use too, or that stands with what it is about."""

    @wraps(query)
    async def ask(part: Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.read(query, *args, **kwargs)

    return ask


def writing(change: Callable[Concatenate[Transaction, P], T]) -> Callable[Concatenate[Part, P], _Answer[T]]:
    """Make an async method of such a change."""

    @wraps(change)
    async def make(part: Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.write(change, *args, **kwargs)

    return make


def writes(change: Callable[Concatenate[_Part, Transaction, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a change (see `Connection.write`)."""

    @wraps(change)
    async def make(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.write(partial(change, part), *args, **kwargs)

    return make


def updates(change: Callable[Concatenate[_Part, Transaction, P], T]) -> Callable[Concatenate[_Part, P], _Answer[T]]:
    """Make an async method of a change that decides by the rows it writes (see `Connection.update`)."""

    @wraps(change)
    async def make(part: _Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await part.connection.update(partial(change, part), *args, **kwargs)

    return make
