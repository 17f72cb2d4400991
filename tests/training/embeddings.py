"""`python -m tests.training.embeddings [--data DIR] [--out DIR]`: the table of word pieces, taught by MiniLM.

Needs `pip install -e '.[train]'`; some 20 minutes for the teacher and 5 for the fit on two cores. Each piece gets 256
numbers so that the sum over a text's pieces has the teacher's direction. The teacher embeds titles, abstracts,
their sentences and short phrases of arXiv papers (CC0), every piece, and random words that are rare in
arXiv: the table knows only the words it was trained on, and people search for more than computer science.
One paper in twenty is held out for model selection (`texts.HELD_OUT_ONE_IN`); no judged collection is read.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from bot import embeddings
from bot.embeddings.static import CHECKSUMS, checksums
from bot.embeddings.wordpiece import _WORD, LONGEST_WORD, WordPieces
from bot.text.analyzer import normalise
from bot.text.sentences import split_sentences
from tests.harness.recordings import DATA
from tests.training import minilm
from tests.training.teacher import Teacher
from tests.training.texts import Text, phrases, read

TABLE = Path(embeddings.__file__).with_name("table")
NAME = "static-1"
DIMENSIONS = 256
DENSE_WEIGHT = 0.4
"""Weight of the cosines in a fused score: the middle of .3 to .5, where static tables do best elsewhere."""
PIECE = re.compile(r"(?:##)?[a-z0-9]+")
MIN_PAPERS = 2
"""Papers with a word that makes it a piece of its own."""
PHRASES = 4
"""Phrases of each paper."""
SENTENCES, WHOLE, RANDOM_PHRASES = 25_000, 6_000, 60_000
RARE_BELOW = 5
"""Papers with a word below which it counts as rare in arXiv."""
LEVELS = 63
"""Steps of a number to either side: half of what a byte holds costs nothing, and packs to under 10 MB."""
EPOCHS, BATCH, RATE = 8, 1_024, 0.004
SEED = 0


def vocabulary(tokenizer: Path, texts: Sequence[Text]) -> tuple[list[str], Counter[str]]:
    """BERT's pieces of Latin letters and digits, then arXiv's words that it lacks; and the papers with each word."""
    entries = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    pieces = [piece for piece in sorted(entries, key=entries.__getitem__) if PIECE.fullmatch(piece)]
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(_WORD.findall(normalise(text.whole))))
    split = WordPieces(pieces)
    more = (word for word, count in counts.items() if count >= MIN_PAPERS and len(word) <= LONGEST_WORD)
    return pieces + sorted(word for word in more if len(split[word]) != 1), counts


def training_texts(texts: Sequence[Text], pieces: Sequence[str], counts: Counter[str]) -> list[str]:
    """Texts that the teacher embeds; the pieces come first, in their order, then the titles."""
    dice = random.Random(1)
    shuffled = list(texts)
    random.Random(2).shuffle(shuffled)
    sentences = [sentence for text in texts for sentence in split_sentences(text.abstract)]
    return [
        *(piece.removeprefix("##") for piece in pieces),
        *(text.title for text in texts),
        *(phrase for text in texts for phrase in phrases(text, dice, PHRASES)),
        *random.Random(3).sample(sentences, min(SENTENCES, len(sentences))),
        *(text.whole for text in shuffled[:WHOLE]),
        *random_phrases(pieces, counts, random.Random(9)),
    ]


def random_phrases(pieces: Sequence[str], counts: Counter[str], dice: random.Random) -> Iterator[str]:
    """Random words, three in five of them rare in arXiv."""
    words = [piece for piece in pieces if piece.isalpha() and len(piece) >= 3]
    rare = [word for word in words if counts[word] < RARE_BELOW]
    for _ in range(RANDOM_PHRASES):
        size = dice.choice((2, 2, 3, 3, 4, 6))
        yield " ".join(dice.choice(rare if dice.random() < 0.6 else words) for _ in range(size))


def fit(pieces: Sequence[str], inputs: Sequence[str], targets: NDArray[np.float32], titles: int) -> NDArray[np.float32]:
    """The vectors of the pieces, (pieces, 256): the least mean (1 − cosine) to `targets`, (inputs, 384), by Adam.

    They start as the teacher's vector of each piece, longer the rarer it is (its place in the vocabulary stands for its
    frequency; Zipf), in the 256 directions in which the titles differ most.
    """
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    goal = targets @ _directions(targets[len(pieces) : len(pieces) + titles])
    goal /= np.linalg.norm(goal, axis=1, keepdims=True)
    rarity = np.log(1 + np.arange(1, len(pieces) + 1, dtype=np.float32))
    table = torch.nn.Parameter(torch.tensor(goal[: len(pieces)] * (rarity / rarity.mean())[:, None]))
    split = WordPieces(pieces)
    ids = [[number] for number in range(len(pieces))] + [split.of(text) for text in inputs[len(pieces) :]]
    numbers = np.array([number for number, each in enumerate(ids) if each])
    steps = EPOCHS * (len(numbers) // BATCH)
    adam = torch.optim.Adam([table], lr=RATE)
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: max(0.02, 1 - step / steps))
    for _ in range(EPOCHS):
        order = dice.permutation(numbers)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            sizes = np.array([len(ids[number]) for number in batch])
            flat = torch.tensor([piece for number in batch for piece in ids[number]])
            begins = torch.tensor(np.cumsum(sizes) - sizes)
            predicted = functional.normalize(functional.embedding_bag(flat, table, begins, mode="sum"), dim=1, eps=1e-6)
            loss = (1 - (predicted * torch.tensor(goal[batch])).sum(1)).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            falling.step()
    return table.detach().numpy()


def _directions(targets: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.linalg.svd(targets.T @ targets)[0][:, :DIMENSIONS]


def write(folder: Path, pieces: Sequence[str], table: NDArray[np.float32]) -> None:
    """The table's files: a byte a number and a scale a piece."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.abs(table).max(axis=1) / LEVELS
    np.save(folder / "vectors.npy", np.rint(table / scales[:, None]).astype(np.int8))
    np.save(folder / "scales.npy", scales.astype(np.float16))
    (folder / "pieces.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    card = {"name": NAME, "dense_weight": DENSE_WEIGHT}
    (folder / "card.json").write_text(json.dumps(card) + "\n", encoding="utf-8")
    (folder / CHECKSUMS).write_text(checksums(folder), encoding="utf-8")


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds the papers.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=TABLE, help="Gets the table.")
@click.option("--cache", type=click.Path(path_type=Path, dir_okay=False), help="Caches the teacher's vectors (.npz).")
def main(data: Path, out: Path, cache: Path | None) -> None:
    """Make the table."""
    began = time.perf_counter()
    texts = [text for text in read(data) if not text.held_out]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            weights = minilm.fetch(Path(scratch))
        except minilm.Unavailable as reason:
            raise click.ClickException(f"no teacher: {reason}") from None
        pieces, counts = vocabulary(weights / "tokenizer.json", texts)
        inputs = training_texts(texts, pieces, counts)
        click.echo(f"{len(texts):,} papers, {len(pieces):,} pieces, {len(inputs):,} inputs")
        targets = _vectors(inputs, weights, cache)
    click.echo(f"the teacher took {(time.perf_counter() - began) / 60:.0f} minutes")
    write(out, pieces, fit(pieces, inputs, targets, len(texts)))
    click.echo(f"{out}: made in {(time.perf_counter() - began) / 60:.0f} minutes")


def _vectors(inputs: Sequence[str], weights: Path, cache: Path | None) -> NDArray[np.float32]:
    """The teacher's vectors, (inputs, 384); from the cache if it holds those of the same inputs."""
    digest = hashlib.sha256("\n".join(inputs).encode()).hexdigest()
    if cache is not None and cache.exists():
        with np.load(cache) as stored:
            if str(stored["digest"]) == digest:
                return np.asarray(stored["vectors"], dtype=np.float32)
    teacher = Teacher(minilm.build(weights).SerializeToString(), weights / "tokenizer.json")
    vectors = teacher.embed(inputs)
    if cache is not None:
        np.savez(cache, digest=digest, vectors=vectors.astype(np.float16))
    return vectors


if __name__ == "__main__":
    main()
