"""What a process may be: everything, or some of it beside others on one database."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.cli.operator_commands import run
from bot.app.roles import ALL, ROLES, read_roles
from bot.errors import UserError
from tests.harness.command_line import paperboy


def test_a_process_has_all_roles_unless_it_is_told_some() -> None:
    assert read_roles(None, shared=False) == read_roles(None, shared=True) == ALL
    assert read_roles("web, Slack", shared=True) == {"web", "slack"}
    assert read_roles(",".join(ROLES), shared=False) == ALL


@pytest.mark.parametrize(
    ("text", "shared", "problem"),
    [
        (
            "web,tick",
            True,
            "there is no role tick; choose from collect, deliver, slack, discord, matrix, web, mcp, mail",
        ),
        (" ,", True, "names none"),
        ("web", False, "set PAPERBOY_DB to a PostgreSQL URL"),
    ],
)
def test_roles_that_cannot_be_are_a_mistake(text: str, *, shared: bool, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        read_roles(text, shared=shared)


def test_the_command_names_every_role_and_refuses_some_on_sqlite_in_one_line(tmp_path: Path) -> None:
    (option,) = [each for each in run.params if each.name == "roles"]
    assert all(role in (option.help or "") for role in ROLES)  # type: ignore[attr-defined]  # an Option has one
    result = paperboy("run", "--roles", "web", "--db", str(tmp_path / "paperboy.db"))
    assert result.exit_code == 2
    assert result.stderr.startswith("paperboy: --roles is for several processes")
    assert len(result.stderr.splitlines()) == 1


def test_the_readme_has_every_role() -> None:
    readme = Path("bot/app/README.md").read_text(encoding="utf-8")
    assert all(f"| `{role}` |" in readme for role in ROLES)
