"""The cache files of the index: made once, shared, made anew when damaged, and never needed."""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from bot.errors import StoreError
from bot.search import segment_file
from bot.search.cache import FRESH_SECONDS, STALE_SECONDS, SegmentCache, folder_fault, mapped_bytes

DATA = bytes(segment_file.to_bytes({"papers": np.arange(5_000, dtype=np.int32)}, {"average": 80.0}))
CHECKSUM = blake2b(DATA, digest_size=16).hexdigest()
OTHER = "0" * 32
ROOT = Path(__file__).parents[2]


class Stored:
    """A segment of the database, which counts how often it is read."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data, self.reads = data, 0

    def __call__(self) -> Iterator[bytes]:
        self.reads += 1
        for start in range(0, len(self.data), 4_096):
            yield self.data[start : start + 4_096]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "paperboy.db.index"


def opened(folder: Path | None, stored: Stored) -> bytes:
    return bytes(SegmentCache(folder).open(CHECKSUM, stored))


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_segment_is_written_once_and_mapped_by_everybody_after(folder: Path) -> None:
    first, second = Stored(), Stored()
    assert opened(folder, first) == DATA
    assert opened(folder, second) == DATA
    assert (first.reads, second.reads) == (1, 0)
    assert names(folder) == {f"{CHECKSUM}.segment"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / f"{CHECKSUM}.segment").stat().st_mode & 0o777 == 0o600


def test_mapped_bytes_cannot_be_changed(folder: Path) -> None:
    for place in (folder, None):
        assert SegmentCache(place).open(CHECKSUM, Stored()).readonly


def test_without_a_folder_the_bytes_are_held_in_memory(tmp_path: Path) -> None:
    stored = Stored()
    assert opened(None, stored) == DATA
    SegmentCache(None).keep([])
    assert stored.reads == 1
    assert not names(tmp_path)


def cut(file: Path) -> None:
    os.truncate(file, len(DATA) - 100)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def of_another_version(file: Path) -> None:
    file.write_bytes(DATA.replace(segment_file.MAGIC, b"PBINDEX9"))


def changed_inside(file: Path) -> None:
    with file.open("r+b") as handle:
        handle.seek(3_000)
        handle.write(b"\x77")


def with_zeros_after_the_power_failed(file: Path) -> None:
    file.write_bytes(DATA[:4_096] + bytes(len(DATA) - 4_096))


def without_a_header(file: Path) -> None:
    file.write_bytes(DATA[:16] + b"\xff" * (len(DATA) - 16))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut, "bytes instead of"),
        (empty, "empty"),
        (of_another_version, "another format"),
        (changed_inside, "another checksum"),
        (with_zeros_after_the_power_failed, "another checksum"),
        (without_a_header, ""),
    ],
)
def test_a_damaged_file_is_made_anew_and_said_once(
    damage: Callable[[Path], None], reason: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened(folder, Stored())
    file = folder / f"{CHECKSUM}.segment"
    damage(file)
    stored, cache = Stored(), SegmentCache(folder)
    assert bytes(cache.open(CHECKSUM, stored)) == DATA
    damage(file)
    assert bytes(cache.open(CHECKSUM, stored)) == DATA
    assert stored.reads == 2
    (record,) = caplog.records
    assert record.getMessage().startswith("index cache made anew")
    assert reason in record.getMessage()
    assert opened(folder, again := Stored()) == DATA
    assert again.reads == 0


def test_a_file_that_was_only_touched_or_restored_is_used_after_its_checksum_was_computed(folder: Path) -> None:
    opened(folder, Stored())
    file = folder / f"{CHECKSUM}.segment"
    sealed = file.stat().st_mtime_ns
    os.utime(file)
    stored = Stored()
    assert opened(folder, stored) == DATA
    assert stored.reads == 0
    assert file.stat().st_mtime_ns == sealed


@pytest.mark.parametrize("with_files", [True, False])
def test_damage_in_the_database_is_one_line_with_the_remedy(with_files: bool, folder: Path) -> None:
    stored = Stored(DATA[:-1] + b"\x01")
    with pytest.raises(StoreError, match="damaged in the database.*`paperboy reindex`"):
        opened(folder if with_files else None, stored)
    if with_files:
        assert not names(folder)


def test_a_file_of_bytes_that_are_no_segment_has_their_size_all_the_same(folder: Path) -> None:
    data = b"PBINDEX9" + bytes(5_000)
    checksum = blake2b(data, digest_size=16).hexdigest()
    assert SegmentCache(folder).open(checksum, Stored(data)) == data
    assert (folder / f"{checksum}.segment").stat().st_size == len(data)


def test_a_checksum_names_no_other_file(folder: Path) -> None:
    with pytest.raises(StoreError, match="reindex"):
        SegmentCache(folder).open("../../etc/passwd", Stored())


def test_a_file_in_the_folders_place_leaves_the_index_in_memory(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_text("mine")
    cache, stored = SegmentCache(folder), Stored()
    for _ in range(3):
        assert bytes(cache.open(CHECKSUM, stored)) == DATA
    cache.keep([])
    assert folder.read_text() == "mine"
    (record,) = caplog.records
    assert "index cache not used" in record.getMessage()
    assert "PAPERBOY_CACHE" in record.getMessage()


def test_a_folder_deleted_or_replaced_meanwhile_disturbs_nobody(folder: Path) -> None:
    cache, stored = SegmentCache(folder), Stored()
    data = cache.open(CHECKSUM, stored)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert bytes(data) == DATA
    assert bytes(cache.open(CHECKSUM, stored)) == DATA
    assert stored.reads == 2
    assert names(folder) == {f"{CHECKSUM}.segment"}


def test_a_folder_where_others_may_write_is_not_trusted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    opened(folder, Stored())
    folder.chmod(0o777)
    stored = Stored()
    assert opened(folder, stored) == DATA
    assert stored.reads == 1
    assert "others may write there" in caplog.text
    fault = folder_fault(folder)
    assert fault is not None
    assert fault.strerror == "others may write there"


def test_whether_a_folder_can_be_written_is_told_without_making_it(folder: Path, tmp_path: Path) -> None:
    assert folder_fault(folder / "deeper") is None
    assert not names(tmp_path)
    opened(folder, Stored())
    assert folder_fault(folder) is None
    (tmp_path / "file").write_text("")
    assert folder_fault(tmp_path / "file") is not None
    assert folder_fault(tmp_path / "file" / "deeper") is not None


def test_files_of_other_segments_are_deleted_once_nobody_can_want_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = SegmentCache(folder)
    cache.open(CHECKSUM, Stored())
    foreign = {"notes.txt", f"{OTHER}.segment.bak", f"x{OTHER}.segment"}
    old, started = {f"{OTHER}.segment"}, f"{OTHER}.abc12_45.part"
    for name in foreign | old | {started}:
        (folder / name).write_bytes(b"")
    everything = names(folder)
    cache.keep([CHECKSUM])
    assert names(folder) == everything
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + FRESH_SECONDS + 5)
    cache.keep([CHECKSUM])
    assert names(folder) == everything - old
    monkeypatch.setattr(time, "time", lambda: now + STALE_SECONDS + 5)
    cache.keep([CHECKSUM])
    assert names(folder) == {f"{CHECKSUM}.segment", *foreign}


def test_a_file_removed_while_it_is_mapped_stays_readable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = SegmentCache(folder)
    data = cache.open(CHECKSUM, Stored())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + FRESH_SECONDS + 5)
    cache.keep([])
    assert not names(folder)
    assert bytes(data) == DATA


PROCESS = """
import logging, re, resource, sys
from hashlib import blake2b
from pathlib import Path
import numpy as np
from bot.search import segment_file
from bot.search.cache import SegmentCache
logging.basicConfig(format="%(message)s", stream=sys.stdout)
PART = 4 << 20

