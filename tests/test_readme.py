"""Every README says what the code does: commands, options, settings, defaults, paths, links, file lists, examples."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import settings
from bot.__main__ import main
from bot.app.roles import ALL, read_roles
from bot.commands import COMMANDS, parse_line
from bot.model.source import SOURCES
from bot.ranking import trend
from tests.bench.__main__ import SUBJECTS

ROOT = Path(__file__).parents[1]
TOP = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for folder in ("bot", "adapters", "tests")
    for path in sorted((ROOT / folder).rglob("README.md"))
    if "node_modules" not in path.parts  # of the renderer of Slack's pictures
}
READMES = {"README.md": TOP, **PACKAGES}
EVERYWHERE = {"share", "page", "start"}
OF_BUTTONS = {"show", "tag", "replace", "entries", "key", "form", "to"}
"""Options that buttons and forms of the reading list fill in, where they are hidden."""
OWN_README = (
    "bot bot/app bot/commands bot/delivery bot/digest bot/handlers bot/query bot/queue bot/ranking bot/search "
    "bot/sources bot/store bot/summaries bot/wording bot/zotero "
    "adapters adapters/slack adapters/discord adapters/email adapters/matrix adapters/mcp "
    "adapters/web adapters/webhook tests/bench"
)


def section(text: str, title: str) -> str:
    """Text under a heading, up to the next one of its level or above."""
    heading = re.search(rf"^(##+) {re.escape(title)}\n", text, re.MULTILINE)
    assert heading, f"no heading {title}"
    rest = text[heading.end() :]
    level = len(heading[1])
    following = re.search(rf"^#{{2,{level}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def rows(text: str) -> list[list[str]]:
    """Cells of all table rows."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("|")
    ]


def test_the_top_readme_has_at_most_250_lines():
    assert TOP.count("\n") <= 250


@pytest.mark.parametrize("package", OWN_README.split())
def test_a_package_that_a_reader_asks_about_has_a_readme_and_the_top_one_leads_there(package: str):
    assert f"{package}/README.md" in PACKAGES
    assert f"({package}/README.md)" in TOP


def test_every_command_and_option_is_in_the_table_and_nothing_else_is():
    documented = dict(
        re.findall(
            r"^\| `([a-z ]+?)((?: [\[<][a-z]+[\]>])*)` \| (?:all|managers) \|",
            section(PACKAGES["bot/commands/README.md"], "Commands"),
            re.MULTILINE,
        )
    )
    visible = {name: command for name, command in COMMANDS.items() if not command.hidden}
    assert set(documented) == set(visible)
    for name, command in visible.items():
        options = [
            f"<{option.name}>" if option.required else f"[{option.name}]"
            for option in command.options
            if option.name not in EVERYWHERE and not (option.hidden and option.name in OF_BUTTONS)
        ]
        assert documented[name].split() == options, name


def test_the_commands_of_the_top_one_exist():
    lines = [line for cells in rows(section(TOP, "Commands")) for line in re.findall(r"`([a-z ]+)[^`]*`", cells[0])]
    assert len(lines) > 10
    assert all(parse_line(line.strip())[0] for line in lines)


def test_who_may_is_as_the_code_says():
    table = section(PACKAGES["bot/commands/README.md"], "Commands")
    documented = dict(re.findall(r"^\| `([a-z ]+?)(?: [\[<].*?)?` \| (all|managers) \|", table, re.MULTILINE))
    assert documented == {name: c.permission for name, c in COMMANDS.items() if not c.hidden}


def test_every_setting_is_in_the_table_of_app_and_those_in_the_top_one_exist():
    names = re.compile(r"\b(?:PAPERBOY|SLACK|DISCORD|MATRIX)_[A-Z_]+|\bPORT\b")
    declared = {name for name, _, _ in settings.table()} | {"PORT"}
    assert set(names.findall(section(PACKAGES["bot/app/README.md"], "Settings"))) == declared
    assert set(names.findall(section(TOP, "Settings"))) <= declared


def test_defaults_in_the_tables_are_the_code_s():
    defaults = {name: default for name, default, _ in settings.table()}
    for text in (TOP, PACKAGES["bot/app/README.md"]):
        for cells in rows(section(text, "Settings")):
            [*documented] = re.findall(r"`([A-Z_]+)`", cells[0])
            values = re.findall(r"`([^`]*)`", cells[1])
            for name, value in zip(documented, values, strict=False):
                if name in defaults:
                    assert value in {
                        str(defaults[name]),
                        str(defaults[name]).lower(),
                        f"{defaults[name]}".removesuffix(".0"),
                    }


def test_every_command_of_the_command_line_is_in_the_table():
    documented = set(re.findall(r"`paperboy ([a-z]+)", section(PACKAGES["bot/app/README.md"], "The command line")))
    assert documented == set(main.commands)


def test_the_rule_is_the_one_in_the_code():
    assert f"`{trend.RULE}`" in TOP
    assert f"`{trend.RULE}`" in PACKAGES["bot/ranking/README.md"]


