"""What several files of tests are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeOutlet
from tests.harness.delivery import Delivery
from tests.harness.desk import Desk
from tests.harness.examples import load_profile

load_profile()


@pytest.fixture
def outlet() -> FakeOutlet:
    """A platform that takes everything until it is told otherwise."""
    return FakeOutlet()


@pytest.fixture
def delivery(tmp_path: Path, outlet: FakeOutlet) -> Iterator[Delivery]:
    """A store, that platform, and the deliverer between them."""
    wired = Delivery(tmp_path / "paperboy.db", outlet)
    with wired.store:
        yield wired


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Somebody at the console, with the sample week in the store."""
    made = Desk(tmp_path)
    yield made
    made.store.close()
