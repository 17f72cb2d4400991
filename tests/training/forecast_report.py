"""How good the forecast is on days that its fit has not seen, beside plainer models; 95 % intervals by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from bot import ranking
from bot.app import backtest
from bot.app.backtest.early import early_table
from bot.app.backtest.evaluation import figures
from bot.app.forecasts import Forecasts
from bot.ranking.forecast.history import NAMES
from bot.ranking.forecast.model import LinearModel, Model
from tests.training.forecast_data import DAYS
from tests.training.forecast_picture import calibration_picture

if TYPE_CHECKING:
    from tests.training.forecast import Fits, UpvotesFit

PICTURE = Path(ranking.__file__).with_name("calibration.svg")
RESAMPLES = 1_000
LEAST = 10
"""Papers that a list needs to be judged by the order of its upvotes."""
FIRST = 10
DIGEST_HOUR = 9
"""UTC; the archive first sees a list at 08, so that earlier hours would pick what is listed already."""
BINS = 10

_Floats = NDArray[np.float64]
_Mask = NDArray[np.bool_]


def report(fits: Fits, model: Model, until: date, data: Path) -> str:
    """Both tables, as Markdown."""
    return f"{_listing(fits, model, until, data)}\n\n{_upvotes(fits, model, until)}"


# --- whether a paper is listed ------------------------------------------------------------------------------------


def _listing(fits: Fits, model: Model, until: date, data: Path) -> str:
    fit = fits.listing
    late = (fit.days > until) & ~fit.extra
    early = (fit.days <= until) & ~fit.extra
    papers = [each.paper for each in np.array(fits.examples, object)[late]]
    ways = {
        "number of authors": _plain_alone(fits, early, late, ("authors", "author")),
        "categories alone": _plain_alone(fits, early, late, ("in ", "first in ", "number of categories")),
        "text alone": _text_alone(fits, early, late),
        "plain features alone": _plain_alone(fits, early, late, ("",)),
        "**forecast**": 1 / (1 + np.exp(-np.array(model.logits(papers)))),
    }
    days, listed = fit.days[late], fit.listed[late]
    lines = [
        f"{len(set(days))} days after {until}, {len(days):,} papers, {int(listed.sum())} listed",
        "",
        "| | AUC | recall in the top fifth | Brier skill | calibration error | listed of a day's first ten |",
        "|---|---|---|---|---|---|",
    ]
    for name, odds in ways.items():
        cells = _intervals(listing_figures, days, odds, listed)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", _early(model, data, until), "", calibration(ways["**forecast**"], listed)])


def _early(model: Model, data: Path, until: date) -> str:
    """Early picks of the later days: the archive is played, with this model's forecasts."""
    folder, days = data / "hf_daily_papers", data / DAYS
    start, forecasts = until + timedelta(days=1), Forecasts(model.probabilities)
    played = backtest.run(folder, start=start, hour=DIGEST_HOUR, quiet=True, arxiv=days, forecasts=forecasts)
    return early_table(played.early) if played.early else ""


def listing_figures(odds: _Floats, listed: _Floats, days: NDArray[Any]) -> list[float]:
    """AUC, recall in each day's top fifth, Brier skill, calibration error, listed of each day's first ten."""
    found = all_listed = 0.0
    first = []
    for day in np.unique(days):
        own = days == day
        order = listed[own][np.argsort(-odds[own], kind="stable")]
        found += order[: max(round(len(order) / 5), 1)].sum()
        all_listed += order.sum()
        first.append(order[:FIRST].sum())
    skill = 1 - np.mean((odds - listed) ** 2) / np.mean((listed.mean() - listed) ** 2)
    bins = np.array_split(np.argsort(odds, kind="stable"), BINS)
    error = np.mean([abs(odds[each].mean() - listed[each].mean()) for each in bins])
    return [float(roc_auc_score(listed, odds)), found / all_listed, float(skill), float(error), float(np.mean(first))]


def calibration(odds: _Floats, listed: _Floats) -> str:
    """Forecast and truth of ten bins of equal size, as a table; the picture is written beside the model."""
    bins = np.array_split(np.argsort(odds, kind="stable"), BINS)
    pairs = [(float(odds[each].mean()), float(listed[each].mean())) for each in bins]
    PICTURE.write_text(calibration_picture(pairs), encoding="utf-8")
    return "\n".join(["| forecast | listed |", "|---|---|", *(f"| {a:.3f} | {b:.3f} |" for a, b in pairs)])


