"""`paperboy` in this process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.sources import sample

SAMPLE = Path(sample.__file__).with_name("week.jsonl")


def paperboy(*words: str, input: str | None = None) -> Result:  # noqa: A002 - click's own word
    """A command's output and exit code; an exception that it does not turn into one line is raised."""
    return CliRunner().invoke(main, words, input=input, catch_exceptions=False)


def filled() -> None:
    """The sample week in `paperboy.db`."""
    assert paperboy("import", str(SAMPLE)).exit_code == 0
