"""AI assistants, by the Model Context Protocol: papers for everybody, and a person's own behind a token. See README.md.

front.py    `ports.Front`: /mcp over HTTP         server.py  the SDK's server: tools, resources, errors in one line
tools.py    what an assistant may ask             models.py  the JSON of the answers
connect.py  settings to the front, and stdio
"""

from adapters.mcp.connect import connect, examine, serve_stdio

__all__ = ["connect", "examine", "serve_stdio"]
