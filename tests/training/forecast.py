"""`python -m tests.training.forecast [--data DIR] [--until DATE]`: the forecast's weights, and how good they are.

Whether a paper will be listed: two logistic models, one of words and pairs, one of the text's vector, both with the
plain features; the mean of their log-odds, made honest by a line fitted on days that were left out. Upvotes if listed:
ridge regression of ln(1 + upvotes after a week) within each list, with and without the history of names.

With `--until` nothing is written but a picture: the fit sees days up to DATE only, and the days after it are looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from bot.app.backtest.archive import Archive
from bot.embeddings import static
from bot.model import Paper
from bot.ranking import forecast
from bot.ranking.forecast.features import terms, text_of
from bot.ranking.forecast.history import NAMES, History
from bot.ranking.forecast.model import ARRAYS, CARD, TERMS, LinearModel, Model, term_vector
from bot.text.cleaning import clean_text
from tests.harness.recordings import DATA
from tests.training.forecast_data import Columns, Labelled, Voted, extra_positives, labelled, lines, plain_rows, voted
from tests.training.forecast_report import report

FOLDER = Path(forecast.__file__).parent
MIN_PAPERS = 4
"""Papers that a term needs."""
EXTRA_WEIGHT = 0.5
"""Weight of a listed paper of the archive beside one of a whole day."""
WORDS_PART = 0.7
"""Part of the model of words in the mean of both."""
TITLE_SCALE, PLAIN_BESIDE_WORDS, PLAIN_BESIDE_VECTOR, VECTOR_SCALE = 0.5, 0.15, 0.5, 4.0
WORDS_C, VECTOR_C = 2.0, 0.1
"""All of these by cross-validation over days up to 2025-09-08."""
AROUND = timedelta(days=4)
"""Lists so near to a day that is left out are left out with it."""
HALF_LIFE_DAYS = 180.0
"""Age at which a day counts half for slope and bias: the share of listed papers grows."""
UPVOTES_PRIOR, UPVOTES_SCALE = 6.0, 0.1
"""Strength of the L2 prior, and scale of named features beside tf-idf; by cross-validation up to 2025-09-25."""
TAILS = (0.1, 0.9)

_Matrix = Any


@dataclass(frozen=True)
class Vocabulary:
    """Terms of the papers that are fitted on, and the matrices of any papers."""

    numbers: dict[str, int]
    idf: NDArray[np.float32]

    def matrix(self, texts: Sequence[str]) -> _Matrix:
        """(texts, terms), sparse."""
        rows = [term_vector(terms(text), self.numbers, self.idf) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return sp.csr_matrix((values, columns, ends), shape=(len(rows), len(self.numbers)))


def vocabulary(papers: Sequence[Paper]) -> Vocabulary:
    """The terms of at least MIN_PAPERS papers."""
    holders = Counter(term for paper in papers for term in set(terms(text_of(paper))))
    kept = sorted(term for term, count in holders.items() if count >= MIN_PAPERS)
    idf = [1 + np.log((1 + len(papers)) / (1 + holders[term])) for term in kept]
    return Vocabulary({term: number for number, term in enumerate(kept)}, np.array(idf, np.float32))


@dataclass(frozen=True)
class Listing:
    """Weights of the model of listing, before they are cast into the shipped form."""

    in_text: NDArray[np.float64]
    in_title: NDArray[np.float64]
    of_vector: NDArray[np.float64]
    plain: NDArray[np.float64]
    bias: float

    def scaled(self, slope: float, bias: float) -> Listing:
        """The model whose log-odds are those of this one, times a slope, plus a bias."""
        parts = (slope * each for each in (self.in_text, self.in_title, self.of_vector, self.plain))
        return Listing(*parts, slope * self.bias + bias)


class ListingFit:
    """Matrices of all papers, and the fit on some of them."""

    def __init__(self, examples: Sequence[Labelled], words: Vocabulary, columns: Columns) -> None:
        papers = [each.paper for each in examples]
        self.words, self.columns = words, columns
        self.text, self.title = (
            words.matrix(list(map(text_of, papers))),
            words.matrix([clean_text(each.title) for each in papers]),
        )
        self.vectors = static.load().embed(list(map(text_of, papers))).astype(np.float64)
        self.plain = columns.matrix(plain_rows(papers))
        self.listed = np.array([each.listed for each in examples], float)
        self.extra = np.array([each.extra for each in examples])
        self.days = np.array([each.day for each in examples])

    def fit(self, rows: NDArray[np.bool_]) -> Listing:
        """The model fitted on some papers; its bias is that of whole days, which the extra positives are no part of."""
        size = self.text.shape[1]
        by_words = sp.hstack([self.text, TITLE_SCALE * self.title, sp.csr_matrix(PLAIN_BESIDE_WORDS * self.plain)])
        first, first_bias = self._logistic(by_words.tocsr(), rows, WORDS_C)
        by_vector = np.hstack([VECTOR_SCALE * self.vectors, PLAIN_BESIDE_VECTOR * self.plain])
        second, second_bias = self._logistic(sp.csr_matrix(by_vector), rows, VECTOR_C)
        p, q, width = WORDS_PART, 1 - WORDS_PART, self.vectors.shape[1]
        return Listing(
            p * first[:size],
            p * TITLE_SCALE * first[size : 2 * size],
            q * VECTOR_SCALE * second[:width],
            p * PLAIN_BESIDE_WORDS * first[2 * size :] + q * PLAIN_BESIDE_VECTOR * second[width:],
            p * first_bias + q * second_bias,
        )

    def _logistic(self, matrix: _Matrix, rows: NDArray[np.bool_], cost: float) -> tuple[NDArray[np.float64], float]:
        weight = np.where(self.extra, EXTRA_WEIGHT, 1.0)[rows]
        machine = LogisticRegression(
            C=cost, solver="liblinear", dual=True, intercept_scaling=3, max_iter=300, tol=1e-3, random_state=0
        ).fit(matrix[rows], self.listed[rows], sample_weight=weight)
        whole = float((self.listed * ~self.extra)[rows].sum())
        shift = np.log((whole + EXTRA_WEIGHT * self.extra[rows].sum()) / whole)
        return machine.coef_[0], float(machine.intercept_[0] - shift)

    def logits(self, model: Listing, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Log-odds of some papers."""
        of_terms = self.text[rows] @ model.in_text + self.title[rows] @ model.in_title
        return np.asarray(of_terms + self.vectors[rows] @ model.of_vector + self.plain[rows] @ model.plain + model.bias)

    def left_out(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Log-odds of each paper of whole days, by models that saw neither its day nor the lists around it."""
        logits = np.full(len(rows), np.nan)
        for day in sorted(set(self.days[rows & ~self.extra])):
            near = np.array([abs(each - day) <= AROUND for each in self.days]) & self.extra
            own = (self.days == day) & ~self.extra
            logits[own] = self.logits(self.fit(rows & ~own & ~near), own)
        return logits

    def calibrated(self, rows: NDArray[np.bool_]) -> Listing:
        """The model fitted on some papers, its log-odds corrected by those of left-out days."""
        left_out = self.left_out(rows)
        inside = rows & ~self.extra
        ages = np.array([(self.days[inside].max() - day).days for day in self.days[inside]])
        line = LogisticRegression(C=1e6).fit(
            left_out[inside][:, None], self.listed[inside], sample_weight=0.5 ** (ages / HALF_LIFE_DAYS)
        )
        return self.fit(rows).scaled(float(line.coef_[0, 0]), float(line.intercept_[0]))


class UpvotesFit:
    """Upvotes of listed papers from their text and plain features, with history or without."""

    def __init__(self, examples: Sequence[Voted], text: _Matrix, history: History | None) -> None:
        self.examples, self.text = examples, text
        self.rows = plain_rows(each.paper for each in examples)
        if history is not None:
            for row, each in zip(self.rows, examples, strict=True):
                row.update(zip(NAMES, history.features(each.paper, each.day), strict=True))
        self.votes = np.log1p([each.upvotes for each in examples])
        self.days = np.array([each.day for each in examples])

    def fit(
        self, rows: NDArray[np.bool_], names: Sequence[str] | None = None
    ) -> tuple[dict[str, Any], NDArray[np.float64]]:
        """Card and weights of terms of the model fitted within each list; its bias is the mean over the lists.

        With `names`, of these features alone: the weights of terms are 0.
        """
        kept = [self._named(row, names) for row, inside in zip(self.rows, rows, strict=True) if inside]
        columns = Columns(kept)
        text = self.text[rows] if names is None else self.text[rows] * 0
        matrix = sp.hstack([text, sp.csr_matrix(UPVOTES_SCALE * columns.matrix(kept))]).tocsr()
        within = self.within_lists(self.votes[rows], self.days[rows])
        machine = Ridge(alpha=UPVOTES_PRIOR, solver="sparse_cg", tol=1e-5).fit(matrix, within)
        size = self.text.shape[1]
        bias = float(self.votes[rows].mean() + machine.intercept_)
        return columns.card(UPVOTES_SCALE * machine.coef_[size:], bias), machine.coef_[:size]

    def predicted(
        self, fitted: tuple[dict[str, Any], NDArray[np.float64]], rows: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """ln(1 + upvotes) as expected."""
        model = LinearModel.from_card(fitted[0])
        inside = (row for row, one in zip(self.rows, rows, strict=True) if one)
        named = np.array([model.bias + sum(model.contributions(row).values()) for row in inside])
        return np.asarray(named + self.text[rows] @ fitted[1])

    def spread(self, rows: NDArray[np.bool_]) -> list[float]:
        """Bounds of 80 % of the residuals on lists left out, in five blocks of time."""
        days = sorted(set(self.days[rows]))
        residuals = []
        for block in np.array_split(np.array(days), 5):
            out = rows & np.isin(self.days, block)
            residuals.append(self.votes[out] - self.predicted(self.fit(rows & ~out), out))
        return [round(float(x), 4) for x in np.quantile(np.concatenate(residuals), TAILS)]

    @staticmethod
    def _named(row: dict[str, float], names: Sequence[str] | None) -> dict[str, float]:
        return row if names is None else {name: row[name] for name in names if name in row}

    @staticmethod
    def within_lists(votes: NDArray[np.float64], days: NDArray[Any]) -> NDArray[np.float64]:
        _, group = np.unique(days, return_inverse=True)
        means = np.bincount(group, votes) / np.bincount(group)
        return votes - means[group]


@dataclass(frozen=True)
class Fits:
    """Everything that is read and prepared, for the fit and for the report."""

    listing: ListingFit
    upvotes: UpvotesFit
    upvotes_with_history: UpvotesFit
    examples: Sequence[Labelled]
    listed_at: Mapping[str, datetime]
    """When the archive's papers were listed, by id."""


def prepared(data: Path, until: date) -> Fits:
    """All examples; terms, means and deviations are of those up to a day."""
    whole = labelled(data)
    examples = [*whole, *extra_positives(data, whole)]
    archive = Archive(data / "hf_daily_papers")
    seen = [each for each in examples if each.day <= until]
    words = vocabulary([each.paper for each in seen])
    columns = Columns(plain_rows(each.paper for each in seen if not each.extra))
    votes = voted(archive)
    text = words.matrix([text_of(each.paper) for each in votes])
    upvotes = (UpvotesFit(votes, text, history) for history in (None, archive.history()))
    ids = (row["id"] for row in lines(data / "hf_daily_papers" / "papers.jsonl.gz"))
    times = {one: at for one in ids if (at := archive.paper(one).listed_at)}
    return Fits(ListingFit(examples, words, columns), *upvotes, examples, times)


def train(fits: Fits, until: date) -> tuple[Model, dict[str, Any]]:
    """The model fitted on the days up to one, and its card."""
    listing = fits.listing.calibrated(fits.listing.days <= until)
    rows = fits.upvotes.days <= until
    card = {
        "made by": "python -m tests.training.forecast",
        "until": max(fits.listing.days[fits.listing.days <= until]).isoformat(),
        "listed": fits.listing.columns.card(listing.plain, listing.bias),
    }
    arrays = [listing.in_text, listing.in_title, listing.of_vector]
    for name, fit in (("upvotes", fits.upvotes), ("upvotes_with_history", fits.upvotes_with_history)):
        named, of_terms = fit.fit(rows)
        card |= {name: named, name.replace("upvotes", "spread"): fit.spread(rows)}
        arrays.append(of_terms)
    words = fits.listing.words
    model = Model.from_card(card, words.numbers, words.idf, *(np.asarray(each, np.float32) for each in arrays))
    return model, card


def write(model: Model, card: dict[str, Any]) -> None:
    """Both files of the weights, in half precision."""
    (FOLDER / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    names = np.frombuffer("\n".join(model.numbers).encode(), np.uint8)
    floats = {name: getattr(model, name).astype(np.float16) for name in ARRAYS}
    np.savez_compressed(FOLDER / TERMS, terms=names, **floats)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=DATA, help="Holds the archive.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Look at the days after this one; write no weights.")
def main(data: Path, until: Any) -> None:
    """Write the weights beside the model, or look at days that a fit has not seen."""
    last = until.date() if until else date.max
    fits = prepared(data, last)
    model, card = train(fits, last)
    if until:
        click.echo(report(fits, model, last, data))
    else:
        write(model, card)
        sizes = ", ".join(f"{name}: {(FOLDER / name).stat().st_size:,} bytes" for name in (CARD, TERMS))
        click.echo(f"{sizes}; {len(fits.examples):,} papers, {len(fits.upvotes.examples):,} with upvotes")


if __name__ == "__main__":
    main()