def private():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

def header(size):
    head = segment_file.to_bytes({"bytes": np.zeros(0, np.uint8)}, {})
    whole = segment_file.to_bytes({"bytes": np.zeros(size, np.uint8)}, {})
    return bytes(whole[: len(whole) - size])
"""


def run(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROCESS + code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def output(process: subprocess.Popen[str]) -> str:
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0, text
    return text


TWO = """
data = Path(sys.argv[2]).read_bytes()
checksum = blake2b(data, digest_size=16).hexdigest()
print("ready", flush=True)
sys.stdin.readline()
same = []
for _ in range(30):
    cache = SegmentCache(Path(sys.argv[1]))
    same.append(cache.open(checksum, lambda: (data[at : at + 1_000] for at in range(0, len(data), 1_000))) == data)
    (Path(sys.argv[1]) / f"{checksum}.segment").unlink(missing_ok=True)
print("same" if all(same) else "differ")
"""


def test_two_processes_may_make_the_same_file_at_once(folder: Path, tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    stored.write_bytes(DATA)
    command = [sys.executable, "-c", PROCESS + TWO, str(folder), str(stored)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        assert process.communicate(timeout=60)[0] == "same\n"
    assert not names(folder)


def test_nobody_waits_long_for_a_process_that_is_frozen_while_it_writes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(mode=0o700)
    monkeypatch.setattr("bot.search.cache.WAIT_SECONDS", 0.2)
    cache, other = SegmentCache(folder), DATA[:-1] + b"\x01"
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        started = time.monotonic()
        assert cache.open(CHECKSUM, Stored()) == DATA
        assert time.monotonic() - started >= 0.2
        monkeypatch.setattr("bot.search.cache.WAIT_SECONDS", 120.0)
        assert cache.open(blake2b(other, digest_size=16).hexdigest(), Stored(other)) == other
        assert time.monotonic() - started < 60
    finally:
        os.close(descriptor)


NO_ROOM = """
data = Path(sys.argv[2]).read_bytes()
checksum = blake2b(data, digest_size=16).hexdigest()
resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, 8_192))
cache, reads = SegmentCache(Path(sys.argv[1])), []

