"""ONNX models: vectors, the files of a directory, and the errors for incomplete ones."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot import embeddings
from bot.errors import SettingsError

pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
pytest.importorskip("tokenizers", reason="the extra onnx is not installed")
pytest.importorskip("onnx", reason="onnx makes the model these tests are about")

from bot.embeddings.onnx import MOST_TEXTS
from tests.harness import onnx_model
from tests.harness.onnx_model import WIDTH, network, put, write


def load(folder: Path) -> embeddings.Embedder:
    return embeddings.load(f"onnx:{folder}")


def fault(folder: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(folder)
    text = str(caught.value)
    assert text.startswith("PAPERBOY_EMBEDDINGS: ")
    assert "\n" not in text
    return text


def test_texts_become_rows_of_length_one_in_their_order_whatever_their_number(tmp_path):
    model = load(write(tmp_path))
    texts = ["video", "Film", "protein film " * 9, "video film"] * MOST_TEXTS
    rows = model.embed(texts)
    assert rows.shape == (len(texts), model.dimensions) == (4 * MOST_TEXTS, WIDTH)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert np.allclose(rows[:4], np.concatenate([model.embed([text]) for text in texts[:4]]), atol=1e-6)
    assert rows[0] @ rows[1] == pytest.approx(0.8)
    assert np.array_equal(rows[:4], rows[-4:])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        (None, [1, 0, 1, 0]),  # the mean, when nothing is said
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, [1, 0, 1, 0]),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, [1, 0, 1, 0]),
        ({"pooling_mode_max_tokens": True}, [1, 0, 1, 0]),
        ({"pooling_mode": "mean"}, [1, 0, 1, 0]),
        ({"pooling_mode_cls_token": True}, [0, 0, 0, 0]),
        ({"pooling_mode_lasttoken": True}, [0, 0, 0, 0]),
    ],
)
def test_tokens_become_one_vector_as_the_model_says(pooling, expected, tmp_path):
    write(tmp_path)
    if pooling:
        put(tmp_path, "1_Pooling/config.json", pooling)
    row, padded, *_ = load(tmp_path).embed(["video protein", "film", "film film film film film"])
    assert np.allclose(row, np.array(expected) / max(np.linalg.norm(expected), 1), atol=1e-6)
    assert np.allclose(padded, np.array([0.8, 0.6, 0, 0]) * any(expected), atol=1e-6)


def test_the_last_token_is_the_texts_own_not_the_padding(tmp_path):
    write(tmp_path)
    (tmp_path / "tokenizer.json").write_text(onnx_model.tokenizer(framed=False))
    put(tmp_path, "1_Pooling/config.json", {"pooling_mode_lasttoken": True})
    model = load(tmp_path)
    assert np.array_equal(model.embed(["film video", "film film film video"]), model.embed(["video"] * 2))
    assert model.embed(["video"]).any()


@pytest.mark.parametrize(
    "inputs", [("input_ids",), ("input_ids", "attention_mask"), ("input_ids", "attention_mask", "token_type_ids")]
)
def test_models_with_and_without_token_types_are_fed_what_they_take(inputs, tmp_path):
    model = load(write(tmp_path, network(inputs)))
    assert model.embed(["video"]) == pytest.approx(np.array([[1, 0, 0, 0]]))


@pytest.mark.parametrize("output", ["sentence_embedding", "pooler"])
def test_a_network_that_makes_the_texts_vector_itself_is_taken_at_its_word(output, tmp_path):
    write(tmp_path, network(output=output))
    put(tmp_path, "1_Pooling/config.json", {"pooling_mode_cls_token": True})
    assert load(tmp_path).embed(["video"]) == pytest.approx(np.array([[1, 0, 0, 0]]))


@pytest.mark.parametrize(
    "at", ["model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_int8.onnx", "onnx/minilm-int8.onnx"]
)
def test_the_network_is_found_where_people_put_it(at, tmp_path):
    assert load(write(tmp_path, at=at)).embed(["video"]).any()


@pytest.mark.parametrize("text", ["", " \n", "[CLS]", "🙂", "视频", "unknown words"])
def test_a_text_with_nothing_known_is_all_zero(text, tmp_path):
    rows = load(write(tmp_path)).embed([text, "video"])
    assert not rows[0].any()
    assert rows[1].any()


def test_no_texts_are_no_rows_and_half_a_character_is_no_fault(tmp_path):
    model = load(write(tmp_path))
    assert model.embed([]).shape == (0, WIDTH)
    assert model.embed(["video \ud800"]).any()


@pytest.mark.parametrize("limit", ["config", "sentence_bert"])
def test_of_a_long_text_only_what_the_model_takes_is_read(limit, tmp_path):
    write(tmp_path, max_position_embeddings=6 if limit == "config" else 64)
    if limit == "sentence_bert":
        put(tmp_path, "sentence_bert_config.json", {"max_seq_length": 6})
    rows = load(tmp_path).embed(["video " * 4 + "protein " * 50_000, "video"])
    assert np.array_equal(rows[0], rows[1])


def test_the_name_changes_with_all_that_changes_a_vector(tmp_path):
    names = {load(write(tmp_path / "m")).name}
    assert next(iter(names)).startswith("onnx:m:")
    assert load(write(tmp_path / "m")).name in names
    put(tmp_path / "m", "1_Pooling/config.json", {"pooling_mode_max_tokens": True})
    names.add(load(tmp_path / "m").name)
    names.add(load(write(tmp_path / "m", network(("input_ids",)))).name)
    names.add(load(write(tmp_path / "m", max_position_embeddings=32)).name)
    assert len(names) == 4


def test_many_threads_share_one_model(tmp_path):
    model = load(write(tmp_path))
    texts = [" ".join(("video", "film", "protein")[: 1 + number % 3]) for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: model.embed([text])[0], texts))
    assert np.allclose(model.embed(texts), np.stack(together), atol=1e-6)


def test_a_directory_that_is_none_is_named(tmp_path):
    assert f"{tmp_path}/none is no directory" in fault(tmp_path / "none")
    (tmp_path / "file").write_text("")
    assert "is no directory" in fault(tmp_path / "file")


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_missing_file_is_named(missing, tmp_path):
    write(tmp_path)
    (tmp_path / missing).unlink()
    problem = fault(tmp_path)
    assert f"has no {missing}" in problem
    assert "copy the model's whole directory" in problem


def test_several_networks_without_a_usual_name_are_not_guessed_between(tmp_path):
    write(tmp_path, at="a.onnx")
    write(tmp_path, at="b.onnx")
    assert "several models (a.onnx, b.onnx)" in fault(tmp_path)


@pytest.mark.parametrize("keep", [0, 20, 100])
def test_a_half_copied_network_is_told_from_a_whole_one(keep, tmp_path):
    write(tmp_path, network()[:keep])
    assert "or only part of one; copy it again" in fault(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer.json", '{"version": "1.0", "mod'),
        ("tokenizer.json", "{}"),
        ("config.json", '{"hidden_size": '),
        ("config.json", "[]"),
        ("config.json", "\udcff"),
        ("modules.json", "{}"),
        ("1_Pooling/config.json", "null"),
        ("sentence_bert_config.json", "128"),
    ],
)
def test_a_broken_file_is_named(name, content, tmp_path):
    write(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    problem = fault(tmp_path)
    assert f"{tmp_path / name} " in problem
    assert "copy it again" in problem


@pytest.mark.parametrize(
    ("pooling", "names"),
    [
        ({"pooling_mode_weightedmean_tokens": True}, "weightedmean"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}, "mean and max"),
        ({}, "nothing"),
    ],
)
def test_a_pooling_we_do_not_know_is_refused_not_guessed(pooling, names, tmp_path):
    write(tmp_path)
    put(tmp_path, "1_Pooling/config.json", pooling)
    assert f"pools tokens by {names}; known are mean, cls" in fault(tmp_path)


def test_steps_after_pooling_are_refused_unless_the_network_takes_them_itself(tmp_path):
    modules = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling", "Dense")]
    put(write(tmp_path / "a"), "modules.json", modules)
    put(write(tmp_path / "b", network(output="sentence_embedding")), "modules.json", modules)
    assert "has steps after pooling" in fault(tmp_path / "a")
    assert load(tmp_path / "b").embed(["video"]).any()


def test_files_of_two_models_are_noticed_by_their_dimensions(tmp_path):
    problem = fault(write(tmp_path, hidden_size=384))
    assert "4 dimensions where config.json says 384" in problem
    assert "copy the model's whole directory" in problem


def test_a_tokenizer_of_another_model_is_noticed(tmp_path):
    write(tmp_path)
    (tmp_path / "tokenizer.json").write_text(onnx_model.tokenizer().replace('"answer":10', '"answer":30522'))
    assert "does not run with the tokenizer beside it" in fault(tmp_path)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (lambda: network(("input_ids", "pixel_values")), "also wants pixel_values"),
        (lambda: network(output="score"), "does not answer with a vector a text"),
    ],
)
def test_a_network_for_something_else_is_refused(model, problem, tmp_path):
    assert problem in fault(write(tmp_path, model()))


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers"])
def test_what_is_not_installed_is_named_with_the_command(missing, tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setitem(sys.modules, missing, None)
    assert f"needs {missing}; pip install '.[onnx]' in Paperboy's checkout" in fault(tmp_path)


def test_nothing_is_written_to_the_terminal_by_a_broken_network(tmp_path):
    write(tmp_path, network()[:50])
    code = f"from bot import embeddings as embed\ntry: embed.load('onnx:{tmp_path}')\nexcept Exception: pass"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (finished.stdout, finished.stderr) == ("", "")
