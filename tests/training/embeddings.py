"""`python -m tests.training.embeddings [--data DIR] [--out DIR]`: the table of word pieces, taught by MiniLM.

Needs `pip install -e '.[train]'`; some 20 minutes of asking the teacher and 5 of fitting on two cores. Each piece gets
256 numbers so that the sum over a text's pieces points where the teacher says. It is asked about titles, abstracts,
their sentences and short phrases of arXiv papers (CC0), about every piece, and about heaps of words that arXiv seldom
has: a table only knows of a word what it was told, and people search for more than computer science.
One paper in twenty is held back to choose by (`texts.HELD_BACK`); no judged collection is read.
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
"""Of meaning in a fused score: the middle of what static tables were found to do best with elsewhere, .3 to .5."""
PIECE = re.compile(r"(?:##)?[a-z0-9]+")
KNOWN = 2
"""Papers that have a word which becomes a piece of its own."""
PHRASES = 4
"""Of each paper."""
SENTENCES, WHOLE, HEAPS = 25_000, 6_000, 60_000
SELDOM = 5
"""Papers below which a word is one that arXiv seldom has."""
LEVELS = 63
"""Steps of a number to either side: half of what a byte holds costs nothing, and packs to under 10 MB."""
EPOCHS, BATCH, RATE = 8, 1_024, 0.004
SEED = 0


def vocabulary(tokenizer: Path, texts: Sequence[Text]) -> tuple[list[str], Counter[str]]:
    """BERT's pieces of Latin letters and digits, then arXiv's words that it has not; and in how many papers each is."""
    known = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    pieces = [piece for piece in sorted(known, key=known.__getitem__) if PIECE.fullmatch(piece)]
    held: Counter[str] = Counter()
    for text in texts:
        held.update(set(_WORD.findall(normalise(text.whole))))
    split = WordPieces(pieces)
    more = (word for word, count in held.items() if count >= KNOWN and len(word) <= LONGEST_WORD)
    return pieces + sorted(word for word in more if len(split[word]) != 1), held


def lessons(texts: Sequence[Text], pieces: Sequence[str], held: Counter[str]) -> list[str]:
    """What the teacher is asked about; the pieces come first, in their order, then the titles."""
    chance = random.Random(1)
    shuffled = list(texts)
    random.Random(2).shuffle(shuffled)
    said = [sentence for text in texts for sentence in split_sentences(text.abstract)]
    return [
        *(piece.removeprefix("##") for piece in pieces),
        *(text.title for text in texts),
        *(phrase for text in texts for phrase in phrases(text, chance, PHRASES)),
        *random.Random(3).sample(said, min(SENTENCES, len(said))),
        *(text.whole for text in shuffled[:WHOLE]),
        *heaps(pieces, held, random.Random(9)),
    ]


def heaps(pieces: Sequence[str], held: Counter[str], chance: random.Random) -> Iterator[str]:
    """Words in no order, three in five of them such as arXiv seldom has."""
    words = [piece for piece in pieces if piece.isalpha() and len(piece) >= 3]
    seldom = [word for word in words if held[word] < SELDOM]
    for _ in range(HEAPS):
        size = chance.choice((2, 2, 3, 3, 4, 6))
        yield " ".join(chance.choice(seldom if chance.random() < 0.6 else words) for _ in range(size))


def fit(pieces: Sequence[str], asked: Sequence[str], told: NDArray[np.float32], titles: int) -> NDArray[np.float32]:
    """The vectors of the pieces, (pieces, 256): the least mean (1 − cosine) to what was told, (asked, 384), by Adam.

    They start as the teacher's own word for each piece, longer the rarer it is (its place in the vocabulary stands for
    its frequency; Zipf), in the 256 directions in which the titles differ most.
    """
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    goal = told @ _directions(told[len(pieces) : len(pieces) + titles])
    goal /= np.linalg.norm(goal, axis=1, keepdims=True)
    rarity = np.log(1 + np.arange(1, len(pieces) + 1, dtype=np.float32))
    table = torch.nn.Parameter(torch.tensor(goal[: len(pieces)] * (rarity / rarity.mean())[:, None]))
    split = WordPieces(pieces)
    ids = [[number] for number in range(len(pieces))] + [split.of(text) for text in asked[len(pieces) :]]
    known = np.array([number for number, each in enumerate(ids) if each])
    steps = EPOCHS * (len(known) // BATCH)
    adam = torch.optim.Adam([table], lr=RATE)
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: max(0.02, 1 - step / steps))
    for _ in range(EPOCHS):
        order = dice.permutation(known)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            sizes = np.array([len(ids[number]) for number in batch])
            flat = torch.tensor([piece for number in batch for piece in ids[number]])
            begins = torch.tensor(np.cumsum(sizes) - sizes)
            made = functional.normalize(functional.embedding_bag(flat, table, begins, mode="sum"), dim=1, eps=1e-6)
            loss = (1 - (made * torch.tensor(goal[batch])).sum(1)).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            falling.step()
    return table.detach().numpy()


def _directions(told: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.linalg.svd(told.T @ told)[0][:, :DIMENSIONS]


def write(folder: Path, pieces: Sequence[str], table: NDArray[np.float32]) -> None:
    """The table's files: a byte a number and a scale a piece."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.abs(table).max(axis=1) / LEVELS
    np.save(folder / "vectors.npy", np.rint(table / scales[:, None]).astype(np.int8))
    np.save(folder / "scales.npy", scales.astype(np.float16))
    (folder / "pieces.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    card = {"name": NAME, "dense_weight": DENSE_WEIGHT}
    (folder / "card.json").write_text(json.dumps(card) + "\n", encoding="utf-8")


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds the papers.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=TABLE, help="Gets the table.")
@click.option("--told", type=click.Path(path_type=Path, dir_okay=False), help="Keeps what the teacher says (.npz).")
def main(data: Path, out: Path, told: Path | None) -> None:
    """Make the table."""
    began = time.perf_counter()
    texts = [text for text in read(data) if not text.held_back]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            weights = minilm.fetch(Path(scratch))
        except minilm.Unavailable as reason:
            raise click.ClickException(f"no teacher: {reason}") from None
        pieces, held = vocabulary(weights / "tokenizer.json", texts)
        asked = lessons(texts, pieces, held)
        click.echo(f"{len(texts):,} papers, {len(pieces):,} pieces, {len(asked):,} questions")
        answers = _answers(asked, weights, told)
    click.echo(f"asked for {(time.perf_counter() - began) / 60:.0f} minutes")
    write(out, pieces, fit(pieces, asked, answers, len(texts)))
    click.echo(f"{out}: made in {(time.perf_counter() - began) / 60:.0f} minutes")


def _answers(asked: Sequence[str], weights: Path, told: Path | None) -> NDArray[np.float32]:
    """What the teacher says, (asked, 384), or what it said to the very same questions before."""
    digest = hashlib.sha256("\n".join(asked).encode()).hexdigest()
    if told is not None and told.exists():
        with np.load(told) as kept:
            if str(kept["digest"]) == digest:
                return np.asarray(kept["told"], dtype=np.float32)
    teacher = Teacher(minilm.build(weights).SerializeToString(), weights / "tokenizer.json")
    answers = teacher.embed(asked)
    if told is not None:
        np.savez(told, digest=digest, told=answers.astype(np.float16))
    return answers


if __name__ == "__main__":
    main()