def parts():
    reads.append(1)
    return (data[at : at + 1_000] for at in range(0, len(data), 1_000))

print(all(cache.open(checksum, parts) == data for _ in range(3)), len(reads))
"""


def test_without_room_for_the_file_the_index_is_held_in_memory(folder: Path, tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    stored.write_bytes(DATA)
    lines = output(run(NO_ROOM, str(folder), str(stored))).splitlines()
    assert lines[-1] == "True 4"  # the file is not tried again so soon
    (warning,) = lines[:-1]
    assert "index cache not used" in warning
    assert "File too large" in warning
    assert "free space on its disk" in warning
    assert not names(folder)


READ_ONLY = """
import os
os.setgroups([])
os.setgid(65_534)
os.setuid(65_534)
data = bytes.fromhex(sys.argv[2])
checksum = blake2b(data, digest_size=16).hexdigest()
print(SegmentCache(Path(sys.argv[1])).open(checksum, lambda: iter([data])) == data)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up the rights of root")
def test_without_the_right_to_write_the_index_is_held_in_memory(tmp_path: Path) -> None:
    small = bytes(segment_file.to_bytes({"papers": np.arange(5)}))
    reachable = Path("/tmp") / f"{tmp_path.name}-{os.getpid()}"
    reachable.mkdir(mode=0o755)
    try:
        warning, same = output(run(READ_ONLY, str(reachable / "index"), small.hex())).splitlines()
    finally:
        reachable.rmdir()
    assert same == "True"
    assert "Permission denied" in warning
    assert "PAPERBOY_CACHE" in warning


MUCH = """
size = 200 << 20
start, part, digest = header(size), bytes(PART), blake2b(digest_size=16)

def parts():
    yield start
    for _ in range(size // PART):
        yield bytes(PART)

for each in parts():
    digest.update(each)
before, most = private(), 0

def measured():
    global most
    for each in parts():
        yield each
        most = max(most, private())

data = SegmentCache(Path(sys.argv[1])).open(digest.hexdigest(), measured)
arrays, _ = segment_file.from_bytes(data)
total = int(arrays["bytes"].sum())
print(len(data) >= size, max(most, private()) - before)
"""


def test_no_more_than_some_parts_of_a_segment_are_in_private_memory(folder: Path) -> None:
    whole, megabytes = output(run(MUCH, str(folder))).split()
    assert whole == "True"
    assert int(megabytes) < 20


def test_nothing_is_logged_while_all_is_well(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            opened(folder, Stored())
    assert not caplog.records


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell what is in memory")
def test_mapped_pages_are_given_back_above_a_bound_and_read_again(folder: Path) -> None:
    large = bytes(segment_file.to_bytes({"papers": np.arange(4_000_000, dtype=np.int32)}, {}))
    checksum, cache = blake2b(large, digest_size=16).hexdigest(), SegmentCache(folder)
    mapped = cache.open(checksum, Stored(large))
    assert bytes(mapped) == large
    touched = mapped_bytes()
    cache.release([checksum], touched + 1)
    assert mapped_bytes() >= touched - 2**20
    cache.release([OTHER], 0)  # another segment's
    assert mapped_bytes() >= touched - 2**20
    cache.release([checksum], 0)
    assert mapped_bytes() < touched - len(large) // 2
    assert bytes(mapped) == large


def test_a_cache_in_memory_has_nothing_to_give_back() -> None:
    cache = SegmentCache(None)
    mapped = cache.open(CHECKSUM, Stored())
    cache.release([CHECKSUM], 0)
    assert bytes(mapped) == DATA
