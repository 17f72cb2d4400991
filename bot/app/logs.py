"""Log lines as key=value text or as JSON, with no secret in any of them."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO

from bot.settings import secret_variables

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack
    r"|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"  # Discord
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # credentials in a URL
    r"|(?i:bearer|bot)\s+[\w.~+/-]{16,}=*",
)
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|KEY")
SHORTEST_SECRET = 8
"""A shorter value of a secret setting is not looked for: it would blank ordinary words."""


class Redact:
    """Blanks whatever looks like a token, and every value of a setting whose name says it is one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        secrets = secret_variables()
        self._known = sorted(
            (
                value
                for name, value in environment.items()
                if (name in secrets or _SECRET_NAME.search(name)) and len(value) >= SHORTEST_SECRET
            ),
            key=len,
            reverse=True,
        )

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._known:
            text = text.replace(secret, "[secret]")
        return _SECRET.sub("[secret]", text)


class Lines(logging.Formatter):
    """`time=… level=… logger=… message`, or one JSON object a line; a traceback stays inside its line's record."""

    def __init__(self, redact: Redact, *, as_json: bool) -> None:
        super().__init__()
        self._redact = redact
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line (text mode: the traceback follows it)."""
        message = self._redact.clean(record.getMessage())
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        trace = self._redact.clean(self.formatException(record.exc_info)) if record.exc_info else ""
        if self._as_json:
            line = {"time": at, "level": record.levelname.lower(), "logger": record.name, "message": message}
            return json.dumps(line | ({"trace": trace} if trace else {}), ensure_ascii=False)
        one_line = message.replace("\n", "\\n")
        return f"time={at} level={record.levelname.lower()} logger={record.name} {one_line}" + (
            f"\n{trace}" if trace else ""
        )


def start(level: str, *, as_json: bool, environment: Mapping[str, str], out: TextIO = sys.stderr) -> None:
    """Send Paperboy's log to `out`, and other libraries' warnings with it."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines(Redact(environment), as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("stamina").setLevel(logging.ERROR)  # each retry; what failed in the end is said by the source
    logging.getLogger("paperboy").setLevel(level.upper())
