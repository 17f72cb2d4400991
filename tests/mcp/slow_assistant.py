"""A server on stdin and stdout whose search lasts until it is cancelled; `get_paper` answers once it was."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from adapters.mcp import serve_stdio


class SlowLibrary:
    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def ranked_at(self) -> datetime:
        return datetime.now(UTC)

    async def search(self, *_: object, **__: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()

    async def paper(self, *_: object, **__: object) -> None:
        await self.ended.wait()


class SlowDesk:
    def __init__(self) -> None:
        self.library = SlowLibrary()


if __name__ == "__main__":
    desk: Any = SlowDesk()
    asyncio.run(serve_stdio(desk, None))
