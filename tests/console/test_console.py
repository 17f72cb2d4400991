"""The console, driven through real pipes, files and pseudo-terminals."""

from __future__ import annotations

import asyncio
import fcntl
import io
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.console import Console, local_timezone
from bot.commands import read_answers
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import (
    Action,
    Block,
    Caller,
    Channel,
    File,
    Form,
    FormField,
    Message,
    Ref,
    Span,
    SubscriptionChanges,
    Thread,
)

LOCAL = Channel("console:local")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ESCAPE = "\x1b"
LONG = "A study of very long titles that no terminal of forty columns could ever show on one line"
OPENER = Message(
    (
        Block("heading", (Span("Trending papers"),)),
        Block(
            "item", (Span(LONG, url="https://arxiv.org/abs/2511.00001"), Span("\nIn short.")), (Span("132 upvotes"),)
        ),
        Block("item", (Span("Second"),)),
        Block("note", (Span("Following everything."),)),
    )
)
REPLY = Message(
    (Block("text", (Span("1. ", bold=True), Span("Title", bold=True))),),
    (Action("Similar", "similar"), Action("Save", "save")),
)
THREAD = Thread(OPENER, (REPLY,))
PLAIN = f"""\
────────────────────────────────────────────────────────────────────────
Trending papers
1. {LONG} <https://arxiv.org/abs/2511.00001>
   In short.
   132 upvotes
2. Second
Following everything.

    1. Title
    [Similar]  [Save]
"""


def text(line: str, *actions: Action) -> Message:
    return Message((Block("text", (Span(line),)),), actions)


@dataclass
class ScriptedDesk:
    """Gives scripted answers in order, then the last one again and again; records its calls."""

    answers: list[Message | Form] = field(default_factory=lambda: [text("done")])
    calls: list[tuple[str, Any]] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)

    def _next(self) -> Message | Form:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def run(self, command, caller, options):
        self.calls.append((command, options))
        return self._next()

    async def say(self, line, caller):
        self.calls.append(("say", line))
        self.callers.append(caller)
        return self._next()

    async def read(self, form, channel):
        changes, faults = read_answers({field.name: field.value for field in form.fields})
        return form.with_faults(faults) if faults else changes

    async def apply(self, changes, caller):
        self.calls.append(("settings", changes))
        return self._next()


@pytest.fixture
def null() -> Iterator[Any]:
    """/dev/null, which is stdin under a process manager."""
    with Path(os.devnull).open() as nothing:
        yield nothing


@pytest.fixture
def typed(tmp_path: Path) -> Iterator[Any]:
    """A file of commands."""
    file = tmp_path / "typed"
    file.write_text("today\n")
    with file.open() as opened:
        yield opened


@contextmanager
def pipe() -> Iterator[tuple[Any, Any]]:
    """A reading and a writing end, as text."""
    read, write = os.pipe()
    with (
        suppress(OSError),
        os.fdopen(read, encoding="utf-8") as reader,
        os.fdopen(write, "w", encoding="utf-8") as writer,
    ):
        yield reader, writer


@contextmanager
def terminal(columns: int = 40) -> Iterator[tuple[int, Any]]:
    """The far end of a pseudo-terminal, and the near one as a text stream."""
    far, near = os.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    modes = termios.tcgetattr(near)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(near, termios.TCSANOW, modes)
    with (
        os.fdopen(near, "r+b", buffering=0) as raw,
        io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as stream,
    ):
        try:
            yield far, stream
        finally:
            os.close(far)


async def output_until(far: int, until: str) -> str:
    """Read a terminal's output until it contains the text."""
    output = ""
    async with asyncio.timeout(60):
        while until not in output:
            output += (await asyncio.to_thread(os.read, far, 4_096)).decode()
    return output.replace("\r\n", "\n")


