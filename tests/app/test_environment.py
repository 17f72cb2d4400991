"""An environment that Paperboy cannot run in: one line with the remedy, from real processes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app.runtime import FILES_NEEDED
from bot.sources import sample

SAMPLE = Path(sample.__file__).with_name("week.jsonl")
BAD_PROXY = "http://me:hunter2@[bad"


def paperboy(
    folder: Path, *words: str, files: int | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A finished `paperboy` that may open so many files; its sources refuse at once."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PAPERBOY_", "SLACK_", "DISCORD_"))
    }
    kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    sources = {f"PAPERBOY_{name}_URL": "http://127.0.0.1:9" for name in ("HUGGINGFACE", "ARXIV_API", "ARXIV_FEED")}
    given = {"PAPERBOY_HACKERNEWS_URL": "http://127.0.0.1:9", "PAPERBOY_RETRIES": "1", "PYTHONPATH": str(Path.cwd())}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=kept | sources | given | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=_limited(files) if files else None,
    )


def _limited(files: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def checks(folder: Path, **options: object) -> dict[str, dict[str, object]]:
    finished = paperboy(folder, "doctor", "--json", PAPERBOY_SOURCES="none", **options)
    return {check["what"]: check for check in json.loads(finished.stdout)}


@pytest.mark.parametrize("files", [64, FILES_NEEDED - 1])
def test_too_few_files_are_an_error_at_start_before_anything_is_opened(tmp_path: Path, files: int):
    finished = paperboy(tmp_path, "run", files=files)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr == (
        f"paperboy: only {files} files may be open at once, and Paperboy needs {FILES_NEEDED}: for readers'"
        " connections, the database, mail and the sources; start it after `ulimit -n 1024`, or with LimitNOFILE=1024"
        " in its systemd unit\n"
    )
    assert list(tmp_path.iterdir()) == []
    check = checks(tmp_path, files=files)["open files"]
    assert check["fault"]
    assert "ulimit -n 1024" in str(check["remedy"])


def test_as_many_files_as_it_needs_are_no_fault(tmp_path: Path):
    assert checks(tmp_path, files=FILES_NEEDED)["open files"]["fault"] is False


@pytest.mark.parametrize("words", [("run",), ("collect",), ("preview",)])
def test_a_proxy_that_is_none_is_one_line_from_each_command_that_uses_the_network(tmp_path: Path, words):
    finished = paperboy(tmp_path, *words, ALL_PROXY=BAD_PROXY)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr == (
        "paperboy: ALL_PROXY is no proxy that a connection can be made with; write a proxy like http://proxy:3128 or"
        " socks5://proxy:1080, or unset it\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_with_such_a_proxy_the_doctor_names_it_once_and_what_needs_no_network_works(tmp_path: Path):
    doctor = paperboy(tmp_path, "doctor", https_proxy=BAD_PROXY)
    assert doctor.returncode == 1
    assert doctor.stdout.count("https_proxy is no proxy") == doctor.stdout.count("is no proxy") == 1
    assert "source huggingface" not in doctor.stdout
    assert paperboy(tmp_path, "import", str(SAMPLE), ALL_PROXY=BAD_PROXY).returncode == 0
    for words in (("preview", "--sample"), ("preview",), ("search", "video"), ("papers", "subscriptions")):
        finished = paperboy(tmp_path, *words, ALL_PROXY=BAD_PROXY)
        assert finished.returncode == 0
        assert "Traceback" not in finished.stderr
    unknown = paperboy(tmp_path, "papers", "paper", "2510.99870", ALL_PROXY=BAD_PROXY)
    assert "ALL_PROXY is no proxy" in unknown.stdout + unknown.stderr
    assert "hunter2" not in unknown.stdout + unknown.stderr + doctor.stdout + doctor.stderr
