"""Owns the answer of a run in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fundsim.scenario.principal import principal
from fundsim.words import label
from fundsim.words.numbers import multiple, percent, title

if TYPE_CHECKING:
    import pandas as pd

    from fundsim.results import Results

# What is asked for first: looked through and paid in; what remains where a cluster has no mother fund.
LEVERAGE = (
    ("combined_multiple", "paid_in"),
    ("invested_multiple", "invested"),
    ("mother_multiple", "paid_in"),
)


def answer_sentence(results: Results, lang: str = "en") -> str:
    """What the run says about its principal investor: range of the net IRR, chance of loss, leverage.

    The principal is the largest fiscal investor, or without fiscal money the largest outside investor.
    """
    vehicle, investor = principal(results.scenario)
    rows = results.summary()
    rows = rows[(rows["vehicle"] == vehicle) & (rows["investor"] == investor)].set_index("measure")
    irr, loss = rows.loc["net_irr"], rows.loc["loss"]
    sentence = label(
        "story.answer" if np.isfinite(irr["p50"]) else "story.answer_without_irr",
        lang,
        investor=results.scenario.title_of(investor, lang),
        vehicle=title(results.scenario.vehicle(vehicle), lang),
        p05=percent(irr["p05"]),
        p50=percent(irr["p50"]),
        p95=percent(irr["p95"]),
        loss=percent(loss["mean"]),
        leverage=_leverage_clause(results, lang),
    )
    return sentence[:1].upper() + sentence[1:]


def headline_leverage(results: Results) -> pd.Series[Any] | None:
    """The row of `results.leverage()` that the answer quotes: looked through, paid in, fiscal money first."""
    table = results.leverage()
    # a multiple of 0 is that of a cluster which is not about enterprises, and says nothing
    table = table[np.isfinite(table["p50"].to_numpy(float)) & (table["p50"].to_numpy(float) > 0.0)]
    for money in ("fiscal", "government"):
        for definition, basis in LEVERAGE:
            found = table[
                (table["definition"] == definition) & (table["basis"] == basis) & (table["money"] == money)
            ]
            if len(found):
                return found.iloc[0]
    return None


def _leverage_clause(results: Results, lang: str) -> str:
    row = headline_leverage(results)
    if row is None:
        return label("story.answer_no_leverage", lang)
    return label(
        f"story.answer_{row['definition']}",
        lang,
        money=label(f"money.{row['money']}", lang),
        p50=multiple(row["p50"]),
        spread=_spread(multiple(row["p05"]), multiple(row["p95"]), lang),
    )


def _spread(low: str, high: str, lang: str) -> str:
    """The range behind a median; nothing where there is none."""
    if low == high:
        return ""
    return (" " if lang == "en" else "") + label("story.spread", lang, p05=low, p95=high)
