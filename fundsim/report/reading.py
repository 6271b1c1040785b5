"""Owns what is read off a run in words: the tiles, a sentence
for each figure, replies to the ten questions.
"""

from collections.abc import Iterator

import numpy as np

from fundsim.report import property as of_property
from fundsim.report.facts import Facts
from fundsim.report.pieces import Reply, Tile, ends_text, said
from fundsim.results.tables import has_property
from fundsim.story.answer import headline_leverage
from fundsim.vocabulary import ALL
from fundsim.words import label
from fundsim.words.numbers import NOTHING, amount, multiple, percent


def tiles(facts: Facts) -> list[Tile]:
    """Six key figures of the principal."""
    lang, statistic = facts.lang, facts.statistic
    irr = {q: percent(statistic("net_irr", q)) for q in ("p05", "p50", "p95")}
    year = facts.named_year_of_dpi_one(facts.vehicle, facts.investor)
    deepest = statistic("deepest_call", "mean")
    ends = ends_text(statistic("dpi", "p50_low"), statistic("dpi", "p50_high"), multiple, lang)
    return [
        Tile(
            label("tile.irr", lang), irr["p50"], label("tile.irr_note", lang, p05=irr["p05"], p95=irr["p95"])
        ),
        Tile(
            label("tile.loss", lang),
            percent(statistic("loss", "mean")),
            label("tile.loss_note", lang, error=percent(statistic("loss", "standard_error"), 2)),
        ),
        Tile(
            label("tile.dpi", lang),
            label("tile.never", lang) if year == NOTHING else year,
            label("tile.dpi_note", lang, share=percent(1 - facts.share_below_dpi_one)),
        ),
        _leverage_tile(facts),
        Tile(
            label("tile.multiple", lang),
            multiple(statistic("dpi", "p50")),
            label(
                "tile.multiple_note",
                lang,
                tvpi=multiple(statistic("tvpi", "p50")),
                ends=ends or multiple(statistic("dpi", "p50")),
            ),
        ),
        Tile(
            label("tile.exposure", lang),
            facts.money(deepest * facts.commitment),
            label(
                "tile.exposure_note", lang, share=percent(deepest, 0), amount=facts.money(facts.commitment)
            ),
        ),
    ]


def _leverage_tile(facts: Facts) -> Tile:
    row = headline_leverage(facts.results)
    name = label("tile.leverage", facts.lang)
    if row is None:
        return Tile(name, NOTHING, label("story.answer_no_leverage", facts.lang))
    words = [
        label(f"leverage_short.{row['definition']}", facts.lang),
        label(f"basis.{row['basis']}", facts.lang),
        label(f"money.{row['money']}", facts.lang),
    ]
    return Tile(name, multiple(row["p50"]), " · ".join(words))


def readings(facts: Facts) -> dict[str, str]:
    """A sentence for each figure that this run can have."""
    made = (_of_returns, _of_cash, _of_dpi, _of_leverage, _of_exits, _of_landing, of_property.readings)
    return {figure: text for make in made for figure, text in make(facts)}


def _of_returns(facts: Facts) -> Iterator[tuple[str, str]]:
    irr = facts.results.irr(facts.vehicle, facts.investor)
    irr = irr[np.isfinite(irr)]
    medians = {name: facts.statistic("net_irr", "p50", name, ALL) for name in facts.shown}
    medians = {name: value for name, value in medians.items() if np.isfinite(value)}
    if len(irr):
        quartiles = {q: percent(facts.statistic("net_irr", q)) for q in ("p25", "p75")}
        yield said(facts, "irr_distribution", **quartiles, below=percent(float(np.mean(irr < 0))))
    if medians:
        worst, best = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
        yield said(
            facts,
            "vehicle_comparison",
            low=percent(medians[worst]),
            worst=facts.title(worst),
            high=percent(medians[best]),
            best=facts.title(best),
        )


