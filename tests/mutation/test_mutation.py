"""The list of mutated files follows the tree, and changes are drawn where code runs."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.mutation.targets import TARGETS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("room", TARGETS)
def test_every_mutated_file_and_its_tests_are_there(room: str):
    for file, tests in TARGETS[room].items():
        assert [path for path in (file, *tests) if not (ROOT / path).exists()] == []


def test_a_place_is_changed_once_and_annotations_and_decorators_never():
    pytest.importorskip("cosmic_ray")
    run = importlib.import_module("tests.mutation.__main__")
    source = """
LIMIT: int | None = 3

@cache
def fits(size: int | None, strict: "bool" = True) -> bool | None:
    return size < LIMIT and not strict
"""
    drawn = run.changes(source)
    assert {change.line for change in drawn} == {2, 5, 6}
    assert len({(change.operator, change.occurrence) for change in drawn}) == len(drawn)
    outcome = run.Outcome("query", "a.py", 6, "core/X", "size < LIMIT", "size <= LIMIT", False)
    table = run.report([outcome, outcome._replace(noticed=True)])
    assert "| query | 1 | 2 | 1 (50%) |" in table
    assert "  - size < LIMIT\n  + size <= LIMIT" in table
