"""The wheel: whose licences it says it has, whose texts it carries, and that the table in it is whole."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from bot.embeddings.static import StaticModel

ROOT = Path(__file__).parents[1]
LICENCES = {
    "LICENSE": "MIT License",
    "bot/embeddings/table/LICENSE": "Apache License\n                           Version 2.0, January 2004",
    "bot/embeddings/table/NOTICE": "derived from all-MiniLM-L6-v2",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [path] = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_names_both_licences_and_carries_both_texts(wheel: zipfile.ZipFile):
    [about] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    fields = message_from_string(wheel.read(about).decode())
    assert fields["License-Expression"] == "MIT AND Apache-2.0"
    assert set(fields.get_all("License-File")) == set(LICENCES)
    for name, words in LICENCES.items():
        assert words in wheel.read(f"{Path(about).parent}/licenses/{name}").decode()
        assert name == "LICENSE" or words in wheel.read(name).decode()


def test_the_table_in_the_wheel_is_whole(wheel: zipfile.ZipFile, tmp_path: Path):
    wheel.extractall(tmp_path, [name for name in wheel.namelist() if name.startswith("bot/embeddings/table/")])
    assert StaticModel(tmp_path / "bot" / "embeddings" / "table").dimensions == 256
