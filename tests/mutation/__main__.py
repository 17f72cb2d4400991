"""`python -m tests.mutation [ROOM or FILE …]`: the share of small changes that the nearest tests notice.

Cosmic Ray (extra `[mutation]`) makes the changes; each file is changed in a copy of the tree, never in the checkout.
Instead of starting a process of pytest a change, which takes 3 seconds of imports, a process that has imported what is
not ours forks a child, and the child runs the tests.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from tests.mutation.targets import TARGETS

ROOT = Path(__file__).parents[2]
LEFT_OUT = ("ExceptionReplacer", "RemoveDecorator", "VariableReplacer", "VariableInserter")
"""Operators whose changes break a module at import, or need arguments."""
PRELOADED = (
    "aiohttp", "apscheduler", "cryptography.fernet", "discord", "httpx", "jinja2", "numpy", "pytest",
    "rapidfuzz", "regex", "rich", "slack_bolt", "slack_sdk", "sqlite_utils", "stamina", "starlette",
    "uvicorn",
)  # fmt: skip
OPTIONS = ("-x", "-q", "-p", "no:xdist", "-p", "no:randomly", "-W", "ignore::pytest.PytestCacheWarning")


class Change(NamedTuple):
    """One change: the operator's name and how many earlier places of the file it skips."""

    operator: str
    occurrence: int
    line: int


class Outcome(NamedTuple):
    """What the tests made of one change."""

    room: str
    file: str
    line: int
    operator: str
    before: str
    after: str
    noticed: bool


def changes(source: str) -> list[Change]:
    """One change for each place, drawn among all that Cosmic Ray makes there, without annotations and decorators."""
    skipped, lines = _unexecuted(source), source.splitlines()
    places: dict[tuple[int, int], list[Change]] = defaultdict(list)
    module = get_ast(source)
    for name in operator_names():
        operator = get_operator(name)
        if any(part in name for part in LEFT_OUT) or operator.arguments():
            continue
        positions = (start for node in ast_nodes(module) for start, _ in operator().mutation_positions(node))
        for occurrence, (line, column) in enumerate(positions):
            is_parameter_mark = lines[line - 1][column : column + 2] in {"*,", "/,"}
            if not is_parameter_mark and not any(start <= (line, column) < end for start, end in skipped):
                places[line, column].append(Change(name, occurrence, line))
    return [random.choice(options) for _, options in sorted(places.items())]


def _unexecuted(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations and decorators stand: a change there changes nothing, or the module at import."""
    nodes: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        nodes += [a for a in (getattr(node, "annotation", None), getattr(node, "returns", None)) if a is not None]
        nodes += getattr(node, "decorator_list", [])
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)) for node in nodes
    ]


def run_tests(copy: Path, tests: Sequence[str], seconds: float) -> bool | None:
    """Whether the tests pass in a child process; None if they take longer."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(_pytest(copy, tests))
        except BaseException:  # noqa: BLE001 - the child must never go on as its parent
            os._exit(70)
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _pytest(copy: Path, tests: Sequence[str]) -> int:
    """The exit code of pytest in this process, with the modules of the copy."""
    os.setsid()
    os.chdir(copy)
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path or ".").resolve() != ROOT)]
    for name in [name for name in sys.modules if name.partition(".")[0] in {"tests", "bot", "adapters"}]:
        del sys.modules[name]
    with open(os.environ.get("MUTATION_LOG", os.devnull), "a") as output:  # noqa: PTH123 - as os.devnull is written
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    import pytest  # noqa: PLC0415 - in the child, after the modules of the checkout are forgotten

    return int(pytest.main([*OPTIONS, *tests]))


@contextlib.contextmanager
def copy_of_tree() -> Iterator[Path]:
    """A copy of what git tracks and of what is new, compiled."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        for name in listed.stdout.splitlines():
            if (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, Path(folder) / name)
        compileall.compile_dir(folder, quiet=2)
        yield Path(folder)


def examine(target: tuple[str, str, tuple[str, ...]], *, sample: int, seed: int) -> list[Outcome]:
    """Make a sample of changes in one file, and say which of them the tests notice."""
    room, file, tests = target
    random.seed(f"{seed} {file}")
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            import_module(name)
    with copy_of_tree() as copy:
        started = time.monotonic()
        if not run_tests(copy, tests, 300):
            print(f"{file} left out: its tests fail unchanged: {' '.join(tests)}", file=sys.stderr)
            return []
        limit = 5 + 3 * (time.monotonic() - started)
        sys.dont_write_bytecode = True
        source = (copy / file).read_text()
        drawn = changes(source)
        outcomes = []
        for change in sorted(random.sample(drawn, min(sample, len(drawn))), key=lambda change: change.line):
            changed = mutate_code(source, get_operator(change.operator)(), change.occurrence)
            for stale in (copy / file).parent.glob(f"__pycache__/{Path(file).stem}.*.pyc"):
                stale.unlink()
            (copy / file).write_text(changed)
            noticed = run_tests(copy, tests, limit) is not True
            outcomes.append(_outcome(room, file, change, source, changed, noticed=noticed))
            print("." if noticed else "S", end="", flush=True, file=sys.stderr)
        return outcomes


def _outcome(room: str, file: str, change: Change, source: str, changed: str, *, noticed: bool) -> Outcome:
    before, after = source.splitlines(), changed.splitlines()
    at = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), change.line - 1)
    operator = change.operator.removeprefix("core/")
    return Outcome(room, file, at + 1, operator, before[at].strip(), after[at].strip(), noticed)


def targets(names: Sequence[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """The files that the names mean, all without any."""
    every = [(room, file, tests) for room, files in TARGETS.items() for file, tests in files.items()]
    return [each for each in every if not names or each[0] in names or each[1].startswith(tuple(names))]


def report(outcomes: Sequence[Outcome]) -> str:
    """A table of the share noticed, by room and in all, and each survivor with the line before and after."""
    rooms: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        rooms[outcome.room].append(outcome)
    lines = ["| room | files | changes | noticed |", "|---|---|---|---|"]
    for room, ours in [*rooms.items(), ("all", list(outcomes))]:
        noticed = sum(outcome.noticed for outcome in ours)
        files = len({outcome.file for outcome in ours})
        lines.append(f"| {room} | {files} | {len(ours)} | {noticed} ({noticed / max(len(ours), 1):.0%}) |")
    lines += ["", "Survivors:"]
    for outcome in outcomes:
        if not outcome.noticed:
            lines += [
                f"{outcome.file}:{outcome.line} {outcome.operator}",
                f"  - {outcome.before}",
                f"  + {outcome.after}",
            ]
    return "\n".join(lines)


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", help="rooms or files; all without any")
    parser.add_argument("--sample", type=int, default=15, help="changes a file (15)")
    parser.add_argument("--seed", type=int, default=1, help="another one draws other changes (1)")
    parser.add_argument("--jobs", type=int, default=1, help="files at once (1)")
    parser.add_argument("--json", type=Path, help="file for all outcomes, a line each")
    arguments: Any = parser.parse_args()
    chosen = targets(arguments.names)
    if not chosen:
        parser.error(f"no such room or file; rooms are {', '.join(TARGETS)}")
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for done in pool.map(partial(examine, sample=arguments.sample, seed=arguments.seed), chosen):
            outcomes += done
            if arguments.json:
                with arguments.json.open("a") as kept:
                    kept.writelines(json.dumps(outcome._asdict()) + "\n" for outcome in done)
    print(f"\n{report(outcomes)}")


if __name__ == "__main__":
    main()
