"""The measurements still run; what they measure is not looked at here."""

from __future__ import annotations

import pytest

from tests.bench.__main__ import SUBJECTS
from tests.bench.figures import table
from tests.bench.scale import TOY


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_of_the_bench_runs_at_toy_size_and_fills_its_rows(subject: str) -> None:
    rows = list(SUBJECTS[subject](TOY))
    assert rows
    assert all(row.subject == subject and row.what and row.figure for row in rows)
    assert len(table(rows).splitlines()) == len(rows) + 2