def _plain_alone(fits: Fits, early: _Mask, late: _Mask, beginnings: Sequence[str]) -> _Floats:
    fit = fits.listing
    kept = [i for i, name in enumerate(fit.columns.names) if _is_of(name, beginnings)]
    machine = LogisticRegression(C=0.1, max_iter=500).fit(fit.plain[early][:, kept], fit.listed[early])
    return np.asarray(machine.predict_proba(fit.plain[late][:, kept])[:, 1])


def _is_of(name: str, beginnings: Sequence[str]) -> bool:
    return any(name.startswith(each) or name.endswith(each) or each in name.split() for each in beginnings)


def _text_alone(fits: Fits, early: _Mask, late: _Mask) -> _Floats:
    fit = fits.listing
    text = sp.hstack([fit.text, fit.title]).tocsr()
    machine = LogisticRegression(C=3, max_iter=500).fit(text[early], fit.listed[early])
    return np.asarray(machine.predict_proba(text[late])[:, 1])


# --- upvotes if listed -------------------------------------------------------------------------------------------


def _upvotes(fits: Fits, model: Model, until: date) -> str:
    fit = fits.upvotes_with_history
    late, early = fit.days > until, fit.days <= until
    ways: dict[str, _Floats] = {
        "number of authors": fit.predicted(fit.fit(early, ("number of authors",)), late),
        "text alone": _upvotes_by_text(fits, early, late),
        "history alone": fit.predicted(fit.fit(early, NAMES), late),
        "forecast without history": _predicted(fits.upvotes, model.upvotes, model.for_upvotes, late),
        "**forecast**": _predicted(fit, model.upvotes_with_history, model.for_upvotes_with_history, late),
    }
    days, votes = fit.days[late], fit.votes[late]
    kept = np.isin(days, [day for day in np.unique(days) if (days == day).sum() >= LEAST])
    low, high = model.spread_with_history
    residual = votes - ways["**forecast**"]
    inside = np.mean((residual >= low) & (residual <= high))
    lines = [
        f"{len(set(days[kept]))} lists after {until}, {kept.sum():,} papers; {inside:.1%} lie within the 80 % interval",
        "",
        "| | Spearman within a list | NDCG@5 |",
        "|---|---|---|",
    ]
    for name, expected in ways.items():
        cells = _intervals(upvotes_figures, days[kept], expected[kept], votes[kept])
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _predicted(fit: UpvotesFit, model: LinearModel, of_terms: NDArray[np.float32], rows: _Mask) -> _Floats:
    inside = (row for row, one in zip(fit.rows, rows, strict=True) if one)
    named = np.array([model.bias + sum(model.contributions(row).values()) for row in inside])
    return np.asarray(named + fit.text[rows] @ of_terms)


def _upvotes_by_text(fits: Fits, early: _Mask, late: _Mask) -> _Floats:
    text = fits.upvotes.text
    within = fits.upvotes.within_lists(fits.upvotes.votes[early], fits.upvotes.days[early])
    return np.asarray(Ridge(alpha=6).fit(text[early], within).predict(text[late]))


def upvotes_figures(expected: _Floats, votes: _Floats, days: NDArray[Any]) -> list[float]:
    """Spearman and NDCG@5, means over lists."""
    each = [figures(list(expected[days == day]), list(np.expm1(votes[days == day]))) for day in np.unique(days)]
    return [float(np.mean([one.spearman for one in each])), float(np.mean([one.ndcg5 for one in each]))]


# --- intervals -----------------------------------------------------------------------------------------------------


def _intervals(
    measure: Callable[[_Floats, _Floats, NDArray[Any]], Sequence[float]],
    days: NDArray[Any],
    scores: _Floats,
    truth: _Floats,
) -> list[str]:
    """Each figure with the 95 % interval of a bootstrap over days, in words."""
    dice = np.random.default_rng(1)
    by_day: Mapping[int, NDArray[np.int64]] = {i: np.flatnonzero(days == day) for i, day in enumerate(np.unique(days))}
    resampled = []
    for _ in range(RESAMPLES):
        drawn = dice.integers(0, len(by_day), len(by_day))
        rows = np.concatenate([by_day[i] for i in drawn])
        numbers = np.repeat(np.arange(len(drawn)), [len(by_day[i]) for i in drawn])  # a day drawn twice is two days
        resampled.append(measure(scores[rows], truth[rows], numbers))
    low, high = np.quantile(np.array(resampled), (0.025, 0.975), axis=0)
    values = measure(scores, truth, days)
    return [f"{v:.3f} [{a:.3f}, {b:.3f}]" for v, a, b in zip(values, low, high, strict=True)]