def test_every_subject_of_the_bench_is_in_its_table():
    documented = {
        name for cells in rows(PACKAGES["tests/bench/README.md"]) for name in re.findall(r"`([a-z ]+)`", cells[0])
    }
    assert documented == set(SUBJECTS)


def examples() -> list[str]:
    """Lines of the first block under `A first digest`."""
    block = section(TOP, "A first digest").partition("```sh\n")[2].partition("```")[0]
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
        assert re.search(rf"<!-- {name} -->\n```sh\n\S.*\n```", TOP)


@pytest.mark.parametrize("readme", READMES)
def test_pictures_files_and_modules_that_a_readme_names_are_there(readme: str):
    text, folder = READMES[readme], (ROOT / readme).parent
    for path in re.findall(r"src=\"([^\":]+)\"", text):
        assert (folder / path).exists(), path
    for path in re.findall(r"`((?:bot|adapters|tests)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
    for dotted in re.findall(r"python -m (tests(?:\.\w+)+)", text):
        path = ROOT / dotted.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), dotted


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives a README's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("readme", READMES)
def test_links_of_a_readme_lead_to_a_file_and_a_heading_in_it(readme: str):
    for path, anchor in re.findall(r"\]\(([^)#:]*)#?([^)#:]*)\)", READMES[readme]):
        target = (ROOT / readme).parent / path if path else ROOT / readme
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), (path, anchor)


@pytest.mark.parametrize("readme", READMES)
def test_files_in_the_first_column_of_a_table_are_there(readme: str):
    folder, tables = (ROOT / readme).parent, re.split(r"\n\n", READMES[readme])
    for table in tables:
        if re.match(r"\| (?:file|module|package) \|", table):
            for cells in rows(table)[2:]:
                for name in re.findall(r"`([\w./]+)`", cells[0]):
                    assert (folder / name).exists() or (ROOT / name).exists(), name


def tree() -> Iterator[tuple[Path, str]]:
    """Every (folder, name) in the tree of bot/README.md: packages and files, those of app/ indented below it."""
    block = PACKAGES["bot/README.md"].partition("\n    ")[2].partition("\n\nA package")[0]
    folder = ROOT / "bot"
    for line in f"    {block}".splitlines():
        if entry := re.match(r"(?P<indent> {4}| {8})(?P<names>[\w./]+(?:, [\w./]+)*)  +\S", line):
            parent = folder if len(entry["indent"]) == 8 else ROOT / "bot"
            for name in entry["names"].split(", "):
                yield parent, name.rstrip("/")
            if len(entry["indent"]) == 4:
                folder = parent / entry["names"].rstrip("/")
        else:
            assert not line.strip(), f"no entry of the tree: {line}"


def test_every_name_in_the_tree_is_there_and_the_tree_leaves_none_out():
    named: dict[Path, set[str]] = {}
    for folder, name in tree():
        assert (folder / name).exists(), f"{folder.name}/{name}"
        named.setdefault(folder, set()).add(name)
    assert set(named) == {ROOT / "bot", ROOT / "bot/app"}
    for folder, names in named.items():
        packages = {path.parent.name for path in folder.glob("*/__init__.py")}
        assert names == packages | {path.name for path in folder.glob("*.py")} - {"__init__.py"}


def test_the_layers_are_those_that_import_linter_checks():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [checked] = [each for each in pyproject["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    block = section(PACKAGES["bot/README.md"], "Layers").partition("\n    ")[2].partition("\n\n")[0]
    documented = [set(line.strip().split(", ")) for line in block.splitlines()]
    assert documented == [set(layer.split(" | ")) for layer in checked["layers"] if layer != "__main__"]


MAPS = [path for folder in ("bot", "adapters") for path in sorted((ROOT / folder).rglob("__init__.py"))]


@pytest.mark.parametrize("module", MAPS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_files_that_the_docstring_of_a_package_lists_are_there(module: Path):
    lines = (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").splitlines()[1:]
    for name in (each for line in lines for each in re.findall(r"(?:^|  |, )\s*([a-z_]+(?:\.py|/))(?=  |,)", line)):
        assert (module.parent / name).exists(), name


def test_every_declared_source_is_in_the_table_of_sources():
    names = {cells[0].strip("`") for cells in rows(PACKAGES["bot/sources/README.md"])[2:]}
    assert names == set(SOURCES)


def test_the_procfile_is_as_described_and_its_processes_have_all_roles_together():
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    page = section(PACKAGES["bot/store/README.md"], "How to run it")
    assert all(f"    {line}\n" in page for line in lines)
    commands = {name: shlex.split(line) for name, _, line in (line.partition(": ") for line in lines)}
    assert commands.pop("web") == ["paperboy", "run"], "alone it does everything, with either database"
    for split in (*commands.values(), ["--roles", *re.findall(r"`web: paperboy run --roles ([a-z,]+)`", page)]):
        assert read_roles(split[-1], shared=True)
    narrow = {role for words in re.findall(r"paperboy run --roles ([a-z,]+)", page) for role in words.split(",")}
    assert narrow == ALL