@asynccontextmanager
async def serving(console: Console, desk: ScriptedDesk):
    task = asyncio.create_task(console.serve(desk))  # type: ignore[arg-type]  # the half of a desk that a console needs
    try:
        yield task
    finally:
        task.cancel()
        async with asyncio.timeout(60):
            with suppress(asyncio.CancelledError):
                await task


async def conversation(typed: str, *answers: Message | Form) -> tuple[ScriptedDesk, str]:
    """Type lines through a pipe that then ends; return the desk and the output."""
    desk = ScriptedDesk(list(answers) or [text("done")])
    out = io.StringIO()
    with pipe() as (reader, writer):
        writer.write(typed)
        writer.close()
        async with serving(Console(out, reader), desk):
            await quiet(desk, out, reader)
    return desk, out.getvalue()


async def quiet(desk: ScriptedDesk, out: io.StringIO, reader: Any) -> None:
    """Until everything typed was read and the console has settled: the loop then has nothing left to do."""
    before, same = None, 0
    async with asyncio.timeout(60):
        while same < 20:
            await asyncio.sleep(0)
            state = (len(desk.calls), out.getvalue())
            same = same + 1 if state == before else 0
            before = state


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


# --- printing ---------------------------------------------------------------------------------------------------


def test_off_a_terminal_a_thread_is_plain_text_with_full_addresses():
    out = io.StringIO()
    Console(out, color=True, width=20).print_thread(THREAD)
    assert out.getvalue() == PLAIN