def _of_cash(facts: Facts) -> Iterator[tuple[str, str]]:
    table = facts.results.cash_flows(facts.vehicle, facts.investor)
    median = table[table["flow"] == "cumulative_net"].sort_values("date")["p50"].to_numpy(float)
    if np.isfinite(median).all():
        at = int(median.argmin())
        yield said(
            facts,
            "j_curve",
            deepest=facts.money(max(-median[at], 0.0)),
            year=facts.year(at // facts.results.scenario.periods_per_year),
            end=facts.money(median[-1]),
        )
    calls, back = facts.years["contribution"], facts.years["distribution"]
    yield said(
        facts,
        "calls_and_distributions",
        call_year=facts.year(int(calls.argmax())),
        call=facts.money(calls.max()),
        back_year=facts.year(int(back.argmax())),
        back=facts.money(back.max()),
    )


def _of_dpi(facts: Facts) -> Iterator[tuple[str, str]]:
    year = facts.year_of_dpi_one(facts.vehicle, facts.investor)
    key, named = ("dpi_never", "") if year is None else ("dpi_reached", facts.year(year))
    text = label(f"reading.{key}", facts.lang, share=percent(facts.share_below_dpi_one), year=named)
    yield "dpi_by_year", text


def _of_leverage(facts: Facts) -> Iterator[tuple[str, str]]:
    table = facts.leverage
    multiples = table[~table["definition"].isin(["social_share", "landing_multiple"])]["mean"]
    combined = table[(table["definition"] == "combined_multiple") & (table["money"] == "fiscal")]
    by_basis = combined.set_index("basis")["p50"]
    if len(multiples):
        low, high = multiple(multiples.min()), multiple(multiples.max())
        yield said(facts, "leverage_by_definition", low=low, high=high)
    if {"paid_in", "commitment"} <= set(by_basis.index):
        paid_in, commitment = multiple(by_basis["paid_in"]), multiple(by_basis["commitment"])
        yield said(facts, "leverage_by_year", paid_in=paid_in, commitment=commitment)


def _of_exits(facts: Facts) -> Iterator[tuple[str, str]]:
    exits = facts.exits
    total = exits.sum()
    if exits.empty or not total["proceeds"]:
        return
    name = label(f"channel.{exits['proceeds'].idxmax()}", facts.lang)
    yield said(
        facts,
        "exits_proceeds",
        channel=name[:1].upper() + name[1:],
        share=percent(exits["proceeds"].max() / total["proceeds"], 0),
        multiple=multiple(total["proceeds"] / total["cost"] if total["cost"] else np.nan),
    )
    written_off = exits["count"].get("write_off", 0.0) / total["count"]
    yield said(facts, "exits_count", n=amount(total["count"], 0), share=percent(written_off, 0))


def _of_landing(facts: Facts) -> Iterator[tuple[str, str]]:
    if not facts.obliged.empty:
        yield said(facts, "landing", **_met(facts))


def _met(facts: Facts) -> dict[str, int]:
    return {"met": int((facts.obliged["p50"] >= facts.obliged["required"]).sum()), "n": len(facts.obliged)}


def replies(facts: Facts) -> list[Reply]:
    """What this run says to each of the ten questions, and where to look."""
    made = [_leverage, _payback, _window, _buyback, _landing, _concession, _loss, _calls, _term, _property]
    return [
        Reply(number, label(f"question.{number}", facts.lang), *make(facts))
        for number, make in enumerate(made, start=1)
    ]


def _reply(facts: Facts, name: str, where: str, **values: object) -> tuple[str, str]:
    return label(f"reply.{name}", facts.lang, **values), where


def _leverage(facts: Facts) -> tuple[str, str]:
    row = headline_leverage(facts.results)
    if row is None:
        return label("story.answer_no_leverage", facts.lang), ""
    return _reply(
        facts,
        "1",
        "table-leverage",
        multiple=multiple(row["p50"]),
        definition=label(f"leverage.{row['definition']}", facts.lang),
        basis=label(f"basis.{row['basis']}", facts.lang),
        money=label(f"money.{row['money']}", facts.lang),
    )


def _payback(facts: Facts) -> tuple[str, str]:
    year, share = facts.year_of_dpi_one(facts.vehicle, facts.investor), percent(facts.share_below_dpi_one)
    if year is None:
        return _reply(facts, "2_never", "figure-dpi_by_year", share=share)
    return _reply(facts, "2", "figure-dpi_by_year", year=facts.year(year), share=share)


def _channel(facts: Facts, name: str) -> dict[str, str] | None:
    """Number, multiple and share of proceeds of a channel, or None where nothing left by it."""
    if name not in facts.exits.index:
        return None
    row, proceeds = facts.exits.loc[name], facts.exits["proceeds"].sum()
    return {
        "count": amount(row["count"], 1),
        "multiple": multiple(row["proceeds"] / row["cost"] if row["cost"] else np.nan),
        "share": percent(row["proceeds"] / proceeds if proceeds else np.nan),
    }


def _window(facts: Facts) -> tuple[str, str]:
    found = _channel(facts, "listing")
    return _reply(facts, "3", "figure-exits_proceeds", share=found["share"] if found else percent(0.0))


def _buyback(facts: Facts) -> tuple[str, str]:
    found = _channel(facts, "buyback")
    return _reply(facts, "4", "table-exits", **found) if found else _reply(facts, "4_none", "table-exits")


def _landing(facts: Facts) -> tuple[str, str]:
    if facts.obliged.empty:
        return _reply(facts, "5_none", "")
    return _reply(facts, "5", "figure-landing", **_met(facts))


def _concession(facts: Facts) -> tuple[str, str]:
    return _reply(facts, "6", "")


def _loss(facts: Facts) -> tuple[str, str]:
    loss = percent(facts.statistic("loss", "mean", facts.vehicle, ALL))
    return _reply(facts, "7", "table-tolerance", loss=loss, vehicle=facts.title(facts.vehicle))


def _calls(facts: Facts) -> tuple[str, str]:
    at = int(facts.years["contribution"].argmax())
    row = facts.years.iloc[at]
    mean, p95 = facts.money(row["contribution"]), facts.money(row["p95"])
    return _reply(facts, "8", "table-years", year=facts.year(at), mean=mean, p95=p95)


def _term(facts: Facts) -> tuple[str, str]:
    found = _channel(facts, "term_sale")
    return _reply(facts, "9", "table-exits", **found) if found else _reply(facts, "9_none", "table-exits")


def _property(facts: Facts) -> tuple[str, str]:
    if not has_property(facts.results.scenario):
        return _reply(facts, "10_none", "")
    return of_property.reply(facts), "property"
