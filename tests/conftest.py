"""What several files of tests are given."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import certifi
import pytest

from bot import settings
from bot.sources import sample
from bot.store import Store
from bot.store.postgres import PostgresStore
from tests.fakes import FakeOutlet
from tests.harness.delivery import Delivery
from tests.harness.desk import Desk
from tests.harness.examples import load_profile
from tests.harness.postgres import clear_databases, database

load_profile()

IN_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""
# A commit, and a homeserver's, waits for the disk: half the time of a test that makes many. Unless TMPDIR says where.
if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > 4 << 30:
    os.environ["TMPDIR"] = str(IN_MEMORY)
    tempfile.tempdir = None  # which may have been looked up already

# Workers, and each process that a test starts, would compile all modules again: 2 s of a start's 3.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_MEASURED: dict[str, str] = {}
"""What makes coverage measure a process, taken from the environment."""


@pytest.fixture(scope="session", autouse=True)
def unmeasured_processes() -> None:
    """Measure no coverage in processes that tests start: it doubles their time for lines that other tests run too."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_PROCESS_")]:
        _MEASURED[name] = os.environ.pop(name)


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Give all clients of httpx one context: each would read all certificates, which takes longer than most tests."""
    usual = {"cafile": os.environ.get("SSL_CERT_FILE") or certifi.where()}
    create, shared = ssl.create_default_context, cache(partial(ssl.create_default_context, **usual))

    def context(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        return shared() if (args, kwargs) == ((), usual) else create(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", context)
        yield


@pytest.fixture
def measured_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure coverage in the processes of this test too."""
    for name, value in _MEASURED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Stores of two processes on one PostgreSQL."""
    url = database(tmp_path)
    with PostgresStore(url, write=True) as first, PostgresStore(url, write=True) as second:
        yield first, second
    clear_databases()


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


@pytest.hookimpl(optionalhook=True)  # xdist's
def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than there are cores: half of their time the tests wait for processes, disks and browsers."""
    return (os.cpu_count() or 1) + 2


LONG = (
    "test_kill_delivery",
    "test_kill_club",
    "test_kill_watch",
    "test_kill_recap",
    "test_kill_update",
    "test_half_open",
    "test_end_to_end",
    "test_homeserver",
    "test_several_processes",
    "test_bench",
    "test_browser",
    "test_kill_backtest",
    "test_run",
    "test_three_platforms",
    "test_pgbouncer",
    "test_backtest",
    "test_outdated",
    "test_environment",
    "test_local",
)
"""Files whose tests start many processes or wait for them, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with some of the long files, or one of them would still be at work alone at the end.

    Workers are given equal stretches of the list, and who has nothing left takes from the end of another's.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    paths = sorted(
        dict.fromkeys(each.path for each in items if each.path.stem in LONG), key=lambda p: LONG.index(p.stem)
    )
    others = [item for item in items if item.path.stem not in LONG]
    stretch = -(-len(items) // workers)
    ordered = []
    for worker in range(workers):
        mine = [item for path in paths[worker::workers] for item in items if item.path == path]
        rest = max(0, stretch - len(mine))
        ordered += mine + others[:rest]
        others = others[rest:]
    items[:] = ordered + others


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over modules and tests, which stay: it would look through a million objects."""
    gc.freeze()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder of its own, the sample's time, sources that refuse at once; the log as it was afterwards."""
    for name, _, _ in settings.table():
        monkeypatch.delenv(name, raising=False)
    for name in ("PORT", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clock").write_text(sample.NOW.isoformat())
    monkeypatch.setenv("PAPERBOY_CLOCK", str(tmp_path / "clock"))
    for name in ("HUGGINGFACE_URL", "ARXIV_API_URL", "ARXIV_FEED_URL", "HACKERNEWS_URL"):
        monkeypatch.setenv(f"PAPERBOY_{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("PAPERBOY_RETRIES", "1")
    root, own = logging.getLogger(), logging.getLogger("paperboy")
    before = (root.handlers[:], root.level, own.level)
    yield
    root.handlers[:], root.level, own.level = before