def test_on_a_terminal_a_thread_is_wrapped_coloured_and_linked(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    with terminal(40) as (far, near):
        Console(near).print_thread(THREAD)
        output = os.read(far, 100_000).decode()
    assert f"{ESCAPE}]8;" in output
    assert "https://arxiv.org/abs/2511.00001" in output
    visible = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", output)
    assert "<https" not in visible
    assert max(map(len, visible.splitlines())) <= 40
    assert " ".join(LONG.split()) in " ".join(visible.split())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_declines_colour_gets_addresses_and_no_escape_codes(monkeypatch, name, value):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    with terminal(60) as (far, near):
        Console(near).print_thread(THREAD)
        output = os.read(far, 100_000).decode()
    assert ESCAPE not in output
    assert "<https://arxiv.org/abs/2511.00001>" in output
    assert max(map(len, output.splitlines())) <= 60


@pytest.mark.parametrize("color", [True, False])
def test_foreign_text_cannot_act_on_a_terminal(color):
    hostile = Message(
        (Block("heading", (Span("a\x1b[2Jb\x1b]0;owned\x07c\u202ed\x9b1m", url="https://h/\x1b]8;;x"),)),),
        (Action("x\x1b[2J\r\ny", "x"),),
    )
    with terminal(60) as (far, near):
        Console(near, color=color).print(hostile)
        output = os.read(far, 100_000).decode()
    assert re.sub(r"\x1b\[[0-9;]*m", "", output).splitlines() == ["abcd", "[x y]"]


def test_a_character_missing_from_the_encoding_becomes_a_question_mark():
    raw = io.BytesIO()
    old = io.TextIOWrapper(raw, encoding="latin-1")
    Console(old).print(text("Möbius ▲ 3"))
    assert raw.getvalue().decode("latin-1") == "Möbius ? 3\n"


# --- an outlet --------------------------------------------------------------------------------------------------


async def test_a_thread_is_posted_message_by_message():
    out = io.StringIO()
    console = Console(out)
    first = await console.post(LOCAL, OPENER, under=None, key="k0")
    second = await console.post(LOCAL, REPLY, under=first, key="k1")
    assert first != second
    assert out.getvalue() == PLAIN


async def test_find_raises_cannot_tell():
    with pytest.raises(CannotTell):
        await Console(io.StringIO()).find(LOCAL, "k0", under=None, since=NOW)


async def test_a_retracted_message_is_announced():
    out = io.StringIO()
    await Console(out).retract(LOCAL, Ref("3"))
    assert out.getvalue() == "(Message 3 is taken back.)\n"


async def test_a_proof_prints_nothing():
    out = io.StringIO()
    await Console(out).prove(LOCAL)
    assert out.getvalue() == ""


async def test_a_file_is_printed_whole_and_harmless():
    authors = " and ".join(f"Author {n}" for n in range(40))
    file = File("list.bib", "application/x-bibtex", f"@misc{{a,\n  author = {{{authors}{ESCAPE}[2J}}\n}}\n".encode())
    _, out = await conversation("saved export\n", replace(text("1 paper"), file=file))
    assert out == f"1 paper\n\n@misc{{a,\n  author = {{{authors}}}\n}}\n\n"


def test_off_a_terminal_a_file_is_printed_alone_so_that_it_can_be_redirected():
    file = File("list.csv", "text/csv", b"id,title\n1,One\n")
    out = io.StringIO()
    Console(out).print(replace(text("1 paper"), file=file))
    assert out.getvalue() == "id,title\n1,One\n"
    with terminal(40) as (far, near):
        Console(near, color=False).print(replace(text("1 paper"), file=file))
        assert os.read(far, 10_000).decode() == "1 paper\r\n\r\nid,title\r\n1,One\r\n"


async def test_a_closed_pipe_is_a_failure_to_try_again_later():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as out:
        console = Console(out)
        with pytest.raises(DeliveryError) as failed:
            await console.post(LOCAL, OPENER, under=None, key="k0")
        with pytest.raises(DeliveryError):
            await console.retract(LOCAL, Ref("1"))
    assert failed.value.kind is Failure.LATER


async def test_a_closed_stream_is_a_failure_to_try_again_later():
    out = io.StringIO()
    out.close()
    with pytest.raises(DeliveryError) as failed:
        await Console(out).post(LOCAL, OPENER, under=None, key="k0")
    assert failed.value.kind is Failure.LATER


async def test_a_slow_reader_blocks_no_other_task_and_loses_nothing():
    """Far more than a pipe holds is posted; the loop goes on, and all of it arrives in order once it is read."""
    with pipe() as (reader, writer):
        console = Console(writer)
        posts = [
            asyncio.create_task(console.post(LOCAL, text(f"{n} {'x' * 50_000}"), under=Ref("1"), key="k"))
            for n in range(6)
        ]
        await asyncio.wait(posts, timeout=0.05)
        assert not posts[-1].done()
        output = ""
        while output.count("\n") < 12:
            output += (await asyncio.to_thread(os.read, reader.fileno(), 65_536)).decode()
        await asyncio.gather(*posts)
    assert re.findall(r"^ {4}(\d) x{50000}$", output, re.MULTILINE) == list("012345")


# --- a front ----------------------------------------------------------------------------------------------------


async def test_lines_are_answered_in_order_and_prefixes_are_tolerated():
    desk, output = await conversation("search a\n\n/papers today\n/help\n/papers\nlast without a line break")
    lines = ["search a", "today", "help", "help", "last without a line break"]
    assert desk.calls == [("say", line) for line in lines]
    assert output == "done\n\n" * 5
    assert {(c.channel, c.user, c.may_manage, c.timezone) for c in desk.callers} == {
        (LOCAL, LOCAL, True, local_timezone())
    }


@pytest.mark.parametrize("line", ["exit", "quit", ":q", "Quit()", "bye"])
async def test_a_word_of_leaving_ends_the_program(line: str, monkeypatch: pytest.MonkeyPatch):
    desk, left = ScriptedDesk(), asyncio.Event()
    monkeypatch.setattr("adapters.console.outlet.leave", left.set)
    console = Console(io.StringIO(), io.StringIO(f"today\n{line}\nhelp\n"))
    async with serving(console, desk), asyncio.timeout(60):
        await left.wait()
    assert desk.calls == [("say", "today")]


async def test_ctrl_d_on_a_terminal_ends_the_program(monkeypatch: pytest.MonkeyPatch):
    left = asyncio.Event()
    monkeypatch.setattr("adapters.console.outlet.leave", left.set)
    with terminal(60) as (far, near):
        async with serving(Console(near, near, color=False), ScriptedDesk()), asyncio.timeout(60):
            assert await output_until(far, "› ") == "› "
            os.write(far, b"\x04")
            await left.wait()


async def test_a_number_presses_a_button():
    answer = text(
        "found", Action("Similar", "similar", {"paper": "1"}), Action("Abstract", url="https://arxiv.org/abs/1")
    )
    desk, output = await conversation("search a\n1\n2\n3\n0\n", answer, text("neighbours"))
    assert "[1] Similar  [2] Abstract" in output
    assert desk.calls == [("say", "search a"), ("similar", {"paper": "1"})]
    assert output.endswith(
        "neighbours\n\nhttps://arxiv.org/abs/1\nThere is no button 3 here.\nThere is no button 0 here.\n"
    )


FORM = Form(
    "Digest settings",
    "settings",
    (
        FormField("topics", "Topics, one a line", "agents", "lines"),
        FormField("size", "Papers", "5", help="1 to 20"),
        FormField("style", "Style", "thread", "choice", ("thread", "compact")),
        FormField("timezone", "Time zone", "UTC"),
    ),
)


async def test_a_form_is_asked_field_by_field_and_again_only_where_it_is_wrong():
    desk, output = await conversation("settings\ncat:cs.CL\nvideo\n\nmany\ncompact\n\n7\n", FORM, text("saved"))
    changes = SubscriptionChanges(topics=("cat:cs.CL", "video"), size=7, style="compact", timezone="UTC")
    assert desk.calls == [("say", "settings"), ("settings", changes)]
    refused = "Papers: “many” is not a number from 1 to 20.\nPapers (1 to 20) [5]:\n"
    assert f"Nothing was saved: 1 answer needs another look.\n{refused}" in output
    assert "Style (thread or compact) [thread]:" in output
    assert output.count("Time zone") == 1
    assert output.endswith("saved\n\n")


async def test_enter_after_a_refusal_keeps_what_is_stored_and_not_what_was_refused():
    desk, _ = await conversation("settings\n\nmany\n\n\n\n", FORM, text("saved"))
    changes = SubscriptionChanges(topics=("agents",), size=5, style="thread", timezone="UTC")
    assert desk.calls[1:] == [("settings", changes)]


async def test_enter_keeps_and_a_dash_empties():
    desk, _ = await conversation("settings\n\n\n\n-\n", FORM, text("saved"))
    assert desk.calls[1:] == [("settings", SubscriptionChanges(topics=("agents",), size=5, style="thread"))]
    desk, _ = await conversation("settings\n-\n\n\n\n", FORM, text("saved"))
    assert desk.calls[1][1].topics == ()


@pytest.mark.parametrize("typed", ["settings\ncancel\n", "settings\nagents\ncancel\n", "settings\n\n"])
async def test_a_cancelled_form_changes_nothing(typed):
    desk, _ = await conversation(typed, FORM, text("saved"))
    assert desk.calls == [("say", "settings")]


async def test_typed_escape_sequences_and_overlong_lines_are_bounded():
    desk, _ = await conversation("\x1b[Atoday\r\n" + "x" * 50_000 + "\nhelp\n")
    assert desk.calls[0] == ("say", "today")
    assert len(desk.calls[1][1]) <= 10_000
    assert desk.calls[2] == ("say", "help")


async def test_a_post_is_printed_above_the_prompt():
    with terminal(60) as (far, near):
        console = Console(near, near, color=False)
        async with serving(console, ScriptedDesk()):
            assert await output_until(far, "› ") == "› "
            await console.post(LOCAL, text("news"), under=None, key="k")
            assert await output_until(far, "› ") == f"\n{'─' * 60}\nnews\n› "
            os.write(far, b"today\n")
            assert await output_until(far, "› ") == "done\n\n› "


async def test_at_the_end_of_input_the_console_idles_and_still_posts(null):
    out = io.StringIO()
    console = Console(out, null)
    async with serving(console, ScriptedDesk()) as task:
        await asyncio.wait([task], timeout=0.05)
        assert not task.done()
        await console.post(LOCAL, text("news"), under=Ref("1"), key="k")
    assert out.getvalue() == "\n    news\n"


@pytest.mark.parametrize("kind", ["pipe", "terminal", "file", "null", "memory", "none"])
async def test_cancelling_works_at_once_whatever_the_input_is(kind, null, typed):
    with pipe() as (reader, _writer), terminal() as (_far, near):
        inputs = {
            "pipe": reader,
            "terminal": near,
            "file": typed,
            "null": null,
            "memory": io.StringIO("today\n"),
            "none": None,
        }
        desk = ScriptedDesk()
        async with serving(Console(io.StringIO(), inputs[kind]), desk) as task:
            if kind in {"file", "memory"}:
                await until(lambda: bool(desk.calls))
            assert not task.done()


async def test_a_console_served_again_misses_no_line():
    desk = ScriptedDesk()
    with pipe() as (reader, writer):
        console = Console(io.StringIO(), reader)
        async with serving(console, desk):
            await asyncio.sleep(0)
        writer.write("today\n")
        writer.flush()
        async with serving(console, desk):
            await until(lambda: bool(desk.calls))
    assert desk.calls == [("say", "today")]


async def test_commands_are_no_longer_read_once_the_output_is_closed():
    read, write = os.pipe()
    os.close(read)
    desk = ScriptedDesk()
    with os.fdopen(write, "w") as out:
        async with serving(Console(out, io.StringIO("today\nhelp\n")), desk) as task:
            await until(lambda: bool(desk.calls))
            await asyncio.wait([task], timeout=0.05)
            assert not task.done()
    assert desk.calls == [("say", "today")]


SERVE = """
import asyncio, sys
from adapters.console import Console
async def main():
    try:
        async with asyncio.timeout(0.3):
            await Console(sys.stdout, sys.stdin).serve(None)
    except TimeoutError:
        print("stopped")
asyncio.run(main())
"""


def test_an_open_stdin_does_not_keep_the_process_alive():
    read, write = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-c", SERVE], stdin=read, capture_output=True, text=True, timeout=60, check=True
        )
    finally:
        os.close(read)
        os.close(write)
    assert (done.stdout, done.stderr) == ("stopped\n", "")


