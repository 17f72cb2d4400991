"""The API's promise since 1.0.0: names and types of every answer, as `tests/golden/api.json` has them.

A field may be added, with the file (`python -m tests.web.test_api_shapes` writes it); none is renamed, removed or given
another type in version 1 of the API.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.app import collect
from bot.model import Findings, Signal
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.web.harness import Reader, running_site

GOLDEN = Path(__file__).parents[1] / "golden" / "api.json"
PATHS = {
    "a list of papers": (
        "/api/v1/today", "/api/v1/today?topic=video&strictness=wider", "/api/v1/today?order=early",
        "/api/v1/search?q=model", "/api/v1/search?q=robtics+language", "/api/v1/days/2025-10-23",
        "/api/v1/weeks/2025-W43", "/api/v1/months/2025-10",
    ),
    "a paper": (f"/api/v1/papers/{OMNI}", "/api/v1/papers/2511.00001", "/api/v1/papers/2511.00002"),
    "a refusal": ("/api/v1/search?q=%22open", "/api/v1/today?q=x", "/api/v1/papers/2401.00001"),
}  # fmt: skip
"""What is answered, and paths that answer so."""


def shape(value: Any) -> Any:
    """Names and types of a JSON value: of a list those of all its entries together, of a field every type it has."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [merged([shape(each) for each in value])] if value else []
    if value is None:
        return "null"
    return {bool: "boolean", str: "text", int: "number", float: "number"}[type(value)]


def merged(shapes: list[Any]) -> Any:
    """One shape for several entries."""
    if all(isinstance(each, dict) for each in shapes):
        names = sorted({name for each in shapes for name in each})
        assert all(each.keys() == shapes[0].keys() for each in shapes), "entries of one list have the same fields"
        return {name: merged([each[name] for each in shapes]) for name in names}
    if all(isinstance(each, list) for each in shapes):
        entries = [entry for each in shapes for entry in each]
        return [merged(entries)] if entries else []
    return " or ".join(sorted({kind for each in shapes for kind in each.split(" or ")}))


async def shapes(reader: Reader) -> dict[str, Any]:
    """The shape of every answer, of papers with everything and with nothing in them."""
    full = replace(
        paper(1, at=NOW, title="Model of Everything"), organization="A Lab", organization_handle="a-lab", tldr="It is.",
        code_url="https://github.com/a/b", project_url="https://a.example", tldr_by="a model", comment="8 pages",
    )  # fmt: skip
    bare = replace(
        paper(2, at=NOW, title="Model"), abstract="", authors=(), categories=(), published_at=None, listed_at=None
    )
    unnoticed = replace(paper(3, at=NOW, title="Model of Nothing"), listed_at=None)
    votes = tuple(Signal(each.id, "huggingface", "upvotes", 9, NOW) for each in (full, bare))
    await reader.backend.store.papers.add(Findings((full, bare, unnoticed), votes), "huggingface", NOW)
    await collect.describe(reader.backend.store)
    await reader.backend.engine.collect()
    return {
        name: merged([shape((await reader.get(path)).answer.json()) for path in paths]) for name, paths in PATHS.items()
    }


async def test_the_api_has_the_names_and_types_that_are_promised(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        assert await shapes(reader) == json.loads(GOLDEN.read_text(encoding="utf-8"))


async def test_every_route_of_the_api_is_among_them(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        paths = [route.path.partition("/{")[0] for route in reader.web.routes if route.path.startswith("/api/")]
    assert paths
    asked = {path.partition("?")[0] for answers in PATHS.values() for path in answers}
    assert all(any(each.startswith(path) for each in asked) for path in paths)


async def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running_site(Path(folder)) as reader:
            GOLDEN.write_text(f"{json.dumps(await shapes(reader), indent=1)}\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_write())
