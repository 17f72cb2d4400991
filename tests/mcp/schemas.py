"""What 1.0.0 promises to assistants: tools, their schemas, resources. `python -m tests.mcp.schemas` writes the file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from adapters.mcp.server import PaperServer, personal_server, public_server

GOLDEN = Path(__file__).parents[1] / "golden" / "mcp.json"


async def offered(server: PaperServer) -> dict[str, Any]:
    """Everything that a client builds on, without the prose."""
    return {
        "tools": {
            tool.name: {
                "arguments": _without_prose(tool.input_schema),
                "answer": _without_prose(tool.output_schema),
                "hints": tool.annotations.model_dump(exclude_none=True) if tool.annotations else {},
            }
            for tool in await server.list_tools()
        },
        "resources": [template.uri_template for template in await server.list_resource_templates()],
    }


def _without_prose(schema: Any) -> Any:
    """A schema without titles and descriptions, which may get better; a property may be called `title` all the same."""
    if isinstance(schema, list):
        return [_without_prose(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: each for key, each in schema.items() if key not in {"title", "description"} or isinstance(each, dict)}
    if kept.get("properties", {}).get("notice"):
        kept["properties"] = kept["properties"] | {"notice": {"type": "string"}}  # its words may get better too
    return {key: _without_prose(each) for key, each in sorted(kept.items())}


def promised() -> str:
    """The file as it is to be."""
    desk: Any = None  # nothing is called
    public, personal = (asyncio.run(offered(each)) for each in (public_server(desk), personal_server(desk, str)))
    own = [name for name in personal["tools"] if name not in public["tools"]]
    return json.dumps({**personal, "with a person's token alone": own}, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(promised(), encoding="utf-8")