LEADER = f"""
import fcntl, os, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
job = subprocess.Popen([sys.executable, "-c", {SERVE!r}], process_group=0)
_, status = os.waitpid(job.pid, os.WUNTRACED)
print("was stopped" if os.WIFSTOPPED(status) else "went on", flush=True)
if os.WIFSTOPPED(status):
    job.kill()
"""


def test_a_background_job_is_not_stopped_by_input_to_the_foreground():
    with terminal() as (far, near):
        os.write(far, b"ls\n")
        command = [sys.executable, "-c", LEADER]
        done = subprocess.run(
            command, stdin=near, capture_output=True, text=True, timeout=60, start_new_session=True, check=True
        )
    assert done.stdout == "stopped\nwent on\n"


def test_the_time_zone_is_one_that_exists_or_none():
    zone = local_timezone()
    assert zone is None or "/" in zone or zone.isupper()


async def test_a_file_is_imported_by_its_path(tmp_path):
    path = tmp_path / "my refs.bib"
    path.write_bytes("@misc{a, title={Würfel}}".encode("utf-16"))
    desk, _ = await conversation(f"saved import {path}\nimport '{path}'\nsaved import @misc{{b}}\nsaved import\n")
    assert desk.calls[:3] == [
        ("saved import", {"file": "@misc{a, title={Würfel}}"}),
        ("saved import", {"file": "@misc{a, title={Würfel}}"}),
        ("say", "saved import @misc{b}"),
    ]
