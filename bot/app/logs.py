"""Log lines as key=value text or JSON, with secrets removed."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO

from cachetools import LRUCache

from bot.settings import SEPARATORS, environment_name, secret_variables

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack
    r"|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"  # Discord
    r"|paperboy_[\w-]+\.[\w-]{16,}"  # a person's, for an AI assistant
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)|(?<=password=)[^&\s]+"  # credentials in a URL
    r"|(?i:bearer|bot)\s+[\w.~+/-]{16,}=*",
)
_URL = re.compile(r"https?://\S+")
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|KEY")
SEPARATION = 60.0
"""Seconds between two messages that are alike."""
MAX_REMEMBERED = 200
MIN_SECRET = 8
"""Characters; a shorter secret is not removed, since ordinary words would be too."""


class Redactor:
    """Removes what looks like a token, the values of settings whose name contains TOKEN, SECRET, PASSWORD, KEY, and
    the password of the database's URL.
    """

    def __init__(self, environment: Mapping[str, str], secrets: Iterable[str] = ()) -> None:
        variables = secret_variables() | set(filter(_SECRET_NAME.search, environment))
        values = [value for name, value in environment.items() if name in variables]
        values += SEPARATORS.split(environment.get(environment_name("secret_key"), ""))  # several, seen singly
        values += [url for value in values for url in _URL.findall(value)]  # of webhooks, which are several
        long = (value for value in (*values, *secrets) if len(value) >= MIN_SECRET)
        self._secrets = sorted(long, key=len, reverse=True)

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `[secret]`."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return _SECRET.sub("[secret]", text)


class LineFormatter(logging.Formatter):
    """Formats records as `time=… level=… logger=… message`, or as one JSON object a line with the traceback in it."""

    def __init__(self, redactor: Redactor, *, as_json: bool) -> None:
        super().__init__()
        self._redactor = redactor
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line; in text mode its traceback follows."""
        message = self._redactor.redact(record.getMessage())
        time, level = self.formatTime(record, "%Y-%m-%dT%H:%M:%S"), record.levelname.lower()
        trace = self._redactor.redact(self.formatException(record.exc_info)) if record.exc_info else ""
        if self._as_json:
            line = {"time": time, "level": level, "logger": record.name, "message": message}
            return json.dumps(line | ({"trace": trace} if trace else {}), ensure_ascii=False)
        one_line = message.replace("\n", "\\n")
        return f"time={time} level={level} logger={record.name} {one_line}" + (f"\n{trace}" if trace else "")


class Unrepeated(logging.Filter):
    """Lets a message of a logger through once a minute, with the number of those like it since."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats: LRUCache[tuple[str, ...], tuple[float, int]] = LRUCache(MAX_REMEMBERED)

    @classmethod
    def attach(cls, logger: logging.Logger) -> None:
        """Filter a logger, if it is not filtered already."""
        if not any(isinstance(each, cls) for each in logger.filters):
            logger.addFilter(cls())

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a message that was logged within a minute; its first line and its exception decide."""
        error = record.exc_info[1] if record.exc_info else None
        key = (record.levelname, str(record.msg).partition("\n")[0], repr(error)[:200])
        since, repeats = self._repeats.get(key, (float("-inf"), 0))
        if record.created - since < SEPARATION:
            self._repeats[key] = since, repeats + 1
            return False
        self._repeats[key] = record.created, 0
        if repeats:
            record.msg, record.args = f"{record.getMessage()} (and {repeats} more like this)", ()
        return True


def start(
    level: str,
    *,
    as_json: bool,
    environment: Mapping[str, str],
    secrets: Iterable[str] = (),
    out: TextIO = sys.stderr,
) -> None:
    """Send Paperboy's log from `level` up, and other libraries' warnings, to `out`, without `secrets`."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(LineFormatter(Redactor(environment, secrets), as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    Unrepeated.attach(logging.getLogger("psycopg.pool"))  # each of its connections that fails, at every attempt
    logging.getLogger("stamina").setLevel(logging.ERROR)  # logs each retry; the source logs the final failure
    logging.getLogger("paperboy").setLevel(level.upper())
