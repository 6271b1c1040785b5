"""Owns the set of figures of a run, and their files."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from fundsim.plots import style
from fundsim.plots.cash import calls_and_distributions, dpi_by_year, j_curve
from fundsim.plots.exits import exits_by_channel
from fundsim.plots.landing import landing
from fundsim.plots.leverage import leverage_by_definition, leverage_by_year
from fundsim.plots.once import once
from fundsim.plots.property import property_coverage, property_debt, property_recycling, property_sleeve
from fundsim.plots.reits import project_listing, reit_price_to_book, reit_yield
from fundsim.plots.returns import irr_distribution, vehicle_comparison
from fundsim.results import Results
from fundsim.results.tables import has_property
from fundsim.scenario.principal import principal

Figures = dict[str, tuple[bool, Callable[..., Axes]]]
"""By name: whether a run has it, and what draws it in a language."""


def figures_of(results: Results, lang: str = "en") -> dict[str, Callable[[], Axes]]:
    """What a run can show: name of each figure and the function that draws it.

    Figures of one investor are those of the run's principal: the largest fiscal investor, if there is one.
    """
    own = principal(results.scenario)
    has_leverage = results.leverage()["mean"].notna().any()
    has_exits = results.exits_by_year()["count"].sum() > 0
    figures: Figures = {
        "irr_distribution": (True, partial(irr_distribution, results, *own)),
        "vehicle_comparison": (True, partial(vehicle_comparison, results)),
        "j_curve": (True, partial(j_curve, results, *own)),
        "dpi_by_year": (True, partial(dpi_by_year, results, *own)),
        "calls_and_distributions": (True, partial(calls_and_distributions, results, *own)),
        "leverage_by_definition": (has_leverage, partial(leverage_by_definition, results)),
        "leverage_by_year": (has_leverage, partial(leverage_by_year, results)),
        "exits_proceeds": (has_exits, partial(exits_by_channel, results, what="proceeds")),
        "exits_count": (has_exits, partial(exits_by_channel, results, what="count")),
        "landing": (results.landing()["p50"].notna().any(), partial(landing, results)),
        **(figures_of_property(results) if has_property(results.scenario) else {}),
    }
    return {name: partial(draw, lang=lang) for name, (is_there, draw) in figures.items() if is_there}


def figures_of_property(results: Results) -> Figures:
    """Figures of property, and whether there is something to show on some path."""
    park, reits = results.property_by_year(), results.reits_by_year()

    def is_there(measure: str, table: pd.DataFrame = park) -> bool:
        return bool((table[table["measure"] == measure]["p95"] > 0).any())

    has_listings = results.projects()["price_to_book_p50"].notna().any()
    has_sleeves = results.sleeves()["correlation"].notna().any()
    return {
        "property_debt": (is_there("debt"), partial(property_debt, results)),
        "property_coverage": (is_there("coverage"), partial(property_coverage, results)),
        "property_recycling": (is_there("recycled_per_original"), partial(property_recycling, results)),
        "reit_price_to_book": (has_listings, partial(reit_price_to_book, results)),
        "project_listing": (has_listings, partial(project_listing, results)),
        "reit_yield": (is_there("distribution_yield", reits), partial(reit_yield, results)),
        "property_sleeve": (has_sleeves, partial(property_sleeve, results)),
    }


def draw_figures(
    results: Results, lang: str = "en", names: Collection[str] | None = None
) -> dict[str, tuple[str, bytes]]:
    """SVG text and PNG bytes of figures of a run, all or those named; the same run gives the same bytes."""
    figures = figures_of(once(results), lang)
    return drawn({name: draw for name, draw in figures.items() if names is None or name in names})


def drawn(figures: Mapping[str, Callable[[], Axes]]) -> dict[str, tuple[str, bytes]]:
    """SVG text and PNG bytes of figures by name."""
    made = {}
    with style.styled():
        for name, draw in figures.items():
            figure = draw().get_figure(root=True)
            assert figure is not None
            svg, png = StringIO(), BytesIO()
            figure.savefig(svg, format="svg", metadata={"Date": None})
            figure.savefig(
                png,
                format="png",
                dpi=style.DPI,
                metadata={"Software": None},
                pil_kwargs={"compress_level": 3},
            )
            # The document type names a file on another host, which some readers fetch.
            made[name] = (re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg.getvalue()), png.getvalue())
    return made


def write_figures(
    results: Results, folder: str | Path, lang: str = "en", names: Collection[str] | None = None
) -> dict[str, str]:
    """Write `NAME.svg` and `NAME.png` of every figure into a folder, which is made if it is not there.

    Parameters
    ----------
    results : Results
        A run.
    folder : str or Path
    lang : {"en", "zh"}
        Language of the figures.
    names : collection of str, optional
        The figures to write; all that the run has without it.

    Returns
    -------
    dict of str
        SVG text by name, for a report.

    Examples
    --------
    >>> sorted(fs.plots.write_figures(results, folder / "figures"))[:3]
    ['calls_and_distributions', 'dpi_by_year', 'exits_count']
    """
    return written(draw_figures(results, lang, names), folder)


def written(made: Mapping[str, tuple[str, bytes]], folder: str | Path) -> dict[str, str]:
    """Write figures that were drawn into a folder, which is made if it is not there; SVG text by name."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (svg, png) in made.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        (folder / f"{name}.png").write_bytes(png)
    return {name: svg for name, (svg, _) in made.items()}
