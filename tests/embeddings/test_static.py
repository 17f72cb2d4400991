"""Static model: vectors of any text, word pieces, and damaged files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import embeddings
from bot.embeddings.static import StaticModel
from bot.embeddings.wordpiece import LONGEST_TEXT, LONGEST_WORD, MOST_PIECES, WordPieces
from bot.errors import SettingsError
from bot.text.analyzer import normalise

TABLE = embeddings.load("static")


def closeness(one: str, other: str) -> float:
    first, second = TABLE.embed([one, other])
    return float(first @ second)


def test_each_row_has_length_one_and_the_order_of_the_texts():
    texts = ["Video diffusion", "graph neural networks for molecules", "Reinforcement learning from human feedback"]
    rows = TABLE.embed(texts)
    assert rows.shape == (3, TABLE.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, rows, strict=True):
        assert np.array_equal(TABLE.embed([text])[0], row)


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("automobile", "car", "protein"),
        ("translation between languages", "machine translation", "galaxy clusters"),
        ("teaching a robot to grasp objects", "manipulation policies for robotic arms", "speech recognition"),
        ("pictures made from text", "text-to-image generation", "theorem proving"),
        ("protein folding", "predicting the structure of proteins", "retrieval-augmented generation"),
    ],
)
def test_what_means_the_same_is_nearer_than_what_does_not(one: str, near: str, far: str):
    assert closeness(one, near) > closeness(one, far) + 0.1


def test_capitals_accents_and_latex_change_nothing():
    assert closeness("VIDEO DIFFUSION", "video diffusion") == pytest.approx(1, abs=1e-5)
    assert closeness("naïve Bayes, Poincaré", "naive bayes poincare") == pytest.approx(1, abs=1e-5)
    assert closeness(r"\textbf{Fast} attention", "fast attention") == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", " \n", "…!?", "视频扩散模型", "🙂🚀", "x" * 50_000])
def test_a_text_with_nothing_known_is_all_zero(text: str):
    rows = TABLE.embed([text, "a known text"])
    assert not rows[0].any()
    assert rows[1].any()


def test_no_texts_are_no_rows():
    assert TABLE.embed([]).shape == (0, TABLE.dimensions)


def test_of_a_huge_text_only_the_beginning_is_read():
    beginning = "sparse attention for long documents " * 400
    assert len(beginning) > LONGEST_TEXT
    assert np.array_equal(*TABLE.embed([beginning, beginning + "protein " * 50_000]))
    assert len(WordPieces(["a"]).of("a " * 5_000)) <= MOST_PIECES


@given(st.lists(st.text(max_size=200), max_size=4))
def test_whatever_the_text_rows_are_finite_and_of_length_one_or_zero(texts: list[str]):
    rows = TABLE.embed(texts)
    lengths = np.linalg.norm(rows, axis=1)
    assert np.isfinite(rows).all()
    assert all(length == 0 or length == pytest.approx(1, abs=1e-4) for length in lengths)


def test_many_threads_share_one_model():
    texts = [f"paper {number} on topic {number % 7} of learning" for number in range(400)]
    alone = TABLE.embed(texts)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: embeddings.load("static").embed([text])[0], texts))
    assert np.array_equal(alone, np.stack(together))


def test_a_word_is_split_into_its_longest_pieces_or_passed_over():
    pieces = WordPieces(["un", "##do", "##done", "un##", "able"])
    assert pieces.of("undone Able, undo") == [0, 2, 4, 0, 1]
    assert pieces.of("unable") == []
    assert pieces.of("able zzz able") == [4, 4]


def test_the_table_loads_nothing_but_numpy():
    code = (
        "import sys; from bot import embeddings; assert 'numpy' not in sys.modules;"
        "embeddings.load('static').embed(['a text']);"
        "print(sorted({'torch', 'onnxruntime', 'tokenizers', 'httpx'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


@pytest.mark.parametrize("setting", ["", "glove", "onnx", "ONNX:", "static:x"])
def test_a_model_nobody_knows_is_refused_with_what_to_write(setting: str):
    with pytest.raises(SettingsError, match="write static or onnx:DIR") as caught:
        embeddings.load(setting)
    assert "\n" not in str(caught.value)


LETTERS = st.text("abcn", min_size=1, max_size=5)


@given(st.sets(LETTERS), st.sets(LETTERS), st.lists(st.text("abcn", min_size=1, max_size=LONGEST_WORD + 3), max_size=5))
def test_the_pieces_of_a_word_put_together_are_the_word(first: set[str], later: set[str], words: list[str]):
    pieces = [*sorted(first), *(f"##{piece}" for piece in sorted(later))] or ["a"]
    table = WordPieces(pieces)
    for word in words:
        split = [pieces[number] for number in table.of(word)]
        assert not split or "".join(piece.removeprefix("##") for piece in split) == word
        assert [piece.startswith("##") for piece in split] == [bool(at) for at in range(len(split))]
        if word in first:
            assert split == [word] or len(word) > LONGEST_WORD


PROSE = st.text(st.characters(exclude_characters="\\$"), max_size=300)
"""Anything but LaTeX, where a bracket in one part may close in the other."""
LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"


@given(PROSE, PROSE)
def test_two_texts_in_one_have_the_pieces_of_both(one: str, other: str):
    pieces = WordPieces([*LETTERS_AND_DIGITS, *(f"##{letter}" for letter in LETTERS_AND_DIGITS)])
    assert pieces.of(f"{one} \n. {other}") == (pieces.of(one) + pieces.of(other))[:MOST_PIECES]


def _copied(folder: Path) -> Path:
    shutil.copytree(Path(embeddings.__file__).with_name("table"), folder)
    return folder


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _renamed_weight(file: Path) -> None:
    file.write_text('{"name": "static-9"}', encoding="utf-8")


def _with_a_flipped_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-7] ^= 1
    file.write_bytes(content)


def _of_another_kind(file: Path) -> None:
    np.save(file, np.load(file).astype(np.float64))


def _fewer(file: Path) -> None:
    np.save(file, np.load(file)[:-1])


DAMAGE = [
    ("card.json", Path.unlink),
    ("card.json", _cut),
    ("card.json", _renamed_weight),
    ("pieces.txt", Path.unlink),
    ("pieces.txt", _cut),
    ("vectors.npy", Path.unlink),
    ("vectors.npy", _cut),
    ("vectors.npy", lambda file: file.write_bytes(b"")),
    ("vectors.npy", lambda file: file.write_bytes(b"version https://git-lfs.github.com/spec/v1")),
    ("vectors.npy", _of_another_kind),
    ("vectors.npy", _fewer),
    *((name, _with_a_flipped_bit) for name in ("card.json", "pieces.txt", "vectors.npy", "scales.npy", "SHA256SUMS")),
    ("SHA256SUMS", Path.unlink),
    ("SHA256SUMS", _cut),
    ("scales.npy", _cut),
    ("scales.npy", _of_another_kind),
    ("scales.npy", _fewer),
]


@pytest.mark.parametrize(("name", "damage"), DAMAGE)
def test_a_damaged_table_is_one_line_that_says_what_to_do(tmp_path: Path, name: str, damage):
    folder = _copied(tmp_path / "table")
    damage(folder / name)
    with pytest.raises(SettingsError, match=r"is damaged \(.+\); pip install --force-reinstall \. in") as caught:
        StaticModel(folder)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value) or name == "SHA256SUMS"


def test_a_whole_copy_of_the_table_says_the_same(tmp_path: Path):
    copy = StaticModel(_copied(tmp_path / "table"))
    assert copy.name == TABLE.name == json.loads((tmp_path / "table" / "card.json").read_text())["name"]
    assert np.array_equal(copy.embed(["video diffusion"]), TABLE.embed(["video diffusion"]))


@given(st.lists(st.text() | st.text("aBcé α-1 0\\ud800–’ß²ﬁ"), max_size=3))
def test_the_vectors_are_those_of_words_found_one_by_one_and_texts_embedded_one_by_one(texts: list[str]):
    model = embeddings.load("static")
    assert isinstance(model, StaticModel)
    rows = model.embed(texts)
    for text, row in zip(texts, rows, strict=True):
        words = re.findall("[a-z0-9]+", normalise(text[:LONGEST_TEXT]))
        pieces = [piece for word in words for piece in model._pieces[word]][:MOST_PIECES]
        assert model._pieces.of(text) == pieces
        exact = model._scales[pieces] @ model._vectors[pieces].astype(np.float32)
        length = np.linalg.norm(exact)
        assert np.allclose(row, exact / length if length else 0, atol=1e-6)
