"""A progress bar is for people who watch."""

from __future__ import annotations

import os
import sys

import pytest

from bot.app.progress import progress_bar


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *, quiet: bool = False) -> bytes:
    """Bytes sent to a terminal while a progress bar runs to its end."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with progress_bar("Replaying", 4, quiet=quiet) as advance:
            for _ in range(4):
                advance(1)
        monkeypatch.undo()
        os.set_blocking(ours, False)
        sent = b""
        try:
            while part := os.read(ours, 65_536):
                sent += part
        except OSError:  # nothing more is there, or the other end is closed
            return sent
        finally:
            os.close(ours)
        return sent


def test_a_terminal_sees_the_bar_move_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = on_a_terminal(monkeypatch)
    assert b"Replaying" in sent
    assert b"100%" in sent


def test_a_terminal_that_wants_quiet_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_a_terminal(monkeypatch, quiet=True) == b""


def test_off_a_terminal_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Replaying", 2) as advance:
        advance(2)
    assert capsys.readouterr() == ("", "")
