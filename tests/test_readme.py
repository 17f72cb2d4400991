"""The README says what the code does: every command, option and setting, and its examples run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import settings
from bot.__main__ import main
from bot.commands import COMMANDS
from bot.ranking import trend

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVERYWHERE = {"share", "page"}


def section(title: str) -> str:
    return README.partition(f"### {title}\n")[2].partition("\n## ")[0].partition("\n### ")[0]


def test_every_command_and_option_is_in_the_table_and_nothing_else_is():
    told = dict(
        re.findall(
            r"^\| `([a-z ]+?)((?: [\[<][a-z]+[\]>])*)` \| (?:all|managers) \|", section("Commands"), re.MULTILINE
        )
    )
    shown = {name: command for name, command in COMMANDS.items() if not command.hidden}
    assert set(told) == set(shown)
    for name, command in shown.items():
        wanted = [
            f"<{option.name}>" if option.required else f"[{option.name}]"
            for option in command.options
            if option.name not in EVERYWHERE
        ]
        assert told[name].split() == wanted, name


def test_who_may_is_as_the_code_says():
    told = dict(re.findall(r"^\| `([a-z ]+?)(?: [\[<].*?)?` \| (all|managers) \|", section("Commands"), re.MULTILINE))
    assert told == {name: c.permission for name, c in COMMANDS.items() if not c.hidden}


def test_every_setting_is_in_the_table():
    told = set(re.findall(r"\b(?:PAPERBOY|SLACK|DISCORD)_[A-Z_]+", section("Settings")))
    assert told == {name for name, _, _ in settings.table()}


def test_every_command_of_the_command_line_is_in_the_table():
    told = set(re.findall(r"`paperboy ([a-z]+)", section("The command line")))
    assert told == set(main.commands)


def test_the_rule_is_the_one_in_the_code():
    assert f"`{trend.RULE}`" in README


def examples() -> list[str]:
    block = README.partition("## Use it")[2].partition("```sh\n")[2].partition("```")[0]
    return [line for line in block.splitlines() if line.startswith("paperboy ")]


def test_the_examples_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot").symlink_to(ROOT / "bot")
    assert len(examples()) >= 9
    for line in examples():
        result = CliRunner().invoke(main, shlex.split(line)[1:], catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"


def test_the_commands_that_ci_runs_are_the_ones_a_reader_sees():
    for name in ("setup", "test"):
        assert re.search(rf"<!-- {name} -->\n```sh\n\S.*\n```", README)


def test_pictures_and_files_it_names_are_there():
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path
